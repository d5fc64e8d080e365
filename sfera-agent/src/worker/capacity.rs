//! Exactly so many jobs, and no more: who says yes to one keeps its place until it comes or does not.

use std::{collections::HashMap, time::Duration};

/// Places for jobs. Time is what passed since the worker started.
#[derive(Debug)]
pub(super) struct Capacity {
    places: usize,
    running: usize,
    /// Places promised, and until when.
    promised: HashMap<String, Duration>,
}

impl Capacity {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            running: 0,
            promised: HashMap::new(),
        }
    }

    /// Promises a place to a job; false where there is none.
    pub(super) fn promise(&mut self, job: &str, until: Duration) -> bool {
        if self.promised.contains_key(job) {
            return true;
        }
        if self.free() == 0 {
            return false;
        }
        self.promised.insert(job.to_owned(), until);
        true
    }

    /// A job has come. One whose promise has passed gets a place only if there is one.
    pub(super) fn occupy(&mut self, job: &str) -> bool {
        if self.promised.remove(job).is_none() && self.free() == 0 {
            return false;
        }
        self.running += 1;
        true
    }

    /// A job has ended.
    pub(super) fn release(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// Takes promises back that nobody came for; how many.
    pub(super) fn expire(&mut self, now: Duration) -> usize {
        let before = self.promised.len();
        self.promised.retain(|_, until| *until > now);
        before - self.promised.len()
    }

    /// The server is gone, and its assignments with it.
    pub(super) fn forget_promises(&mut self) {
        self.promised.clear();
    }

    pub(super) fn free(&self) -> usize {
        self.places
            .saturating_sub(self.running + self.promised.len())
    }

    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// How much is taken, 0 to 1.
    pub(super) fn load(&self) -> f32 {
        if self.places == 0 {
            return 1.0;
        }
        (self.places - self.free()) as f32 / self.places as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOON: Duration = Duration::from_secs(7);

    #[test]
    fn a_burst_of_questions_gets_no_more_yes_than_there_are_places() {
        let mut capacity = Capacity::new(2);
        let yes = ["a", "b", "c", "d"].map(|job| capacity.promise(job, SOON));
        assert_eq!(yes, [true, true, false, false]);
        assert!(
            capacity.promise("a", SOON),
            "asked again, it is the same place"
        );
        assert!(capacity.occupy("a") && capacity.occupy("b"));
        assert!(
            !capacity.occupy("late"),
            "nobody promised it a place, and there is none"
        );
        capacity.release();
        assert!(capacity.promise("c", SOON));
    }

    #[test]
    fn a_place_nobody_came_for_is_free_again() {
        let mut capacity = Capacity::new(1);
        assert!(capacity.promise("a", SOON));
        assert_eq!(capacity.expire(SOON - Duration::from_millis(1)), 0);
        assert_eq!(capacity.expire(SOON), 1);
        assert!(capacity.promise("b", SOON * 2));
        assert!(
            !capacity.occupy("a"),
            "it comes too late, and another has its place"
        );
    }

    #[derive(Clone, Debug)]
    enum Step {
        Promise(u8),
        Occupy(u8),
        Release,
        Expire(u8),
        Forget,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..6_u8).prop_map(Step::Promise),
            (0..6_u8).prop_map(Step::Occupy),
            Just(Step::Release),
            any::<u8>().prop_map(Step::Expire),
            Just(Step::Forget),
        ]
    }

    proptest! {
        #[test]
        fn there_are_never_more_jobs_than_places(places in 0..4_usize, steps in proptest::collection::vec(step(), 0..60)) {
            let mut capacity = Capacity::new(places);
            let mut running = 0;
            for step in steps {
                match step {
                    Step::Promise(job) => {
                        capacity.promise(&job.to_string(), Duration::from_secs(u64::from(job)));
                    }
                    Step::Occupy(job) => running += usize::from(capacity.occupy(&job.to_string())),
                    Step::Release => {
                        capacity.release();
                        running = running.saturating_sub(1);
                    }
                    Step::Expire(at) => {
                        capacity.expire(Duration::from_secs(u64::from(at)));
                    }
                    Step::Forget => capacity.forget_promises(),
                }
                prop_assert_eq!(capacity.running(), running);
                prop_assert!(running <= places);
                prop_assert!((0.0..=1.0).contains(&capacity.load()));
            }
        }
    }
}
