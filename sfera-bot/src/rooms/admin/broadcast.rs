//! A message to everybody: shown first, confirmed, and then sent by `broadcasts`.

use super::{Note, Visit};
use crate::{
    handling::{Desk, What},
    rooms::menu,
    state::StateError,
    telegram::{Call, Keyboard},
    text::Entry,
};

/// Where administrators are whose next message is to be sent to everybody.
pub const ROOM: &str = "broadcast";

impl Visit<'_> {
    pub(super) async fn ask_for_message(&self, desk: &mut Desk<'_>) -> Result<Note, StateError> {
        desk.work.enter(self.user.id, ROOM).await?;
        let text = self.text.broadcast_asks();
        self.show(desk, text, vec![self.back()]).await
    }

    /// The message. False if it is something else: an entry of the menu leads away.
    pub(super) async fn draft(&self, desk: &mut Desk<'_>) -> Result<bool, StateError> {
        let Some(message) = self.incoming.message else {
            return Ok(false);
        };
        if let What::Text(text) = &self.incoming.what
            && Entry::labelled(text).is_some()
        {
            desk.work.enter(self.user.id, menu::ROOM).await?;
            return Ok(false);
        }
        if self.refuse(desk).await? {
            desk.work.enter(self.user.id, menu::ROOM).await?;
            return Ok(true);
        }
        let chat = self.incoming.chat;
        if let Some(album) = &self.incoming.album {
            let said = Call::message(chat, self.text.broadcast_no_album());
            let key = format!("album:{chat}:{album}:broadcast");
            return desk.send_once(key, chat, &said).await.map(|_| true);
        }
        desk.work.enter(self.user.id, menu::ROOM).await?;
        self.preview(desk, chat, message).await?;
        Ok(true)
    }

    async fn preview(
        &self,
        desk: &mut Desk<'_>,
        chat: i64,
        message: i64,
    ) -> Result<(), StateError> {
        let readers = desk.work.readers().await?;
        if readers.is_empty() {
            let text = self.text.broadcast_nobody();
            return desk.say(chat, text).await.map(drop);
        }
        let id = desk.work.draft(self.user.id, chat, message).await?;
        let detail = format!("#{id}");
        desk.work.write_down(self.user.id, "draft", &detail).await?;
        let copy = Call::Copy {
            chat,
            from: chat,
            message,
            reply_to: None,
        };
        desk.send(chat, &copy).await?;
        let go = self.button(self.text.broadcast_go(), &format!("broadcast-go:{id}"));
        let no = self.button(self.text.broadcast_drop(), &format!("broadcast-drop:{id}"));
        let question = self.text.broadcast_preview(&readers);
        let keyboard = Keyboard::Buttons(vec![vec![go, no]]);
        desk.say_with(chat, question, keyboard).await.map(drop)
    }

    pub(super) async fn go(&self, desk: &mut Desk<'_>, about: &str) -> Result<Note, StateError> {
        let shown = self.incoming.message.map(|it| (self.incoming.chat, it));
        let Ok(id) = about.parse() else {
            return Ok(None);
        };
        if !desk.work.begin_broadcast(id, shown).await? {
            return Ok(Some(self.text.broadcast_gone()));
        }
        self.note(desk, "broadcast", id).await?;
        desk.tell_broadcasts();
        Ok(None)
    }

    pub(super) async fn drop_draft(
        &self,
        desk: &mut Desk<'_>,
        about: &str,
    ) -> Result<Note, StateError> {
        let Ok(id) = about.parse() else {
            return Ok(None);
        };
        if !desk.work.drop_draft(id).await? {
            return Ok(Some(self.text.broadcast_gone()));
        }
        self.note(desk, "drop broadcast", id).await?;
        self.show(desk, self.text.broadcast_dropped(), Vec::new())
            .await
    }

    pub(super) async fn stop(&self, desk: &mut Desk<'_>, about: &str) -> Result<Note, StateError> {
        let Ok(id) = about.parse() else {
            return Ok(None);
        };
        if !desk.work.stop_broadcast(id).await? {
            return Ok(Some(self.text.broadcast_gone()));
        }
        self.note(desk, "stop broadcast", id).await?;
        desk.tell_broadcasts();
        Ok(None)
    }

    async fn note(&self, desk: &mut Desk<'_>, action: &str, id: i64) -> Result<(), StateError> {
        let admin = self.user.id;
        desk.work.write_down(admin, action, &format!("#{id}")).await
    }
}
