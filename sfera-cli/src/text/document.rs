//! What is said about documents that cannot be read.

use super::{Text, sentences};
use sfera_agent::{
    Language,
    knowledge::{DocumentError, DocumentProblem, Format, LineProblem},
};

sentences! {
    document_unreadable(file, kind) { ru: "{file} не прочесть: система отвечает «{kind}».", en: "{file} cannot be read: the system says \"{kind}\"." }
    document_missing(file) { ru: "{file}: такого файла или папки нет.", en: "{file}: there is no such file or folder." }
    document_format(file) {
        ru: "{file}: такие файлы Сфера не читает. Годятся md, txt, html, pdf, docx и jsonl.",
        en: "{file}: Sfera does not read such files. It takes md, txt, html, pdf, docx and jsonl.",
    }
    document_too_large(file, mib) { ru: "{file}: больше {mib} МБ; разделите его.", en: "{file}: more than {mib} MB; split it." }
    document_not_utf8(file, at) {
        ru: "{file}, байт {at}: это не UTF-8; сохраните файл в UTF-8.",
        en: "{file}, byte {at}: this is not UTF-8; save the file as UTF-8.",
    }
    document_damaged(file, format, place) {
        ru: "{file}: повреждён или не {format} ({place}).",
        en: "{file}: damaged, or no {format} ({place}).",
    }
    document_encrypted(file) { ru: "{file}: закрыт паролем; сохраните без него.", en: "{file}: locked by a password; save it without one." }
    document_no_text(file) { ru: "{file}: внутри нет текста.", en: "{file}: there is no text in it." }
    document_scan(file) {
        ru: "{file}: внутри нет текста; скан нужно сначала распознать.",
        en: "{file}: there is no text in it; a scan must be recognised first.",
    }
    document_deserted(file) {
        ru: "{file}: там больше ничего нет. Взятое оттуда остаётся в базе; убрать: sfera kb remove \"{file}\".",
        en: "{file}: nothing is there any more. What was taken from it stays; to remove it: sfera kb remove \"{file}\".",
    }
    document_line(file, line, what) { ru: "{file}, строка {line}: {what}.", en: "{file}, line {line}: {what}." }
    line_no_json(column) { ru: "это не JSON (позиция {column})", en: "this is no JSON (column {column})" }
    line_no_object() { ru: "это не объект JSON", en: "this is no JSON object" }
    line_no_text() { ru: "нет поля text", en: "there is no text" }
    line_not_text(key) { ru: "{key} должно быть текстом", en: "{key} must be a text" }
    document_line_too_long(mib) { ru: "длиннее {mib} МБ", en: "longer than {mib} MB" }
}

impl Text {
    /// What is wrong with a document.
    pub fn document_problem(self, error: &DocumentError) -> String {
        let file = error.file.display();
        match &error.problem {
            DocumentProblem::Unreadable(std::io::ErrorKind::NotFound) => {
                self.document_missing(file)
            }
            DocumentProblem::Unreadable(kind) => self.document_unreadable(file, self.system(*kind)),
            DocumentProblem::UnknownFormat => self.document_format(file),
            DocumentProblem::TooLarge(mib) => self.document_too_large(file, mib),
            DocumentProblem::NotUtf8(at) => self.document_not_utf8(file, at),
            DocumentProblem::Damaged { format, place } => {
                self.document_damaged(file, format, self.place(place))
            }
            DocumentProblem::Encrypted => self.document_encrypted(file),
            DocumentProblem::NoText => match Format::of(&error.file) {
                Some(Format::Pdf | Format::Docx) => self.document_scan(file),
                _ => self.document_no_text(file),
            },
            DocumentProblem::Deserted => self.document_deserted(file),
            DocumentProblem::Line { line, wrong } => {
                self.document_line(file, line, self.line_problem(*wrong))
            }
        }
    }

    /// Where a document is damaged: the names of its parts are the same in every language.
    fn place(self, place: &str) -> String {
        match (self.0, place) {
            (Language::Ru, "structure") => "структура".to_owned(),
            (Language::Ru, "text") => "текст".to_owned(),
            (Language::Ru, "endless text") => "текст без конца".to_owned(),
            (Language::Ru, part) => part.replace(", byte ", ", байт "),
            (Language::En, _) => place.to_owned(),
        }
    }

    fn line_problem(self, wrong: LineProblem) -> String {
        match wrong {
            LineProblem::NoJson(column) => self.line_no_json(column),
            LineProblem::NoObject => self.line_no_object(),
            LineProblem::NoText => self.line_no_text(),
            LineProblem::NotText(key) => self.line_not_text(key),
            LineProblem::TooLong(mib) => self.document_line_too_long(mib),
        }
    }
}
