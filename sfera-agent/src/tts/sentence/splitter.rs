use super::{abbreviation::may_end_sentence, markdown::Markdown};
use unicode_segmentation::GraphemeCursor;

/// Characters of a sentence, at least; shorter ones are spoken together with the next.
const MIN_CHARS: usize = 20;
/// Characters that must follow before a full stop is believed to end a sentence.
pub(super) const CONTEXT_CHARS: usize = 10;
/// Characters of a sentence, at most; longer ones are cut at a clause or a space.
pub(super) const MAX_CHARS: usize = 250;
/// A single grapheme longer than this many characters is no text and is cut.
const MAX_GRAPHEME_CHARS: usize = 1_000;

/// Cuts the text an LLM streams into sentences for a voice, as soon as they are certain.
///
/// - A sentence has at least 20 characters (shorter ones go together with the next) and at most
///   250 (longer ones are cut at a clause, else at a space, else between graphemes).
/// - Its end is believed once 10 more characters came, so «т. е.», «А. С. Пушкин», "e.g.", "Mr."
///   and 3.14 do not end one. A line break always does.
/// - Markdown's marks and emoji are dropped, links give their text, runs of white space become one
///   space or line break. Text without a letter or digit is joined on or dropped.
///
/// Every sentence keeps the space or line break after it: **the outputs concatenated, with nothing
/// between them, are the caption.** The outputs depend on the text alone, not on how it was cut into
/// deltas. At most some 3 KB are held back.
///
/// ```
/// # use sfera_agent::tts::SentenceSplitter;
/// let mut splitter = SentenceSplitter::default();
/// let mut out = Vec::new();
/// splitter.push("**Биткоин** стоит 60 тыс. долларов. Это ", &mut out);
/// assert!(out.is_empty());
/// splitter.push("больше, чем вчера", &mut out);
/// assert_eq!(out, ["Биткоин стоит 60 тыс. долларов. "]);
/// splitter.finish(&mut out);
/// assert_eq!(out[1], "Это больше, чем вчера");
/// ```
#[derive(Clone, Debug, Default)]
pub struct SentenceSplitter {
    markdown: Markdown,
    pending: Pending,
}

impl SentenceSplitter {
    /// Takes more text and appends the sentences that are certain now to `out`.
    pub fn push(&mut self, delta: &str, out: &mut Vec<String>) {
        let Self { markdown, pending } = self;
        for c in delta.chars() {
            markdown.push(c, &mut |c| pending.push(c, out));
        }
    }

    /// The text is over: appends what is left to `out`, and starts anew.
    pub fn finish(&mut self, out: &mut Vec<String>) {
        let Self { markdown, pending } = self;
        markdown.finish(&mut |c| pending.push(c, out));
        let rest = std::mem::take(pending).text;
        if speakable(&rest) {
            out.push(rest);
        }
    }
}

/// White space seen but not yet written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
}

/// Where a sentence may begin.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    byte: usize,
    chars: usize,
}

/// Plain text that is not yet given out.
#[derive(Clone, Debug, Default)]
struct Pending {
    text: String,
    chars: usize,
    gap: Gap,
    /// An emoji was dropped in the gap, so punctuation after it needs no space before it.
    emoji: bool,
    candidates: Vec<Candidate>,
}

impl Pending {
    fn push(&mut self, c: char, out: &mut Vec<String>) {
        if c.is_whitespace() {
            let gap = if matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}') {
                Gap::Line
            } else {
                Gap::Space
            };
            self.gap = self.gap.max(gap);
        } else if is_emoji(c) || (c == '\u{200D}' && self.emoji) {
            self.gap = self.gap.max(Gap::Space);
            self.emoji = true;
        } else if !is_invisible(c) {
            self.push_visible(c, out);
        }
    }

    fn push_visible(&mut self, c: char, out: &mut Vec<String>) {
        let gap = std::mem::take(&mut self.gap);
        let closes = std::mem::take(&mut self.emoji) && ".,!?;:…)»".contains(c);
        if gap != Gap::None && !self.text.is_empty() && !closes {
            self.put(if gap == Gap::Line { '\n' } else { ' ' });
            self.consider(gap, c, out);
        }
        self.put(c);
        while let Some(candidate) = self.candidates.first().copied()
            && self.chars - candidate.chars >= CONTEXT_CHARS
        {
            self.candidates.remove(0);
            if self.is_sentence_end(candidate.byte) {
                self.give_out(candidate.byte, out);
            }
        }
        if self.chars > MAX_CHARS + CONTEXT_CHARS
            && let Some(byte) = self.forced_cut()
        {
            self.give_out(byte, out);
        }
    }

    fn put(&mut self, c: char) {
        self.text.push(c);
        self.chars += 1;
    }

    /// The text ends with white space now and `next` follows: may a sentence begin there?
    fn consider(&mut self, gap: Gap, next: char, out: &mut Vec<String>) {
        if self.chars <= MIN_CHARS || !speakable(&self.text) || is_combining(next) {
            return;
        }
        if gap == Gap::Line {
            self.give_out(self.text.len(), out);
        } else if self
            .text
            .trim_end()
            .trim_end_matches(is_closing)
            .ends_with(['.', '!', '?', '…'])
        {
            self.candidates.push(Candidate {
                byte: self.text.len(),
                chars: self.chars,
            });
        }
    }

    fn is_sentence_end(&self, byte: usize) -> bool {
        let (head, tail) = self.text.split_at(byte);
        let first = tail.chars().find(|c| c.is_alphanumeric());
        if first.is_some_and(char::is_lowercase) {
            return false;
        }
        let head = head.trim_end().trim_end_matches(is_closing);
        match head.strip_suffix('.') {
            Some(head) if !head.ends_with('.') => may_end_sentence(head),
            _ => true,
        }
    }

    /// Where to cut text that is too long: after a clause, at a space, between graphemes.
    fn forced_cut(&self) -> Option<usize> {
        let limit = self.text.char_indices().nth(MAX_CHARS)?.0;
        let head = &self.text[..limit];
        let mut space = None;
        for (at, _) in head.rmatch_indices([' ', '\n']) {
            let next = at + 1;
            if is_combining(self.text[next..].chars().next().unwrap_or(' ')) {
                continue;
            }
            if head[..at].ends_with([',', ';', ':', '—', '–', '.', '!', '?', '…']) && at > limit / 3
            {
                return Some(next);
            }
            space = space.or(Some(next));
        }
        if space.is_some() {
            return space;
        }
        let mut cursor = GraphemeCursor::new(limit, self.text.len(), true);
        if matches!(cursor.is_boundary(&self.text, 0), Ok(true)) {
            return Some(limit);
        }
        match cursor.prev_boundary(&self.text, 0) {
            Ok(Some(byte)) if byte > 0 => Some(byte),
            _ => (self.chars > MAX_GRAPHEME_CHARS).then_some(limit),
        }
    }

    fn give_out(&mut self, byte: usize, out: &mut Vec<String>) {
        let rest = self.text.split_off(byte);
        let sentence = std::mem::replace(&mut self.text, rest);
        self.chars -= sentence.chars().count();
        self.candidates.clear();
        if speakable(&sentence) {
            out.push(sentence);
        }
    }
}

fn speakable(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

fn is_closing(c: char) -> bool {
    matches!(c, '»' | '"' | '\'' | '”' | '’' | '“' | ')' | ']' | '}')
}

/// Marks that stand on the character before them.
fn is_combining(c: char) -> bool {
    let pair = [' ', c].iter().collect::<String>();
    matches!(
        GraphemeCursor::new(1, pair.len(), true).is_boundary(&pair, 0),
        Ok(false)
    )
}

fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{00AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// Pictures, not text: emoji, dingbats, their modifiers, flags and key caps.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{1F000}'..='\u{1FAFF}'
        | '\u{2600}'..='\u{27BF}'
        | '\u{25A0}'..='\u{25FF}'
        | '\u{231A}'..='\u{231B}'
        | '\u{23E9}'..='\u{23FA}'
        | '\u{2B05}'..='\u{2B55}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{20E3}'
        | '\u{E0020}'..='\u{E007F}')
}
