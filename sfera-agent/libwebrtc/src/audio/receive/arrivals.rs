//! Which packets came: losses, duplicates, jitter, and where a stream begins anew.

/// A sequence number this far ahead or behind is of another stream (RFC 3550, appendix A.1).
const DROPOUT: u64 = 3_000;
/// So many old packets in a row are no stragglers.
const STRAGGLERS: u32 = 20;

/// What a packet is to the ones before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Arrival {
    /// The newest so far, or an earlier one that was missing. Its time in samples that don't wrap.
    Next(i64),
    /// It came before.
    Duplicate,
    /// Too old to tell.
    Old,
    /// What follows has nothing to do with what was before.
    Restart(i64),
}

/// Keeps the account of one sender.
#[derive(Default)]
pub(super) struct Arrivals {
    newest: Option<Newest>,
    /// Losses of streams before.
    lost_before: i64,
    first: u64,
    received: u64,
    stragglers: u32,
    /// Samples.
    jitter: f64,
    transit: Option<i64>,
}

struct Newest {
    sequence: u64,
    timestamp: i64,
    /// One bit for each of the last packets, the newest lowest.
    seen: u128,
}

impl Arrivals {
    pub(super) fn judge(&mut self, now: i64, sequence: u64, timestamp: u32) -> Arrival {
        let arrival = self.place(sequence, timestamp);
        match arrival {
            Arrival::Restart(timestamp) => {
                self.restart();
                self.first = sequence;
                self.received = 1;
                self.newest = Some(Newest {
                    sequence,
                    timestamp,
                    seen: 1,
                });
                self.transit = Some(now - timestamp);
            }
            Arrival::Next(timestamp) => {
                self.received += 1;
                self.first = self.first.min(sequence);
                self.time(now, timestamp);
            }
            Arrival::Duplicate | Arrival::Old => {}
        }
        arrival
    }

    fn place(&mut self, sequence: u64, timestamp: u32) -> Arrival {
        let Some(newest) = &mut self.newest else {
            return Arrival::Restart(timestamp.into());
        };
        let step = timestamp.wrapping_sub(newest.timestamp as u32) as i32;
        let time = newest.timestamp + i64::from(step);
        let old = match sequence.checked_sub(newest.sequence) {
            Some(0) => return Arrival::Duplicate,
            // Later packets of earlier times: the sender's clock was set anew.
            Some(ahead) if ahead > DROPOUT || step < 0 => {
                return Arrival::Restart(timestamp.into());
            }
            Some(ahead) => {
                newest.seen = newest.seen.checked_shl(ahead as u32).unwrap_or(0) | 1;
                (newest.sequence, newest.timestamp) = (sequence, time);
                self.stragglers = 0;
                return Arrival::Next(time);
            }
            None => newest.sequence - sequence,
        };
        let bit = u32::try_from(old).ok().and_then(|n| 1_u128.checked_shl(n));
        match bit {
            Some(bit) if newest.seen & bit != 0 => Arrival::Duplicate,
            Some(bit) if step < 0 => {
                newest.seen |= bit;
                Arrival::Next(time)
            }
            _ => {
                self.stragglers += 1;
                let restart = self.stragglers > STRAGGLERS;
                if restart {
                    Arrival::Restart(timestamp.into())
                } else {
                    Arrival::Old
                }
            }
        }
    }

    fn time(&mut self, now: i64, timestamp: i64) {
        let transit = now - timestamp;
        if let Some(before) = self.transit.replace(transit) {
            let difference = (transit - before).abs() as f64;
            self.jitter += (difference - self.jitter) / 16.0;
        }
    }

    /// The account of another stream begins; losses so far stay counted.
    pub(super) fn restart(&mut self) {
        self.lost_before = self.lost();
        self.newest = None;
        self.received = 0;
        self.first = 0;
        self.stragglers = 0;
        self.transit = None;
    }

    pub(super) fn lost(&self) -> i64 {
        let expected = self
            .newest
            .as_ref()
            .map_or(0, |n| n.sequence.saturating_sub(self.first) + 1);
        self.lost_before + expected as i64 - self.received as i64
    }

    /// RFC 3550, in samples.
    pub(super) const fn jitter(&self) -> f64 {
        self.jitter
    }
}
