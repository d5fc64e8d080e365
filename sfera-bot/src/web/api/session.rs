use crate::{
    calls::identity,
    forgetting,
    mind::HOST,
    state::{Line, Place, StateError},
    web::{
        Web,
        refusal::{Problem, Refusal, Why},
        visitor::Visitor,
    },
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use sfera_agent::{Language, memory::Recollection};
use std::{error::Error, sync::Arc};
use utoipa::ToSchema;

/// Questions of each place that are shown, at most.
const LINES: i64 = 100;
/// Facts that are shown, at most.
const FACTS: usize = 100;

/// What is known of the user.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    /// First and last name.
    name: String,
    /// The language the bot speaks with the user: `ru` or `en`.
    language: &'static str,
    /// Seconds of voice the user had today.
    voice_seconds_today: i64,
    /// Seconds of voice a day, if there is a limit.
    voice_seconds_daily: Option<i64>,
    /// Conversations, oldest first.
    conversations: Vec<Conversation>,
    /// What is remembered.
    remembered: Vec<Remembered>,
}

/// A conversation.
#[derive(Serialize, ToSchema)]
struct Conversation {
    /// Where.
    place: Where,
    /// When it began, in milliseconds since 1970.
    began: i64,
    /// What was said, oldest first.
    lines: Vec<Said>,
}

/// Where a conversation was.
#[derive(Clone, Copy, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Where {
    /// By voice.
    Voice,
    /// In chat.
    Chat,
}

impl Where {
    /// The place that a host names itself.
    fn of(host: &str) -> Option<Self> {
        match host {
            "voice" => Some(Self::Voice),
            HOST => Some(Self::Chat),
            _ => None,
        }
    }
}

/// A question and its answer.
#[derive(Serialize, ToSchema)]
struct Said {
    /// When, in milliseconds since 1970.
    at: i64,
    /// The user's words.
    question: String,
    /// The agent's, as far as they were heard.
    answer: String,
}

/// Something that is remembered.
#[derive(Serialize, ToSchema)]
struct Remembered {
    /// What kind of fact, if it is one: `name`, `city`, …
    kind: Option<String>,
    /// What.
    text: String,
    /// When it was said, or the conversation it sums up ended, in milliseconds since 1970, if that is
    /// known.
    at: Option<i64>,
    /// Where, if that is known.
    place: Option<Where>,
}

/// What is known of the user: conversations, facts, and how much voice they had.
#[utoipa::path(
    get,
    path = "/api/sfera/session",
    responses(
        (status = OK, body = Session),
        (status = UNAUTHORIZED, description = "`unsigned` or `expired`", body = Problem),
        (status = FORBIDDEN, description = "`banned`", body = Problem),
        (status = TOO_MANY_REQUESTS, description = "`too_often`", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "`storage`", body = Problem),
    ),
    security(("initData" = []))
)]
pub(super) async fn session(
    State(web): State<Arc<Web>>,
    Visitor { who }: Visitor,
) -> Result<Json<Session>, Refusal> {
    let storage = Refusal::storage(who.language);
    let met = async {
        let mut work = web.store.begin(web.house.clock.now()).await?;
        let user = work.visit(&who).await?;
        let used = work.voice_used(who.id).await?;
        work.commit().await?;
        let history = web.store.history(who.id, LINES).await?;
        Ok::<_, StateError>((user, used, history))
    };
    let (user, used, history) = met.await.map_err(storage)?;
    if user.banned.is_some() {
        return Err(Refusal::new(Why::Banned, user.language));
    }
    let known = match &web.memory {
        Some(memory) => memory.known(&identity(who.id)).await,
        None => Ok(Vec::new()),
    };
    let known = known.map_err(|error| forgetful(&error, who.language))?;
    let minutes = i64::from(web.house.settings.voice.minutes);
    Ok(Json(Session {
        name: user.name,
        language: user.language.code(),
        voice_seconds_today: used / 1_000,
        voice_seconds_daily: (minutes > 0).then_some(minutes * 60),
        conversations: conversations(history),
        remembered: known
            .into_iter()
            .take(FACTS)
            .map(Remembered::from)
            .collect(),
    }))
}

/// Forgets the user. Their name and language in Telegram, bans and today's limits stay.
#[utoipa::path(
    delete,
    path = "/api/sfera/session",
    responses(
        (status = NO_CONTENT, description = "Nothing is left"),
        (status = UNAUTHORIZED, description = "`unsigned` or `expired`", body = Problem),
        (status = TOO_MANY_REQUESTS, description = "`too_often`", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "`storage`; something may be left", body = Problem),
    ),
    security(("initData" = []))
)]
pub(super) async fn forget(
    State(web): State<Arc<Web>>,
    Visitor { who }: Visitor,
) -> Result<StatusCode, Refusal> {
    let forgotten = forgetting::forget(&web.store, &web.house, who.id).await;
    forgotten.map_err(|error| forgetful(&error, who.language))?;
    if let Some(memory) = &web.memory {
        let forgotten = memory.forget(&identity(who.id)).await;
        forgotten.map_err(|error| forgetful(&error, who.language))?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn forgetful(error: &dyn Error, language: Language) -> Refusal {
    tracing::error!(%error, "what is remembered is not to be had, or not forgotten");
    Refusal::new(Why::Storage, language)
}

/// Lines of one conversation stand together, in the order in which conversations began.
fn conversations(history: Vec<Line>) -> Vec<Conversation> {
    let mut found: Vec<((Where, i64), Conversation)> = Vec::new();
    for line in history {
        let place = match line.place {
            Place::Voice => Where::Voice,
            Place::Chat => Where::Chat,
        };
        let key = (place, line.conversation);
        let said = Said {
            at: line.said,
            question: line.question,
            answer: line.answer,
        };
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, conversation)) => conversation.lines.push(said),
            None => found.push((
                key,
                Conversation {
                    place,
                    began: said.at,
                    lines: vec![said],
                },
            )),
        }
    }
    found
        .into_iter()
        .map(|(_, conversation)| conversation)
        .collect()
}

impl From<Recollection> for Remembered {
    fn from(known: Recollection) -> Self {
        let from = known.provenance.as_ref();
        Self {
            at: from.map(|from| from.at.as_millisecond()),
            place: from
                .and_then(|from| from.host.as_deref())
                .and_then(Where::of),
            kind: known.kind,
            text: known.text,
        }
    }
}
