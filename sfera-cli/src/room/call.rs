//! `sfera room call`: the other side of a conversation.

use super::{
    address,
    course::Course,
    ears::{self, Loudspeaker, RATE},
};
use crate::{
    cli::CallArgs,
    config::Settings,
    error::{Error, Exit, LiveKitProblem, Missing, Runtime},
    output,
    quiet::quietly,
    signal, talk,
    text::Text,
    worker::{refused, server},
};
use sfera_agent::{
    audio::Frame,
    io::{
        devices::{DeviceOptions, DevicePair},
        room::{Caller, CallerEvent, CallerOptions, RoomEnd, Speaker},
    },
    turn::AgentState,
    worker::{Dispatch, Server},
};
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinSet, time::timeout};

/// How long an agent may take to come, and to answer.
const COMING: Duration = Duration::from_secs(15);
const ANSWERING: Duration = Duration::from_secs(60);
/// Silence after a question from a file, so that its end is heard.
const PAUSE: Duration = Duration::from_secs(2);

pub async fn call(arguments: &CallArgs, settings: &Settings, text: Text) -> Result<Exit, Error> {
    let server = server(settings)?;
    let question = arguments.wav.as_deref().map(talk::read_wav).transpose()?;
    let address = address(&server, &arguments.room, &arguments.identity, false)?;
    let joining = Caller::join(&address, CallerOptions::default());
    let joined = signal::unless_interrupted(joining).await?;
    let mut caller = joined.map_err(refused)?;
    let mut course = Course::new(caller.events(), text);
    let mut tasks = JoinSet::new();
    let voice = caller.voice();
    let devices = sound(arguments, &caller, voice, question.is_none(), &mut tasks)?;
    let ended = hold(arguments, &server, &caller, &mut course, question).await;
    if let Some(reception) = caller.reception().await {
        output::line(text.call_reception(
            reception.lost,
            reception.packets + reception.lost,
            reception.delay.as_millis(),
            reception.concealed.as_millis(),
        ))?;
    }
    caller.leave().await;
    drop(devices);
    while let Some(kept) = tasks.join_next().await {
        kept.map_err(|_| Error::Runtime(Runtime::NoAnswer))??;
    }
    ended.map(|()| Exit::Fine)
}

/// Calls the agent, if one is to be called, and talks with it.
async fn hold(
    arguments: &CallArgs,
    server: &Server,
    caller: &Caller,
    course: &mut Course,
    question: Option<Frame>,
) -> Result<(), Error> {
    if let Some(agent) = &arguments.dispatch {
        bring(server, agent, &arguments.room, course).await?;
    }
    match question {
        Some(question) => signal::unless_interrupted(ask(caller, course, question)).await?,
        None => talk(course).await,
    }
}

/// Asks for an agent and waits until it is there. If it does not come, or the caller gives up, the
/// dispatch is taken back: nobody is to come into an empty room later.
async fn bring(server: &Server, agent: &str, room: &str, course: &mut Course) -> Result<(), Error> {
    // The first Ctrl+C waits for the answer: what was asked for can be taken back only then.
    let dispatch = tokio::select! {
        asked = Dispatch::ask(server, agent, room, "") => asked?,
        () = signal::interrupted_again() => return Err(Error::Interrupted),
    };
    let came = tokio::select! {
        came = dispatch.came(COMING) => came.map(drop).map_err(Error::from),
        over = course.until_over() => Err(over),
        () = signal::interrupted() => Err(Error::Interrupted),
    };
    if came.is_err() {
        tokio::select! {
            taken = dispatch.take_back() => if let Err(error) = taken {
                tracing::warn!(%error, "the dispatch could not be taken back");
            },
            () = signal::interrupted_again() => {}
        }
    }
    came
}

/// Talks until somebody hangs up.
async fn talk(course: &mut Course) -> Result<(), Error> {
    tokio::select! {
        over = course.until_over() => match over {
            // The agent says goodbye and closes the room.
            Error::LiveKit(LiveKitProblem::BrokeOff(RoomEnd::RoomClosed)) => Ok(()),
            over => Err(over),
        },
        () = signal::interrupted() => Ok(()),
    }
}

/// Asks a question from a file and waits until it is answered.
async fn ask(caller: &Caller, course: &mut Course, question: Frame) -> Result<(), Error> {
    in_time(course.until_greeted()).await?;
    say(caller, question).await;
    in_time(course.until_state(AgentState::Speaking)).await?;
    in_time(course.until_state(AgentState::Listening)).await?;
    // The words come a little after the sound. Whoever has heard the answer need not read it.
    let _late = timeout(PAUSE, course.until(is_last_word)).await;
    Ok(())
}

async fn in_time(step: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let no_answer = |_| Error::Runtime(Runtime::NoAnswer);
    timeout(ANSWERING, step).await.map_err(no_answer)?
}

fn is_last_word(event: &CallerEvent) -> bool {
    matches!(event, CallerEvent::Caption(caption) if caption.is_final && caption.speaker == Speaker::Agent)
}

/// Where the agent's voice goes, and where the caller's comes from.
fn sound(
    arguments: &CallArgs,
    caller: &Caller,
    voice: Option<mpsc::Receiver<Frame>>,
    live: bool,
    tasks: &mut JoinSet<Result<(), Error>>,
) -> Result<Option<DevicePair>, Error> {
    let Some(voice) = voice else { return Ok(None) };
    if let Some(path) = arguments.out.clone() {
        tasks.spawn(ears::keep(voice, path));
        return Ok(None);
    }
    if !live {
        return Ok(None);
    }
    let loudspeaker = Loudspeaker::default();
    let options = DeviceOptions {
        input: arguments.device.clone(),
        output: arguments.device.clone(),
        ..DeviceOptions::default()
    };
    let reader = loudspeaker.clone();
    let opened = quietly(|| DevicePair::open(&options, RATE, move |out| reader.read(out)));
    let (devices, mut heard) = opened.map_err(|_| Error::Missing(Missing::AnyDevice))?;
    let microphone = caller.microphone();
    tasks.spawn(async move {
        loudspeaker.play(voice).await;
        Ok(())
    });
    tasks.spawn(async move {
        while let Some(frame) = heard.recv().await {
            if microphone.send(frame).await.is_err() {
                break;
            }
        }
        Ok(())
    });
    Ok(Some(devices))
}

/// Says it, and is silent a while.
async fn say(caller: &Caller, question: Frame) {
    let microphone = caller.microphone();
    let rate = question.rate();
    let mut sound = question.samples().to_vec();
    sound.resize(sound.len() + rate.samples(PAUSE) as usize, 0);
    for piece in sound.chunks(rate.samples(Duration::from_millis(20)) as usize) {
        if microphone.send(Frame::new(rate, piece)).await.is_err() {
            return;
        }
    }
}
