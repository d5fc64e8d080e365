use serde::Serialize;

/// What the doctor found about one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The part's name, the same in every language.
    pub part: &'static str,
    /// How it is.
    pub level: Level,
    /// What was found, in one line.
    pub what: String,
    /// What to do, if anything.
    pub advice: Option<String>,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Fine.
    Ok,
    /// A conversation is possible, but not all of it.
    Warn,
    /// No conversation without it.
    Fail,
}

impl Finding {
    /// A part that is fine.
    pub fn ok(part: &'static str, what: impl Into<String>) -> Self {
        Self {
            part,
            level: Level::Ok,
            what: what.into(),
            advice: None,
        }
    }

    /// A part a conversation can do without.
    pub fn warn(part: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            part,
            level: Level::Warn,
            what: what.into(),
            advice: Some(advice.into()),
        }
    }

    /// A part without which there is no conversation.
    pub fn fail(part: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            level: Level::Fail,
            ..Self::warn(part, what, advice)
        }
    }
}
