use super::open;
use crate::{
    cli::ExportArgs,
    config::Settings,
    error::{Error, Exit, FileError},
    output::{self, OutputFile},
    text::Text,
};
use serde_json::json;
use sfera_agent::knowledge::{DocumentSummary, KnowledgeBase};
use std::io::Write;

/// Prints the documents.
pub async fn list(base: &KnowledgeBase, as_json: bool, text: Text) -> Result<Exit, Error> {
    let documents = base.list().await?;
    if as_json {
        let all: Vec<_> = documents.iter().map(entry).collect();
        output::line(json!({ "documents": all }).to_string())?;
    } else if documents.is_empty() {
        output::line(text.kb_empty())?;
    }
    for document in documents.iter().filter(|_| !as_json) {
        let whole = document.complete.then(String::new);
        let whole = whole.unwrap_or_else(|| text.kb_incomplete());
        output::line(text.kb_document(
            &document.title,
            document.passages,
            &document.source,
            whole,
        ))?;
    }
    Ok(Exit::Fine)
}

fn entry(document: &DocumentSummary) -> serde_json::Value {
    json!({
        "title": document.title,
        "source": document.source,
        "file": document.origin,
        "passages": document.passages,
        "characters": document.characters,
        "complete": document.complete,
    })
}

/// Prints what there is in all.
pub async fn stats(
    base: &KnowledgeBase,
    as_json: bool,
    settings: &Settings,
    text: Text,
) -> Result<Exit, Error> {
    let documents = base.list().await?;
    let passages: u64 = documents.iter().map(|document| document.passages).sum();
    let characters: u64 = documents.iter().map(|document| document.characters).sum();
    let questions = base.questions().await?;
    let incomplete = documents.iter().filter(|d| !d.complete).count();
    let (spec, place) = (base.spec(), open::place(settings)?);
    if as_json {
        let stats = json!({
            "collection": spec.name,
            "language": spec.language,
            "model": spec.dense.as_ref().map(|dense| &dense.model),
            "store": place,
            "documents": documents.len(),
            "incomplete": incomplete,
            "passages": passages,
            "questions": questions,
            "characters": characters,
        });
        output::line(stats.to_string())?;
    } else {
        output::line(text.kb_stats(
            &spec.name,
            documents.len(),
            passages,
            characters,
            text.kb_found_by(spec),
            place,
        ))?;
        output::line(text.kb_stats_questions(questions))?;
        if incomplete > 0 {
            output::line(text.kb_stats_incomplete(incomplete))?;
        }
        let points = passages + questions;
        if open::crowded(settings, points) {
            output::line(text.kb_crowded(points))?;
        }
    }
    Ok(Exit::Fine)
}

/// Writes all passages as JSONL, into a file or to stdout.
pub async fn export(
    base: &KnowledgeBase,
    arguments: &ExportArgs,
    text: Text,
) -> Result<Exit, Error> {
    let Some(path) = &arguments.file else {
        let mut whole = Vec::new();
        base.export(&mut whole).await?;
        output::print(whole)?;
        return Ok(Exit::Fine);
    };
    let output = OutputFile::create(path)?;
    let wrong = |error: &std::io::Error| FileError::io(path, error);
    let file = std::fs::File::create(output.temporary()).map_err(|error| wrong(&error))?;
    let mut file = std::io::BufWriter::new(file);
    let exported = match base.export(&mut file).await {
        Err(sfera_agent::knowledge::KnowledgeBaseError::Write(error)) => {
            return Err(wrong(&error).into());
        }
        other => other?,
    };
    file.flush().map_err(|error| wrong(&error))?;
    output.finish()?;
    output::line(text.kb_exported(exported, path.display()))?;
    Ok(Exit::Fine)
}
