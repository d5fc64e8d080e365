//! Silencing the agent by a tap.

use super::{CallerInfo, RpcCall, RpcMethods, RpcRefused};
use crate::session::SessionControl;
use tokio::sync::watch;

/// The method by which a caller asks the agent to stop talking.
pub const INTERRUPT: &str = "sfera.interrupt";
/// It did.
const DONE: &str = "ok";
/// It was not talking, or says what may not be interrupted.
const NOTHING: &str = "nothing";

/// Whom the agent listens to, and what it says.
#[derive(Clone)]
pub(super) struct Interrupting {
    caller: watch::Receiver<Option<CallerInfo>>,
    session: watch::Receiver<Option<SessionControl>>,
}

impl Interrupting {
    pub(super) const fn new(
        caller: watch::Receiver<Option<CallerInfo>>,
        session: watch::Receiver<Option<SessionControl>>,
    ) -> Self {
        Self { caller, session }
    }

    pub(super) fn method(self) -> RpcMethods {
        RpcMethods::default().with(INTERRUPT, move |call| {
            let interrupting = self.clone();
            async move { interrupting.answer(&call).await }
        })
    }

    async fn answer(&self, call: &RpcCall) -> Result<String, RpcRefused> {
        if !self.is_caller(&call.caller) {
            return Err(RpcRefused("the agent talks with somebody else".to_owned()));
        }
        let session = self.session.borrow().clone();
        let stopped = match session {
            // A session that has ended says nothing any more.
            Some(session) => session.user_interrupt().await.unwrap_or(false),
            None => false,
        };
        Ok(if stopped { DONE } else { NOTHING }.to_owned())
    }

    fn is_caller(&self, identity: &str) -> bool {
        let caller = self.caller.borrow();
        caller.as_ref().is_some_and(|c| c.identity == identity)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::agent::tests::info, *};

    async fn asked_by(caller: &str) -> Result<String, RpcRefused> {
        let (_caller, known) = watch::channel(Some(info("alex", "PA_1", "")));
        let (_session, none) = watch::channel(None);
        let call = RpcCall {
            caller: caller.to_owned(),
            payload: String::new(),
        };
        Interrupting::new(known, none).answer(&call).await
    }

    #[tokio::test]
    async fn only_the_caller_may_and_nobody_talking_is_no_mistake() {
        assert_eq!(asked_by("alex").await.as_deref(), Ok(NOTHING));
        assert!(asked_by("boris").await.is_err());
    }
}
