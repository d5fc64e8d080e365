use crate::Language;

const RU: [&str; 24] = [
    "рынок",
    "сегодня",
    "спокоен",
    "а",
    "завтра",
    "посмотрим",
    "вместе",
    "на",
    "график",
    "и",
    "решим",
    "стоит",
    "ли",
    "входить",
    "или",
    "лучше",
    "подождать",
    "пока",
    "цена",
    "вернётся",
    "к",
    "своему",
    "обычному",
    "уровню",
];

const EN: [&str; 24] = [
    "the", "market", "is", "calm", "today", "but", "tomorrow", "we", "will", "look", "at", "the",
    "chart", "again", "and", "decide", "whether", "to", "enter", "or", "wait", "until", "price",
    "returns",
];

/// An endless text, taken word by word, so that neighbouring words differ.
#[derive(Debug)]
pub(super) struct Words {
    list: &'static [&'static str; 24],
    next: usize,
}

impl Words {
    pub(super) const fn new(language: Language) -> Self {
        let list = match language {
            Language::Ru => &RU,
            Language::En => &EN,
        };
        Self { list, next: 0 }
    }

    pub(super) fn take(&mut self, count: u8) -> String {
        let words: Vec<&str> = (0..usize::from(count.max(1)))
            .map(|n| self.list[(self.next + n) % self.list.len()])
            .collect();
        self.next += words.len();
        words.join(" ")
    }

    pub(super) fn sentence(&mut self, count: u8) -> String {
        self.take(count) + ". "
    }
}

/// A yes or a no.
pub(super) const fn decision(yes: bool, language: Language) -> &'static str {
    match (yes, language) {
        (true, Language::Ru) => "Да.",
        (false, Language::Ru) => "Нет.",
        (true, Language::En) => "Yes.",
        (false, Language::En) => "No.",
    }
}

/// What a confused recogniser writes.
pub(super) fn garbage(kind: u8) -> String {
    match kind % 6 {
        0 => "   ".into(),
        1 => "...".into(),
        2 => "♪ ♪ ♪".into(),
        3 => "\u{0}\n\t\u{feff}".into(),
        4 => "а".repeat(usize::from(kind) * 40),
        _ => "угу угу угу ?!".into(),
    }
}

/// The first half of a text's words, at least one.
pub(super) fn half(text: &str) -> (String, String) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (head, tail) = words.split_at(words.len().div_ceil(2));
    (head.join(" "), tail.join(" "))
}
