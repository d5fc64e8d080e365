//! A broadcast on its way: whom it reaches next, and what became of its letters.

use super::{
    BROADCAST, Broadcast, Millis, Stage, StateError, Tally, Underway, Work,
    broadcasts::{GONE, READERS, STOPPED},
};
use crate::telegram::Call;
use sqlx::{Row as _, any::AnyRow};

impl Work {
    /// The broadcast that goes on; they follow one another.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn current_broadcast(&mut self) -> Result<Option<Broadcast>, StateError> {
        let row = sqlx::query(
            "SELECT id, admin, chat, message, state, started, reached, shown_in, shown_at, shows, \
             people, sent, blocked, refused, in_doubt FROM broadcasts \
             WHERE ended IS NULL AND started IS NOT NULL ORDER BY id LIMIT 1",
        )
        .fetch_optional(&mut *self.db)
        .await?;
        row.as_ref().map(broadcast).transpose()
    }

    /// Promises a broadcast to the next people, at most so many; to how many.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn reach_next(&mut self, cast: &Broadcast, most: i64) -> Result<usize, StateError> {
        let sql = format!(
            "SELECT id FROM users WHERE id > $1 AND {READERS} AND first_seen <= $2 \
             ORDER BY id LIMIT $3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(cast.reached)
            .bind(cast.started)
            .bind(most)
            .fetch_all(&mut *self.db)
            .await?;
        let mut reached = cast.reached;
        for row in &rows {
            reached = row.try_get(0)?;
            self.promise_copy(cast, reached).await?;
        }
        sqlx::query("UPDATE broadcasts SET reached = $2 WHERE id = $1")
            .bind(cast.id)
            .bind(reached)
            .execute(&mut *self.db)
            .await?;
        Ok(rows.len())
    }

    async fn promise_copy(&mut self, cast: &Broadcast, person: i64) -> Result<(), StateError> {
        let key = format!("{BROADCAST}{}:{person}", cast.id);
        let copy = Call::Copy {
            chat: person,
            from: cast.chat,
            message: cast.message,
            reply_to: None,
        };
        self.send(&key, person, &copy).await?;
        sqlx::query(
            "INSERT INTO broadcast_letters (letter, broadcast, user_id) VALUES ($1, $2, $3)",
        )
        .bind(key.as_str())
        .bind(cast.id)
        .bind(person)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Counts the letters whose end is known by now, each once. What is still under way.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn count_letters(&mut self, cast: &mut Broadcast) -> Result<Underway, StateError> {
        let rows = sqlx::query(
            "SELECT letter, COALESCE(outbox.state, 'in doubt'), COALESCE(outbox.problem, ''), \
             COALESCE(users.blocked, 0), outbox.not_before FROM broadcast_letters \
             LEFT JOIN outbox ON outbox.key = letter LEFT JOIN users ON users.id = user_id \
             WHERE broadcast = $1",
        )
        .bind(cast.id)
        .fetch_all(&mut *self.db)
        .await?;
        let mut underway = Underway::default();
        for row in &rows {
            let (letter, state, problem): (String, String, String) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let blocked = row.try_get::<i64, _>(3)? != 0;
            match state.as_str() {
                "sent" => cast.tally.sent += 1,
                "in doubt" => cast.tally.in_doubt += 1,
                "refused" if problem == STOPPED => {}
                "refused" if blocked => cast.tally.blocked += 1,
                "refused" => {
                    cast.tally.refused += 1;
                    underway.is_gone |= problem.contains(GONE);
                }
                _ => {
                    underway.letters += 1;
                    let not_before: Millis = row.try_get(4)?;
                    let late = Some(not_before).filter(|at| *at > self.now);
                    underway.rest = underway.rest.max(late);
                    continue;
                }
            }
            sqlx::query("DELETE FROM broadcast_letters WHERE letter = $1")
                .bind(letter)
                .execute(&mut *self.db)
                .await?;
        }
        self.keep_tally(cast).await?;
        Ok(underway)
    }

    async fn keep_tally(&mut self, cast: &Broadcast) -> Result<(), StateError> {
        let Tally {
            sent,
            blocked,
            refused,
            in_doubt,
            ..
        } = cast.tally;
        sqlx::query(
            "UPDATE broadcasts SET sent = $2, blocked = $3, refused = $4, in_doubt = $5 \
             WHERE id = $1",
        )
        .bind(cast.id)
        .bind(sent)
        .bind(blocked)
        .bind(refused)
        .bind(in_doubt)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// A broadcast's progress was promised once more.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn broadcast_shown(&mut self, id: i64) -> Result<(), StateError> {
        sqlx::query("UPDATE broadcasts SET shows = shows + 1 WHERE id = $1")
            .bind(id)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }

    /// A broadcast is over.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn end_broadcast(&mut self, cast: &Broadcast) -> Result<(), StateError> {
        let state = match cast.stage {
            Stage::Sending => "done",
            Stage::Stopping => "stopped",
        };
        sqlx::query("UPDATE broadcasts SET state = $2, ended = $3 WHERE id = $1")
            .bind(cast.id)
            .bind(state)
            .bind(self.now)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }
}

fn broadcast(row: &AnyRow) -> Result<Broadcast, StateError> {
    let state: String = row.try_get(4)?;
    let (shown_in, shown_at): (Option<i64>, Option<i64>) = (row.try_get(7)?, row.try_get(8)?);
    Ok(Broadcast {
        id: row.try_get(0)?,
        admin: row.try_get(1)?,
        chat: row.try_get(2)?,
        message: row.try_get(3)?,
        stage: match state.as_str() {
            "stopping" => Stage::Stopping,
            _ => Stage::Sending,
        },
        started: row.try_get(5)?,
        reached: row.try_get(6)?,
        shown: shown_in.zip(shown_at),
        shows: row.try_get(9)?,
        tally: Tally {
            people: row.try_get(10)?,
            sent: row.try_get(11)?,
            blocked: row.try_get(12)?,
            refused: row.try_get(13)?,
            in_doubt: row.try_get(14)?,
        },
    })
}
