use super::finding::Finding;
use crate::{config::Settings, models, text::Text};
use sfera_agent::models::ModelError;

/// The model files a conversation needs, read whole and compared with their checksums; and pip, from
/// which they come where the hub cannot be reached.
pub async fn examine(settings: &Settings, text: Text) -> Vec<Finding> {
    let models = match models::open(settings) {
        Ok(models) => models,
        Err(error) => {
            let what = text.model_problem(&error, None);
            return vec![Finding::fail("models", what, text.fix_models_folder())];
        }
    };
    let mut findings = Vec::new();
    for name in models::needed(&settings.config) {
        findings.push(match models.verify(&name).await {
            Ok(()) => Finding::ok("models", text.model_verified(&name)),
            Err(ModelError::Missing(_)) => {
                Finding::fail("models", text.model_absent(&name), text.pull_model(&name))
            }
            Err(ModelError::Damaged(_)) => {
                Finding::fail("models", text.model_broken(&name), text.pull_model(&name))
            }
            Err(error) => {
                let what = text.model_problem(&error, None);
                Finding::fail("models", what, text.see_models())
            }
        });
    }
    if findings.iter().any(|finding| finding.advice.is_some()) && !pip_works().await {
        findings.push(Finding::warn("pip", text.pip_absent(), text.install_pip()));
    }
    findings
}

async fn pip_works() -> bool {
    let mut pip = tokio::process::Command::new("python3");
    let pip = pip.args(["-m", "pip", "--version"]).kill_on_drop(true);
    let ran = pip.output().await;
    ran.is_ok_and(|output| output.status.success())
}
