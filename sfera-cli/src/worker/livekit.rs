//! The LiveKit server of the settings, and what goes wrong with it.

use crate::{
    config::Settings,
    error::{Error, LiveKitProblem},
};
use sfera_agent::worker::{DispatchError, Secret, Server, WorkerError};

/// Where LiveKit is, from LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET.
pub fn server(settings: &Settings) -> Result<Server, Error> {
    let get = |name: &'static str| {
        let value = settings
            .environment
            .get(name)
            .filter(|value| !value.is_empty());
        value
            .map(str::to_owned)
            .ok_or(Error::LiveKit(LiveKitProblem::Unset(name)))
    };
    Ok(Server {
        url: get("LIVEKIT_URL")?,
        key: get("LIVEKIT_API_KEY")?,
        secret: Secret::new(get("LIVEKIT_API_SECRET")?),
    })
}

impl From<WorkerError> for Error {
    fn from(error: WorkerError) -> Self {
        Self::LiveKit(match error {
            WorkerError::Refused(refused) => LiveKitProblem::Refused(refused),
            WorkerError::Prepare(failed) => LiveKitProblem::NotReady(failed.to_string()),
            WorkerError::Health(address, _) => LiveKitProblem::Health(address),
        })
    }
}

impl From<DispatchError> for Error {
    fn from(error: DispatchError) -> Self {
        Self::LiveKit(LiveKitProblem::Dispatch(error))
    }
}
