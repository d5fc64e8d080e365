//! `sfera doctor`: looks at each part a conversation needs and says in one line how it is and what to
//! do.

mod disk;
mod finding;
mod knowledge;
mod livekit;
mod mcp;
mod memory;
mod model;
mod server;
mod settings;
mod sound;
mod voice;

use crate::{
    cli::DoctorArgs,
    config::{Settings, Sources, load},
    error::{Error, Exit, Missing},
    output, signal,
    text::Text,
};
use finding::{Finding, Level};
use std::io::IsTerminal;

/// Runs `sfera doctor`.
pub fn run(arguments: &DoctorArgs, sources: &Sources, text: Text) -> Result<Exit, Error> {
    let findings = signal::run(async {
        tokio::select! {
            findings = examine(sources, text) => Ok(findings),
            () = signal::interrupted() => Err(Error::Interrupted),
        }
    })??;
    let worst = findings.iter().map(|finding| finding.level).max();
    if arguments.json {
        output::line(serde_json::json!({ "findings": findings }).to_string())?;
    } else {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        for finding in &findings {
            output::line(line(finding, colour))?;
        }
        output::line(verdict(worst, text))?;
    }
    match worst {
        Some(Level::Fail) => Err(Missing::SeeAbove.into()),
        _ => Ok(Exit::Fine),
    }
}

async fn examine(sources: &Sources, text: Text) -> Vec<Finding> {
    let settings = match load(sources) {
        Ok(settings) => settings,
        Err(error) => {
            let what = text.config_problem(&error);
            return vec![Finding::fail("config", what, text.fix_config())];
        }
    };
    findings(&settings, text).await
}

async fn findings(settings: &Settings, text: Text) -> Vec<Finding> {
    let mut all = settings::examine(settings, text);
    all.push(server::examine(settings, text).await);
    all.extend(model::examine(settings, text).await);
    all.extend(knowledge::examine(settings, text).await);
    all.extend(memory::examine(settings, text).await);
    all.push(voice::examine(settings, text).await);
    all.push(sound::examine(text));
    all.extend(livekit::examine(settings, text).await);
    all.extend(mcp::examine(settings, text).await);
    all.extend(disk::examine(settings, text));
    all
}

fn line(finding: &Finding, colour: bool) -> String {
    let (sign, code) = match finding.level {
        Level::Ok => ("✓", 32),
        Level::Warn => ("!", 33),
        Level::Fail => ("✗", 31),
    };
    let sign = match colour {
        true => format!("\u{1b}[{code}m{sign}\u{1b}[0m"),
        false => sign.to_owned(),
    };
    let advice = finding.advice.as_ref().map(|advice| format!(" → {advice}"));
    format!("{sign} {}{}", finding.what, advice.unwrap_or_default())
}

fn verdict(worst: Option<Level>, text: Text) -> String {
    match worst {
        Some(Level::Fail) => text.doctor_fail(),
        Some(Level::Warn) => text.doctor_warn(),
        Some(Level::Ok) | None => text.doctor_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfera_agent::Language;

    #[test]
    fn each_finding_is_one_line_with_what_to_do() {
        let text = Text(Language::Ru);
        let findings = [
            Finding::ok("llm", text.llm_assistant()),
            Finding::warn("disk", text.disk_low(512, "/кэш"), text.free_disk()),
            Finding::fail("tts", text.voice_none(), text.install_festival()),
        ];
        let lines: Vec<_> = findings.iter().map(|f| line(f, false)).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
