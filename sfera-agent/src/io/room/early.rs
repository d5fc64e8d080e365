//! What comes from people whom nobody has announced yet: data and signals take different ways, and who
//! has just connected may be heard of before they are seen. A plain struct.

use std::collections::VecDeque;

/// Things that are kept, at most; the oldest are forgotten.
const MOST: usize = 8;

/// Keeps what came while there was no caller, until it is known who that is.
#[derive(Debug)]
pub(super) struct Early<T>(VecDeque<(String, T)>);

impl<T> Default for Early<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> Early<T> {
    pub(super) fn keep(&mut self, from: &str, thing: T) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((from.to_owned(), thing));
    }

    /// What came from this one, in its order; the rest is nobody's.
    pub(super) fn of(&mut self, caller: &str) -> Vec<T> {
        let kept = self.0.drain(..).filter(|(from, _)| from == caller);
        kept.map(|(_, thing)| thing).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_caller_sent_before_they_were_known_is_theirs_and_the_rest_forgotten() {
        let mut early = Early::default();
        for (from, line) in [("alex", 1), ("boris", 2), ("alex", 3)] {
            early.keep(from, line);
        }
        assert_eq!(early.of("alex"), [1, 3]);
        assert!(early.of("boris").is_empty());
    }

    #[test]
    fn only_so_much_is_kept() {
        let mut early = Early::default();
        for line in 0..100 {
            early.keep("alex", line);
        }
        assert_eq!(early.of("alex"), [92, 93, 94, 95, 96, 97, 98, 99]);
    }
}
