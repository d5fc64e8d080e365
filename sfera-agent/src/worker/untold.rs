//! How jobs ended, until the server is known to know. A plain struct: the driver sends.

use std::collections::VecDeque;

use livekit_protocol::UpdateJobStatus;

/// So many wait for a server that is gone, at most; then the oldest is given up.
const WAITING: usize = 1_000;
/// How often a status is told. Servers before 1.8.3 hang up on one of a job they have forgotten, and
/// would do so for ever.
const TIMES: u32 = 2;

/// What was sent into a connection that broke may not have arrived, so it is kept until the server
/// answers a ping that was sent after it.
#[derive(Debug, Default)]
pub(super) struct Untold {
    statuses: VecDeque<Kept>,
    /// The latest ping.
    pinged: i64,
}

#[derive(Debug)]
struct Kept {
    status: UpdateJobStatus,
    /// How often it was sent.
    times: u32,
    /// Whether it was sent to the server that is there now, and before which ping.
    sent: Option<Option<i64>>,
}

impl Untold {
    /// A job has ended.
    pub(super) fn add(&mut self, status: UpdateJobStatus) {
        if self.statuses.len() == WAITING {
            self.statuses.pop_front();
            tracing::warn!("how a job ended is given up: too many wait for the server");
        }
        self.statuses.push_back(Kept {
            status,
            times: 0,
            sent: None,
        });
    }

    /// What is to be sent next; [`Untold::sent`] says that it was.
    pub(super) fn next(&self) -> Option<UpdateJobStatus> {
        let waiting = self.statuses.iter().find(|kept| kept.sent.is_none());
        waiting.map(|kept| kept.status.clone())
    }

    /// What was to be sent next is on its way.
    pub(super) fn sent(&mut self) {
        let waiting = self.statuses.iter_mut().find(|kept| kept.sent.is_none());
        if let Some(kept) = waiting {
            kept.times += 1;
            kept.sent = Some(None);
        }
    }

    /// A ping is to be sent; gives its time, milliseconds, which never repeats.
    pub(super) fn ping(&mut self, now: i64) -> i64 {
        self.pinged = now.max(self.pinged + 1);
        for kept in &mut self.statuses {
            if let Some(before @ None) = &mut kept.sent {
                *before = Some(self.pinged);
            }
        }
        self.pinged
    }

    /// The server has answered a ping, and so has had all that was sent before it.
    pub(super) fn pong(&mut self, ping: i64) {
        let arrived = |kept: &Kept| matches!(kept.sent, Some(Some(before)) if before <= ping);
        self.statuses.retain(|kept| !arrived(kept));
    }

    /// The server is gone: what it did not confirm is told to the next one.
    pub(super) fn lose(&mut self) {
        self.statuses.retain_mut(|kept| {
            kept.sent = None;
            kept.times < TIMES
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(job: &str) -> UpdateJobStatus {
        UpdateJobStatus {
            job_id: job.to_owned(),
            ..UpdateJobStatus::default()
        }
    }

    fn send_all(untold: &mut Untold) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(status) = untold.next() {
            sent.push(status.job_id);
            untold.sent();
        }
        sent
    }

    #[test]
    fn what_may_not_have_arrived_is_told_again() {
        let mut untold = Untold::default();
        untold.add(status("before"));
        assert_eq!(send_all(&mut untold), ["before"]);
        let ping = untold.ping(10);
        untold.add(status("after"));
        assert_eq!(send_all(&mut untold), ["after"]);
        untold.pong(ping);
        untold.lose();
        assert_eq!(send_all(&mut untold), ["after"], "the other has arrived");
        let ping = untold.ping(10);
        untold.pong(ping);
        untold.lose();
        assert_eq!(untold.next(), None);
    }

    #[test]
    fn a_status_that_breaks_the_connection_is_not_told_for_ever() {
        let mut untold = Untold::default();
        untold.add(status("unknown to the server"));
        for _ in 0..TIMES {
            assert_eq!(send_all(&mut untold).len(), 1);
            untold.lose();
        }
        assert_eq!(untold.next(), None);
    }

    #[test]
    fn a_server_that_stays_away_leaves_no_endless_queue() {
        let mut untold = Untold::default();
        for job in 0..=WAITING {
            untold.add(status(&job.to_string()));
        }
        let kept = send_all(&mut untold);
        assert_eq!((kept.len(), kept[0].as_str()), (WAITING, "1"));
    }
}
