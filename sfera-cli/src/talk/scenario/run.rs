//! Carries out a plan: says each step at its time, waits for the answers, keeps everything.

use super::{
    judge::{Shortfall, judge},
    plan::{Plan, Step},
};
use crate::{
    error::Error,
    output::OutputFile,
    providers::Parts,
    replay,
    talk::{
        Conversation,
        call::Call,
        line::{Line, TwoSided},
        print::{Form, Printer},
        watch::Watch,
        wav,
    },
    text::Text,
};
use sfera_agent::{audio::Frame, session::timeline};
use std::{path::Path, time::Duration};
use tokio::task::JoinSet;

/// How long an answer may take to come to its end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Silence before the next step, as people leave it.
const PAUSE: Duration = Duration::from_millis(700);

/// A session that was carried out.
pub struct Played {
    /// Each step's words, and how it went.
    pub steps: Vec<(String, Result<(), Shortfall>)>,
    /// Its sound.
    pub sound: TwoSided,
    /// All that the user heard.
    pub heard: String,
    /// What was seen of it.
    pub seen: Conversation,
}

/// Carries out a whole plan and leaves `session-N.wav`, `.jsonl` and `.svg` in a folder.
pub async fn run(
    plan: &Plan,
    parts: &Parts,
    out: &Path,
    form: Form,
    text: Text,
) -> Result<Vec<Played>, Error> {
    let mut sounds = Vec::new();
    for step in plan.sessions.iter().flatten() {
        sounds.push(wav::read(&step.file)?);
    }
    let mut sounds = sounds.into_iter();
    let mut played = Vec::new();
    for (index, steps) in plan.sessions.iter().enumerate() {
        let number = index + 1;
        Printer::new(text, form).note(text.scenario_session(number))?;
        let sounds: Vec<Frame> = sounds.by_ref().take(steps.len()).collect();
        let recording = out.join(format!("session-{number}.jsonl"));
        let session = play(steps, sounds, parts, &recording, Printer::new(text, form)).await?;
        session.sound.write(&recording.with_extension("wav"))?;
        let picture = timeline::draw_in(&replay::read(&recording)?, text.0);
        OutputFile::write(&recording.with_extension("svg"), picture.as_bytes())?;
        played.push(session);
    }
    Ok(played)
}

async fn play(
    steps: &[Step],
    sounds: Vec<Frame>,
    parts: &Parts,
    recording: &Path,
    printer: Printer,
) -> Result<Played, Error> {
    let (call, ends) = Call::begin(parts, Some(recording)).await?;
    let (line, mut caller) = Line::new(ends.input, ends.output);
    let mut lines = JoinSet::new();
    lines.spawn(line.run());
    let mut watch = Watch::new(call, printer);
    watch.until(PAUSE, |_| false).await?;
    for (index, sound) in sounds.into_iter().enumerate() {
        watch.begin_step();
        watch.during(caller.say(sound)).await?;
        match steps.get(index + 1).and_then(|next| next.over) {
            Some(over) => {
                let spoken = |watch: &Watch| watch.speaking_for(over) || watch.answered();
                watch.until(PATIENCE, spoken).await?;
            }
            None => {
                match steps[index].expect.backchannel {
                    // What is going on comes to its end, or is answered against expectation.
                    true => watch.until(PATIENCE, Watch::settled).await?,
                    false => watch.answer().await?,
                };
                watch.until(PAUSE, |_| false).await?;
            }
        }
    }
    caller.hang_up();
    let Watch {
        call,
        seen,
        mut outcomes,
        heard,
        ..
    } = watch;
    call.end().await?;
    let sound = lines.join_next().await.and_then(Result::ok);
    let mut verdicts = Vec::new();
    for (step, outcome) in steps.iter().zip(&mut outcomes) {
        if step.expect.knowledge {
            outcome.passages = parts.passages(&step.text).await;
        }
        verdicts.push((step.text.clone(), judge(&step.expect, outcome)));
    }
    Ok(Played {
        steps: verdicts,
        sound: sound.unwrap_or(TwoSided {
            rate: sfera_agent::audio::SampleRate::HZ_16000,
            user: Vec::new(),
            agent: Vec::new(),
        }),
        heard: heard.join(" "),
        seen,
    })
}
