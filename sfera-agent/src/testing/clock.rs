use crate::turn::Time;
use std::{collections::BTreeMap, time::Duration};

/// A virtual clock with an agenda: what is to happen, and when. Time passes only by
/// [`Agenda::advance`]; things at the same moment happen in the order they were put down.
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    now: Time,
    next: u64,
    entries: BTreeMap<(Time, u64), E>,
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self {
            now: Time::ZERO,
            next: 0,
            entries: BTreeMap::new(),
        }
    }
}

impl<E> Agenda<E> {
    /// The present.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Puts something down for `delay` from now.
    pub fn after(&mut self, delay: Duration, entry: E) {
        self.entries.insert((self.now + delay, self.next), entry);
        self.next += 1;
    }

    /// When the next thing happens.
    #[must_use]
    pub fn due(&self) -> Option<Time> {
        self.entries.keys().next().map(|(at, _)| *at)
    }

    /// Lets time pass until `to`; it never goes back.
    pub fn advance(&mut self, to: Time) {
        self.now = self.now.max(to);
    }

    /// Takes the next thing that is due by now.
    pub fn pop_due(&mut self) -> Option<E> {
        let (at, key) = *self.entries.keys().next()?;
        if at > self.now {
            return None;
        }
        self.entries.remove(&(at, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_happen_in_the_order_of_time_and_then_of_writing() {
        let mut agenda = Agenda::default();
        agenda.after(Duration::from_millis(5), 'b');
        agenda.after(Duration::from_millis(2), 'a');
        agenda.after(Duration::from_millis(5), 'c');
        assert_eq!(agenda.pop_due(), None);
        agenda.advance(Time::from_millis(5));
        let order: String = std::iter::from_fn(|| agenda.pop_due()).collect();
        assert_eq!(order, "abc");
        assert_eq!(agenda.due(), None);
    }
}
