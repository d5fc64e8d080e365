//! What the session's tasks tell the loop.

use crate::{
    knowledge::Citation,
    tools::ToolCall,
    turn::{Failure, Input, ReplyId, SegmentId},
};
use futures::FutureExt;
use std::{future::Future, panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::mpsc;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// Reports waiting for the loop, at most; a task that has more waits.
pub(super) const REPORTS: usize = 256;

/// News from a task.
#[derive(Debug)]
pub(super) enum Report {
    /// Something for the machine.
    Input(Input),
    /// Something from the recogniser that was started as number `listener`.
    Heard { listener: u32, input: Input },
    /// What a reply stands on.
    Citation { reply: ReplyId, citation: Citation },
    /// The LLM wants a tool called.
    Call {
        reply: ReplyId,
        step: u32,
        call: ToolCall,
    },
    /// A tool tells how far it is.
    Progress { id: Arc<str>, text: Arc<str> },
    /// The voice gave its first sound of a segment.
    FirstSound(SegmentId),
}

/// Starts tasks and hears from them. Whoever holds a task's handle owns it: dropping the handle ends
/// the task.
#[derive(Clone, Debug)]
pub(super) struct Tasks {
    tracker: TaskTracker,
    reports: mpsc::Sender<Report>,
}

impl Tasks {
    pub(super) fn new() -> (Self, mpsc::Receiver<Report>) {
        let (reports, inbox) = mpsc::channel(REPORTS);
        (
            Self {
                tracker: TaskTracker::new(),
                reports,
            },
            inbox,
        )
    }

    /// Runs a task that reports. If it panics, which a provider may do, `fallen` is reported.
    pub(super) fn spawn<F: Future<Output = ()> + Send + 'static>(
        &self,
        task: impl FnOnce(mpsc::Sender<Report>) -> F,
        fallen: impl FnOnce(Failure) -> Report + Send + 'static,
    ) -> AbortOnDropHandle<()> {
        let reports = self.reports.clone();
        let task = AssertUnwindSafe(task(self.reports.clone())).catch_unwind();
        AbortOnDropHandle::new(self.tracker.spawn(async move {
            if task.await.is_err() {
                // The loop is gone only when nobody needs to know.
                let _gone = reports.send(fallen(Failure::Unavailable)).await;
            }
        }))
    }
}
