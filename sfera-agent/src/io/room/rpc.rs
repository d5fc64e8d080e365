//! Methods that other participants may call.

use futures::{FutureExt, future::BoxFuture};
use livekit::prelude::{LocalParticipant, RpcError, RpcErrorCode, RpcInvocationData};
use std::{collections::BTreeMap, fmt, future::Future, panic::AssertUnwindSafe, sync::Arc};

/// A call from another participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcCall {
    /// Who calls.
    pub caller: String,
    /// What they send, at most 15 KiB.
    pub payload: String,
}

/// A call was refused; the caller is told why, in at most 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RpcRefused(pub String);

type Method = Arc<dyn Fn(RpcCall) -> BoxFuture<'static, Result<String, RpcRefused>> + Send + Sync>;

/// Methods by name. None by default; names that begin with `lk.` belong to LiveKit.
#[derive(Clone, Default)]
pub struct RpcMethods(BTreeMap<String, Method>);

/// The error code that tells the other side of a refusal: LiveKit's "application error".
const REFUSED: u32 = 1_500;

impl RpcMethods {
    /// Adds a method or replaces it. Its future is dropped when the caller no longer waits; if it
    /// panics, only this call fails.
    #[must_use]
    pub fn with<F>(
        mut self,
        name: impl Into<String>,
        method: impl Fn(RpcCall) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<String, RpcRefused>> + Send + 'static,
    {
        let method: Method = Arc::new(move |call| method(call).boxed());
        self.0.insert(name.into(), method);
        self
    }

    pub(super) fn register(&self, participant: &LocalParticipant) {
        for (name, method) in &self.0 {
            let method = method.clone();
            participant.register_rpc_method(name.clone(), move |data| {
                answer(method.clone(), data).boxed()
            });
        }
    }
}

async fn answer(method: Method, data: RpcInvocationData) -> Result<String, RpcError> {
    let call = RpcCall {
        caller: data.caller_identity.into(),
        payload: data.payload,
    };
    let broke = || RpcError::built_in(RpcErrorCode::ApplicationError, None);
    // A method may panic before or within its future.
    let running = AssertUnwindSafe(async move { method(call).await }).catch_unwind();
    match tokio::time::timeout(data.response_timeout, running).await {
        Ok(Ok(Ok(payload))) => Ok(payload),
        Ok(Ok(Err(RpcRefused(why)))) => Err(RpcError::new(REFUSED, why, None)),
        Ok(Err(_panic)) => Err(broke()),
        Err(_elapsed) => Err(RpcError::built_in(RpcErrorCode::ResponseTimeout, None)),
    }
}

impl fmt::Debug for RpcMethods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn data(payload: &str) -> RpcInvocationData {
        RpcInvocationData {
            request_id: "1".into(),
            caller_identity: "alex".into(),
            payload: payload.into(),
            response_timeout: Duration::from_secs(5),
        }
    }

    async fn call(methods: &RpcMethods, name: &str) -> Result<String, u32> {
        let method = methods.0.get(name).expect("it is registered").clone();
        answer(method, data("ping"))
            .await
            .map_err(|error| error.code)
    }

    #[tokio::test(start_paused = true)]
    async fn a_method_answers_refuses_breaks_or_hangs_alone() {
        let methods = RpcMethods::default()
            .with("echo", |call| async move {
                Ok(format!("{}: {}", call.caller, call.payload))
            })
            .with("no", |_| async { Err(RpcRefused("not today".into())) })
            .with("breaks", |_| async { panic!("broken") })
            .with("hangs", |_| std::future::pending());
        assert_eq!(call(&methods, "echo").await, Ok("alex: ping".to_owned()));
        assert_eq!(call(&methods, "no").await, Err(REFUSED));
        assert_eq!(
            call(&methods, "breaks").await,
            Err(RpcErrorCode::ApplicationError as u32)
        );
        assert_eq!(
            call(&methods, "hangs").await,
            Err(RpcErrorCode::ResponseTimeout as u32)
        );
    }
}
