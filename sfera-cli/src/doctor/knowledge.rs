use super::finding::Finding;
use crate::{
    config::Settings,
    error::{Error, KnowledgeProblem},
    knowledge,
    text::Text,
};
use sfera_agent::{
    knowledge::KnowledgeBase,
    store::{CollectionStatus, StoreError},
};

/// The knowledge base that a conversation uses; nothing where the settings name a folder or none.
pub async fn examine(settings: &Settings, text: Text) -> Option<Finding> {
    let wanted = &settings.config.knowledge;
    if !wanted.enabled || wanted.folder.is_some() {
        return None;
    }
    let held = match knowledge::browsed(settings).await {
        Ok(base) => look(&base).await,
        Err(error) => Err(error),
    };
    Some(match held {
        Ok((status, _)) if status.points == 0 => {
            Finding::warn("knowledge", text.knowledge_empty(), text.ingest_knowledge())
        }
        Ok((status, questions)) if knowledge::crowded(settings, status.points + questions) => {
            let what = text.kb_crowded(status.points + questions);
            Finding::warn("knowledge", what, text.move_to_qdrant())
        }
        Ok((status, _)) => {
            let how = text.kb_found_by(&status.spec);
            Finding::ok("knowledge", text.knowledge_fine(status.points, how))
        }
        Err(Error::Knowledge(KnowledgeProblem::Store(StoreError::NoCollection(_)))) => {
            Finding::ok("knowledge", text.knowledge_none())
        }
        Err(error) => {
            let what = error.sentence(text).unwrap_or_default();
            Finding::fail("knowledge", what, text.fix_knowledge_base())
        }
    })
}

/// What is in it, and how many questions.
async fn look(base: &KnowledgeBase) -> Result<(CollectionStatus, u64), Error> {
    Ok((base.status().await?, base.questions().await?))
}
