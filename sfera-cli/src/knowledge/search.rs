use super::open;
use crate::{
    cli::SearchArgs,
    config::Settings,
    error::{Error, Exit},
    output,
    text::Text,
};
use serde_json::json;
use sfera_agent::knowledge::{Found, KnowledgeBase, Relevance};

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
        output::line(nothing(&base, text).await?)?;
    } else {
        output::line(paragraphs(&found, text))?;
    }
    Ok(Exit::Fine)
}

/// Why nothing was found.
async fn nothing(base: &KnowledgeBase, text: Text) -> Result<String, Error> {
    Ok(match base.status().await?.points {
        0 => text.kb_empty(),
        _ => text.kb_nothing_found(),
    })
}

fn paragraphs(found: &[Found], text: Text) -> String {
    let perhaps = |found: &Found| found.passage.relevance == Relevance::Perhaps;
    let warning = found.iter().all(perhaps).then(|| text.kb_hardly_found());
    let all = found.iter().map(|found| paragraph(found, text));
    let all: Vec<_> = warning.into_iter().chain(all).collect();
    all.join("\n\n")
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
