//! `sfera room call`: the other side of a conversation.

use super::{
    address,
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
    worker::server,
};
use sfera_agent::{
    audio::Frame,
    io::{
        devices::{DeviceOptions, DevicePair},
        room::{Caller, CallerEvent, CallerOptions, CaptionForm, RoomEnd, Speaker},
    },
    turn::AgentState,
    worker::dispatch,
};
use std::time::Duration;
use tokio::{
    sync::{broadcast, mpsc},
    task::JoinSet,
    time::timeout,
};

/// How long an agent may take to come, and to answer.
const COMING: Duration = Duration::from_secs(15);
const ANSWERING: Duration = Duration::from_secs(60);
/// Silence after a question from a file, so that its end is heard.
const PAUSE: Duration = Duration::from_secs(2);

pub async fn call(arguments: &CallArgs, settings: &Settings, text: Text) -> Result<Exit, Error> {
    let server = server(settings)?;
    let question = arguments.wav.as_deref().map(talk::read_wav).transpose()?;
    let address = address(&server, &arguments.room, &arguments.identity, false)?;
    let joined = Caller::join(&address, CallerOptions::default()).await;
    let mut caller = joined.map_err(|error| Error::LiveKit(LiveKitProblem::Refused(error)))?;
    let mut events = caller.events();
    let mut tasks = JoinSet::new();
    let voice = caller.voice();
    let devices = sound(arguments, &caller, voice, question.is_none(), &mut tasks)?;
    let held = async {
        if let Some(agent) = &arguments.dispatch {
            dispatch(&server, agent, &arguments.room, "", COMING).await?;
        }
        hold(&caller, &mut events, question, text).await
    };
    let ended = tokio::select! {
        ended = held => ended,
        () = signal::interrupted() => Ok(Exit::Fine),
    };
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
    ended
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

/// Follows the call; with a question from a file, until it is answered.
async fn hold(
    caller: &Caller,
    events: &mut broadcast::Receiver<CallerEvent>,
    question: Option<Frame>,
    text: Text,
) -> Result<Exit, Error> {
    let Some(question) = question else {
        return match until(events, text, |_| false).await {
            Some(RoomEnd::ConnectionLost) => Err(Error::Runtime(Runtime::NoAnswer)),
            _ => Ok(Exit::Fine),
        };
    };
    let listens =
        |event: &CallerEvent| matches!(event, CallerEvent::AgentState(AgentState::Listening));
    let speaks =
        |event: &CallerEvent| matches!(event, CallerEvent::AgentState(AgentState::Speaking));
    let no_answer = || Error::Runtime(Runtime::NoAnswer);
    timeout(ANSWERING, until(events, text, listens))
        .await
        .map_err(|_| no_answer())?;
    say(caller, question).await;
    timeout(ANSWERING, until(events, text, speaks))
        .await
        .map_err(|_| no_answer())?;
    timeout(ANSWERING, until(events, text, listens))
        .await
        .map_err(|_| no_answer())?;
    // The words come a little after the sound.
    let last = |event: &CallerEvent| matches!(event, CallerEvent::Caption(caption) if caption.is_final && caption.speaker == Speaker::Agent);
    let _ = timeout(PAUSE, until(events, text, last)).await;
    Ok(Exit::Fine)
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

/// Prints what happens until the wanted event, or until the call is over.
async fn until(
    events: &mut broadcast::Receiver<CallerEvent>,
    text: Text,
    wanted: impl Fn(&CallerEvent) -> bool,
) -> Option<RoomEnd> {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return Some(RoomEnd::ConnectionLost),
        };
        if let Some(line) = line(&event, text)
            && output::line(line).is_err()
        {
            return Some(RoomEnd::Stopped);
        }
        match event {
            CallerEvent::Ended(end) => return Some(end),
            event if wanted(&event) => return None,
            _ => {}
        }
    }
}

/// What a person at a terminal wants to know.
fn line(event: &CallerEvent, text: Text) -> Option<String> {
    Some(match event {
        CallerEvent::AgentJoined { identity } => text.call_agent_came(identity),
        CallerEvent::AgentLeft => text.call_agent_left(),
        CallerEvent::Reconnecting => text.call_reconnecting(),
        CallerEvent::Reconnected => text.call_reconnected(),
        CallerEvent::Caption(caption)
            if caption.is_final && caption.form == CaptionForm::Stream =>
        {
            let words = &caption.text;
            match &caption.speaker {
                Speaker::Agent => text.call_agent_said(words),
                Speaker::Me => text.call_i_said(words),
                Speaker::Other(who) => format!("{who}: {words}"),
            }
        }
        CallerEvent::Ended(_) => text.call_ended(),
        _ => return None,
    })
}
