//! How long sound is to wait so that nearly all of it has come when it is due.
//!
//! The fastest packet of the last seconds is the measure: how much later than it each one came, was
//! its own delay. The target is what all but few of these delays stay under. All times are samples of
//! 48 kHz.

use std::collections::VecDeque;

use super::MS;

/// The fastest packet is looked for this far back: long enough to find one, short enough that clocks
/// which differ by 500 ppm shift it by no more than 2 ms.
const WINDOW: i64 = 4_000 * MS;
/// The fastest packet is kept for every so much of the window.
const STEP: i64 = 100 * MS;
/// The largest delay of so much time makes one entry of the histogram, as in NetEQ: single late
/// packets count although most are in time.
const INTERVAL: i64 = 100 * MS;
/// Widths and number of the histogram's bins.
const BIN: i64 = 5 * MS;
const BINS: usize = 200;
/// What part of the intervals is to be in time (NetEQ: 0.95).
const QUANTILE: f32 = 0.95;
/// What is left of an entry's weight after each new one: half after 7 s of packets.
const FORGET: f32 = 0.99;
/// Entries later than the target count so many times: two of them in a few seconds raise it, one
/// doesn't.
const LATE_WEIGHT: usize = 3;
/// Where it begins, and its bounds.
const START: i64 = 40 * MS;
const LEAST: i64 = 20 * MS;
const MOST: i64 = 1_000 * MS;
/// Beyond the measured delays: sound is played 10 ms at a time, and the end of them may be the
/// beginning of the next packet.
const MARGIN: i64 = 10 * MS;
/// A packet this much later than the fastest is no late packet: the sender's clock was set anew.
const ANOTHER_CLOCK: i64 = 2_500 * MS;

pub(super) struct Delay {
    /// For each step of the window: its number, and the smallest of (arrival − timestamp).
    fastest: VecDeque<(i64, i64)>,
    histogram: [f32; BINS],
    /// Entries made so far; at first each counts as much as all before it together.
    entries: u32,
    interval: Option<(i64, i64)>,
    measured: i64,
    /// More, for the sake of copies that come one packet later.
    copies: i64,
}

impl Delay {
    pub(super) fn new() -> Self {
        Self {
            fastest: VecDeque::new(),
            histogram: [0.0; BINS],
            entries: 0,
            interval: None,
            measured: START,
            copies: 0,
        }
    }

    /// A packet of sound that begins at `timestamp` came.
    pub(super) fn arrived(&mut self, now: i64, timestamp: i64) {
        let offset = now - timestamp;
        if self
            .base()
            .is_some_and(|base| offset - base > ANOTHER_CLOCK)
        {
            self.forget_clock();
        }
        let late = offset - self.base().unwrap_or(offset);
        self.measure(now, late.max(0));
        let step = now / STEP;
        match self.fastest.back_mut() {
            Some((last, smallest)) if *last == step => *smallest = offset.min(*smallest),
            _ => self.fastest.push_back((step, offset)),
        }
        while self.fastest.len() > 1
            && let Some((first, _)) = self.fastest.front()
            && (*first < step - WINDOW / STEP || self.fastest.len() as i64 > WINDOW / STEP)
        {
            self.fastest.pop_front();
        }
    }

    /// The smallest of (arrival − timestamp) lately.
    fn base(&self) -> Option<i64> {
        self.fastest.iter().map(|(_, smallest)| *smallest).min()
    }

    /// How much later sound of this time is than it could have been played at the earliest.
    pub(super) fn lag(&self, now: i64, timestamp: i64) -> i64 {
        self.base().map_or(0, |base| now - timestamp - base)
    }

    /// The lag that sound should have.
    pub(super) fn target(&self) -> i64 {
        (self.measured + self.copies).clamp(LEAST, MOST)
    }

    /// Whether to wait for one packet more, since it may hold a copy of a lost one.
    pub(super) fn wait_for_copies(&mut self, samples: Option<i64>) {
        self.copies = samples.unwrap_or(0);
    }

    /// Another timeline begins; how much packets waver is still known.
    pub(super) fn forget_clock(&mut self) {
        self.fastest.clear();
        self.interval = None;
    }

    fn measure(&mut self, now: i64, late: i64) {
        let (since, largest) = self.interval.unwrap_or((now, 0));
        let largest = largest.max(late);
        // What is too late already is not waited for to be counted.
        if now - since < INTERVAL && late <= self.target() {
            self.interval = Some((since, largest));
            return;
        }
        self.interval = Some((now, 0));
        let weight = if largest > self.target() {
            LATE_WEIGHT
        } else {
            1
        };
        for _ in 0..weight {
            self.enter(largest);
        }
        self.measured = self.quantile() + MARGIN;
    }

    fn enter(&mut self, late: i64) {
        self.entries = self.entries.saturating_add(1);
        let keep = FORGET.min(1.0 - 1.0 / (self.entries + 1) as f32);
        for weight in &mut self.histogram {
            *weight *= keep;
        }
        let bin = usize::try_from(late / BIN).unwrap_or(BINS).min(BINS - 1);
        if let Some(weight) = self.histogram.get_mut(bin) {
            *weight += 1.0 - keep;
        }
    }

    /// The upper edge of the bin below which `QUANTILE` of all entries lie.
    fn quantile(&self) -> i64 {
        let total: f32 = self.histogram.iter().sum();
        let mut below = 0.0;
        for (bin, weight) in (1..).zip(&self.histogram) {
            below += weight;
            if below >= QUANTILE * total {
                return bin * BIN;
            }
        }
        BINS as i64 * BIN
    }
}
