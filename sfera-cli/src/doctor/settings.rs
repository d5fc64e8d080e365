use super::finding::Finding;
use crate::{config::Settings, text::Text};

/// The settings themselves: where they are from, misspelt variables, the form of keys.
pub fn examine(settings: &Settings, text: Text) -> Vec<Finding> {
    let from = match &settings.file {
        Some(file) => text.config_from(file.display()),
        None => text.config_default(),
    };
    let mut findings = vec![Finding::ok("config", from)];
    for typo in &settings.environment.typos {
        let what = text.config_problem(typo);
        findings.push(Finding::warn("env", what, text.fix_env()));
    }
    for (name, fine) in settings.environment.keys() {
        findings.push(match fine {
            true => Finding::ok("key", text.key_fine(name)),
            false => Finding::warn("key", text.key_odd(name), text.fix_key()),
        });
    }
    findings
}
