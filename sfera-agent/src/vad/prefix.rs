use crate::audio::Frame;
use std::collections::VecDeque;

/// Keeps the end of a stream of silence, so that recognition hears the beginning of what follows.
#[derive(Clone, Debug)]
pub struct PrefixRing {
    samples: VecDeque<i16>,
    limit: usize,
}

impl PrefixRing {
    /// A ring of the last `limit` samples; see
    /// [`VadOptions::prefix_samples`](super::VadOptions::prefix_samples).
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            samples: VecDeque::with_capacity(limit),
            limit,
        }
    }

    /// Adds a frame and forgets what is too old.
    pub fn push(&mut self, frame: &Frame) {
        let samples = frame.samples();
        let new = &samples[samples.len().saturating_sub(self.limit)..];
        let old = (self.samples.len() + new.len()).saturating_sub(self.limit);
        self.samples.drain(..old);
        self.samples.extend(new);
    }

    /// Takes everything out, oldest first.
    pub fn drain(&mut self) -> impl Iterator<Item = i16> {
        self.samples.drain(..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vad::RATE;

    #[test]
    fn the_newest_samples_stay_in_order() {
        let mut ring = PrefixRing::new(4);
        for part in [&[1i16, 2, 3][..], &[4, 5], &[]] {
            ring.push(&Frame::new(RATE, part));
        }
        assert_eq!(ring.drain().collect::<Vec<_>>(), [2, 3, 4, 5]);
        ring.push(&Frame::new(RATE, [1, 2, 3, 4, 5, 6].as_slice()));
        assert_eq!(ring.drain().collect::<Vec<_>>(), [3, 4, 5, 6]);
        assert_eq!(ring.drain().count(), 0);
    }
}
