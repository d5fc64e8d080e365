//! Telegram's parser of HTML as far as this bot writes it: for tests, and for `fuzz`.

/// What links may lead to.
const SCHEMES: [&str; 4] = ["https://", "http://", "tg://", "mailto:"];

/// What a reader sees; or why Telegram refuses the message.
pub fn parse(html: &str) -> Result<String, String> {
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
        "a" => {
            let leads = |scheme: &&str| attribute["href=\"".len()..].starts_with(*scheme);
            is_value(attribute, "href=\"") && SCHEMES.iter().any(leads) && !open.contains(&name)
        }
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
