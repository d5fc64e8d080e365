use super::finding::Finding;
use crate::{
    config::Settings,
    error::{Error, KnowledgeProblem},
    knowledge,
    text::Text,
};
use sfera_agent::store::StoreError;

/// The knowledge base that a conversation uses; nothing where the settings name a folder or none.
pub async fn examine(settings: &Settings, text: Text) -> Option<Finding> {
    let wanted = &settings.config.knowledge;
    if !wanted.enabled || wanted.folder.is_some() {
        return None;
    }
    let status = match knowledge::browsed(settings).await {
        Ok(base) => base.status().await.map_err(Error::from),
        Err(error) => Err(error),
    };
    Some(match status {
        Ok(status) if status.points == 0 => {
            Finding::warn("knowledge", text.knowledge_empty(), text.ingest_knowledge())
        }
        Ok(status) if knowledge::crowded(settings, status.points) => {
            let what = text.kb_crowded(status.points);
            Finding::warn("knowledge", what, text.move_to_qdrant())
        }
        Ok(status) => {
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
