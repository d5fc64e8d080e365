//! What is said about the memory of people on a server.

use super::{Text, sentences};
use crate::error::MemoryProblem;
use sfera_agent::store::StoreError;

sentences! {
    memory_unavailable() {
        ru: "Память о людях недоступна: проверьте QDRANT_HOST и запущен ли Qdrant.",
        en: "The memory of people cannot be reached: check QDRANT_HOST, and that Qdrant runs.",
    }
    memory_mismatch(name, has, wants) {
        ru: "Память о людях («{name}» в Qdrant) сделана иначе ({has}, а не {wants}): возьмите ту же версию Сферы или другой сервер.",
        en: "The memory of people (\"{name}\" in Qdrant) was made in another way ({has}, not {wants}): use that version of Sfera, or another server.",
    }
    memory_newer() {
        ru: "Память о людях записана более новой Сферой: обновите эту.",
        en: "The memory of people was written by a newer Sfera: update this one.",
    }
    memory_damaged(what) { ru: "Память о людях в {what} повреждена: восстановите её из копии.", en: "The memory of people in {what} is damaged: restore it." }
    memory_invalid(why) { ru: "Qdrant для памяти о людях не годится: {why}.", en: "Qdrant cannot be used for the memory of people: {why}." }
}

impl Text {
    /// What is wrong with the memory of people.
    pub fn memory_problem(self, MemoryProblem(error): &MemoryProblem) -> String {
        match error {
            StoreError::Unavailable | StoreError::NoCollection(_) => self.memory_unavailable(),
            StoreError::Refused => self.kb_refused(),
            StoreError::Mismatch {
                collection,
                has,
                wants,
            } => self.memory_mismatch(collection, has, wants),
            StoreError::Invalid(why) => self.memory_invalid(why),
            StoreError::Damaged(what) => self.memory_damaged(what),
            StoreError::Newer(_) => self.memory_newer(),
        }
    }
}
