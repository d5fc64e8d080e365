use super::open;
use crate::{
    cli::SearchArgs,
    config::Settings,
    error::{Error, Exit},
    output,
    text::Text,
};
use serde_json::json;
use sfera_agent::knowledge::Found;

/// Prints the passages that answer a question.
pub async fn search(
    arguments: &SearchArgs,
    settings: &Settings,
    text: Text,
) -> Result<Exit, Error> {
    let base = open::existing(settings).await?;
    let query = arguments.query.join(" ");
    let found = base.search(&query, arguments.limit).await?;
    if arguments.json {
        let all: Vec<_> = found.iter().map(entry).collect();
        output::line(json!({ "passages": all }).to_string())?;
    } else if found.is_empty() {
        output::line(text.kb_nothing_found())?;
    } else {
        let all: Vec<_> = found.iter().map(|found| paragraph(found, text)).collect();
        output::line(all.join("\n\n"))?;
    }
    Ok(Exit::Fine)
}

fn entry(found: &Found) -> serde_json::Value {
    json!({
        "title": found.passage.title,
        "section": found.passage.section,
        "text": found.passage.text,
        "score": found.passage.score,
        "relevance": found.passage.relevance,
        "source": found.source,
        "url": found.url,
    })
}

fn paragraph(found: &Found, text: Text) -> String {
    let passage = &found.passage;
    let named = text.source_of(&passage.title, passage.section.as_deref());
    let place = found.url.as_ref().unwrap_or(&found.source);
    let relevance = text.relevance(passage.relevance);
    format!("{named} · {relevance}\n{place}\n{}", passage.text)
}
