//! JSONL: in each line a document, or a passage of one.

use super::{
    Document, LineProblem, Section,
    outline::{Outline, squeezed},
};
use crate::knowledge::PATH_SEPARATOR;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A line beyond this is no document.
const MAX_LINE_MIB: usize = 16;

/// Reads `title`, `section` (a text, or one for each level), `text`, `questions` that it answers (a text
/// or several), `url` and `source`; all other keys are metadata. Lines with the same source are one
/// document. Without `source` it is the URL, else the file and the title. Lines that are wrong are named
/// and skipped.
pub(super) fn documents(
    file: &str,
    name: &str,
    text: &str,
) -> (Vec<Document>, Vec<(usize, LineProblem)>) {
    let (mut documents, mut places) = (Vec::<Document>::new(), HashMap::new());
    let mut wrong = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        match document(file, name, line) {
            Ok(document) => match places.get(&document.source) {
                Some(&at) => join(&mut documents, at, document),
                None => {
                    places.insert(document.source.clone(), documents.len());
                    documents.push(document);
                }
            },
            Err(problem) => wrong.push((number + 1, problem)),
        }
    }
    (documents, wrong)
}

fn join(documents: &mut [Document], at: usize, other: Document) {
    if let Some(document) = documents.get_mut(at) {
        document.sections.extend(other.sections);
        document.metadata.extend(other.metadata);
    }
}

fn document(file: &str, name: &str, line: &str) -> Result<Document, LineProblem> {
    if line.len() > MAX_LINE_MIB << 20 {
        return Err(LineProblem::TooLong(MAX_LINE_MIB));
    }
    let value: Value =
        serde_json::from_str(line).map_err(|error| LineProblem::NoJson(error.column()))?;
    let Value::Object(mut object) = value else {
        return Err(LineProblem::NoObject);
    };
    let title = text(&mut object, "title")?.map(|title| squeezed(&title));
    let title = title.filter(|title| !title.is_empty());
    let url = text(&mut object, "url")?;
    let source = text(&mut object, "source")?;
    let path = path(object.remove("section"))?;
    let questions = questions(&mut object);
    let body = text(&mut object, "text")?.ok_or(LineProblem::NoText)?;
    let mut outline = Outline::default();
    body.lines().for_each(|line| outline.paragraph(line));
    let mut document = outline.finish(title.as_deref().unwrap_or(name));
    let Some(section) = document.sections.first_mut() else {
        return Err(LineProblem::NoText);
    };
    section.path = path;
    section.questions = questions;
    let named = || match &title {
        Some(title) => format!("{file}#{title}"),
        None => file.to_owned(),
    };
    document.source = source.or_else(|| url.clone()).unwrap_or_else(named);
    document.url = url;
    document.metadata = object;
    Ok(document)
}

fn text(object: &mut Map<String, Value>, key: &'static str) -> Result<Option<String>, LineProblem> {
    match object.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
        Some(_) => Err(LineProblem::NotText(key)),
    }
}

fn path(section: Option<Value>) -> Result<Vec<String>, LineProblem> {
    let parts: Vec<String> = match section {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => text.split(PATH_SEPARATOR).map(squeezed).collect(),
        Some(Value::Array(parts)) => {
            let part = |part: &Value| -> Result<String, LineProblem> {
                let text = part.as_str().ok_or(LineProblem::NotText("section"))?;
                Ok(squeezed(text).replace(PATH_SEPARATOR, " – "))
            };
            parts.iter().map(part).collect::<Result<_, _>>()?
        }
        Some(_) => return Err(LineProblem::NotText("section")),
    };
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect())
}

/// What is no text stays where it is: it means something else there.
fn questions(object: &mut Map<String, Value>) -> Vec<String> {
    let texts = match object.get("questions") {
        Some(Value::String(one)) => Some(vec![squeezed(one)]),
        Some(Value::Array(all)) => {
            let texts = all.iter().map(|one| one.as_str().map(squeezed));
            texts.collect()
        }
        _ => None,
    };
    let Some(mut texts) = texts else {
        return Vec::new();
    };
    object.remove("questions");
    texts.retain(|text: &String| !text.is_empty());
    texts
}

/// One passage as a line that [`documents`] reads again as it was.
pub(in crate::knowledge) fn line(document: &Document, section: &Section) -> String {
    let mut object = document.metadata.clone();
    let mut put = |key: &str, text: &str| object.insert(key.to_owned(), Value::from(text));
    put("title", &document.title);
    if !section.path.is_empty() {
        put("section", &section.path.join(PATH_SEPARATOR));
    }
    put("text", &section.text);
    put("source", &document.source);
    if let Some(url) = &document.url {
        put("url", url);
    }
    if !section.questions.is_empty() {
        object.insert("questions".into(), section.questions.clone().into());
    }
    Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_source_are_one_document_and_wrong_ones_are_named() {
        let text = r#"{"title":"Риск","text":"Один процент.","url":"https://x/risk","tag":"a"}

{"title":"Риск","section":"Пример › Счёт","text":"Сто тысяч.\nТысяча.","url":"https://x/risk"}
{"text": 5}
[1]
{"title":"Без текста"}
{"title":"Страх","text":"Дышите.","section":["А › Б","В"]}
{broken
{"text":"Без названия."}"#;
        let (documents, wrong) = documents("/f.jsonl", "f", text);
        let sources: Vec<_> = documents.iter().map(|d| d.source.as_str()).collect();
        assert_eq!(sources, ["https://x/risk", "/f.jsonl#Страх", "/f.jsonl"]);
        assert_eq!(documents[0].sections[1].path, ["Пример", "Счёт"]);
        assert_eq!(documents[0].sections[1].text, "Сто тысяч.\nТысяча.");
        assert_eq!(documents[0].metadata["tag"], "a");
        assert_eq!(documents[1].sections[0].path, ["А – Б", "В"]);
        assert_eq!(documents[2].title, "f");
        assert_eq!(
            wrong,
            [
                (4, LineProblem::NotText("text")),
                (5, LineProblem::NoObject),
                (6, LineProblem::NoText),
                (8, LineProblem::NoJson(2)),
            ]
        );
    }

    #[test]
    fn a_written_line_is_read_as_it_was() {
        let text = r#"{"title":"Риск","section":"А › Б","text":"Раз.\nДва.","url":"https://x","n":1,"questions":["Что  будет?",""]}"#;
        let (read, _) = documents("/f.jsonl", "f", text);
        assert_eq!(read[0].sections[0].questions, ["Что будет?"]);
        let other = r#"{"text":"Раз.","questions":[{"q":1}]}"#;
        let (kept, _) = documents("/f.jsonl", "f", other);
        assert!(kept[0].metadata.contains_key("questions"));
        let written = line(&read[0], &read[0].sections[0]);
        assert_eq!(documents("/g.jsonl", "g", &written).0, read);
    }
}
