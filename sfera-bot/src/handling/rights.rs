//! Who administers the bot: asked anew for everything an administrator does.

use super::{Incoming, What};
use crate::{
    config::Settings,
    rooms::admin,
    state::{Millis, StateError, Store},
    text::is_admin_entry,
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use teloxide::{
    Bot,
    requests::{Request as _, Requester as _},
    types::{ChatId, Update, UpdateKind, UserId},
};
use tokio::time::timeout;

/// How long Telegram's word is believed. Whoever leaves the group is asked about anew at once.
const BELIEVED: Millis = 30_000;
/// People whose standing is remembered, at most.
const REMEMBERED: usize = 1_000;
/// How long Telegram may take to say.
const PATIENCE: Duration = Duration::from_secs(5);

/// What somebody may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Administer.
    Admin,
    /// What everybody may.
    #[default]
    Nobody,
    /// Telegram did not say.
    Unknown,
}

/// Knows administrators: those whom the settings name, and the members of their group.
pub struct Rights {
    bot: Bot,
    named: Vec<i64>,
    group: Option<i64>,
    known: Mutex<HashMap<i64, (Millis, Standing)>>,
}

/// The bot's own holds its token.
impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rights")
    }
}

impl Rights {
    /// As the settings say.
    pub fn new(bot: Bot, settings: &Settings) -> Self {
        // A person's private chat has the person's number; groups are below zero.
        let person = settings.admin.filter(|chat| *chat > 0);
        Self {
            bot,
            named: settings.admins.iter().copied().chain(person).collect(),
            group: settings.admin.filter(|chat| *chat < 0),
            known: Mutex::default(),
        }
    }

    /// Whether a person is known to administer, without asking anybody.
    pub fn is_known(&self, person: i64) -> bool {
        let told = self.known().get(&person).copied();
        self.named.contains(&person) || told.is_some_and(|(_, told)| told == Standing::Admin)
    }

    /// What a person may do.
    pub async fn of(&self, person: i64, now: Millis) -> Standing {
        if self.named.contains(&person) {
            return Standing::Admin;
        }
        let Some(group) = self.group else {
            return Standing::Nobody;
        };
        let told = self.known().get(&person).copied();
        match told {
            Some((at, standing)) if (0..BELIEVED).contains(&(now - at)) => standing,
            _ => self.ask(group, person, now).await,
        }
    }

    async fn ask(&self, group: i64, person: i64, now: Millis) -> Standing {
        let Ok(id) = u64::try_from(person) else {
            return Standing::Nobody;
        };
        let request = self.bot.get_chat_member(ChatId(group), UserId(id));
        let standing = match timeout(PATIENCE, request.send()).await {
            Ok(Ok(member)) if member.kind.is_present() => Standing::Admin,
            Ok(Ok(_)) => Standing::Nobody,
            // Telegram's word for somebody it does not know there.
            Ok(Err(teloxide::RequestError::Api(_))) => Standing::Nobody,
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("Telegram does not say who is in the administrators' group");
                return Standing::Unknown;
            }
        };
        let mut known = self.known();
        if known.len() >= REMEMBERED {
            known.retain(|_, (at, _)| (0..BELIEVED).contains(&(now - *at)));
        }
        if known.len() < REMEMBERED {
            known.insert(person, (now, standing));
        }
        standing
    }

    /// Looks whether somebody came to the administrators' group or left it.
    pub fn heed(&self, update: &Update) {
        let UpdateKind::Message(message) = &update.kind else {
            return;
        };
        if self.group != Some(message.chat.id.0) {
            return;
        }
        let came = message.new_chat_members().unwrap_or_default();
        for person in came.iter().chain(message.left_chat_member()) {
            self.known().remove(&(person.id.0 as i64));
        }
    }

    /// What whoever did this may do. Only asked where it matters: words of people who are not about to
    /// administer anything are everybody's.
    pub async fn behind(
        &self,
        store: &Store,
        incoming: &Incoming,
        now: Millis,
    ) -> Result<Standing, StateError> {
        let person = incoming.from.id;
        if !incoming.is_private && self.group != Some(incoming.chat) {
            return Ok(Standing::Nobody);
        }
        let matters = match &incoming.what {
            What::Command(..) | What::Tap { .. } => true,
            What::Text(text) if is_admin_entry(text) => true,
            _ if self.named.contains(&person) || self.group.is_none() => true,
            _ => store.is_in(person, admin::DRAFTING).await?,
        };
        match matters {
            true => Ok(self.of(person, now).await),
            false => Ok(Standing::Nobody),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<i64, (Millis, Standing)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
