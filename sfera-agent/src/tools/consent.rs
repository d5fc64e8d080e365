//! Whether words are a yes. Everything else is a no: what cannot be undone waits for a clear word.

/// Words that say yes.
const YES: &[&str] = &[
    "да",
    "да-да",
    "ага",
    "угу",
    "мгм",
    "давай",
    "давайте",
    "конечно",
    "разумеется",
    "подтверждаю",
    "верно",
    "точно",
    "согласен",
    "согласна",
    "ок",
    "окей",
    "хорошо",
    "ладно",
    "можно",
    "yes",
    "yeah",
    "yep",
    "yup",
    "sure",
    "ok",
    "okay",
    "mm-hm",
    "mhm",
    "uh-huh",
    "correct",
    "right",
    "confirm",
    "confirmed",
    "absolutely",
    "certainly",
];

/// Words that say nothing beside a yes.
const BESIDE: &[&str] = &[
    "ну",
    "я",
    "и",
    "пожалуйста",
    "спасибо",
    "делай",
    "сделай",
    "делайте",
    "сделайте",
    "выполняй",
    "меня",
    "обо",
    "мне",
    "well",
    "i",
    "and",
    "please",
    "thanks",
    "do",
    "it",
    "go",
    "ahead",
    "that",
    "me",
    "about",
];
/// Beginnings of words that mean the same where their letters differ: what is said, what was asked.
const SAME: &[[&str; 2]] = &[
    ["забуд", "забы"],
    ["удал", "забы"],
    ["сотр", "забы"],
    ["delet", "forget"],
    ["eras", "forget"],
];

/// Words of a consent, at most: who says more says something else as well.
const MAX_WORDS: usize = 8;
/// Letters that two forms of a word share at least: «отмени», «отменить».
const STEM: usize = 4;

/// Whether a text says yes to a question and nothing else: only words of consent, politeness and the
/// question itself («да, отмени заказ»).
#[must_use]
pub fn consents(text: &str, question: &str) -> bool {
    let said: Vec<String> = words(text).collect();
    let asked: Vec<String> = words(question).collect();
    let is_yes = |word: &String| YES.contains(&word.as_str());
    let fits = |word: &String| {
        is_yes(word)
            || BESIDE.contains(&word.as_str())
            || asked.iter().any(|asked| is_same(word, asked))
    };
    let first = said
        .iter()
        .find(|word| !matches!(word.as_str(), "ну" | "well"));
    said.len() <= MAX_WORDS && first.is_some_and(is_yes) && said.iter().all(fits)
}

/// The words of a text: lower case, «ё» as «е», without punctuation. «да-да» is one word.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .map(|word| word.trim_matches('-').to_lowercase().replace('ё', "е"))
        .filter(|word| !word.is_empty())
}

fn is_same(said: &str, asked: &str) -> bool {
    let shared = said
        .chars()
        .zip(asked.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let means = |[one, other]: &[&str; 2]| said.starts_with(one) && asked.starts_with(other);
    shared >= STEM || (shared > 0 && said == asked) || SAME.iter().any(means)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_wants_to_be_forgotten_says_so_in_many_ways() {
        let question = "Точно забыть навсегда всё, что я помню?";
        for yes in [
            "да, забудь",
            "Да, забудь меня.",
            "да, удали всё обо мне",
            "точно",
        ] {
            assert!(consents(yes, question), "{yes}");
        }
        let english = "Forget everything I remember for good?";
        assert!(consents("Yes, delete everything about me", english));
        // "Never mind".
        assert!(!consents("да забудь", "Отменить заказ №5?"));
        assert!(!consents("забудь", question));
    }

    #[test]
    fn a_yes_is_a_clear_yes() {
        let question = "Отменить заказ №5?";
        for yes in [
            "да",
            "Да.",
            "Ага!",
            "ну да",
            "да, конечно",
            "давай",
            "да, отмени заказ",
            "Yes, please.",
            "okay",
            "да, отменяй пожалуйста",
            "mm-hm",
        ] {
            assert!(consents(yes, question), "{yes}");
        }
        for no in [
            "",
            "нет",
            "не надо",
            "да нет",
            "да подожди",
            "давай не будем",
            "стой",
            "отмени",
            "да, но только завтра",
            "а какой это заказ",
            "no",
            "yes but wait",
            "да кто тебя просил",
            "пожалуйста",
            "нет, отмени",
            "да, но не заказ",
            "да да да да да да да да да",
        ] {
            assert!(!consents(no, question), "{no}");
        }
    }
}
