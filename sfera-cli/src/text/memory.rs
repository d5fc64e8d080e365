//! What is said about the memory of people on a server.

use super::{Text, sentences};
use crate::error::MemoryProblem;
use sfera_agent::store::StoreError;

sentences! {
    memory_unavailable() {
        ru: "Память о людях недоступна: проверьте QDRANT_HOST и запущен ли Qdrant.",
        en: "The memory of people cannot be reached: check QDRANT_HOST, and that Qdrant runs.",
    }
    memory_mismatch(name) {
        ru: "Память о людях («{name}» в Qdrant) сделала другая программа, другая версия Сферы или сервер старше 1.16: возьмите другой сервер.",
        en: "The memory of people (\"{name}\" in Qdrant) was made by another program, another version of Sfera or a server older than 1.16: use another server.",
    }
    memory_newer() {
        ru: "Память о людях записана более новой Сферой: обновите эту.",
        en: "The memory of people was written by a newer Sfera: update this one.",
    }
    memory_damaged(what) { ru: "Память о людях в {what} повреждена: восстановите её из копии.", en: "The memory of people in {what} is damaged: restore it." }
    memory_invalid() {
        ru: "Памяти о людях нужен Qdrant 1.16 или новее: проверьте QDRANT_HOST и версию.",
        en: "The memory of people needs Qdrant 1.16 or newer: check QDRANT_HOST and the version.",
    }
}

impl Text {
    /// What is wrong with the memory of people.
    pub fn memory_problem(self, MemoryProblem(error): &MemoryProblem) -> String {
        match error {
            StoreError::Unavailable | StoreError::NoCollection(_) => self.memory_unavailable(),
            StoreError::Refused => self.kb_refused(),
            StoreError::Mismatch { collection, .. } => self.memory_mismatch(collection),
            StoreError::Invalid(_) | StoreError::Foreign(_) => self.memory_invalid(),
            StoreError::Damaged(what) => self.memory_damaged(what),
            StoreError::Newer(_) => self.memory_newer(),
        }
    }
}
