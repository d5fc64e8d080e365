//! Packets on their way.

use std::{collections::BTreeMap, time::Duration};

use super::{Jitter, Loss, Network, Packet, Random};

/// What every packet takes.
const DELAY: Duration = Duration::from_millis(30);
/// Waits are cut here: nothing takes longer.
const LONGEST: Duration = Duration::from_secs(2);

pub(super) struct Link {
    network: Network,
    random: Random,
    /// In a bad time of bursts.
    bad: bool,
    /// By the time of arrival, and in the order of sending.
    underway: BTreeMap<(Duration, u64), Packet>,
    count: u64,
}

impl Link {
    pub(super) const fn new(network: Network, random: Random) -> Self {
        Self {
            network,
            random,
            bad: false,
            underway: BTreeMap::new(),
            count: 0,
        }
    }

    pub(super) fn send(&mut self, now: Duration, packet: Packet) {
        let twice = self.random.chance(self.network.duplicates);
        if !self.loses() {
            self.put(now, packet.clone());
            if twice {
                self.put(now, packet);
            }
        }
    }

    fn loses(&mut self) -> bool {
        match self.network.loss {
            Loss::None => false,
            Loss::Random(fraction) => self.random.chance(fraction),
            Loss::Bursts { begin, end } => {
                let change = if self.bad { end } else { begin };
                self.bad ^= self.random.chance(change);
                self.bad
            }
        }
    }

    fn put(&mut self, now: Duration, packet: Packet) {
        self.count += 1;
        let arrives = now + DELAY + self.wait(now).min(LONGEST);
        self.underway.insert((arrives, self.count), packet);
    }

    fn wait(&mut self, now: Duration) -> Duration {
        match self.network.jitter {
            Jitter::None => Duration::ZERO,
            Jitter::Uniform(most) => most.mul_f64(self.random.fraction()),
            Jitter::Exponential(mean) => {
                let rest = (1.0 - self.random.fraction()).max(1e-9);
                mean.mul_f64(-rest.ln())
            }
            Jitter::Stalls { every, length } => {
                let since = now.as_nanos() % every.as_nanos().max(1);
                length.saturating_sub(Duration::from_nanos(since as u64))
            }
        }
    }

    /// The next packet that has arrived, and when it did.
    pub(super) fn receive(&mut self, now: Duration) -> Option<(Duration, Packet)> {
        let first = self
            .underway
            .first_entry()
            .filter(|first| first.key().0 <= now)?;
        let ((arrived, _), packet) = first.remove_entry();
        Some((arrived, packet))
    }
}
