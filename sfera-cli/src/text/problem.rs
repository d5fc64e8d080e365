//! What went wrong, in one sentence each, with what to do.

use super::{Text, sentences};
use crate::error::{FileError, FileProblem, Missing, Runtime, Warning};
use sfera_agent::{Language, tts::LocalTtsError};
use std::io::ErrorKind;

sentences! {
    interrupted() { ru: "Прервано.", en: "Interrupted." }
    error_prefix() { ru: "Ошибка", en: "Error" }
    warning_prefix() { ru: "Внимание", en: "Warning" }

    file_not_found(path) { ru: "Файла {path} нет.", en: "There is no file {path}." }
    file_denied(path) { ru: "К {path} нет доступа: проверьте права.", en: "{path} may not be accessed: check its permissions." }
    file_is_folder(path) { ru: "{path} – это папка, а нужен файл.", en: "{path} is a folder; a file is needed." }
    file_no_parent(path) { ru: "Для {path} нет папки: создайте её.", en: "There is no folder for {path}: create it." }
    file_same(path) { ru: "{path} – и вопрос, и ответ: назовите для ответа другой файл.", en: "{path} is both question and answer: name another file for the answer." }
    file_disk_full(path) { ru: "На диске кончилось место: {path} не записан.", en: "The disk is full: {path} was not written." }
    file_io(path, kind) { ru: "{path} не открыть: система отвечает «{kind}».", en: "{path} cannot be opened: the system says \"{kind}\"." }
    file_not_wav(path) { ru: "{path} – не WAV или он повреждён.", en: "{path} is no WAV file, or a damaged one." }
    file_empty_wav(path) { ru: "В {path} нет звука.", en: "There is no sound in {path}." }
    file_too_long(path, minutes, limit) {
        ru: "{path} длится {minutes} мин, а можно не больше {limit}: вырежьте сам вопрос.",
        en: "{path} lasts {minutes} minutes and may last {limit}: cut out the question itself.",
    }
    file_cut_wav(path, promised, found) {
        ru: "{path} обрывается: обещано {promised} с звука, а есть {found} с.",
        en: "{path} is cut off: it promises {promised} s of sound and holds {found} s.",
    }
    file_unsupported_wav(path) {
        ru: "{path}: такой WAV не прочесть; сохраните его как PCM 16 бит.",
        en: "{path}: this kind of WAV cannot be read; save it as 16-bit PCM.",
    }
    file_wav_rate(path, rate) {
        ru: "{path}: частота {rate} Гц не годится; нужно от 8000 до 192000.",
        en: "{path}: a rate of {rate} Hz cannot be used; use 8000 to 192000.",
    }
    file_not_recording(path, line) {
        ru: "{path}, строка {line}: это не запись разговора Сферы.",
        en: "{path}, line {line}: this is no recording of a Sfera session.",
    }
    file_recording_version(path, version) {
        ru: "{path} записан другой версией Сферы (формат {version}).",
        en: "{path} was recorded by another version of Sfera (format {version}).",
    }
    file_bad_scenario(path, what) { ru: "{path}: в сценарии ошибка: {what}.", en: "{path}: the scenario is wrong: {what}." }

    device_missing(name) {
        ru: "Звукового устройства «{name}» нет. Список: sfera talk --list-devices.",
        en: "There is no sound device \"{name}\". For a list, see sfera talk --list-devices.",
    }
    device_busy() {
        ru: "Звуковое устройство занято другой программой или к нему нет доступа.",
        en: "Another program uses the sound device, or it may not be used.",
    }
    device_none() {
        ru: "Нет ни звукового устройства, ни записанного разговора: подключите микрофон или попробуйте sfera talk --text.",
        en: "There is neither a sound device nor a recorded conversation: connect a microphone or try sfera talk --text.",
    }
    voice_program(name) {
        ru: "Нечем говорить: {name} не установлен. Установите: apt install {name}.",
        en: "There is no voice: {name} is not installed. Install it: apt install {name}.",
    }
    voice_package(package) {
        ru: "Нечем говорить: голос не установлен. Установите: apt install {package}.",
        en: "There is no voice installed. Install one: apt install {package}.",
    }
    voice_silent(name) {
        ru: "{name} установлен, но не говорит: запустите его вручную и посмотрите почему.",
        en: "{name} is installed but does not speak: run it by hand to see why.",
    }

    device_lost() { ru: "Звуковое устройство отключилось.", en: "The sound device went away." }
    too_many_failures() {
        ru: "Разговор закончен: слишком много сбоев подряд. Проверьте: sfera doctor.",
        en: "The session ended: too many failures in a row. Check with sfera doctor.",
    }
    no_answer() { ru: "Ответа не было.", en: "There was no answer." }
    terminal_unusable() { ru: "Терминал не поддерживается: попробуйте sfera talk --text | cat.", en: "The terminal cannot be used: try sfera talk --text | cat." }
    cannot_start(part) { ru: "Не запускается: {part}. Проверьте: sfera doctor.", en: "This does not start: {part}. Check with sfera doctor." }
}

impl Text {
    /// What is wrong with a file.
    pub fn file_problem(self, error: &FileError) -> String {
        let path = error.path.display();
        match &error.problem {
            FileProblem::NotFound => self.file_not_found(path),
            FileProblem::Denied => self.file_denied(path),
            FileProblem::Folder => self.file_is_folder(path),
            FileProblem::NoParent => self.file_no_parent(path),
            FileProblem::SameAsInput => self.file_same(path),
            FileProblem::DiskFull => self.file_disk_full(path),
            FileProblem::Io(kind) => self.file_io(path, self.system(*kind)),
            FileProblem::NotWav => self.file_not_wav(path),
            FileProblem::EmptyWav => self.file_empty_wav(path),
            FileProblem::TooLong { minutes, limit } => self.file_too_long(path, minutes, limit),
            FileProblem::CutWav { promised, found } => {
                self.file_cut_wav(path, format!("{promised:.1}"), format!("{found:.1}"))
            }
            FileProblem::UnsupportedWav => self.file_unsupported_wav(path),
            FileProblem::WavRate(rate) => self.file_wav_rate(path, rate),
            FileProblem::NotRecording { line } => self.file_not_recording(path, line),
            FileProblem::RecordingVersion(version) => self.file_recording_version(path, version),
            FileProblem::BadScenario(what) => self.file_bad_scenario(path, what),
        }
    }

    /// What the system says.
    pub fn system(self, kind: ErrorKind) -> String {
        let ru = match kind {
            ErrorKind::NotFound => "такого файла или папки нет",
            ErrorKind::PermissionDenied => "нет доступа",
            ErrorKind::NotADirectory => "это не папка",
            ErrorKind::IsADirectory => "это папка",
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "на диске нет места",
            ErrorKind::ReadOnlyFilesystem => "сюда нельзя писать",
            ErrorKind::InvalidData => "это не текст в UTF-8",
            ErrorKind::InvalidInput | ErrorKind::InvalidFilename => "такого имени быть не может",
            ErrorKind::TimedOut => "ответа нет слишком долго",
            ErrorKind::UnexpectedEof => "файл обрывается",
            _ => return kind.to_string(),
        };
        match self.0 {
            Language::Ru => ru.to_owned(),
            Language::En => kind.to_string(),
        }
    }

    /// What a conversation does without.
    pub fn warning(self, warning: &Warning) -> String {
        match warning {
            Warning::Meaning(model) => self.kb_words_do(model),
            Warning::Servers(error) => self.mcp_none(self.mcp_problem(error)),
            Warning::Server(name, why) => self.mcp_server_none(name, self.mcp_why(*why)),
        }
    }

    /// What the machine lacks.
    pub fn missing_problem(self, missing: &Missing) -> String {
        let suggest = |problem: String, suggestion: &Option<String>| match suggestion {
            Some(name) => format!("{problem} {}", self.did_you_mean(name)),
            None => problem,
        };
        match missing {
            Missing::Device { name, suggestion } => suggest(self.device_missing(name), suggestion),
            Missing::DeviceBusy => self.device_busy(),
            Missing::AnyDevice => self.device_none(),
            Missing::Voice(error) => self.voice_problem(error),
            Missing::SeeAbove => String::new(),
        }
    }

    /// Why there is no voice.
    pub fn voice_problem(self, error: &LocalTtsError) -> String {
        match error {
            LocalTtsError::Program(name) => self.voice_program(name),
            LocalTtsError::Voice(package) => self.voice_package(package),
            LocalTtsError::Silent(name) => self.voice_silent(name),
            LocalTtsError::NoVoice { packages, .. } => self.voice_package(packages),
        }
    }

    /// What failed while running.
    pub fn runtime_problem(self, problem: &Runtime) -> String {
        match problem {
            Runtime::DeviceLost => self.device_lost(),
            Runtime::TooManyFailures => self.too_many_failures(),
            Runtime::NoAnswer => self.no_answer(),
            Runtime::Terminal => self.terminal_unusable(),
            Runtime::Start(part) => self.cannot_start(part),
        }
    }
}
