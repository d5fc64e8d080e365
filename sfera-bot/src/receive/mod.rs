//! Updates from Telegram. They are stored before Telegram hears that they were taken.

mod polling;
mod webhook;

pub use polling::Polling;
pub use webhook::{PATH as WEBHOOK_PATH, Webhook};

use crate::state::Accepted;
use teloxide::types::{AllowedUpdate, Update};

/// What the bot looks at.
pub const KINDS: [AllowedUpdate; 4] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::MyChatMember,
];

/// As it is stored. Updates of one chat, or of one person where there is none, follow one another.
fn accepted(update: &Update, body: String) -> Accepted {
    let chat = update.chat().map(|chat| chat.id.0);
    let person = || update.from().map(|user| user.id.0 as i64);
    Accepted {
        update_id: i64::from(update.id.0),
        lane: chat.or_else(person).unwrap_or_default(),
        body,
    }
}
