//! A question as a WAV file, and the answer as one.

use super::{
    call::Call,
    keep::Kept,
    line::{Line, write_mono},
    loaded,
    print::{Form, Printer},
    summary::summary,
    watch::Watch,
    wav,
};
use crate::{
    config::Settings,
    error::{Error, Exit, FileError, FileProblem, Runtime},
    output::{self, OutputFile},
    providers::{Parts, Voice},
    text::Text,
};
use std::{path::Path, time::Duration};
use tokio::task::JoinSet;

/// Silence before the question, so that its beginning is heard as one.
const LEAD_IN: Duration = Duration::from_millis(300);

/// Asks the question in real time and writes what was answered.
pub async fn run(
    question: &Path,
    answer: Option<&Path>,
    settings: &Settings,
    record: Option<&Path>,
    form: Form,
    text: Text,
) -> Result<Exit, Error> {
    let speech = wav::read(question)?;
    if let Some(answer) = answer {
        check(question, answer)?;
    }
    let parts = loaded(Parts::load(settings, Voice::Audible), text).await?;
    let kept = Kept::begin(record)?;
    let (call, ends) = Call::begin(&parts, kept.recording()).await?;
    let (line, mut caller) = Line::new(ends.input, ends.output);
    let mut lines = JoinSet::new();
    lines.spawn(line.run());
    let mut watch = Watch::new(call, Printer::new(text, form));
    watch.until(LEAD_IN, |_| false).await?;
    watch.begin_step();
    watch.during(caller.say(speech)).await?;
    let answered = watch.answer().await? && !watch.heard.concat().trim().is_empty();
    caller.hang_up();
    watch.call.end().await?;
    let sound = lines.join_next().await.and_then(Result::ok);
    let Some(sound) = sound.filter(|_| answered) else {
        return Err(Runtime::NoAnswer.into());
    };
    if let Some(path) = answer {
        let spoken = sound.answer();
        write_mono(path, &spoken)?;
        if form == Form::Lines {
            let length = format!("{:.1}", spoken.duration().as_secs_f32());
            output::line(text.answer_written(path.display(), length))?;
        }
    }
    let length = sound.rate.duration(sound.user.len() as u64);
    kept.finish(Some(sound), text, form)?;
    if form == Form::Lines {
        for line in summary(&watch.seen, length, text) {
            output::line(line)?;
        }
    }
    Ok(Exit::Fine)
}

/// Whether the answer can be written, before anybody waits for it.
fn check(question: &Path, answer: &Path) -> Result<(), FileError> {
    let same = match (question.canonicalize(), answer.canonicalize()) {
        (Ok(question), Ok(answer)) => question == answer,
        _ => false,
    };
    if same {
        return Err(FileError::new(answer, FileProblem::SameAsInput));
    }
    OutputFile::create(answer).map(drop)
}
