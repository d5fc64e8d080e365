//! Telegram's parser of HTML as far as this bot writes it, and what must hold of everything that is
//! rendered: nothing is refused, and no tag is anybody else's.

use super::{escape, markdown, split};
use proptest::prelude::*;

/// What a reader sees; or why Telegram refuses the message.
fn parse(html: &str) -> Result<String, String> {
    let (mut seen, mut open) = (String::new(), Vec::<&str>::new());
    let mut rest = html;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '<' => {
                let end = rest.find('>').ok_or("a tag without an end")?;
                tag(&rest[1..end], &mut open)?;
                end + 1
            }
            '&' => {
                let end = rest.find(';').ok_or("an entity without an end")?;
                seen.push(entity(&rest[1..end])?);
                end + 1
            }
            '>' | '"' => return Err(format!("{first} is not escaped")),
            c if c.is_control() && c != '\n' && c != '\t' => return Err(format!("{c:?}")),
            c => {
                seen.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    match open.is_empty() {
        true => Ok(seen),
        false => Err(format!("{open:?} stays open")),
    }
}

fn entity(name: &str) -> Result<char, String> {
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        other => Err(format!("&{other};")),
    }
}

fn tag<'a>(tag: &'a str, open: &mut Vec<&'a str>) -> Result<(), String> {
    if let Some(name) = tag.strip_prefix('/') {
        return match open.pop() {
            Some(inner) if inner == name => Ok(()),
            inner => Err(format!("</{name}> closes {inner:?}")),
        };
    }
    let (name, attribute) = tag.split_once(' ').unwrap_or((tag, ""));
    let inner = open.last().copied();
    let known = match name {
        "b" | "i" | "s" => attribute.is_empty(),
        "blockquote" => attribute.is_empty() && !open.contains(&name),
        "a" => is_value(attribute, "href=\"") && !open.contains(&name),
        "pre" => attribute.is_empty(),
        "code" if inner == Some("pre") => is_value(attribute, "class=\"language-"),
        "code" => attribute.is_empty(),
        _ => false,
    };
    let in_code = inner == Some("code") || (inner == Some("pre") && name != "code");
    if !known || in_code {
        return Err(format!("<{tag}> within {open:?}"));
    }
    open.push(name);
    Ok(())
}

/// One attribute, and nothing after it.
fn is_value(attribute: &str, begins: &str) -> bool {
    let value = attribute
        .strip_prefix(begins)
        .and_then(|rest| rest.strip_suffix('"'));
    value.is_some_and(|value| !value.contains(['"', '<', '>']) && parse(value).is_ok())
}

#[test]
fn the_parser_refuses_what_telegram_refuses() {
    for html in [
        "<b>",
        "</b>",
        "<b></i>",
        "<u>да</u>",
        "<b class=\"x\">да</b>",
        "&nbsp;",
        "&",
        "<",
        "a > b",
        "<code><b>x</b></code>",
        "<pre><b>x</b></pre>",
        "<a href=\"x\" onclick=\"y\">да</a>",
        "<a href=\"1\"><a href=\"2\">x</a></a>",
        "<blockquote><blockquote>x</blockquote></blockquote>",
        "<script>x</script>",
        "\u{0}",
    ] {
        assert!(parse(html).is_err(), "{html}");
    }
    let fine = "<pre><code class=\"language-rust\">a &lt; b</code></pre> <a href=\"https://a/?b&amp;c\">d</a>";
    assert_eq!(parse(fine).as_deref(), Ok("a < b d"));
}

/// Pieces of Markdown and HTML, in any order.
fn written() -> impl Strategy<Value = String> {
    "([a-zа-я&<>\"'\\n `*_~#>|\\[\\]()!:/0-9-]|```|```rust\\n|\\*\\*|https://a\\.b|\\[x\\]\\(https://a\\.b\\)|!\\[\
     |<b>|</pre>|<a href=\"javascript:x\">|</a><script>|&amp;|&#60;|🎙️|\\n> |\\n- |\\n1\\. ){0,100}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn whatever_a_model_writes_telegram_accepts(text in written(), longest in 20..200_usize) {
        let html = markdown(&text);
        prop_assert!(parse(&html).is_ok(), "{:?}: {html}", parse(&html));
        for page in split(&html, longest) {
            let seen = parse(&page);
            prop_assert!(seen.is_ok(), "{seen:?}: {page}");
            let length = seen.map_or(0, |seen| seen.encode_utf16().count());
            prop_assert!(length <= longest, "{length} > {longest}: {page}");
        }
    }

    #[test]
    fn what_comes_from_outside_stays_what_it_is(text in "\\PC{0,60}|[<>&\"'a-z/;# ]{0,60}") {
        prop_assert_eq!(parse(&escape(&text)), Ok(text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn telegram_accepts_an_answer_wherever_it_is_cut(text in written()) {
        for (at, _) in text.char_indices() {
            for page in split(&markdown(&text[..at]), 64) {
                let seen = parse(&page);
                prop_assert!(seen.is_ok(), "{seen:?}: {page} of {:?}", &text[..at]);
            }
        }
    }
}
