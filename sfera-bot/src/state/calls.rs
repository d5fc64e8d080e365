//! Voice calls: which room a user has, how a call goes, and how much voice they had.

use super::{Millis, Newcomer, StateError, Store, User, Work, users};
use sqlx::{Row as _, any::AnyRow};

const DAY: Millis = 24 * 3_600 * 1_000;

/// A voice call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub user: i64,
    /// LiveKit's name of the room.
    pub room: String,
    /// How it goes.
    pub state: CallState,
    /// When somebody was let in last.
    pub issued: Millis,
    /// Since when the user waits for an agent, if they do.
    pub alone: Option<Millis>,
    /// When user and agent were seen together last.
    pub seen: Option<Millis>,
}

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    /// The user is not there yet, or the agent is on its way.
    Waiting,
    /// Both are there.
    Talking,
    /// The user waits, and no agent came.
    NoAgent,
    /// The day's minutes are used up.
    Spent,
    /// It is over.
    Over,
}

impl CallState {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Waiting, "waiting"),
        (Self::Talking, "talking"),
        (Self::NoAgent, "no agent"),
        (Self::Spent, "spent"),
        (Self::Over, "over"),
    ];

    fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(state, _)| *state == self);
        known.map_or("over", |(_, name)| name)
    }

    /// Whether nothing more can happen in it.
    #[must_use]
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Spent | Self::Over)
    }
}

impl Work {
    /// A person opened the page: they are known from now on. In PostgreSQL nobody else serves them until
    /// this transaction ends; in SQLite nobody else writes at all.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn visit(&mut self, who: &Newcomer) -> Result<User, StateError> {
        let row = self.know(who, "").await?;
        users::user(&row)
    }

    /// Counts one more time that a user asks to be let in; how often they did within `window`, and how
    /// long until they may begin anew.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn count_pass(
        &mut self,
        user: i64,
        window: Millis,
    ) -> Result<(i64, Millis), StateError> {
        let row = sqlx::query(
            "INSERT INTO passes (user_id, since, asked) VALUES ($1, $2, 1) \
             ON CONFLICT (user_id) DO UPDATE SET \
             asked = CASE WHEN passes.since <= $3 THEN 1 ELSE passes.asked + 1 END, \
             since = CASE WHEN passes.since <= $3 THEN $2 ELSE passes.since END \
             RETURNING asked, since",
        )
        .bind(user)
        .bind(self.now)
        .bind(self.now - window)
        .fetch_one(&mut *self.db)
        .await?;
        let since: Millis = row.try_get(1)?;
        Ok((row.try_get(0)?, since + window - self.now))
    }

    /// Milliseconds of voice that a user had today.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn voice_used(&mut self, user: i64) -> Result<Millis, StateError> {
        let row = sqlx::query("SELECT ms FROM voice_use WHERE user_id = $1 AND day = $2")
            .bind(user)
            .bind(self.now / DAY)
            .fetch_optional(&mut *self.db)
            .await?;
        let used: Option<Millis> = row.map(|row| row.try_get(0)).transpose()?;
        Ok(used.unwrap_or_default())
    }

    /// A user had so much voice; how much of today's that makes.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn use_voice(&mut self, user: i64, ms: Millis) -> Result<Millis, StateError> {
        let row = sqlx::query(
            "INSERT INTO voice_use (user_id, day, ms) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id, day) DO UPDATE SET ms = voice_use.ms + excluded.ms RETURNING ms",
        )
        .bind(user)
        .bind(self.now / DAY)
        .bind(ms)
        .fetch_one(&mut *self.db)
        .await?;
        Ok(row.try_get(0)?)
    }

    /// Whether a user is banned.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn is_banned(&mut self, user: i64) -> Result<bool, StateError> {
        let row = sqlx::query("SELECT id FROM users WHERE id = $1 AND banned IS NOT NULL")
            .bind(user)
            .fetch_optional(&mut *self.db)
            .await?;
        Ok(row.is_some())
    }

    /// The call of a user that is not over.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn open_call(&mut self, user: i64) -> Result<Option<Call>, StateError> {
        let row = sqlx::query(
            "SELECT id, user_id, room, state, issued, alone, seen FROM calls \
             WHERE user_id = $1 AND ended IS NULL ORDER BY id DESC LIMIT 1",
        )
        .bind(user)
        .fetch_optional(&mut *self.db)
        .await?;
        row.as_ref().map(call).transpose()
    }

    /// Begins a call in a room of its own; the agent comes with whoever opens the room.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn begin_call(&mut self, user: i64, room: &str) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO calls (user_id, room, issued, asked, created) VALUES ($1, $2, $3, $3, $3)",
        )
        .bind(user)
        .bind(room)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Somebody is let into a call once more.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn renew_call(&mut self, call: i64) -> Result<(), StateError> {
        sqlx::query(
            "UPDATE calls SET issued = $2, alone = NULL, \
             state = CASE state WHEN 'no agent' THEN 'waiting' ELSE state END WHERE id = $1",
        )
        .bind(call)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Whether it is this one's turn to ask for an agent: nobody did within `pause`.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn may_ask_for_agent(
        &mut self,
        call: i64,
        pause: Millis,
    ) -> Result<bool, StateError> {
        let asked = sqlx::query(
            "UPDATE calls SET asked = $2 WHERE id = $1 AND (asked IS NULL OR asked <= $3)",
        )
        .bind(call)
        .bind(self.now)
        .bind(self.now - pause)
        .execute(&mut *self.db)
        .await?;
        Ok(asked.rows_affected() > 0)
    }

    /// How a call goes now.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn keep_call(&mut self, call: &Call) -> Result<(), StateError> {
        sqlx::query(
            "UPDATE calls SET state = $2, alone = $3, seen = $4, ended = $5 \
             WHERE id = $1 AND issued = $6 AND ended IS NULL",
        )
        .bind(call.id)
        .bind(call.state.name())
        .bind(call.alone)
        .bind(call.seen)
        .bind(call.state.is_ended().then_some(self.now))
        .bind(call.issued)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// What was said in a room, for the history of its user. In a room that was forgotten nothing was.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn say_in_call(
        &mut self,
        room: &str,
        question: &str,
        answer: &str,
    ) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO call_lines (call, question, answer, said) \
             SELECT id, $2, $3, $4 FROM calls WHERE room = $1",
        )
        .bind(room)
        .bind(question)
        .bind(answer)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }
}

impl Store {
    /// All calls that are not over.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn open_calls(&self) -> Result<Vec<Call>, StateError> {
        let rows = sqlx::query(
            "SELECT id, user_id, room, state, issued, alone, seen FROM calls WHERE ended IS NULL",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(call).collect()
    }

    /// A user's newest call, also where it is over.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn newest_call(&self, user: i64) -> Result<Option<Call>, StateError> {
        let row = sqlx::query(
            "SELECT id, user_id, room, state, issued, alone, seen FROM calls \
             WHERE user_id = $1 ORDER BY id DESC LIMIT 1",
        )
        .bind(user)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(call).transpose()
    }
}

fn call(row: &AnyRow) -> Result<Call, StateError> {
    let state: String = row.try_get(3)?;
    let known = CallState::ALL.into_iter().find(|(_, name)| *name == state);
    Ok(Call {
        id: row.try_get(0)?,
        user: row.try_get(1)?,
        room: row.try_get(2)?,
        state: known.map(|(state, _)| state).ok_or(StateError::Version)?,
        issued: row.try_get(4)?,
        alone: row.try_get(5)?,
        seen: row.try_get(6)?,
    })
}
