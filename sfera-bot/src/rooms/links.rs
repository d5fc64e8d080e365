//! Links that lead into the bot: `https://t.me/<bot>?start=<payload>`.

use crate::text::Entry;

/// What a link says to the bot, by the entry it leads to.
const PAYLOADS: [(&str, Entry); 6] = [
    ("course", Entry::Course),
    ("psychologist", Entry::Psychologist),
    ("tools", Entry::Toolbox),
    ("chat", Entry::Chat),
    ("sfera", Entry::Sfera),
    ("support", Entry::Support),
];

/// The entry that `/start <payload>` leads to.
pub fn entry(payload: &str) -> Option<Entry> {
    let mut known = PAYLOADS.iter();
    known.find_map(|(name, entry)| (*name == payload).then_some(*entry))
}

/// What a link to the room of a command says; nothing where there is no such link.
pub fn payload(command: &str) -> &'static str {
    let mut known = PAYLOADS.iter();
    let found = known.find_map(|(name, _)| (*name == command).then_some(*name));
    found.unwrap_or_default()
}

/// A link that leads into the bot.
pub fn to_bot(username: &str, payload: &str) -> String {
    match payload {
        "" => format!("https://t.me/{username}"),
        payload => format!("https://t.me/{username}?start={payload}"),
    }
}

/// A link that opens the Mini App from anywhere, by the name under which @BotFather knows it.
pub fn to_app(username: &str, app: &str, parameter: &str) -> String {
    format!("https://t.me/{username}/{app}?startapp={parameter}")
}
