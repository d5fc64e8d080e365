//! What Telegram says of whoever opened the Mini App, signed with the bot's token.
//!
//! The signature is an HMAC-SHA256 over all pairs but `hash`, sorted by name, one a line. Its key is the
//! HMAC of the token by the words "WebAppData".

use crate::{config::Secret, state::Millis};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

/// Bytes, at most; real ones are below a thousand.
const LONGEST: usize = 8 << 10;
/// How far ahead of ours Telegram's clock may be.
const AHEAD: Duration = Duration::from_secs(60);

/// Who opened the page, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitData {
    /// Who.
    pub user: WebUser,
    /// What the link said that led here.
    pub start_param: Option<String>,
}

/// A person as Telegram tells a page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct WebUser {
    /// Telegram's number.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: Option<String>,
    /// Without the @.
    pub username: Option<String>,
    /// What Telegram is set to.
    pub language_code: Option<String>,
}

/// Why nobody is let in. It does not say more than a forger may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// This is not what Telegram gives a page, or not for this bot.
    #[error("not signed by Telegram for this bot")]
    Forged,
    /// Telegram gave it too long ago.
    #[error("too old")]
    Expired,
}

impl InitData {
    /// Verifies what a page shows. `oldest` is how long ago Telegram may have given it.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn verify(
        shown: &str,
        token: &Secret,
        oldest: Duration,
        now: Millis,
    ) -> Result<Self, Refused> {
        let mut pairs = pairs(shown).ok_or(Refused::Forged)?;
        let hash = pairs.remove("hash").ok_or(Refused::Forged)?;
        let hash = bytes(&hash).ok_or(Refused::Forged)?;
        signed(&pairs, token)
            .and_then(|mac| mac.verify_slice(&hash).ok())
            .ok_or(Refused::Forged)?;
        is_fresh(&pairs, oldest, now)?;
        let user = pairs
            .get("user")
            .and_then(|user| serde_json::from_str(user).ok());
        let user: WebUser = user.ok_or(Refused::Forged)?;
        if user.id <= 0 {
            return Err(Refused::Forged);
        }
        Ok(Self {
            user,
            start_param: pairs.remove("start_param"),
        })
    }
}

/// What Telegram would give a page that this user opened now. `None` for a token that signs nothing.
#[must_use]
pub fn sign(user: &WebUser, token: &Secret, now: Millis) -> Option<String> {
    let mut pairs = BTreeMap::from([
        ("auth_date".to_owned(), (now / 1_000).to_string()),
        ("user".to_owned(), serde_json::to_string(user).ok()?),
    ]);
    let hash = signed(&pairs, token)?.finalize().into_bytes();
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
    pairs.insert("hash".to_owned(), digits.collect());
    let mut shown = form_urlencoded::Serializer::new(String::new());
    Some(shown.extend_pairs(pairs).finish())
}

impl WebUser {
    /// First and last name.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }
}

/// The pairs by name. None if there are too many bytes, two of one name, or one with a line break in it:
/// the signature would not tell it from two.
fn pairs(shown: &str) -> Option<BTreeMap<String, String>> {
    if shown.len() > LONGEST {
        return None;
    }
    let mut pairs = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(shown.as_bytes()) {
        if name.contains(['\n', '=']) || value.contains('\n') {
            return None;
        }
        if pairs
            .insert(name.into_owned(), value.into_owned())
            .is_some()
        {
            return None;
        }
    }
    Some(pairs)
}

fn signed(pairs: &BTreeMap<String, String>, token: &Secret) -> Option<Hmac<Sha256>> {
    let mut key = Hmac::<Sha256>::new_from_slice(b"WebAppData").ok()?;
    key.update(token.expose().as_bytes());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.finalize().into_bytes()).ok()?;
    let lines: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    mac.update(lines.join("\n").as_bytes());
    Some(mac)
}

fn is_fresh(
    pairs: &BTreeMap<String, String>,
    oldest: Duration,
    now: Millis,
) -> Result<(), Refused> {
    let given = pairs
        .get("auth_date")
        .and_then(|date| date.parse::<u64>().ok());
    let given = given.and_then(|given| UNIX_EPOCH.checked_add(Duration::from_secs(given)));
    let now = UNIX_EPOCH.checked_add(Duration::from_millis(
        u64::try_from(now).unwrap_or_default(),
    ));
    let (Some(given), Some(now)) = (given, now) else {
        return Err(Refused::Forged);
    };
    match now.duration_since(given) {
        Ok(age) if age > oldest => Err(Refused::Expired),
        Ok(_) => Ok(()),
        Err(ahead) if ahead.duration() > AHEAD => Err(Refused::Forged),
        Err(_) => Ok(()),
    }
}

/// 32 bytes in small hexadecimal digits.
fn bytes(hex: &str) -> Option<[u8; 32]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let (digits, []) = hex.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let bytes: Option<Vec<u8>> = digits
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests;
