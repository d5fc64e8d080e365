//! Microphone and loudspeaker for real: a PulseAudio server of the test's own with virtual devices,
//! reached through ALSA like any other. Needs pulseaudio, pulseaudio-utils and libasound2-plugins, and
//! for speech ffmpeg and asterisk-core-sounds-ru-g722 (`make test` installs them).
//!
//! Each test starts a server in a folder of its own and runs its inner part (ignored otherwise) as a
//! process of its own, because libraries read their environment once.
#![cfg(feature = "devices")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod prompts;

use sfera_agent::{
    audio::{Frame, Level, Resampler, SampleRate},
    io::{
        FRAME,
        devices::{DeviceError, DeviceOptions, DevicePair, list},
    },
};
use std::{
    ops::Range,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// Two virtual loudspeakers; what goes into `cable` comes out of the virtual microphone.
struct Server {
    folder: TempDir,
    process: Child,
}

const ALSA: &str = "
pcm.!default { type pulse }
pcm.sfera_speaker { type pulse device speaker hint { show on description \"Sfera speaker\" } }
pcm.sfera_cable { type pulse device cable.monitor hint { show on description \"Sfera cable\" } }
";

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".asoundrc"), ALSA).unwrap();
        let socket = folder.path().join("pulse.sock");
        let protocol = format!(
            "module-native-protocol-unix auth-anonymous=1 socket={}",
            socket.display()
        );
        let process = command("pulseaudio", folder.path())
            .args([
                "-n",
                "--daemonize=no",
                "--use-pid-file=no",
                "--exit-idle-time=-1",
            ])
            .args(["--load", &protocol])
            .args(["--load", "module-null-sink sink_name=speaker"])
            .args(["--load", "module-null-sink sink_name=cable"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{e}: apt-get install pulseaudio"));
        let server = Self { folder, process };
        server.await_answer();
        server
    }

    /// The server says nothing when it is ready; it answers.
    fn await_answer(&self) {
        for _ in 0..200 {
            if self.pactl(&["info"]) {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("PulseAudio does not start");
    }

    fn pactl(&self, args: &[&str]) -> bool {
        command("pactl", self.folder.path())
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap_or_else(|e| panic!("{e}: apt-get install pulseaudio-utils"))
            .success()
    }

    /// Runs an inner test where this server is the sound system.
    fn run(&self, test: &str) {
        run(test, self.folder.path(), self.process.id());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been stopped by the test.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env("HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .env(
            "PULSE_SERVER",
            format!("unix:{}", folder.join("pulse.sock").display()),
        )
        .env_remove("PULSE_RUNTIME_PATH")
        .env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
}

fn run(test: &str, folder: &Path, server: u32) {
    let status = command(std::env::current_exe().unwrap(), folder)
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("SFERA_TEST_SERVER", server.to_string())
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed");
}

#[test]
fn what_the_agent_says_through_the_speaker_comes_in_at_the_microphone() {
    let server = Server::start();
    assert!(server.pactl(&["set-default-sink", "speaker"]));
    assert!(server.pactl(&["set-default-source", "speaker.monitor"]));
    server.run("inner::said_is_heard");
    #[cfg(feature = "aec")]
    server.run("inner::the_own_voice_is_cancelled");
}

#[test]
fn devices_are_listed_and_chosen_by_name() {
    let server = Server::start();
    assert!(server.pactl(&["set-default-source", "speaker.monitor"]));
    server.run("inner::devices_have_names");
}

#[test]
fn a_device_that_vanishes_ends_the_input_and_is_reported() {
    Server::start().run("inner::vanishing_is_reported");
}

#[test]
fn a_machine_without_sound_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".asoundrc"), ALSA).unwrap();
    run("inner::no_device", folder.path(), 0);
}

fn plain() -> DeviceOptions {
    DeviceOptions {
        #[cfg(feature = "aec")]
        echo_cancellation: false,
        ..DeviceOptions::default()
    }
}

/// Says `speech` and hears for `duration`, both at the pace of the devices.
async fn converse(options: &DeviceOptions, speech: Frame, duration: Duration) -> Frame {
    let voice = Resampler::convert(&speech, SampleRate::HZ_24000);
    let mut at = 0;
    let read = move |out: &mut [i16]| {
        for sample in out {
            *sample = voice.samples().get(at).copied().unwrap_or(0);
            at += 1;
        }
    };
    let (pair, mut input) = DevicePair::open(options, SampleRate::HZ_24000, read).unwrap();
    let mut heard = Vec::new();
    while pair.input_rate().duration(heard.len() as u64) < duration {
        let frame = input.recv().await.unwrap();
        assert_eq!(frame.duration(), FRAME);
        assert_eq!(frame.rate(), pair.input_rate());
        heard.extend_from_slice(frame.samples());
    }
    println!(
        "in {}, out {}, {} frames overrun, glitches {:?}",
        pair.input_rate(),
        pair.output_rate(),
        pair.overruns(),
        pair.glitches()
    );
    Frame::new(pair.input_rate(), heard)
}

fn speech(seconds: usize) -> Frame {
    let samples: Vec<i16> = prompts::russian(5)
        .iter()
        .flat_map(|frame| frame.samples().to_vec())
        .take(16_000 * seconds)
        .collect();
    Frame::new(SampleRate::HZ_16000, samples)
}

/// Where `part` lies best in `whole` among these places, and how alike they are there, 0…1.
fn find(part: &[i16], whole: &[i16], places: Range<usize>) -> (usize, f64) {
    let dot = |a: &[i16], b: &[i16]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| i64::from(*a) * i64::from(*b))
            .sum::<i64>() as f64
    };
    let own = dot(part, part);
    places
        .filter_map(|at| Some((at, whole.get(at..at + part.len())?)))
        .map(|(at, there)| {
            (
                at,
                dot(part, there) / (own * dot(there, there)).sqrt().max(1.0),
            )
        })
        .fold(
            (0, 0.0),
            |best, found| if found.1 > best.1 { found } else { best },
        )
}

mod inner {
    use super::*;

    #[tokio::test]
    #[ignore = "run by the test that starts a sound server"]
    async fn said_is_heard() {
        let speech = speech(5);
        // The devices do not start at the same moment.
        let said = [vec![0; 16_000], speech.samples().to_vec()].concat();
        let said = Frame::new(speech.rate(), said);
        let heard = converse(&plain(), said, Duration::from_secs(8)).await;
        let rate = SampleRate::new(8_000).unwrap();
        let (speech, heard) = (
            Resampler::convert(&speech, rate),
            Resampler::convert(&heard, rate),
        );
        let (mut alike, mut near) = (0, 0..20_000);
        for part in speech.samples().chunks_exact(4_000) {
            let (at, like) = find(part, heard.samples(), near);
            let was = Level::of(part).rms_dbfs;
            let is = Level::of(&heard.samples()[at..at + part.len()]).rms_dbfs;
            println!("at {at}: likeness {like:.3}, {was:.1} dBFS said, {is:.1} dBFS heard");
            alike += usize::from(like > 0.95 && (was - is).abs() < 1.0);
            near = (at + 4_000).saturating_sub(2_000)..at + 6_000;
        }
        // A machine busy with other things may lose a few milliseconds here and there.
        assert!(alike >= 7, "{alike} of 10 half seconds came through");
    }

    #[cfg(feature = "aec")]
    #[tokio::test]
    #[ignore = "run by the test that starts a sound server"]
    async fn the_own_voice_is_cancelled() {
        let long = Duration::from_secs(9);
        let raw = converse(&plain(), speech(8), long).await;
        let clean = converse(&DeviceOptions::default(), speech(8), long).await;
        assert_eq!(clean.rate(), SampleRate::HZ_16000);
        let late = |frame: &Frame| {
            let begin = frame.rate().samples(Duration::from_secs(4)) as usize;
            Level::of(&frame.samples()[begin..]).rms_dbfs
        };
        println!(
            "{:.1} dBFS heard, {:.1} dBFS after cancelling",
            late(&raw),
            late(&clean)
        );
        assert!(late(&raw) - late(&clean) > 15.0);
    }

    #[tokio::test]
    #[ignore = "run by the test that starts a sound server"]
    async fn devices_have_names() {
        let devices = list().unwrap();
        let named = |name: &str| devices.iter().any(|d| d.name == name);
        assert!(named("default") && named("sfera_speaker"), "{devices:?}");
        assert!(!named("null") && !named("lavrate"), "{devices:?}");
        let by_name = DeviceOptions {
            input: Some("sfera_cable".into()),
            output: Some("Sfera speaker".into()),
            ..plain()
        };
        // The speaker is not the cable: nothing comes in.
        let heard = converse(&by_name, speech(1), Duration::from_secs(2)).await;
        assert_eq!(Level::of(heard.samples()), Level::SILENCE);
        let unknown = DeviceOptions {
            input: Some("no such device".into()),
            ..plain()
        };
        let error = DevicePair::open(&unknown, SampleRate::HZ_24000, |_| {}).map(|_| ());
        assert_eq!(
            error,
            Err(DeviceError::UnknownDevice("no such device".into()))
        );
    }

    #[tokio::test]
    #[ignore = "run by the test that starts a sound server"]
    async fn vanishing_is_reported() {
        let (mut pair, mut input) =
            DevicePair::open(&plain(), SampleRate::HZ_24000, |out| out.fill(0)).unwrap();
        let patience = Duration::from_secs(30);
        for _ in 0..25 {
            let frame = tokio::time::timeout(patience, input.recv()).await;
            assert!(
                matches!(frame, Ok(Some(_))),
                "the microphone does not start"
            );
        }
        let server = std::env::var("SFERA_TEST_SERVER").unwrap();
        assert!(
            Command::new("kill")
                .args(["-9", &server])
                .status()
                .unwrap()
                .success()
        );
        let (reported, ended) = tokio::join!(
            tokio::time::timeout(patience, pair.failed()),
            tokio::time::timeout(patience, async { while input.recv().await.is_some() {} }),
        );
        assert_eq!(reported, Ok(DeviceError::Lost));
        assert_eq!(ended, Ok(()));
        let closing = Duration::from_secs(10);
        let closed = tokio::task::spawn_blocking(move || drop(pair));
        assert!(
            tokio::time::timeout(closing, closed).await.is_ok(),
            "closing hangs"
        );
    }

    #[tokio::test]
    #[ignore = "run by the test that starts a sound server"]
    async fn no_device() {
        let error = DevicePair::open(&plain(), SampleRate::HZ_24000, |_| {}).map(|_| ());
        assert_eq!(error, Err(DeviceError::NoDevice));
    }
}
