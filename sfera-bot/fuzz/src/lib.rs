//! What the bot reads of strangers, and what must hold whatever they send.
//!
//! The files of the bot that read it are compiled here by themselves; they find each other under the
//! names that they have in the bot.

#![allow(dead_code, unused_imports, reason = "parts of the bot, without those who use them")]

mod handling;
#[path = "../../src/web/init_data.rs"]
mod init_data_of_telegram;
#[path = "../../src/render/mod.rs"]
mod render;
#[path = "../../src/config/secret.rs"]
mod secret;
mod state;
#[path = "../../src/render/telegram.rs"]
mod telegram;

mod config {
    pub use crate::secret::Secret;
}

use config::Secret;
use handling::{Incoming, Me};
use hmac::{Hmac, KeyInit, Mac};
use init_data_of_telegram::{InitData, Refused};
use render::{LONGEST, escape, markdown as html_of, split};
use sfera_agent::Language;
use sha2::Sha256;
use std::{collections::BTreeMap, fmt::Write, time::Duration};
use teloxide::types::Update;

const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
/// When it is, in seconds.
const NOW: i64 = 1_764_000_000;
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A page shows anything, or what Telegram signed with one thing changed: only what Telegram signed is
/// believed.
pub fn init_data(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    match kind % 2 {
        0 => shown(&text),
        _ => signed(&text),
    }
}

fn verify(shown: &str) -> Result<InitData, Refused> {
    InitData::verify(shown, &Secret::new(TOKEN), DAY, NOW * 1_000)
}

/// Nobody can sign but Telegram.
fn shown(text: &str) {
    let verified = verify(text);
    if verified != Err(Refused::Forged) {
        let mut pairs: BTreeMap<_, _> = form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        let hash = pairs.remove("hash").expect("it is signed");
        assert_eq!(hash, signature(&pairs), "{verified:?}: {text}");
    }
}

/// Pairs, one a line.
fn signed(text: &str) {
    let mut pairs: BTreeMap<String, String> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    pairs.remove("hash");
    let hash = signature(&pairs);
    let _ = verify(&encoded(&pairs, &hash));
    let Some((name, value)) = pairs.first_key_value() else {
        return;
    };
    let (name, changed) = (name.clone(), format!("{value}0"));
    let old = pairs.insert(name.clone(), changed).expect("there is one");
    let refused = verify(&encoded(&pairs, &hash));
    assert_eq!(refused, Err(Refused::Forged), "{name} is another one");
    pairs.insert(name, old);
    pairs.insert("zzz".to_owned(), String::new());
    if signature(&pairs) != hash {
        let refused = verify(&encoded(&pairs, &hash));
        assert_eq!(refused, Err(Refused::Forged), "there is one more");
    }
}

fn encoded(pairs: &BTreeMap<String, String>, hash: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .append_pair("hash", hash)
        .finish()
}

fn signature(pairs: &BTreeMap<String, String>) -> String {
    let lines: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let key = sign(b"WebAppData", TOKEN.as_bytes());
    let hash = sign(&key, lines.join("\n").as_bytes());
    hash.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes it");
        hex
    })
}

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key will do");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// A body of the webhook: it is understood or not, and understood alike when it is read again as it was
/// stored.
pub fn webhook(bytes: &[u8]) {
    let me = Me {
        id: 110_201_543,
        username: "sfera_bot",
    };
    let Ok(update) = serde_json::from_slice::<Update>(bytes) else {
        return;
    };
    let _ = (update.chat(), update.from());
    let incoming = Incoming::of(&update, me, Language::Ru);
    // As polling stores it.
    let stored = serde_json::to_string(&update).expect("it was JSON");
    if let Ok(again) = serde_json::from_str::<Update>(&stored) {
        assert_eq!(Incoming::of(&again, me, Language::Ru), incoming, "{stored}");
    }
}

/// What a model wrote, whole and cut into messages: Telegram takes it, and no tag in it is anybody's but
/// ours.
pub fn markdown(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let html = html_of(&text);
    assert!(telegram::parse(&html).is_ok(), "{html}");
    for longest in [LONGEST, 64] {
        for page in split(&html, longest) {
            accepted(&page, longest);
        }
    }
    for page in split(&escape(&text), 64) {
        accepted(&page, 64);
    }
}

/// As a message of its own.
fn accepted(html: &str, longest: usize) {
    let seen = telegram::parse(html).unwrap_or_else(|why| panic!("{why}: {html}"));
    let length = seen.encode_utf16().count();
    assert!(length <= longest, "{length} > {longest}: {html}");
    assert!(!seen.trim().is_empty(), "nothing is to be seen: {html}");
}
