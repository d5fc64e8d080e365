//! Russian numbers in words.

/// Gender of the counted noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gender {
    Masculine,
    Feminine,
    Neuter,
}

/// Case of the number. Accusative differs from nominative only in «одну».
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Nominative,
    Accusative,
    Genitive,
}

const ONES: [&str; 20] = [
    "ноль",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
];
const ONES_GENITIVE: [&str; 20] = [
    "ноля",
    "одного",
    "двух",
    "трёх",
    "четырёх",
    "пяти",
    "шести",
    "семи",
    "восьми",
    "девяти",
    "десяти",
    "одиннадцати",
    "двенадцати",
    "тринадцати",
    "четырнадцати",
    "пятнадцати",
    "шестнадцати",
    "семнадцати",
    "восемнадцати",
    "девятнадцати",
];
const TENS: [&str; 10] = [
    "",
    "",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
];
const TENS_GENITIVE: [&str; 10] = [
    "",
    "",
    "двадцати",
    "тридцати",
    "сорока",
    "пятидесяти",
    "шестидесяти",
    "семидесяти",
    "восьмидесяти",
    "девяноста",
];
const HUNDREDS: [&str; 10] = [
    "",
    "сто",
    "двести",
    "триста",
    "четыреста",
    "пятьсот",
    "шестьсот",
    "семьсот",
    "восемьсот",
    "девятьсот",
];
const HUNDREDS_GENITIVE: [&str; 10] = [
    "",
    "ста",
    "двухсот",
    "трёхсот",
    "четырёхсот",
    "пятисот",
    "шестисот",
    "семисот",
    "восьмисот",
    "девятисот",
];
const SCALES: [(u64, [&str; 3], Gender); 4] = [
    (
        1_000_000_000_000,
        ["триллион", "триллиона", "триллионов"],
        Gender::Masculine,
    ),
    (
        1_000_000_000,
        ["миллиард", "миллиарда", "миллиардов"],
        Gender::Masculine,
    ),
    (
        1_000_000,
        ["миллион", "миллиона", "миллионов"],
        Gender::Masculine,
    ),
    (1_000, ["тысяча", "тысячи", "тысяч"], Gender::Feminine),
];

/// Numbers from here on are read digit by digit.
pub(super) const LIMIT: u64 = 1_000_000_000_000_000;

/// The form of a noun after a number: `forms` are those after 1, 2 and 5.
pub(super) fn plural(n: u64, case: Case, forms: [&str; 3]) -> &str {
    let [one, few, many] = forms;
    let ends_in_one = n % 10 == 1 && n % 100 != 11;
    match case {
        Case::Genitive if ends_in_one => few,
        Case::Genitive => many,
        _ if ends_in_one => one,
        _ if (2..=4).contains(&(n % 10)) && !(12..=14).contains(&(n % 100)) => few,
        _ => many,
    }
}

/// «двадцать одна», «двадцати одной»; `n` below [`LIMIT`].
pub(super) fn cardinal(n: u64, gender: Gender, case: Case) -> String {
    let mut words = Vec::new();
    let mut rest = n;
    for (scale, forms, scale_gender) in SCALES {
        let count = rest / scale;
        if count > 0 {
            below_thousand(count, scale_gender, case, &mut words);
            words.push(plural(count, case, forms));
        }
        rest %= scale;
    }
    if rest > 0 || n == 0 {
        below_thousand(rest, gender, case, &mut words);
    }
    words.join(" ")
}

fn below_thousand(n: u64, gender: Gender, case: Case, words: &mut Vec<&'static str>) {
    let genitive = case == Case::Genitive;
    let (ones, tens, hundreds) = if genitive {
        (&ONES_GENITIVE, &TENS_GENITIVE, &HUNDREDS_GENITIVE)
    } else {
        (&ONES, &TENS, &HUNDREDS)
    };
    let n = n as usize;
    if n >= 100 {
        words.push(hundreds[n / 100 % 10]);
    }
    let mut rest = n % 100;
    if rest >= 20 {
        words.push(tens[rest / 10]);
        rest %= 10;
    }
    if rest == 0 && n > 0 {
        return;
    }
    words.push(match (rest, gender, case) {
        (1, Gender::Feminine, Case::Nominative) => "одна",
        (1, Gender::Feminine, Case::Accusative) => "одну",
        (1, Gender::Feminine, Case::Genitive) => "одной",
        (1, Gender::Neuter, Case::Nominative | Case::Accusative) => "одно",
        (2, Gender::Feminine, Case::Nominative | Case::Accusative) => "две",
        _ => ones[rest],
    });
}

/// Form of an ordinal, named by the ending that «первый» has in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ordinal {
    Yj,
    Aja,
    Oje,
    Ogo,
    Oj,
    Omu,
    Ym,
    Om,
    Uju,
    Yje,
    Yh,
    Ymi,
}

impl Ordinal {
    /// The form a written ending stands for: «5-й», «3-го», «90-х».
    pub(super) fn from_suffix(suffix: &str) -> Option<Self> {
        Some(match suffix {
            "й" | "ый" | "ий" => Self::Yj,
            "ой" => Self::Oj,
            "я" | "ая" | "ья" => Self::Aja,
            "е" | "ое" | "ье" => Self::Oje,
            "ые" => Self::Yje,
            "го" | "ого" => Self::Ogo,
            "му" | "ому" => Self::Omu,
            "м" | "ом" | "ем" => Self::Om,
            "ым" => Self::Ym,
            "ю" | "ую" => Self::Uju,
            "х" | "ых" => Self::Yh,
            "ми" | "ыми" => Self::Ymi,
            _ => return None,
        })
    }

    const fn endings(self) -> [&'static str; 3] {
        match self {
            Self::Yj => ["ый", "ой", "ий"],
            Self::Aja => ["ая", "ая", "ья"],
            Self::Oje => ["ое", "ое", "ье"],
            Self::Ogo => ["ого", "ого", "ьего"],
            Self::Oj => ["ой", "ой", "ьей"],
            Self::Omu => ["ому", "ому", "ьему"],
            Self::Ym => ["ым", "ым", "ьим"],
            Self::Om => ["ом", "ом", "ьем"],
            Self::Uju => ["ую", "ую", "ью"],
            Self::Yje => ["ые", "ые", "ьи"],
            Self::Yh => ["ых", "ых", "ьих"],
            Self::Ymi => ["ыми", "ыми", "ьими"],
        }
    }
}

const STEMS: [&str; 20] = [
    "нулев",
    "перв",
    "втор",
    "трет",
    "четвёрт",
    "пят",
    "шест",
    "седьм",
    "восьм",
    "девят",
    "десят",
    "одиннадцат",
    "двенадцат",
    "тринадцат",
    "четырнадцат",
    "пятнадцат",
    "шестнадцат",
    "семнадцат",
    "восемнадцат",
    "девятнадцат",
];
const TEN_STEMS: [&str; 10] = [
    "",
    "",
    "двадцат",
    "тридцат",
    "сороков",
    "пятидесят",
    "шестидесят",
    "семидесят",
    "восьмидесят",
    "девяност",
];
const HUNDRED_STEMS: [&str; 10] = [
    "",
    "сот",
    "двухсот",
    "трёхсот",
    "четырёхсот",
    "пятисот",
    "шестисот",
    "семисот",
    "восьмисот",
    "девятисот",
];

/// «две тысячи двадцать шестого»; `n` below [`LIMIT`].
pub(super) fn ordinal(n: u64, form: Ordinal) -> String {
    let last = if n % 100 < 20 && !n.is_multiple_of(100) {
        n % 100
    } else if !n.is_multiple_of(10) {
        n % 10
    } else if !n.is_multiple_of(100) {
        n % 100
    } else if !n.is_multiple_of(1_000) {
        n % 1_000
    } else {
        n % 1_000_000
    };
    let stem = match last {
        0 if n > 0 => return cardinal(n, Gender::Masculine, Case::Nominative),
        0..=19 => STEMS[last as usize].to_owned(),
        20..=99 => TEN_STEMS[last as usize / 10].to_owned(),
        100..=999 => HUNDRED_STEMS[last as usize / 100].to_owned(),
        1_000 => "тысячн".to_owned(),
        _ => compound(last / 1_000) + "тысячн",
    };
    let [hard, stressed, soft] = form.endings();
    let ending = match last {
        3 => soft,
        0 | 2 | 6..=8 | 40 => stressed,
        _ => hard,
    };
    let head = n - last;
    if head == 0 {
        return stem + ending;
    }
    let head = cardinal(head, Gender::Masculine, Case::Nominative);
    let head = head.strip_prefix("одна ").unwrap_or(&head);
    format!("{head} {stem}{ending}")
}

/// The number as the beginning of a word: «пяти»летний, «двадцатичетырёх»часовой.
pub(super) fn compound(n: u64) -> String {
    match n {
        1 => "одно".to_owned(),
        90 => "девяносто".to_owned(),
        100 => "сто".to_owned(),
        1_000 => "тысяче".to_owned(),
        _ => cardinal(n, Gender::Masculine, Case::Genitive).replace(' ', ""),
    }
}

/// «три целых четырнадцать сотых»; `None` if there are more digits than have a name.
pub(super) fn decimal(whole: u64, digits: &str, case: Case) -> Option<String> {
    let forms = match digits.len() {
        1 => ["десятая", "десятых", "десятых"],
        2 => ["сотая", "сотых", "сотых"],
        3 => ["тысячная", "тысячных", "тысячных"],
        _ => return None,
    };
    let part: u64 = digits.parse().ok()?;
    let one = |n: u64, forms: [&'static str; 3]| match (case, plural(n, Case::Nominative, forms)) {
        (Case::Nominative, form) => form.to_owned(),
        (Case::Accusative, form) => form.replace("ая", "ую"),
        (Case::Genitive, form) => form.replace("ая", "ой"),
    };
    Some(format!(
        "{} {} {} {}",
        cardinal(whole, Gender::Feminine, case),
        one(whole, ["целая", "целых", "целых"]),
        cardinal(part, Gender::Feminine, case),
        one(part, forms)
    ))
}

/// Digit by digit.
pub(super) fn digits(digits: &str) -> String {
    let words = digits
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|d| ONES[d as usize]);
    words.collect::<Vec<_>>().join(" ")
}
