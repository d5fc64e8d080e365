//! Who is not served.

use super::{Note, Visit};
use crate::{
    handling::Desk,
    rooms::menu,
    state::{Person, StateError},
};

/// Characters of a reason, at most.
const REASON: usize = 300;
/// People that the list names.
const LISTED: i64 = 20;

impl Visit<'_> {
    pub(super) async fn bans(&self, desk: &mut Desk<'_>) -> Result<Note, StateError> {
        let people = desk.work.banned(LISTED).await?;
        let mut rows: Vec<_> = people
            .iter()
            .map(|person| {
                let data = format!("unban:{}", person.id);
                vec![self.button(self.text.unban(&person.name), &data)]
            })
            .collect();
        rows.push(self.back());
        self.show(desk, self.text.bans(&people), rows).await
    }

    pub(super) async fn unban_tapped(
        &self,
        desk: &mut Desk<'_>,
        about: &str,
    ) -> Result<Note, StateError> {
        if let Ok(id) = about.parse()
            && let Some(person) = desk.work.person(id).await?
        {
            self.let_in(desk, &person).await?;
        }
        self.bans(desk).await
    }

    /// `/ban`
    pub(super) async fn ban(&self, desk: &mut Desk<'_>, argument: &str) -> Result<(), StateError> {
        let (person, reason) = self.whom(desk, argument).await?;
        let chat = self.incoming.chat;
        let Some(person) = person else {
            return desk.say(chat, self.text.nobody_known()).await.map(drop);
        };
        if person.id == self.user.id || desk.house.rights.is_known(person.id) {
            return desk.say(chat, self.text.not_an_admin()).await.map(drop);
        }
        let why: String = reason.chars().take(REASON).collect();
        let why = match why.as_str() {
            "" => self.text.no_reason(),
            why => why,
        };
        desk.work.ban(person.id, Some(why)).await?;
        desk.work.stop_answers(person.id).await?;
        desk.work.close_request(person.id).await?;
        desk.work.enter(person.id, menu::ROOM).await?;
        let detail = format!("{}: {why}", detail(&person));
        desk.work.write_down(self.user.id, "ban", &detail).await?;
        let said = self.text.banned_now(&person, why);
        desk.say(chat, said).await.map(drop)
    }

    /// `/unban`
    pub(super) async fn unban(
        &self,
        desk: &mut Desk<'_>,
        argument: &str,
    ) -> Result<(), StateError> {
        let (person, _) = self.whom(desk, argument).await?;
        let Some(person) = person else {
            let text = self.text.nobody_known();
            return desk.say(self.incoming.chat, text).await.map(drop);
        };
        self.let_in(desk, &person).await?;
        let said = self.text.unbanned_now(&person);
        desk.say(self.incoming.chat, said).await.map(drop)
    }

    async fn let_in(&self, desk: &mut Desk<'_>, person: &Person) -> Result<(), StateError> {
        if person.banned.is_none() {
            return Ok(());
        }
        desk.work.ban(person.id, None).await?;
        let (admin, detail) = (self.user.id, detail(person));
        desk.work.write_down(admin, "unban", &detail).await
    }

    /// Whom a command means, by number, by @name or by the message it replies to, and what else it says.
    pub(super) async fn whom<'t>(
        &self,
        desk: &mut Desk<'_>,
        argument: &'t str,
    ) -> Result<(Option<Person>, &'t str), StateError> {
        let (first, rest) = argument
            .split_once(char::is_whitespace)
            .unwrap_or((argument, ""));
        if let Ok(id) = first.parse() {
            return Ok((desk.work.person(id).await?, rest.trim()));
        }
        if let Some(name) = first.strip_prefix('@') {
            return Ok((desk.work.person_called(name).await?, rest.trim()));
        }
        let Some((replied, _)) = self.incoming.answered else {
            return Ok((None, argument));
        };
        match desk.work.behind(self.incoming.chat, replied).await? {
            Some((id, _)) => Ok((desk.work.person(id).await?, argument)),
            None => Ok((None, argument)),
        }
    }
}

/// A person in the log.
pub(super) fn detail(person: &Person) -> String {
    format!("{} {}", person.id, person.name)
}
