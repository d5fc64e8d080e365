use super::{RATE, VadOptions};

/// Speech began or ended. Positions count samples at [`RATE`] since the stream began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VadEvent {
    /// Somebody speaks.
    SpeechStarted {
        /// The first sample of the speech (without padding): `min_speech` or a little more ago.
        since: u64,
    },
    /// Nobody speaks any more.
    SpeechEnded {
        /// The first sample of the silence: `min_silence` or a little more ago.
        since: u64,
    },
}

/// Turns the probabilities of a stream's windows into speech starts and ends, with hysteresis.
///
/// Pure: no clock and no audio, only sample positions. Starts and ends alternate, beginning with a
/// start.
#[derive(Clone, Debug)]
pub struct Segmenter {
    activate: f32,
    deactivate: f32,
    min_speech: u64,
    min_silence: u64,
    position: u64,
    speaking: bool,
    /// Where the change that may become an event began.
    turning: Option<u64>,
}

impl Segmenter {
    /// A segmenter at the beginning of a stream, in silence.
    #[must_use]
    pub fn new(options: &VadOptions) -> Self {
        Self {
            activate: options.activate,
            deactivate: options.deactivate.min(options.activate),
            min_speech: RATE.samples(options.min_speech),
            min_silence: RATE.samples(options.min_silence),
            position: 0,
            speaking: false,
            turning: None,
        }
    }

    /// Takes the probability of the next `window` samples; what it changed.
    ///
    /// A probability that is no number counts as silence.
    pub fn push(&mut self, probability: f32, window: usize) -> Option<VadEvent> {
        let begin = self.position;
        self.position += window as u64;
        let speech = if self.speaking {
            probability > self.deactivate
        } else {
            probability >= self.activate
        };
        if speech == self.speaking {
            self.turning = None;
            return None;
        }
        let since = *self.turning.get_or_insert(begin);
        let needed = if self.speaking {
            self.min_silence
        } else {
            self.min_speech
        };
        (self.position - since >= needed).then(|| self.turn(since))
    }

    /// Ends the stream: speech that is going on ends here.
    pub fn finish(&mut self) -> Option<VadEvent> {
        let since = self.turning.unwrap_or(self.position);
        self.speaking.then(|| self.turn(since))
    }

    fn turn(&mut self, since: u64) -> VadEvent {
        self.turning = None;
        self.speaking = !self.speaking;
        if self.speaking {
            VadEvent::SpeechStarted { since }
        } else {
            VadEvent::SpeechEnded { since }
        }
    }

    /// Samples judged since the stream began.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Whether somebody speaks.
    #[must_use]
    pub const fn speaking(&self) -> bool {
        self.speaking
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    /// 10 ms windows, so that a probability is a row of ten milliseconds.
    const WINDOW: usize = 160;

    fn run(
        options: &VadOptions,
        probabilities: impl IntoIterator<Item = f32>,
    ) -> Vec<(u64, VadEvent)> {
        let mut segmenter = Segmenter::new(options);
        let mut events = Vec::new();
        for p in probabilities {
            if let Some(event) = segmenter.push(p, WINDOW) {
                events.push((segmenter.position() / 16, event));
            }
        }
        events
    }

    fn rows(parts: &[(usize, f32)]) -> Vec<f32> {
        parts.iter().flat_map(|(n, p)| vec![*p; *n]).collect()
    }

    #[test]
    fn speech_starts_after_its_minimum_and_ends_after_the_pause() {
        let events = run(
            &VadOptions::default(),
            rows(&[(10, 0.1), (40, 0.9), (40, 0.1)]),
        );
        assert_eq!(
            events,
            [
                (150, VadEvent::SpeechStarted { since: 1_600 }),
                (750, VadEvent::SpeechEnded { since: 8_000 }),
            ]
        );
    }

    #[test]
    fn a_click_is_no_speech_and_a_short_pause_no_end() {
        assert_eq!(
            run(
                &VadOptions::default(),
                rows(&[(10, 0.0), (4, 1.0), (50, 0.0)])
            ),
            []
        );
        let events = run(
            &VadOptions::default(),
            rows(&[(20, 1.0), (24, 0.0), (20, 1.0), (24, 0.0), (1, 1.0)]),
        );
        assert_eq!(events, [(50, VadEvent::SpeechStarted { since: 0 })]);
    }

    #[test]
    fn between_the_thresholds_nothing_changes() {
        assert_eq!(run(&VadOptions::default(), vec![0.45; 100]), []);
        let events = run(&VadOptions::default(), rows(&[(5, 0.5), (100, 0.36)]));
        assert_eq!(events, [(50, VadEvent::SpeechStarted { since: 0 })]);
    }

    #[test]
    fn no_number_is_silence() {
        let events = run(&VadOptions::default(), rows(&[(10, 1.0), (30, f32::NAN)]));
        assert_eq!(events.len(), 2);
    }

    #[test]
    fn the_end_of_the_stream_ends_speech() {
        let mut segmenter = Segmenter::new(&VadOptions::default());
        for _ in 0..10 {
            segmenter.push(1.0, WINDOW);
        }
        segmenter.push(0.0, WINDOW);
        assert_eq!(
            segmenter.finish(),
            Some(VadEvent::SpeechEnded { since: 1_600 })
        );
        assert_eq!(segmenter.finish(), None);
    }

    #[test]
    fn a_typo_in_the_options_is_refused_and_gaps_take_defaults() {
        let options: VadOptions = serde_json::from_str(r#"{"activate": 0.7}"#).unwrap();
        assert_eq!(options.deactivate, VadOptions::default().deactivate);
        let error = serde_json::from_str::<VadOptions>(r#"{"activte": 0.7}"#).unwrap_err();
        assert!(error.to_string().contains("activte"), "{error}");
    }

    proptest! {
        #[test]
        fn events_alternate_and_lie_in_order(
            probabilities in prop::collection::vec(0.0f32..=1.0, 0..400),
            min_speech in 0u64..200,
            min_silence in 0u64..400,
        ) {
            let options = VadOptions {
                min_speech: Duration::from_millis(min_speech),
                min_silence: Duration::from_millis(min_silence),
                ..VadOptions::default()
            };
            let (mut last, mut speaking) = (0, false);
            for (ms, event) in run(&options, probabilities) {
                let (since, needed, starts) = match event {
                    VadEvent::SpeechStarted { since } => (since, min_speech, true),
                    VadEvent::SpeechEnded { since } => (since, min_silence, false),
                };
                prop_assert_ne!(starts, speaking);
                prop_assert!(since >= last);
                prop_assert!(ms * 16 >= since + needed * 16);
                prop_assert!(ms * 16 < since + needed * 16 + 2 * WINDOW as u64);
                (last, speaking) = (since, starts);
            }
        }
    }
}
