//! The recorded conversation: spoken in real time through the same pipeline as a live one, with
//! expectations of each answer.

mod hear;
mod judge;
mod plan;
mod run;
mod words;

pub use judge::{Outcome, Shortfall};

use super::{print::Form, summary::summary};
use crate::{
    error::{Error, Exit, FileError},
    output,
    providers::Parts,
    text::Text,
};
use plan::Plan;
use run::Played;
use std::path::Path;

/// Runs the plan of a folder and reports. The exit is [`Exit::CheckFailed`] if a step failed.
pub async fn run(
    folder: &Path,
    out: &Path,
    parts: &Parts,
    form: Form,
    text: Text,
) -> Result<Exit, Error> {
    let plan = Plan::read(folder, parts.options.turn.language)?;
    std::fs::create_dir_all(out).map_err(|error| FileError::io(out, &error))?;
    let played = run::run(&plan, parts, out, form, text).await?;
    let errors = hear(&played, parts, form, text).await?;
    match form {
        Form::Lines => report(&played, errors, out, text)?,
        Form::Json => report_json(&played, errors, out, text)?,
    }
    let failed = played.iter().flat_map(|session| &session.steps);
    match failed.filter(|(_, verdict)| verdict.is_err()).count() {
        0 => Ok(Exit::Fine),
        _ => Ok(Exit::CheckFailed),
    }
}

/// Wrong words and words in all of what the recogniser hears the agent say.
async fn hear(
    played: &[Played],
    parts: &Parts,
    form: Form,
    text: Text,
) -> Result<(usize, usize), Error> {
    if form == Form::Lines {
        output::line(text.scenario_recognising())?;
    }
    let Some((recognizer, options)) = parts.recognizer() else {
        return Ok((0, 0));
    };
    let (mut errors, mut words) = (0, 0);
    for session in played {
        let heard = tokio::select! {
            heard = hear::word_error_rate(&session.sound, &session.heard, &*recognizer, &options) => heard,
            () = crate::signal::interrupted() => return Err(Error::Interrupted),
        };
        let (wrong, all) =
            heard.map_err(|_| Error::Runtime(crate::error::Runtime::Start("whisper")))?;
        errors += wrong;
        words += all;
    }
    Ok((errors, words))
}

fn report(
    played: &[Played],
    (errors, words): (usize, usize),
    out: &Path,
    text: Text,
) -> Result<(), Error> {
    for (index, session) in played.iter().enumerate() {
        output::line("")?;
        output::line(text.scenario_session(index + 1))?;
        let rate = session.sound.rate;
        let length = rate.duration(session.sound.user.len() as u64);
        for line in summary(&session.seen, length, text) {
            output::line(line)?;
        }
    }
    output::line("")?;
    for (said, verdict) in played.iter().flat_map(|session| &session.steps) {
        output::line(match verdict {
            Ok(()) => text.scenario_step_fine(said),
            Err(shortfall) => text.scenario_step_failed(said, text.shortfall(shortfall)),
        })?;
    }
    output::line(text.scenario_wer(percent(errors, words), errors, words))?;
    output::line(text.scenario_files(out.display()))?;
    let steps = played.iter().flat_map(|session| &session.steps);
    let (all, failed) = steps.fold((0, 0), |(all, failed), (_, verdict)| {
        (all + 1, failed + usize::from(verdict.is_err()))
    });
    output::line(match failed {
        0 => text.scenario_passed(all),
        failed => text.scenario_failed(failed, all),
    })
}

fn report_json(
    played: &[Played],
    (errors, words): (usize, usize),
    out: &Path,
    text: Text,
) -> Result<(), Error> {
    let steps = played.iter().enumerate().flat_map(|(index, session)| {
        session.steps.iter().map(move |(said, verdict)| {
            let why = verdict
                .as_ref()
                .err()
                .map(|shortfall| text.shortfall(shortfall));
            serde_json::json!({
                "session": index + 1, "say": said, "passed": verdict.is_ok(), "why": why,
            })
        })
    });
    let steps: Vec<_> = steps.collect();
    let report = serde_json::json!({
        "event": "scenario", "steps": steps, "word_errors": errors, "words": words, "folder": out,
    });
    output::line(report.to_string())
}

fn percent(errors: usize, words: usize) -> String {
    match words {
        0 => "–".to_owned(),
        words => format!("{:.1}", errors as f64 * 100.0 / words as f64),
    }
}
