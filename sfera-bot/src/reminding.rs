//! Reminders whose time has come go to the outbox.
//!
//! One transaction promises the message and moves the reminder on (to its next time, or out of the
//! way), so however the process ends, each is sent once.

use crate::{
    handling::House,
    lanes::{IDLE, TROUBLE},
    rooms::reminders::keyboard,
    state::{Due, Millis, StateError, Store, Work},
    telegram::Call,
    text::Text,
    when::{Rule, Zone},
};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// So long after its time a reminder says that it is late.
const LATE: Millis = 5 * 60 * 1_000;

/// Sends what is due.
pub struct Reminding {
    store: Store,
    house: Arc<House>,
    stop: CancellationToken,
}

impl Reminding {
    /// By the clock of the house.
    pub const fn new(store: Store, house: Arc<House>, stop: CancellationToken) -> Self {
        Self { store, house, stop }
    }

    /// Works until told to stop.
    pub async fn run(self) {
        while !self.stop.is_cancelled() {
            let next = self.look().await;
            if let Err(error) = next {
                tracing::error!(%error, "reminders cannot be sent");
            }
            let pause = if next.is_ok() { IDLE } else { TROUBLE };
            let next = next.ok().flatten();
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.house.reminders.notified() => {}
                () = self.reaches(next) => {}
                () = sleep(pause) => {}
            }
        }
    }

    async fn reaches(&self, next: Option<Millis>) {
        match next {
            Some(at) => self.house.clock.reaches(at).await,
            None => std::future::pending().await,
        }
    }

    /// Sends what is due; when the next one is.
    async fn look(&self) -> Result<Option<Millis>, StateError> {
        while self.send_one().await? {
            self.house.outgoing.notify_one();
        }
        self.store.next_reminder().await
    }

    async fn send_one(&self) -> Result<bool, StateError> {
        let mut work = self.store.begin(self.house.clock.now()).await?;
        let Some(due) = work.due_reminder().await? else {
            return Ok(false);
        };
        let (reminder, now) = (&due.reminder, moment(work.now));
        let zone = Zone::of(&reminder.zone);
        let zone = zone.as_ref().unwrap_or(&self.house.settings.zone);
        let rule = reminder.rule.as_deref().and_then(Rule::read);
        let again = rule.and_then(|rule| rule.next(now, zone));
        if due.welcome {
            self.promise(&mut work, &due, zone).await?;
        }
        let again = again.map(Timestamp::as_millisecond);
        work.reminded(reminder.id, again).await?;
        work.commit().await?;
        Ok(true)
    }

    async fn promise(&self, work: &mut Work, due: &Due, zone: &Zone) -> Result<(), StateError> {
        let reminder = &due.reminder;
        let usual = self.house.settings.language;
        let text = Text(due.language.parse().unwrap_or(usual));
        let is_late = work.now - reminder.due > LATE;
        let late = is_late.then(|| text.clock(moment(reminder.due), zone));
        let said = text.reminder(&reminder.text, late.as_deref());
        let call = Call::message(reminder.chat, said).with_keyboard(keyboard(text, reminder));
        let key = format!("remind:{}:{}", reminder.id, reminder.due);
        work.send(&key, reminder.chat, &call).await
    }
}

fn moment(at: Millis) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or_default()
}
