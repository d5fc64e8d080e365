//! A conversation by keyboard, without sound; or by lines from a pipe.

use super::{
    Conversation,
    call::Call,
    keep::Kept,
    live::{self, Setup},
    loaded,
    print::{Form, Printer, transcript},
    summary::summary,
    watch::Watch,
};
use crate::{
    config::Settings,
    error::{Error, Exit, FileError},
    output,
    providers::{Parts, Voice},
    text::Text,
};
use futures::StreamExt;
use sfera_agent::playout::PlayoutReader;
use std::{
    io::{self, IsTerminal},
    path::Path,
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, interval},
};
use tokio_util::codec::{FramedRead, LinesCodec, LinesCodecError};

/// The longest line taken, in bytes.
const LONGEST_LINE: usize = 8_000;

/// Runs a typed conversation until its user ends it.
pub async fn run(
    settings: &Settings,
    record: Option<&Path>,
    form: Form,
    text: Text,
) -> Result<Exit, Error> {
    let parts = loaded(Parts::load(settings, Voice::Silent), text).await?;
    let kept = Kept::begin(record)?;
    let (call, ends) = Call::begin(&parts, kept.recording()).await?;
    let mut listeners = JoinSet::new();
    listeners.spawn(listen(ends.output));
    let began = Instant::now();
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let (call, seen) = match terminal && form == Form::Lines {
        true => on_screen(call, &parts, text).await?,
        false => by_lines(call, form, text).await?,
    };
    call.end().await?;
    // Nobody speaks any more, hence the session's input may close.
    drop(ends.input);
    kept.finish(None, text, form)?;
    if form == Form::Lines {
        if terminal {
            transcript(&seen, text)?;
        }
        for line in summary(&seen, began.elapsed(), text) {
            output::line(line)?;
        }
    }
    Ok(Exit::Fine)
}

async fn on_screen(
    mut call: Call,
    parts: &Parts,
    text: Text,
) -> Result<(Call, Conversation), Error> {
    let setup = Setup {
        text,
        title: parts.title.clone(),
        microphone: false,
    };
    let mut seen = Conversation::default();
    live::show(&mut call, setup, &mut seen).await?;
    Ok((call, seen))
}

/// Each line of stdin is a turn; the next one waits for its answer.
async fn by_lines(call: Call, form: Form, text: Text) -> Result<(Call, Conversation), Error> {
    let codec = LinesCodec::new_with_max_length(LONGEST_LINE);
    let mut lines = FramedRead::new(tokio::io::stdin(), codec);
    let mut watch = Watch::new(call, Printer::new(text, form));
    loop {
        let mut read = None;
        watch.during(async { read = lines.next().await }).await?;
        let line = match read {
            None => break,
            Some(Ok(line)) => line,
            Some(Err(LinesCodecError::MaxLineLengthExceeded)) => {
                output::complain(text.line_too_long(LONGEST_LINE));
                continue;
            }
            Some(Err(LinesCodecError::Io(error))) => {
                return Err(FileError::io("stdin", &error).into());
            }
        };
        if line.trim().is_empty() {
            continue;
        }
        watch.begin_step();
        if watch.call.control().type_text(line.trim()).await.is_err() {
            break;
        }
        watch.answer().await?;
    }
    Ok((watch.call, watch.seen))
}

/// Hears the silent voice, so that captions move on.
async fn listen(mut output: PlayoutReader) {
    const TICK: Duration = Duration::from_millis(20);
    let mut block = vec![0; output.rate().samples(TICK) as usize];
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        output.read(&mut block);
    }
}
