//! The LiveKit server of the settings, and what goes wrong with it.

use crate::{
    config::Settings,
    error::{Error, LiveKitProblem, Runtime},
};
use sfera_agent::{
    io::room::{JoinError, RoomEnd},
    turn::CloseReason,
    worker::{DispatchError, HoldError, Secret, Server, WorkerError},
};

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

/// The key of the settings can't sign anything.
pub fn no_key() -> Error {
    Error::LiveKit(LiveKitProblem::Unset("LIVEKIT_API_KEY"))
}

/// Why a room lets nobody in whose token was made a moment ago: where that is too old, a clock is wrong.
pub fn refused(error: JoinError) -> Error {
    Error::LiveKit(LiveKitProblem::Refused(match error {
        JoinError::TokenExpired => JoinError::ClockSkew,
        other => other,
    }))
}

impl From<WorkerError> for Error {
    fn from(error: WorkerError) -> Self {
        Self::LiveKit(match error {
            WorkerError::Refused(refused) => LiveKitProblem::Refused(refused),
            WorkerError::Prepare(failed) => {
                tracing::error!(%failed, "the worker could not get ready");
                LiveKitProblem::NotReady
            }
            WorkerError::Health(address, _) => LiveKitProblem::Health(address),
        })
    }
}

impl From<HoldError> for Error {
    fn from(error: HoldError) -> Self {
        Self::LiveKit(match error {
            HoldError::NobodyCame => LiveKitProblem::NobodyCame,
            HoldError::NotReady(failed) => {
                tracing::error!(%failed, "the conversation could not begin");
                LiveKitProblem::NotReady
            }
            HoldError::BrokeOff(RoomEnd::Session(CloseReason::TooManyFailures)) => {
                return Self::Runtime(Runtime::TooManyFailures);
            }
            HoldError::BrokeOff(end) => LiveKitProblem::BrokeOff(end),
        })
    }
}

impl From<DispatchError> for Error {
    fn from(error: DispatchError) -> Self {
        Self::LiveKit(LiveKitProblem::Dispatch(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Exit, text::Text};
    use sfera_agent::{Language, worker::JobFailed};

    #[test]
    fn each_way_to_break_off_has_its_sentence_and_its_code() {
        let broke = HoldError::BrokeOff;
        let cases = [
            (
                broke(RoomEnd::ConnectionLost),
                Exit::Runtime,
                "Связь с комнатой потеряна",
            ),
            (
                broke(RoomEnd::ServerShutdown),
                Exit::Runtime,
                "остановился и не вернулся",
            ),
            (
                broke(RoomEnd::DuplicateIdentity),
                Exit::Runtime,
                "назовите другое имя",
            ),
            (
                broke(RoomEnd::SessionBroke),
                Exit::Runtime,
                "сообщите о ней",
            ),
            (
                broke(RoomEnd::Session(CloseReason::TooManyFailures)),
                Exit::Runtime,
                "слишком много сбоев подряд",
            ),
            (HoldError::NobodyCame, Exit::Runtime, "никто не пришёл"),
            (
                HoldError::NotReady(JobFailed("an English reason".to_owned())),
                Exit::Missing,
                "Агент не готов",
            ),
        ];
        for (error, exit, words) in cases {
            let error = Error::from(error);
            let sentence = error.sentence(Text(Language::Ru)).unwrap();
            assert!(sentence.contains(words), "{sentence}");
            assert!(!sentence.contains("English"), "{sentence}");
            assert_eq!(error.exit(), exit, "{sentence}");
        }
    }

    #[test]
    fn what_a_server_refuses_is_for_the_user_to_change_unless_it_passes() {
        let exit = |refused| Error::from(DispatchError::Refused(refused)).exit();
        assert_eq!(exit(JoinError::WrongSecret), Exit::Usage);
        assert_eq!(exit(JoinError::NoWorkers), Exit::Usage);
        assert_eq!(exit(JoinError::Trouble(502)), Exit::Runtime);
        assert_eq!(exit(JoinError::Refused(429)), Exit::Runtime);
        assert_eq!(Error::from(DispatchError::Gone).exit(), Exit::Runtime);
    }

    #[test]
    fn a_token_that_was_just_made_is_not_said_to_be_old() {
        let error = refused(JoinError::TokenExpired);
        let sentence = error.sentence(Text(Language::Ru)).unwrap();
        assert!(sentence.contains("сверьте часы"), "{sentence}");
    }
}
