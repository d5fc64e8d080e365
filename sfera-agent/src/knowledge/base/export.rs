//! Taking out again what was put in.

use super::{KnowledgeBase, KnowledgeBaseError, catalog::PAGE, text_of};
use crate::{
    knowledge::{
        document::{Document, Section, jsonl_line},
        point::{self, PATH_SEPARATOR, key},
    },
    store::{Condition, Filter, Point},
};
use serde_json::Value;
use std::{io::Write, path::Path};
use uuid::Uuid;

impl KnowledgeBase {
    /// Writes every passage as a line of JSONL with its questions, by document and section; a file of it
    /// can be ingested, and the passages are then the same with the same ids. Answers how many there were.
    ///
    /// # Errors
    /// [`KnowledgeBaseError::Write`], and those of the store.
    pub async fn export(&self, out: &mut (dyn Write + Send)) -> Result<u64, KnowledgeBaseError> {
        let mut exported = 0;
        for document in self.list().await? {
            let mut points = Vec::new();
            let source = of_source(document.source);
            self.each(&source, |point| points.push(point)).await?;
            points.sort_by_cached_key(|point| {
                let place = point.payload.get(key::PLACE).and_then(Value::as_u64);
                (text_of(point, key::SECTION), place)
            });
            for page in points.chunks(PAGE) {
                let ids: Vec<_> = page.iter().map(|point| point.id).collect();
                let mut questions = self.questions_of(&ids).await?;
                for point in page {
                    let questions = questions.remove(&point.id).unwrap_or_default();
                    writeln!(out, "{}", line(point, questions))?;
                    exported += 1;
                }
            }
        }
        out.flush()?;
        Ok(exported)
    }

    /// Removes a document by its source, all of a file by its path, or all files of a folder by that of
    /// the folder, whether it is there or not. Answers how many passages that were. A file that is still
    /// there comes back with the next ingest.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`]
    pub async fn remove(&self, source: &str) -> Result<u64, KnowledgeBaseError> {
        let mut ids = Vec::new();
        self.each(&of_source(source.to_owned()), |point| ids.push(point.id))
            .await?;
        let of_file = Filter {
            must: vec![Condition::Is(key::ORIGIN.into(), source.to_owned())],
        };
        self.each(&of_file, |point| ids.push(point.id)).await?;
        if ids.is_empty() {
            ids = self.in_folder(Path::new(source)).await?;
        }
        ids.sort_unstable();
        ids.dedup();
        let removed = ids.len() as u64;
        self.delete(ids).await?;
        Ok(removed)
    }

    /// The passages of all files in a folder and in its folders.
    async fn in_folder(&self, folder: &Path) -> Result<Vec<Uuid>, KnowledgeBaseError> {
        // Every path begins with an empty one.
        if !folder.is_absolute() {
            return Ok(Vec::new());
        }
        let catalog = self.catalog().await?;
        let within = catalog
            .into_iter()
            .filter(|(file, _)| Path::new(file).starts_with(folder));
        Ok(within
            .flat_map(|(_, kept)| kept.passages.into_keys())
            .collect())
    }
}

fn of_source(source: String) -> Filter {
    Filter {
        must: vec![Condition::Is(key::SOURCE.into(), source)],
    }
}

fn line(point: &Point, questions: Vec<String>) -> String {
    let metadata = point.payload.get(key::METADATA).and_then(Value::as_object);
    let path = point::string(&point.payload, key::SECTION);
    let path = path.map(|path| path.split(PATH_SEPARATOR).map(str::to_owned).collect());
    let document = Document {
        title: text_of(point, key::TITLE),
        source: text_of(point, key::SOURCE),
        url: point::url(point).map(str::to_owned),
        sections: Vec::new(),
        metadata: metadata.cloned().unwrap_or_default(),
    };
    let section = Section {
        path: path.unwrap_or_default(),
        text: point::body(&point.text).to_owned(),
        questions,
    };
    jsonl_line(&document, &section)
}
