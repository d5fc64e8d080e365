/// What a setting may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A file or folder.
    Path,
    /// An http address.
    Url,
    /// `ru` or `en`.
    Language,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// true or false.
    Flag,
    /// A whole number within bounds.
    Whole { least: i64, most: i64 },
    /// A group of settings.
    Section,
}

/// Every setting of `sfera.toml`. The struct [`super::Config`] holds the same; a test compares them.
pub const KEYS: &[(&str, Kind)] = &[
    ("language", Kind::Language),
    ("user", Kind::Text),
    ("instructions", Kind::Text),
    ("vad", Kind::Section),
    ("vad.provider", Kind::Choice(&["earshot", "silero"])),
    ("stt", Kind::Section),
    ("stt.provider", Kind::Choice(&["whisper"])),
    ("stt.model", Kind::Text),
    ("stt.hints", Kind::Text),
    ("llm", Kind::Section),
    (
        "llm.provider",
        Kind::Choice(&["auto", "assistant", "openai"]),
    ),
    ("llm.model", Kind::Text),
    ("llm.base_url", Kind::Url),
    ("tts", Kind::Section),
    (
        "tts.provider",
        Kind::Choice(&["auto", "festival", "espeak"]),
    ),
    ("audio", Kind::Section),
    ("audio.device", Kind::Text),
    ("audio.echo_cancellation", Kind::Flag),
    ("knowledge", Kind::Section),
    ("knowledge.enabled", Kind::Flag),
    ("knowledge.folder", Kind::Path),
    ("knowledge.collection", Kind::Text),
    ("knowledge.store", Kind::Path),
    ("memory", Kind::Section),
    ("memory.enabled", Kind::Flag),
    ("memory.folder", Kind::Path),
    ("models", Kind::Section),
    ("models.folder", Kind::Path),
    ("turn", Kind::Section),
    (
        "turn.min_delay_ms",
        Kind::Whole {
            least: 0,
            most: 10_000,
        },
    ),
    (
        "turn.max_delay_ms",
        Kind::Whole {
            least: 0,
            most: 30_000,
        },
    ),
    ("turn.interruptions", Kind::Flag),
    (
        "turn.min_speech_ms",
        Kind::Whole {
            least: 0,
            most: 10_000,
        },
    ),
    ("turn.min_words", Kind::Whole { least: 0, most: 20 }),
    ("turn.preemptive", Kind::Flag),
];

/// What a key may hold.
pub fn kind(key: &str) -> Option<Kind> {
    let found = KEYS.iter().find(|(name, _)| *name == key);
    found.map(|(_, kind)| *kind)
}

/// The key that was probably meant: one spelt alike, or of the same name in another section.
pub fn suggestion(key: &str) -> Option<String> {
    let leaf = |key: &str| key.rsplit('.').next().map(str::to_owned);
    let alike = closest(key, KEYS.iter().map(|(name, _)| *name));
    let elsewhere = || {
        let mut same = KEYS.iter().filter(|(name, _)| leaf(name) == leaf(key));
        same.next().map(|(name, _)| (*name).to_owned())
    };
    alike.or_else(elsewhere)
}

/// The word spelt most like `word`, if one is spelt like it at all.
pub fn closest<'a>(word: &str, all: impl Iterator<Item = &'a str>) -> Option<String> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).clamp(1, 3);
    all.map(|other| {
        let distance = strsim::damerau_levenshtein(&word, &other.to_lowercase());
        (distance, other)
    })
    .filter(|(distance, _)| *distance <= limit)
    .min()
    .map(|(_, other)| other.to_owned())
}
