//! What must hold of everything that is rendered: nothing is refused, and no tag is anybody else's.

use super::{escape, markdown, split, telegram::parse};
use proptest::prelude::*;

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
        "<a href=\"http://a\"><a href=\"http://b\">x</a></a>",
        "<a href=\"javascript:x\">да</a>",
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
            let seen = seen.unwrap_or_default();
            prop_assert!(!seen.trim().is_empty(), "nothing is to be seen: {page}");
            let length = seen.encode_utf16().count();
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
