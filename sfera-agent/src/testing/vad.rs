use crate::{
    audio::Level,
    vad::{RATE, Vad, VadError, VadListener},
};
use std::sync::Arc;

/// A VAD that follows a script instead of its ears, or takes loud for speech.
#[derive(Clone, Debug)]
pub struct ScriptedVad {
    script: Script,
}

#[derive(Clone, Debug)]
enum Script {
    Probabilities(Arc<[f32]>),
    Loudness,
    FailsAfter(usize),
}

impl ScriptedVad {
    /// Windows of its listeners: 20 ms, like the frames of an audio input.
    pub const WINDOW: usize = 320;

    /// Gives these probabilities, one a window, whatever is heard; zero after the last.
    #[must_use]
    pub fn new(probabilities: impl IntoIterator<Item = f32>) -> Self {
        Self {
            script: Script::Probabilities(probabilities.into_iter().collect()),
        }
    }

    /// Takes a window above −50 dBFS (RMS) for speech for sure, anything below for silence.
    #[must_use]
    pub const fn by_loudness() -> Self {
        Self {
            script: Script::Loudness,
        }
    }

    /// By loudness, but each listener fails for good after `windows` windows.
    #[must_use]
    pub const fn failing_after(windows: usize) -> Self {
        Self {
            script: Script::FailsAfter(windows),
        }
    }
}

impl Vad for ScriptedVad {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn open(&self) -> Result<Box<dyn VadListener>, VadError> {
        Ok(Box::new(Listener {
            script: self.script.clone(),
            heard: 0,
        }))
    }
}

struct Listener {
    script: Script,
    heard: usize,
}

impl VadListener for Listener {
    fn window(&self) -> usize {
        ScriptedVad::WINDOW
    }

    fn probability(&mut self, samples: &[i16]) -> Result<f32, VadError> {
        VadError::check_window(samples, ScriptedVad::WINDOW)?;
        let n = self.heard;
        self.heard += 1;
        match &self.script {
            Script::Probabilities(script) => Ok(script.get(n).copied().unwrap_or(0.0)),
            Script::FailsAfter(windows) if n >= *windows => Err(VadError::Model),
            Script::Loudness | Script::FailsAfter(_) => {
                Ok(f32::from(u8::from(Level::of(samples).rms_dbfs > -50.0)))
            }
        }
    }

    fn reset(&mut self) {
        self.heard = 0;
    }
}

/// Checks that `vad` keeps the contract of [`Vad`] and [`VadListener`], on a few seconds of made-up
/// sound. What it takes for speech is not judged here.
///
/// # Panics
/// With the sentence of the contract that is broken.
#[allow(clippy::panic, clippy::expect_used)]
pub fn vad_conformance(vad: &dyn Vad) {
    assert!(!vad.name().is_empty(), "a VAD has a name");
    let open = || vad.open().expect("a VAD that is there opens");
    let window = open().window();
    assert!(
        (1..=RATE.hz() as usize / 10).contains(&window),
        "a window lasts at most 100 ms"
    );
    let sounds = sounds(window);
    let alone = listen(&mut *open(), &sounds);
    assert!(
        alone.iter().all(|p| (0.0..=1.0).contains(p)),
        "a probability lies between 0 and 1, whatever is heard"
    );

    let (mut one, mut other) = (open(), open());
    let between: Vec<f32> = sounds
        .iter()
        .map(|samples| {
            let p = one.probability(samples).expect("a whole window is judged");
            let loud = vec![i16::MAX; window];
            other.probability(&loud).expect("a whole window is judged");
            p
        })
        .collect();
    assert_eq!(between, alone, "listeners do not hear each other");

    one.reset();
    assert_eq!(
        listen(&mut *one, &sounds),
        alone,
        "reset forgets everything"
    );

    let mut disturbed = open();
    let despite: Vec<f32> = sounds
        .iter()
        .map(|samples| {
            for got in [0, window - 1, window + 1, window * 2] {
                let answer = disturbed.probability(&vec![5_000; got]);
                let expected = window;
                assert_eq!(
                    answer,
                    Err(VadError::Window { expected, got }),
                    "a window of the wrong length is refused"
                );
            }
            assert_eq!(disturbed.window(), window, "the window never changes");
            disturbed
                .probability(samples)
                .expect("a whole window is judged")
        })
        .collect();
    assert_eq!(despite, alone, "a refused window leaves no trace");
}

#[allow(clippy::expect_used)]
fn listen(listener: &mut dyn VadListener, sounds: &[Vec<i16>]) -> Vec<f32> {
    sounds
        .iter()
        .map(|samples| {
            listener
                .probability(samples)
                .expect("a whole window is judged")
        })
        .collect()
}

/// Silence, a tone, noise, the extremes of a sample, and silence again.
fn sounds(window: usize) -> Vec<Vec<i16>> {
    let mut noise = 1u32;
    let mut sounds = Vec::new();
    for kind in 0..5 {
        for n in 0..12 {
            let samples = (n * window..(n + 1) * window).map(|at| match kind {
                1 => ((at as f32 * 0.2).sin() * 12_000.0) as i16,
                2 => {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (noise >> 16) as i16 / 4
                }
                3 if at / 40 % 2 == 0 => i16::MIN,
                3 => i16::MAX,
                _ => 0,
            });
            sounds.push(samples.collect());
        }
    }
    sounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audio::{Frame, SampleRate},
        vad::{VadEvent, VadOptions, VadOutput, VadStream},
    };
    use std::time::Duration;

    #[test]
    fn scripted_vads_keep_the_contract() {
        vad_conformance(&ScriptedVad::new([0.1, 0.9, 0.4]));
        vad_conformance(&ScriptedVad::by_loudness());
    }

    #[cfg(feature = "earshot")]
    #[test]
    fn earshot_keeps_the_contract() {
        vad_conformance(&crate::vad::Earshot);
    }

    #[test]
    fn a_stream_gives_every_sample_once_and_events_in_their_place() {
        let options = VadOptions::default();
        let rate = SampleRate::HZ_48000;
        let sound: Vec<i16> = (0..rate.hz() as usize * 2)
            .map(|n| {
                let loud = (24_000..72_000).contains(&n);
                ((n as f32 * 0.05).sin() * if loud { 9_000.0 } else { 0.0 }) as i16
            })
            .collect();
        let run = |pieces: usize| {
            let mut stream = VadStream::new(ScriptedVad::by_loudness().open().unwrap(), &options);
            let mut outputs = Vec::new();
            for piece in sound.chunks(pieces) {
                stream
                    .push(&Frame::new(rate, piece), |o| outputs.push(o))
                    .unwrap();
            }
            stream.finish(|o| outputs.push(o)).unwrap();
            assert_eq!(stream.position(), 32_000);
            outputs
        };
        let outputs = run(960);
        assert_eq!(run(777), outputs);
        assert_eq!(run(96_000), outputs);

        let mut position = 0;
        let mut events = Vec::new();
        for output in &outputs {
            match output {
                VadOutput::Audio { frame, .. } => position += frame.samples().len() as u64,
                VadOutput::Event(event) => events.push((position, *event)),
            }
        }
        assert_eq!(position, 32_000);
        assert_eq!(
            events,
            [
                (8_960, VadEvent::SpeechStarted { since: 8_000 }),
                (28_160, VadEvent::SpeechEnded { since: 24_000 }),
            ]
        );
    }

    #[test]
    fn a_stream_survives_a_change_of_rate_and_a_failing_vad() {
        let vad = ScriptedVad::failing_after(30);
        let mut stream = VadStream::new(vad.open().unwrap(), &VadOptions::default());
        let mut heard = 0;
        let mut count = |o| {
            if let VadOutput::Audio { frame, .. } = o {
                heard += frame.samples().len();
            }
        };
        for (hz, seconds) in [(8_000, 2), (44_100, 1)] {
            let rate = SampleRate::new(hz).unwrap();
            for _ in 0..seconds * 50 {
                let frame = Frame::silence(rate, Duration::from_millis(20));
                let failed = stream.push(&frame, &mut count).is_err();
                assert!(!failed || stream.position() > 30 * 320);
            }
        }
        assert_eq!(stream.finish(&mut count), Err(VadError::Model));
        assert!((47_000..=48_400).contains(&heard), "{heard}");
    }
}
