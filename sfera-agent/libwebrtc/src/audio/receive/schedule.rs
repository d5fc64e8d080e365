//! What is played next: the one place that decides.

use super::{
    MS, Pulled, ReceiveStream,
    buffer::Slot,
    playout::Playout,
    stretch::{self, PAUSE},
};
use crate::audio::opus_packet;

/// What one call plays.
const TICK: i64 = 10 * MS;
/// Invented at once.
const PIECE: i64 = 10 * MS;
/// libopus invents and recovers whole pieces of 2.5 ms.
const UNIT: i64 = 5 * MS / 2;
/// A hole longer than this is a pause; it is not filled to its end.
const LONGEST_HOLE: i64 = 400 * MS;
/// Sound may lag this much less than it should before it is stretched, but no more than an eighth of
/// what it should, and this much more.
const LESS: i64 = 10 * MS;
const MORE: i64 = 15 * MS;
/// More than this too late, it hurries.
const HURRY: i64 = 80 * MS;
/// More than this too late, it is dropped.
const TOO_LATE: i64 = 1_500 * MS;
/// Who didn't pull for so long doesn't want what came meanwhile.
const ABSENT: i64 = 500 * MS;
/// What part of the packets is missing for copies to be waited for, and how fast that is forgotten.
const LOSSY: f32 = 0.005;
const FORGET_LOSS: f32 = 1.0 / 256.0;

/// Where playing stands.
#[derive(Default)]
pub(super) struct Schedule {
    phase: Phase,
    /// When what was decoded last ends, in the sender's time, and the sequence number after it.
    next: i64,
    next_sequence: u64,
    /// Samples invented while nothing was there; they fill no hole yet.
    unplaced: i64,
    /// Samples of the last packet.
    frame: i64,
    /// When a stretch may come again.
    stretch_from: i64,
    pulled: Option<i64>,
    /// Packets hold copies of others.
    pub(super) copies_come: bool,
    lost: f32,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    /// Silence, until the first packet is due.
    #[default]
    Waiting,
    Playing,
    /// The sender said that it is silent.
    Comfort,
}

enum Step {
    Decode,
    /// Decode the copy that the first packet holds of so much before it.
    Recover(i64),
    Invent(i64),
    /// Invent a little, since what is next is not yet due.
    Wait,
    Comfort,
    Silence,
}

impl Schedule {
    /// Whether sound of this time was played, or invented.
    pub(super) const fn is_past(&self, timestamp: i64, samples: i64) -> bool {
        !matches!(self.phase, Phase::Waiting) && timestamp + samples <= self.next
    }

    /// Nothing is due until another stream begins.
    pub(super) const fn wait(&mut self) {
        self.phase = Phase::Waiting;
        self.unplaced = 0;
    }

    fn count(&mut self, missing: bool) {
        let now = if missing { 1.0 } else { 0.0 };
        self.lost += (now - self.lost) * FORGET_LOSS;
    }
}

impl ReceiveStream {
    /// Gets 10 ms ready to play.
    pub(super) fn schedule(&mut self, now: i64) -> Pulled {
        let absent = self
            .schedule
            .pulled
            .replace(now)
            .is_some_and(|last| now - last > ABSENT);
        if absent {
            self.come_back(now);
        }
        let mut pulled = Pulled::Sound;
        while (self.playout.ready() as i64) < TICK {
            pulled = self.step(now);
        }
        self.stretch(now);
        pulled
    }

    /// Forgets what should have been played while nobody pulled.
    fn come_back(&mut self, now: i64) {
        self.playout.clear();
        self.schedule.wait();
        let target = self.delay.target();
        while let Some(front) = self.buffer.front()
            && self.delay.lag(now, front.timestamp) > target
        {
            self.discard();
        }
    }

    fn discard(&mut self) {
        if let Some(slot) = self.buffer.pop() {
            self.stats.packets_discarded += 1;
            self.buffer.recycle(slot);
        }
    }

    fn step(&mut self, now: i64) -> Pulled {
        match self.decide(now) {
            Step::Decode => self.decode(now),
            Step::Recover(lost) => self.recover(lost),
            Step::Invent(samples) => self.invent(samples),
            Step::Wait => self.bridge(PIECE),
            Step::Comfort => {
                self.decoding.comfort(PIECE, &mut self.playout);
                Pulled::Comfort
            }
            Step::Silence => {
                self.playout.append_silence(PIECE as usize);
                Pulled::Silence
            }
        }
    }

    fn decide(&mut self, now: i64) -> Step {
        self.drop_stale(now);
        let Some(front) = self.buffer.front() else {
            return match self.schedule.phase {
                Phase::Waiting => Step::Silence,
                Phase::Comfort => Step::Comfort,
                Phase::Playing => Step::Wait,
            };
        };
        // It would be heard after what is ready.
        let now = now + self.playout.ready() as i64;
        let target = self.delay.target();
        let lag = self.delay.lag(now, front.timestamp) + less(target);
        let gap = front.timestamp - self.schedule.next;
        let follows = front.marker || front.sequence == self.schedule.next_sequence;
        match self.schedule.phase {
            Phase::Waiting if lag >= target => Step::Decode,
            Phase::Waiting => Step::Silence,
            _ if gap <= 0 => Step::Decode,
            Phase::Comfort => {
                let frame = self.schedule.frame.min(gap);
                let copy = !follows && opus_packet::has_copy(&front.payload);
                match copy {
                    true if lag + frame >= target => Step::Recover(frame),
                    false if lag >= target => Step::Decode,
                    _ => Step::Comfort,
                }
            }
            // Time passed without a packet missing: the sender was silent and didn't say so.
            Phase::Playing if follows || gap > LONGEST_HOLE => {
                if lag >= target {
                    Step::Decode
                } else {
                    Step::Invent(PIECE)
                }
            }
            // What is missing may still come in time, where sound is earlier than it should be.
            Phase::Playing if self.delay.lag(now, self.schedule.next) + less(target) < target => {
                Step::Wait
            }
            Phase::Playing => self.fill(gap),
        }
    }

    /// Drops what is later than can be caught up with.
    fn drop_stale(&mut self, now: i64) {
        let longest = self.delay.target() + TOO_LATE;
        while let Some(front) = self.buffer.front() {
            let past = self.schedule.is_past(front.timestamp, front.samples);
            let stale = self.delay.lag(now, front.timestamp) > longest;
            if !past && !stale {
                break;
            }
            if stale && !past {
                self.schedule.wait();
            }
            self.discard();
        }
    }

    /// Fills a hole before the first packet.
    fn fill(&mut self, gap: i64) -> Step {
        // What was invented while nothing was there is a part of it.
        let placed = self.schedule.unplaced.min(gap);
        self.schedule.unplaced = 0;
        self.schedule.next += placed;
        let missing = gap - placed;
        let front = self.buffer.front();
        if missing <= 0 {
            return Step::Decode;
        }
        let copy = front.is_some_and(|front| opus_packet::has_copy(&front.payload));
        if copy && missing <= self.schedule.frame {
            return Step::Recover(missing);
        }
        Step::Invent(missing.min(2 * PIECE))
    }

    fn decode(&mut self, now: i64) -> Pulled {
        let Some(slot) = self.buffer.pop() else {
            return self.bridge(PIECE);
        };
        if self.decoding.prepare(&slot.payload) {
            self.playout = Playout::new(self.decoding.channels());
        }
        self.advance(&slot);
        let silent = opus_packet::is_silence(&slot.payload);
        let decoded = self.decoding.decode(&slot.payload, &mut self.playout);
        let pulled = match decoded {
            Some(samples) => {
                let target = self.delay.target();
                self.stats.emitted(samples, now - slot.arrived, target);
                self.schedule.phase = if silent {
                    Phase::Comfort
                } else {
                    Phase::Playing
                };
                Pulled::Sound
            }
            None => {
                self.stats.packets_discarded += 1;
                self.schedule.phase = Phase::Playing;
                self.conceal(slot.samples.min(2 * PIECE));
                Pulled::Concealment
            }
        };
        self.buffer.recycle(slot);
        pulled
    }

    fn advance(&mut self, slot: &Slot) {
        let schedule = &mut self.schedule;
        if slot.redundant {
            self.stats.fec_packets_received += 1;
        }
        schedule.count(slot.redundant);
        schedule.next = slot.timestamp + slot.samples;
        schedule.next_sequence = slot.sequence + 1;
        schedule.frame = slot.samples;
        schedule.unplaced = 0;
        let wanted = schedule.copies_come && schedule.lost > LOSSY;
        self.delay.wait_for_copies(wanted.then_some(schedule.frame));
    }

    fn recover(&mut self, lost: i64) -> Pulled {
        let Some(front) = self.buffer.front() else {
            return self.bridge(PIECE);
        };
        let whole = (lost / UNIT).max(1) * UNIT;
        let made = self
            .decoding
            .recover(&front.payload, whole, &mut self.playout);
        self.schedule.next = front.timestamp;
        self.schedule.next_sequence = front.sequence;
        if made.is_some() {
            self.stats.fec_packets_received += 1;
            self.schedule.copies_come = true;
        }
        self.schedule.phase = Phase::Playing;
        self.schedule.count(true);
        Pulled::Sound
    }

    /// Fills a hole before the first packet.
    fn invent(&mut self, samples: i64) -> Pulled {
        self.schedule.next += samples;
        self.schedule.count(true);
        self.conceal((samples + UNIT - 1) / UNIT * UNIT);
        Pulled::Concealment
    }

    /// Fills time until something comes, or is due.
    fn bridge(&mut self, samples: i64) -> Pulled {
        self.schedule.unplaced += samples;
        self.conceal(samples);
        Pulled::Concealment
    }

    fn conceal(&mut self, samples: i64) {
        if self.decoding.invented() == 0 {
            self.stats.concealment_events += 1;
        }
        self.stats.concealed(samples, self.decoding.is_silent());
        self.decoding.invent(samples, &mut self.playout);
    }

    /// Brings what is played nearer to its target, a period at a time.
    fn stretch(&mut self, now: i64) {
        let schedule = &self.schedule;
        let steady = schedule.phase == Phase::Playing && self.decoding.invented() == 0;
        if !steady {
            return;
        }
        let heard = schedule.next - self.playout.ready() as i64;
        let target = self.delay.target();
        let excess = self.delay.lag(now, heard) - target;
        let may = now >= schedule.stretch_from;
        if excess > MORE && (may || excess > HURRY) {
            self.shorten(now, excess > HURRY);
        } else if excess < -less(target) && (may || excess < -HURRY) {
            let inserted = stretch::lengthen(&mut self.playout);
            self.stats.inserted_samples_for_deceleration += inserted as u64;
            self.paused(now, inserted);
        }
    }

    fn shorten(&mut self, now: i64, hurry: bool) {
        // A period can be left out where two can be seen.
        while self.playout.ready() < stretch::NEEDED && self.follows() {
            self.decode(now);
        }
        let removed = stretch::shorten(&mut self.playout, hurry);
        self.stats.removed_samples_for_acceleration += removed as u64;
        self.paused(now, removed);
        // It may have left less than is to be played.
        while (self.playout.ready() as i64) < TICK {
            self.step(now);
        }
    }

    fn paused(&mut self, now: i64, changed: usize) {
        if changed > 0 {
            self.schedule.stretch_from = now + PAUSE;
        }
    }

    /// Whether the first packet goes on where the last one ended.
    fn follows(&self) -> bool {
        let front = self.buffer.front();
        front.is_some_and(|front| front.timestamp <= self.schedule.next)
    }
}

fn less(target: i64) -> i64 {
    LESS.min(target / 8)
}
