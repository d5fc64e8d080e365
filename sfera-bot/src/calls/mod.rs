//! Voice calls: who is let into which room, and whether an agent came.
//!
//! A user has one room that lives at most. The page chooses nothing: it shows who opened it and gets a
//! pass. The agent is asked for by the pass, when it opens the room; a room that lives already gets one
//! by a dispatch. [`Watch`] looks into the rooms: it sees whether an agent came, counts how much voice a
//! user had, and closes the room when the day's minutes are used up. A minute before, the user is told:
//! by the agent where it speaks in this process, by a message of the bot otherwise.

mod minutes;
mod pass;
mod progress;
mod rooms;
mod speakers;
mod watch;

pub use pass::{PASS, Pass};
pub use progress::{Presence, progress};
pub use speakers::Speakers;
pub use watch::Watch;

use crate::{
    config::LiveKit,
    figures::Figures,
    handling::House,
    state::{Call, CallState, Millis, Newcomer, Part, StateError, Store, User, Work},
};
use rooms::{Rooms, Unreachable};
use sfera_agent::{
    Language,
    memory::UserId,
    worker::{Secret, Server},
};
use std::sync::Arc;
use tokio::sync::Notify;

/// The name by which the agent is asked for.
pub const AGENT: &str = "sfera";

/// How often a user may ask to be let in within [`WINDOW`]: reloads and lost connections count too.
const PASSES: i64 = 20;
const WINDOW: Millis = 10 * 60 * 1_000;
/// How long an agent that was asked for may be on its way before another is.
const ON_ITS_WAY: Millis = 5_000;
/// The same of one that did not come: only who asks at the same time is held back.
const AT_ONCE: Millis = 1_000;

/// Lets users into their rooms.
#[derive(Clone)]
pub struct Calls {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    rooms: Rooms,
    /// Milliseconds a day for each user, if there is a limit.
    daily: Option<Millis>,
    /// Told when somebody was let in.
    news: Notify,
    figures: Figures,
    house: Arc<House>,
}

/// Why a user is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// They are banned.
    Banned,
    /// Administrators switched calls off.
    Closed,
    /// They asked too often; how long until they may again.
    TooOften(Millis),
    /// Today's minutes are used up.
    Spent,
    /// LiveKit cannot be asked, or its key signs nothing.
    LiveKit,
    /// The database cannot be.
    State(StateError),
}

impl From<StateError> for Denied {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl From<Unreachable> for Denied {
    fn from(_: Unreachable) -> Self {
        Self::LiveKit
    }
}

/// Who a Telegram user is for LiveKit and for memory.
#[must_use]
pub fn identity(user: i64) -> UserId {
    UserId::new(format!("tg-{user}"))
}

/// Whose [`identity`] it is, if it is anybody's in Telegram.
pub fn person(identity: &UserId) -> Option<i64> {
    identity.as_str().strip_prefix("tg-")?.parse().ok()
}

/// LiveKit as the library knows it.
#[must_use]
pub fn server(livekit: &LiveKit) -> Server {
    Server {
        url: livekit.url.clone(),
        key: livekit.key.clone(),
        secret: Secret::new(livekit.secret.expose()),
    }
}

impl Calls {
    /// Calls over this LiveKit.
    #[must_use]
    pub fn new(store: Store, livekit: &LiveKit, house: Arc<House>) -> Self {
        let minutes = house.settings.voice.minutes;
        let inner = Inner {
            figures: store.figures().clone(),
            store,
            rooms: Rooms::new(server(livekit)),
            daily: (minutes > 0).then(|| Millis::from(minutes) * 60_000),
            news: Notify::new(),
            house,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Lets a user in: into the room they are in already where it lives, into a new one otherwise.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn let_in(&self, who: &Newcomer, now: Millis) -> Result<Pass, Denied> {
        let let_in = self.admit(who, now).await;
        match &let_in {
            Ok(_) => self.inner.figures.passes.inc(),
            Err(_) => self.inner.figures.passes_refused.inc(),
        };
        let_in
    }

    /// Whether a user's minutes of today are used up.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn is_spent(&self, user: i64, now: Millis) -> Result<bool, StateError> {
        let used = self.inner.store.begin(now).await?.voice_used(user).await?;
        Ok(self.inner.daily.is_some_and(|daily| used >= daily))
    }

    async fn admit(&self, who: &Newcomer, now: Millis) -> Result<Pass, Denied> {
        let (user, known) = self.inner.enter(who, now).await?;
        let living = match &known {
            Some(call) => self.inner.rooms.look(&call.room).await?,
            None => Presence::default(),
        };
        let (room, dispatch) = self.inner.choose(who, known.as_ref(), living, now).await?;
        if dispatch {
            let asked = self
                .inner
                .rooms
                .ask_for_agent(&room, &metadata(&user))
                .await;
            // The watch sees that none came.
            if let Err(error) = asked {
                tracing::warn!(%error, "no agent can be asked for");
            }
        }
        let pass = pass::mint(self.inner.rooms.server(), &user, room, &metadata(&user));
        self.inner.news.notify_one();
        pass.map_err(|_| Denied::LiveKit)
    }
}

impl Inner {
    /// Whether a user may come at all, and which call they have.
    async fn enter(&self, who: &Newcomer, now: Millis) -> Result<(User, Option<Call>), Denied> {
        let mut work = self.store.begin(now).await?;
        let user = work.visit(who).await?;
        if !work.is_on(Part::Voice.name()).await? {
            return Err(Denied::Closed);
        }
        let (asked, until) = work.count_pass(user.id, WINDOW).await?;
        let used = work.voice_used(user.id).await?;
        let known = work.open_call(user.id).await?;
        work.commit().await?;
        if user.banned.is_some() {
            return Err(Denied::Banned);
        }
        if asked > PASSES {
            return Err(Denied::TooOften(until));
        }
        if self.daily.is_some_and(|daily| used >= daily) {
            return Err(Denied::Spent);
        }
        Ok((user, known))
    }

    /// Which room it is, and whether an agent is to be asked for. `living` is who is in the room of
    /// `known`.
    async fn choose(
        &self,
        who: &Newcomer,
        known: Option<&Call>,
        living: Presence,
        now: Millis,
    ) -> Result<(String, bool), Denied> {
        let coming = match known {
            // Of one that did not come in time LiveKit may still say that it runs.
            Some(call) if living.exists && living.agents == 0 => {
                call.state != CallState::NoAgent && self.rooms.is_agent_coming(&call.room).await?
            }
            _ => true,
        };
        let mut work = self.store.begin(now).await?;
        // Whoever asks for the same user at the same time waits here.
        work.visit(who).await?;
        let chosen = match work.open_call(who.id).await? {
            // Somebody with an earlier pass may still open the room, even where it is not there yet.
            Some(call) if living.exists || call.issued + PASS_MS > now || known != Some(&call) => {
                work.renew_call(call.id).await?;
                let pause = match call.state {
                    CallState::NoAgent => AT_ONCE,
                    _ => ON_ITS_WAY,
                };
                let dispatch = !coming && work.may_ask_for_agent(call.id, pause).await?;
                (call.room, dispatch)
            }
            Some(over) => {
                work.keep_call(&progress(&over, living, now).0).await?;
                (begin(&mut work, who.id).await?, false)
            }
            None => (begin(&mut work, who.id).await?, false),
        };
        work.commit().await?;
        Ok(chosen)
    }
}

const PASS_MS: Millis = PASS.as_millis() as Millis;

/// A room that nobody can guess.
async fn begin(work: &mut Work, user: i64) -> Result<String, StateError> {
    let nonce = uuid::Uuid::new_v4().simple();
    let room = format!("sfera-{user}-{nonce}");
    work.begin_call(user, &room).await?;
    Ok(room)
}

/// What the agent is told of whoever calls.
fn metadata(user: &User) -> String {
    serde_json::json!({ "user": identity(user.id), "language": user.language }).to_string()
}

/// The language in what the agent is told.
#[must_use]
pub fn language_of(metadata: &str) -> Option<Language> {
    let told: serde_json::Value = serde_json::from_str(metadata).ok()?;
    told.get("language")?.as_str()?.parse().ok()
}
