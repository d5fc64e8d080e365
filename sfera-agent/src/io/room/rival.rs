//! Two agents of one name in a room: who of them serves the caller. After a server was restarted, the
//! caller's token opens the room anew and asks for an agent, while the one before comes back too.

use super::state::NAME;
use std::collections::HashMap;

/// When the agent was promised to its room, in milliseconds since 1970: an attribute of its token, so
/// that it is known from the first moment on and stays the same when the agent comes back.
pub(crate) const SINCE: &str = "sfera.since";

/// An agent, as the room knows it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    since: i64,
    identity: String,
}

impl Standing {
    /// `None` where nothing says since when it is there.
    pub(super) fn of(identity: String, attributes: &HashMap<String, String>) -> Option<Self> {
        let since = attributes.get(SINCE)?.parse().ok()?;
        Some(Self { since, identity })
    }

    /// Whether that other agent was here before, under the same name.
    pub(super) fn yields_to(
        &self,
        name: &str,
        other: String,
        attributes: &HashMap<String, String>,
    ) -> bool {
        attributes.get(NAME).map(String::as_str) == Some(name)
            && Self::of(other, attributes).is_some_and(|other| other < *self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, since: &str) -> HashMap<String, String> {
        [(NAME, name), (SINCE, since)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn of_two_with_one_name_just_one_yields() {
        for (one, other, one_yields) in [("5", "7", false), ("7", "5", true), ("5", "5", false)] {
            let [first, second] = [told("sfera", one), told("sfera", other)];
            let alone = Standing::of("a".into(), &first).unwrap();
            let late = Standing::of("b".into(), &second).unwrap();
            assert_eq!(alone.yields_to("sfera", "b".into(), &second), one_yields);
            assert_eq!(late.yields_to("sfera", "a".into(), &first), !one_yields);
        }
    }

    #[test]
    fn nobody_yields_to_another_name_or_to_who_does_not_say_since_when() {
        let late = Standing::of("b".into(), &told("sfera", "9")).unwrap();
        assert!(!late.yields_to("sfera", "a".into(), &told("clerk", "1")));
        for strange in ["", "yesterday", "1.5"] {
            assert!(!late.yields_to("sfera", "a".into(), &told("sfera", strange)));
        }
        assert!(!late.yields_to("sfera", "a".into(), &HashMap::new()));
        assert_eq!(Standing::of("b".into(), &HashMap::new()), None);
    }
}
