use sfera_agent::Language;

/// A person as Telegram tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// Telegram's number, also that of the private chat.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// Without the @.
    pub username: Option<String>,
    /// What Telegram is set to, as far as the bot speaks it.
    pub language: Language,
}
