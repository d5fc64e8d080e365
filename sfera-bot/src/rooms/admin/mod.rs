//! "🛠 Админка": numbers, messages to everybody, bans, exports, switches and the log.
//!
//! Whoever comes here is asked about anew (`handling::Rights`): a button may be old, or have been
//! forwarded to somebody else. Whatever is changed is written down in the same transaction.

mod bans;
mod broadcast;
mod export;
mod pages;

pub use broadcast::ROOM as DRAFTING;

use super::{menu, support};
use crate::{
    handling::{Desk, Incoming, Standing, What},
    state::{StateError, User},
    telegram::{Button, Call, Keyboard},
    text::{Text, is_admin_entry},
};

/// What data of the administrators' buttons begin with.
const PREFIX: &str = "admin:";

/// An update on its way through the room.
struct Visit<'a> {
    user: &'a User,
    incoming: &'a Incoming,
    text: Text,
}

/// What a tap is answered with, if with anything.
type Note = Option<&'static str>;

/// Takes what is meant for administrators; false if this is not.
pub async fn handle(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<bool, StateError> {
    let visit = Visit {
        user,
        incoming,
        text: desk.text(user),
    };
    match &incoming.what {
        What::Tap { callback, data } => match data.strip_prefix(PREFIX) {
            Some(data) => visit.tapped(desk, callback, data).await.map(|()| true),
            None => Ok(false),
        },
        What::Command(name, argument) => visit.commanded(desk, name, argument).await,
        What::Text(text) if incoming.is_private && is_admin_entry(text) => {
            visit.enter(desk).await.map(|()| true)
        }
        // A reply is an answer to somebody.
        What::Text(_) | What::Voice { .. } | What::Picture { .. } | What::Other
            if incoming.is_private && user.room == DRAFTING && incoming.answered.is_none() =>
        {
            visit.draft(desk).await
        }
        _ => Ok(false),
    }
}

impl Visit<'_> {
    async fn tapped(
        &self,
        desk: &mut Desk<'_>,
        callback: &str,
        data: &str,
    ) -> Result<(), StateError> {
        let note = match self.refusal(desk) {
            Some(refusal) => Some(refusal),
            None => self.act(desk, data).await?,
        };
        let answer = Call::Tap {
            callback: callback.to_owned(),
            text: note.map(str::to_owned),
            alert: note.is_some(),
        };
        desk.send(self.incoming.chat, &answer).await.map(drop)
    }

    async fn act(&self, desk: &mut Desk<'_>, data: &str) -> Result<Note, StateError> {
        let (what, about) = data.split_once(':').unwrap_or((data, ""));
        self.leave_drafting(desk).await?;
        match what {
            "menu" => self.menu(desk).await,
            "statistics" => self.statistics(desk).await,
            "switches" => self.switches(desk).await,
            "switch" => self.switch(desk, about).await,
            "log" => self.log(desk).await,
            "bans" => self.bans(desk).await,
            "unban" => self.unban_tapped(desk, about).await,
            "export" => self.export(desk).await,
            "export-all" => self.export_all(desk).await,
            "broadcast" => self.ask_for_message(desk).await,
            "broadcast-go" => self.go(desk, about).await,
            "broadcast-drop" => self.drop_draft(desk, about).await,
            "broadcast-stop" => self.stop(desk, about).await,
            "close" => support::close_for(desk, self.user, about).await,
            _ => Ok(None),
        }
    }

    async fn commanded(
        &self,
        desk: &mut Desk<'_>,
        name: &str,
        argument: &str,
    ) -> Result<bool, StateError> {
        let here =
            self.incoming.is_private || desk.house.settings.admin == Some(self.incoming.chat);
        let is_ours = matches!(name, "admin" | "ban" | "unban" | "export");
        // Whoever gives a command has something else in mind than a message to everybody.
        let drafting = self.leave_drafting(desk).await?;
        if drafting && name == "cancel" {
            let text = self.text.broadcast_dropped();
            return desk.say(self.incoming.chat, text).await.map(|_| true);
        }
        if !here || !is_ours {
            return Ok(false);
        }
        if self.refuse(desk).await? {
            return Ok(true);
        }
        match name {
            "ban" => self.ban(desk, argument).await?,
            "unban" => self.unban(desk, argument).await?,
            "export" => self.export_about(desk, argument).await?,
            _ => self.enter(desk).await?,
        }
        Ok(true)
    }

    async fn enter(&self, desk: &mut Desk<'_>) -> Result<(), StateError> {
        if self.refuse(desk).await? {
            return Ok(());
        }
        self.leave_drafting(desk).await?;
        self.menu(desk).await.map(drop)
    }

    async fn leave_drafting(&self, desk: &mut Desk<'_>) -> Result<bool, StateError> {
        if self.user.room != DRAFTING {
            return Ok(false);
        }
        desk.work.leave(self.user.id, DRAFTING, menu::ROOM).await
    }

    fn refusal(&self, desk: &Desk<'_>) -> Note {
        match desk.standing {
            Standing::Admin => None,
            Standing::Nobody => Some(self.text.only_admins()),
            Standing::Unknown => Some(self.text.rights_unknown()),
        }
    }

    /// Says so to whoever is no administrator, and takes the button away from them.
    async fn refuse(&self, desk: &mut Desk<'_>) -> Result<bool, StateError> {
        let Some(refusal) = self.refusal(desk) else {
            return Ok(false);
        };
        if self.incoming.is_private {
            let keyboard = menu::keyboard(self.text);
            desk.say_with(self.incoming.chat, refusal, keyboard).await?;
        }
        Ok(true)
    }

    /// Another page in place of the one that was tapped, or a new one.
    async fn show(
        &self,
        desk: &mut Desk<'_>,
        text: impl Into<String>,
        buttons: Vec<Vec<Button>>,
    ) -> Result<Note, StateError> {
        let (chat, keyboard) = (self.incoming.chat, Keyboard::Buttons(buttons));
        match (&self.incoming.what, self.incoming.message) {
            (What::Tap { .. }, Some(message)) => {
                let edit = Call::Edit {
                    chat,
                    message,
                    text: text.into(),
                    keyboard,
                };
                desk.send(chat, &edit).await?;
            }
            _ => {
                desk.say_with(chat, text, keyboard).await?;
            }
        }
        Ok(None)
    }

    /// A button of this room.
    fn button(&self, label: impl Into<String>, data: &str) -> Button {
        Button::tap(label, format!("{PREFIX}{data}"))
    }

    fn back(&self) -> Vec<Button> {
        vec![self.button(self.text.back(), "menu")]
    }
}
