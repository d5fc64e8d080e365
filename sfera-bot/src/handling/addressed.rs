//! Whether words in a group are meant for the bot.

use super::Me;
use std::ops::Range;
use teloxide::types::{Message, MessageEntity, MessageEntityKind};

/// The words of a message, whatever carries them, without the bot's name where it was mentioned; and
/// whether it was.
pub(super) fn words(message: &Message, me: Me<'_>) -> Option<(String, bool)> {
    let text = message.text().or_else(|| message.caption())?;
    let entities = message.entities().or_else(|| message.caption_entities());
    let units: Vec<u16> = text.encode_utf16().collect();
    let mentions: Vec<_> = entities
        .unwrap_or_default()
        .iter()
        .filter_map(|entity| mention(entity, &units, me))
        .collect();
    let outside = |at: &usize| !mentions.iter().any(|range| range.contains(at));
    let left: Vec<u16> = (0..units.len())
        .filter(outside)
        .map(|at| units[at])
        .collect();
    match mentions.is_empty() {
        true => Some((text.to_owned(), false)),
        false => {
            let left = String::from_utf16_lossy(&left);
            let left = left.trim().trim_start_matches([',', ':', '–', '-']);
            Some((left.trim().to_owned(), true))
        }
    }
}

/// Where the bot is mentioned. Offsets that lead out of the text mention nobody.
fn mention(entity: &MessageEntity, units: &[u16], me: Me<'_>) -> Option<Range<usize>> {
    let range = entity.offset..entity.offset.checked_add(entity.length)?;
    let named = String::from_utf16_lossy(units.get(range.clone())?);
    let is_me = match &entity.kind {
        MessageEntityKind::Mention => named
            .strip_prefix('@')
            .is_some_and(|name| name.eq_ignore_ascii_case(me.username)),
        MessageEntityKind::TextMention { user } => user.id.0 == me.id,
        _ => false,
    };
    is_me.then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ME: Me<'static> = Me {
        id: 5,
        username: "sfera_bot",
    };

    fn said(text: &str, entities: Value) -> Option<(String, bool)> {
        let message = json!({
            "message_id": 1, "date": 0, "text": text, "entities": entities,
            "chat": {"id": -5, "type": "supergroup", "title": "Группа"},
            "from": {"id": 7, "is_bot": false, "first_name": "Алекс"},
        });
        words(&serde_json::from_value(message).unwrap(), ME)
    }

    fn mention(offset: usize, length: usize) -> Value {
        json!([{"type": "mention", "offset": offset, "length": length}])
    }

    #[test]
    fn the_bot_is_mentioned_by_an_entity_and_by_nothing_else() {
        let clean = |text: &str| Some((text.to_owned(), true));
        // The flag takes four UTF-16 units.
        assert_eq!(
            said("🇷🇺 @Sfera_Bot, что?", mention(5, 10)),
            clean("🇷🇺 , что?")
        );
        assert_eq!(said("@sfera_bot: что?", mention(0, 10)), clean("что?"));
        let text = "@sfera_bot, что?";
        let plain = Some((text.to_owned(), false));
        assert_eq!(said(text, json!([])), plain, "no entity");
        let other = "@sfera_bot2 что?";
        let untouched = Some((other.to_owned(), false));
        assert_eq!(said(other, mention(0, 11)), untouched);
        for (offset, length) in [(90, 10), (0, 4_000_000_000), (usize::MAX, 10)] {
            assert_eq!(
                said(text, mention(offset, length)),
                plain,
                "{offset} {length}"
            );
        }
        let person = |id: u64| {
            let user = json!({"id": id, "is_bot": true, "first_name": "Sfera"});
            json!([{"type": "text_mention", "offset": 0, "length": 5, "user": user}])
        };
        assert_eq!(said("Сфера, привет", person(5)), clean("привет"));
        assert_eq!(
            said("Сфера, привет", person(6)),
            Some(("Сфера, привет".to_owned(), false))
        );
    }
}
