use super::finding::Finding;
use crate::{
    config::Settings,
    error::{Error, KnowledgeProblem},
    knowledge,
    text::Text,
};
use sfera_agent::store::{CollectionStatus, StoreError};
use std::path::Path;

const PART: &str = "knowledge";

/// What a conversation looks things up in, opened as a conversation opens it; nothing where it uses none.
pub async fn examine(settings: &Settings, text: Text) -> Option<Finding> {
    let wanted = &settings.config.knowledge;
    if !wanted.enabled {
        return None;
    }
    Some(match &wanted.folder {
        Some(folder) => in_folder(folder, text).await,
        None => in_store(settings, text).await,
    })
}

async fn in_folder(folder: &Path, text: Text) -> Finding {
    match knowledge::folder(folder).await {
        Ok(_) => Finding::ok(PART, text.knowledge_folder(folder.display())),
        Err(error) => {
            let what = error.sentence(text).unwrap_or_default();
            Finding::fail(PART, what, text.fix_knowledge())
        }
    }
}

async fn in_store(settings: &Settings, text: Text) -> Finding {
    let held = look(settings).await;
    match held.map_err(|error| knowledge::named(error, settings)) {
        Ok(held) if held.status.points == 0 => {
            Finding::warn(PART, text.knowledge_empty(), text.ingest_knowledge())
        }
        Ok(held) => filled(&held, settings, text),
        Err(Error::Knowledge(KnowledgeProblem::Store(StoreError::NoCollection(_)))) => {
            Finding::ok(PART, text.knowledge_none())
        }
        Err(error) => {
            let what = error.sentence(text).unwrap_or_default();
            Finding::fail(PART, what, text.fix_knowledge_base())
        }
    }
}

fn filled(held: &Held, settings: &Settings, text: Text) -> Finding {
    let (passages, points) = (held.status.points, held.status.points + held.questions);
    if let Some(model) = &held.lacking {
        let what = text.knowledge_by_words(passages, model);
        return Finding::warn(PART, what, text.fix_embedding());
    }
    if knowledge::crowded(settings, points) {
        return Finding::warn(PART, text.kb_crowded(points), text.move_to_qdrant());
    }
    let how = text.kb_found_by(&held.status.spec);
    Finding::ok(PART, text.knowledge_fine(passages, how))
}

/// What is in a knowledge base.
struct Held {
    status: CollectionStatus,
    questions: u64,
    /// The model of its vectors where that is not here.
    lacking: Option<String>,
}

async fn look(settings: &Settings) -> Result<Held, Error> {
    let (base, lacking) = knowledge::examined(settings).await?;
    Ok(Held {
        status: base.status().await?,
        questions: base.questions().await?,
        lacking,
    })
}
