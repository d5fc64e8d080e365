//! Microphone and speakers.

use super::{
    Conversation,
    call::{Call, Ends},
    keep::Kept,
    live::{self, Setup},
    loaded,
    print::{Form, Printer, follow, transcript},
    summary::summary,
    tape::Tape,
};
use crate::{
    config::{Settings, closest},
    error::{Error, Exit, Missing, Runtime},
    output,
    providers::{Parts, Voice},
    quiet::quietly,
    text::Text,
};
use sfera_agent::{
    audio::SampleRate,
    io::devices::{self, DeviceError, DeviceInfo, DeviceOptions, DevicePair},
};
use std::{
    io::{self, IsTerminal},
    path::Path,
};
use tokio::time::Instant;

/// Prints the devices that `--device` takes.
pub fn list(text: Text) -> Result<Exit, Error> {
    let found = quietly(devices::list).unwrap_or_default();
    if found.is_empty() {
        output::line(text.devices_none())?;
        return Ok(Exit::Fine);
    }
    output::line(text.devices_heading())?;
    for DeviceInfo {
        name,
        description,
        input,
        output: plays,
    } in found
    {
        let kinds = [
            input.then(|| text.device_input()),
            plays.then(|| text.device_output()),
        ];
        let kinds: Vec<_> = kinds.into_iter().flatten().collect();
        output::line(format!("  {name}  {description} ({})", kinds.join(", ")))?;
    }
    Ok(Exit::Fine)
}

/// Finds devices that open: those whose name holds `named`, or the system's own. `None` where the
/// machine has none.
pub fn find(named: Option<&str>, echo_cancellation: bool) -> Result<Option<DeviceOptions>, Error> {
    let mut options = DeviceOptions {
        echo_cancellation,
        ..DeviceOptions::default()
    };
    if let Some(named) = named {
        let found = quietly(devices::list).unwrap_or_default();
        options.input = pick(&found, named, |device| device.input);
        options.output = pick(&found, named, |device| device.output);
        if options.input.is_none() && options.output.is_none() {
            return Err(missing(named, &found).into());
        }
    }
    // Opened for a moment: only that tells whether they work.
    let opened =
        quietly(|| DevicePair::open(&options, SampleRate::HZ_16000, |out| out.fill(0)).map(drop));
    match opened {
        Ok(()) => Ok(Some(options)),
        Err(error) => match (error, named) {
            (DeviceError::NoDevice, None) => Ok(None),
            (DeviceError::NoDevice | DeviceError::UnknownDevice(_), Some(named)) => {
                Err(missing(named, &[]).into())
            }
            _ => Err(Missing::DeviceBusy.into()),
        },
    }
}

fn pick(found: &[DeviceInfo], named: &str, fits: fn(&DeviceInfo) -> bool) -> Option<String> {
    let wanted = named.to_lowercase();
    let holds = |device: &&DeviceInfo| {
        let names = [&device.name, &device.description];
        names
            .iter()
            .any(|name| name.to_lowercase().contains(&wanted))
    };
    let exact = |device: &&DeviceInfo| device.name == named || device.description == named;
    let fitting = || found.iter().filter(|device| fits(device));
    let best = fitting().find(exact).or_else(|| fitting().find(holds));
    best.map(|device| device.name.clone())
}

fn missing(named: &str, found: &[DeviceInfo]) -> Missing {
    let names = found.iter().map(|device| device.name.as_str());
    Missing::Device {
        name: named.to_owned(),
        suggestion: closest(named, names),
    }
}

/// Runs a live conversation until its user ends it.
pub async fn run(
    options: DeviceOptions,
    settings: &Settings,
    record: Option<&Path>,
    form: Form,
    text: Text,
) -> Result<Exit, Error> {
    if form == Form::Lines {
        output::line(text.loading())?;
    }
    let parts = loaded(Parts::load(settings, Voice::Audible), text).await?;
    let kept = Kept::begin(record)?;
    let (
        mut call,
        Ends {
            input,
            output: reader,
        },
    ) = Call::begin(&parts, kept.recording()).await?;
    // The session's clock began just now, and the tape's does here.
    let rate = reader.rate();
    let tape = Tape::new(rate, kept.recording().is_some());
    let opened = quietly(|| DevicePair::open(&options, rate, tape.playing(reader)));
    let (mut pair, heard) = opened.map_err(|_| Error::Runtime(Runtime::DeviceLost))?;
    let recorded = tape.listening(heard, input);
    let began = Instant::now();
    let mut seen = Conversation::default();
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let shown = async {
        match terminal && form == Form::Lines {
            true => {
                let setup = Setup {
                    text,
                    title: parts.title.clone(),
                    microphone: true,
                };
                live::show(&mut call, setup, &mut seen).await
            }
            false => follow(&mut call, Printer::new(text, form), &mut seen).await,
        }
    };
    let ended = tokio::select! {
        shown = shown => shown,
        _ = pair.failed() => Err(Runtime::DeviceLost.into()),
    };
    drop(pair);
    let closed = call.end().await;
    kept.finish(recorded.end().await, text, form)?;
    if form == Form::Lines {
        if terminal {
            transcript(&seen, text)?;
        }
        for line in summary(&seen, began.elapsed(), text) {
            output::line(line)?;
        }
    }
    ended.and(closed).map(|()| Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str, description: &str, input: bool) -> DeviceInfo {
        DeviceInfo {
            name: name.into(),
            description: description.into(),
            input,
            output: !input,
        }
    }

    #[test]
    fn a_part_of_a_name_picks_microphone_and_speakers() {
        let found = [
            device("hw:1", "USB Audio", true),
            device("hw:2", "USB Speakers", false),
            device("usb", "other", true),
        ];
        assert_eq!(pick(&found, "usb", |d| d.input).as_deref(), Some("usb"));
        assert_eq!(pick(&found, "USB", |d| d.input).as_deref(), Some("hw:1"));
        assert_eq!(pick(&found, "speak", |d| d.output).as_deref(), Some("hw:2"));
        assert_eq!(pick(&found, "speak", |d| d.input), None);
    }
}
