//! What is looked up elsewhere: asked here, done by `errands`.

use super::{ask, tapped, way_out};
use crate::{
    handling::{Desk, Incoming},
    state::{Form, StateError, User},
    telegram::{Button, Call, Keyboard},
};

/// Questions of one person that may wait.
const MOST: i64 = 3;
/// Characters of a question, at most.
const LONGEST: usize = 60;

/// What can be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The price of a coin or a currency.
    Price,
    /// The weather in a city.
    Weather,
    /// The time in a city.
    Time,
}

impl Kind {
    /// All, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Price, Self::Weather, Self::Time];

    /// Its name in the state and on buttons.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Weather => "weather",
            Self::Time => "time",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Asks what to look up.
pub(super) async fn begin(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    kind: Kind,
) -> Result<(), StateError> {
    let text = desk.text(user);
    let form = Form {
        name: kind.name().to_owned(),
        answers: Vec::new(),
    };
    ask(desk, user, &form).await?;
    let offer =
        |subject: &&str| Button::tap(*subject, format!("tool:find:{}:{subject}", kind.name()));
    let mut rows: Vec<Vec<Button>> = text
        .subjects(kind)
        .chunks(3)
        .map(|row| row.iter().map(offer).collect())
        .collect();
    rows.push(way_out(text));
    let keyboard = Keyboard::Buttons(rows);
    let page = Call::page(
        incoming.chat,
        tapped(incoming),
        text.which_subject(kind),
        keyboard,
    );
    desk.send(incoming.chat, &page).await.map(drop)
}

/// Promises to look something up. The tool stays open: another name may follow.
pub(super) async fn find(
    desk: &mut Desk<'_>,
    user: &User,
    chat: i64,
    kind: &str,
    subject: &str,
) -> Result<(), StateError> {
    let text = desk.text(user);
    let Some(kind) = Kind::named(kind) else {
        return Ok(());
    };
    let subject = subject.trim();
    if subject.is_empty() || subject.chars().count() > LONGEST {
        return desk.say(chat, text.not_a_name(LONGEST)).await.map(drop);
    }
    let what = (kind.name(), subject);
    if !desk.work.run_errand(user.id, chat, what, MOST).await? {
        return desk.say(chat, text.still_looking()).await.map(drop);
    }
    let errands = desk.house.errands.clone();
    desk.wakes(&errands);
    Ok(())
}
