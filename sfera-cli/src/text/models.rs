//! What is said about model files.

use super::{Text, sentences};
use sfera_agent::models::{ModelError, Stage, Status};

sentences! {
    model_unknown(name) {
        ru: "Модели «{name}» нет. Список: sfera models list.",
        en: "There is no model \"{name}\". For a list, see sfera models list.",
    }
    model_missing(name) {
        ru: "Модель {name} не скачана. Скачайте её: sfera models pull {name}.",
        en: "The model {name} is not downloaded. Download it: sfera models pull {name}.",
    }
    model_damaged(name) {
        ru: "Файл модели {name} повреждён. Скачайте его заново: sfera models pull {name}.",
        en: "The file of the model {name} is damaged. Download it again: sfera models pull {name}.",
    }
    model_unsupported(name) {
        ru: "Модели {name} для такого компьютера нет.",
        en: "There is no build of the model {name} for this kind of machine.",
    }
    model_unreachable(name) {
        ru: "Модель {name} не скачать: ни один источник не отвечает. Проверьте сеть и повторите – загрузка продолжится с того же места.",
        en: "The model {name} cannot be downloaded: no source answers. Check the network and try again – the download goes on from where it was.",
    }
    model_wrong_file(name) {
        ru: "Источник отдал не тот файл модели {name} (не сходится sha256); он удалён. Повторите позже.",
        en: "The source gave another file than the model {name} (its sha256 differs); it was deleted. Try again later.",
    }
    pip_missing() {
        ru: "Хранилище моделей недоступно, а pip не установлен: apt install python3-pip.",
        en: "The model hub is out of reach, and pip is not installed: apt install python3-pip.",
    }
    models_no_space(folder, megabytes) {
        ru: "В {folder} кончилось место: нужно около {megabytes} МБ.",
        en: "No space is left in {folder}: about {megabytes} MB are needed.",
    }
    models_folder(folder, kind) {
        ru: "Папка моделей {folder} не годится ({kind}): задайте другую в SFERA_MODELS.",
        en: "The model folder {folder} cannot be used ({kind}): set another one in SFERA_MODELS.",
    }
    models_no_home() {
        ru: "Нет домашней папки: задайте папку для моделей в SFERA_MODELS.",
        en: "There is no home folder: set a folder for models in SFERA_MODELS.",
    }
    models_interrupted() {
        ru: "Прервано. Скачанное сохранено: та же команда продолжит с этого места.",
        en: "Interrupted. What has arrived is kept: the same command goes on from there.",
    }
    model_ready(name, path) { ru: "{name}: готово, {path}", en: "{name}: ready, {path}" }
    model_verified(name) { ru: "{name}: в порядке", en: "{name}: fine" }
    models_in(folder) { ru: "Папка: {folder}", en: "Folder: {folder}" }
    megabytes(count) { ru: "{count} МБ", en: "{count} MB" }
}

impl Text {
    /// What is wrong with a model, and what to do.
    pub fn model_problem(self, error: &ModelError, suggestion: Option<&str>) -> String {
        match error {
            ModelError::Unknown(name) => {
                let hint = suggestion.map(|s| format!(" {}", self.did_you_mean(s)));
                format!("{}{}", self.model_unknown(name), hint.unwrap_or_default())
            }
            ModelError::Missing(name) => self.model_missing(name),
            ModelError::Damaged(name) => self.model_damaged(name),
            ModelError::Unsupported(name) => self.model_unsupported(name),
            ModelError::Unreachable(name) => self.model_unreachable(name),
            ModelError::WrongFile(name) => self.model_wrong_file(name),
            ModelError::PipMissing => self.pip_missing(),
            ModelError::NoSpace { dir, megabytes } => {
                self.models_no_space(dir.display(), megabytes)
            }
            ModelError::Folder { dir, kind } => {
                self.models_folder(dir.display(), self.system(*kind))
            }
            ModelError::NoHome => self.models_no_home(),
        }
    }

    /// Whether a model is there.
    pub fn model_status(self, status: Status) -> String {
        match status {
            Status::Present => self.pick("есть", "present").to_owned(),
            Status::Partial(bytes) => {
                let part = self.megabytes(bytes / 1_000_000);
                format!("{} {part}", self.pick("скачано", "got"))
            }
            Status::Absent => self.pick("нет", "absent").to_owned(),
            Status::Damaged => self.pick("повреждена", "damaged").to_owned(),
        }
    }

    /// What a pull is doing.
    pub const fn pull_stage(self, stage: Stage) -> &'static str {
        match stage {
            Stage::Waiting => self.pick("качает другой процесс", "another process is at it"),
            Stage::Download => self.pick("загрузка", "download"),
            Stage::Unpack => self.pick("распаковка", "unpacking"),
            Stage::Verify => self.pick("проверка", "checking"),
        }
    }

    /// The heads of the table's columns.
    pub const fn models_heads(self) -> [&'static str; 5] {
        match self.0 {
            sfera_agent::Language::Ru => ["Модель", "Размер", "На диске", "Лицензия", "Для чего"],
            sfera_agent::Language::En => ["Model", "Size", "On disk", "Licence", "What for"],
        }
    }
}
