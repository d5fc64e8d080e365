use super::{
    Tool, ToolContext, ToolError, ToolSpec,
    guard::{Guard, PublicNames},
};
use async_trait::async_trait;
use reqwest::{Client, Response, Url, header};
use serde_json::{Value, json};
use std::time::Duration;

/// A page is given up after this.
const TIMEOUT: Duration = Duration::from_secs(8);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes of a page that are read; what comes after is cut off.
const MAX_BYTES: usize = 1 << 20;
/// Characters of its text that the LLM gets: some two pages of a book.
const MAX_CHARS: usize = 6_000;
/// Characters of an address.
const MAX_URL: usize = 2_000;
/// Columns of the text: wide, because its lines are not to be looked at.
const COLUMNS: usize = 500;

/// `read_page`: the text of a page of the public internet, with its title and address. No key needed.
///
/// Takes `url`. A page of a private, local or otherwise special address is [`ToolError::Refused`], whatever
/// name or redirect leads to it: names are resolved by the connection itself, only to public addresses, and
/// only ports 80 and 443 are open. At most 1 MiB is read, within eight seconds, and 6000 characters of text
/// are given. It asks the page's server directly, never through a proxy: a proxy would resolve the name
/// anew.
///
/// The text is marked as that of strangers ([`ToolSpec::untrusted`]): after it no call that changes
/// something runs without a yes. What that does not stop: a page can still lie, and make the model look at
/// another page, whose address may carry what the model knows.
#[derive(Clone, Debug)]
pub struct PageTool {
    client: Option<Client>,
    guard: Guard,
}

impl Default for PageTool {
    fn default() -> Self {
        Self::guarded_by(Guard::default())
    }
}

impl PageTool {
    fn guarded_by(guard: Guard) -> Self {
        let client = crate::http::client()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(guard.redirects())
            .dns_resolver(PublicNames(guard))
            .no_proxy();
        Self {
            client: client.build().ok(),
            guard,
        }
    }

    async fn read(&self, url: Url) -> Result<String, ToolError> {
        let client = self.client.as_ref().ok_or(ToolError::Unreachable)?;
        let mut response = client.get(url).send().await.map_err(failure)?;
        match response.status() {
            status if status.is_success() => {}
            status if matches!(status.as_u16(), 404 | 410) => return Err(ToolError::NotFound),
            status if status.as_u16() == 429 => return Err(ToolError::TooOften),
            status if status.is_server_error() => return Err(ToolError::Unreachable),
            status => return Err(ToolError::Refused(format!("the page answers {status}"))),
        }
        let (is_html, charset) = kind(&response)?;
        let address = response.url().clone();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            let room = MAX_BYTES - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if body.len() == MAX_BYTES {
                break;
            }
        }
        // A page may be made to be slow to read; one that breaks the reader is no page.
        let text = tokio::task::spawn_blocking(move || text(&body, is_html, charset));
        let text = tokio::time::timeout(TIMEOUT, text).await;
        let Ok(Ok(Some((title, text)))) = text else {
            return Err(ToolError::Protocol);
        };
        if text.is_empty() {
            return Err(ToolError::NotFound);
        }
        let short: String = text.chars().take(MAX_CHARS).collect();
        let cut = if short.len() < text.len() {
            "\n[…]"
        } else {
            ""
        };
        Ok(format!("{title}\n{address}\n\n{short}{cut}"))
    }
}

#[async_trait]
impl Tool for PageTool {
    fn spec(&self) -> ToolSpec {
        let about = "Reads a page of the internet. Use it with addresses from web_search or from the \
                     user, and name the page as your source.";
        let spec = ToolSpec::new("read_page", about).harmless().untrusted();
        spec.with_timeout(TIMEOUT * 2).with_parameters(json!({
            "type": "object",
            "properties": {
                "url": { "type": "string", "description": "https://…" },
            },
            "required": ["url"],
        }))
    }

    async fn call(&self, arguments: Value, _: ToolContext) -> Result<String, ToolError> {
        let url = arguments.get("url").and_then(Value::as_str).map(str::trim);
        let url = url.filter(|url| url.len() <= MAX_URL);
        let url = url.and_then(|url| Url::parse(url).ok());
        let url = url.ok_or_else(|| ToolError::Arguments("`url` must be an address".to_owned()))?;
        if !self.guard.admits(&url) {
            return Err(private());
        }
        self.read(url).await
    }
}

fn private() -> ToolError {
    ToolError::Refused("only pages of the public internet are read, over http or https".to_owned())
}

fn failure(error: reqwest::Error) -> ToolError {
    use std::error::Error;
    let mut cause: Option<&dyn Error> = Some(&error);
    while let Some(error) = cause {
        if error.to_string() == super::guard::Forbidden.to_string() {
            return private();
        }
        cause = error.source();
    }
    tracing::debug!(error = %error.without_url(), "a page cannot be reached");
    ToolError::Unreachable
}

/// Whether a response is HTML, and in which charset.
fn kind(response: &Response) -> Result<(bool, Option<String>), ToolError> {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("text/html");
    let kind = kind.to_ascii_lowercase();
    let charset = kind.split("charset=").nth(1);
    let charset = charset.map(|c| c.trim_matches(['"', '\'', ' ', ';']).to_owned());
    let essence = kind.split(';').next().unwrap_or_default().trim();
    match essence {
        "text/html" | "application/xhtml+xml" => Ok((true, charset)),
        kind if kind.starts_with("text/") || kind == "application/json" => Ok((false, charset)),
        _ => Err(ToolError::Refused("it is no page of text".to_owned())),
    }
}

/// Title and text of a page.
fn text(body: &[u8], is_html: bool, charset: Option<String>) -> Option<(String, String)> {
    let named = charset.or_else(|| declared_charset(body));
    let encoding = named.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
    let (html, _, _) = encoding.unwrap_or(encoding_rs::UTF_8).decode(body);
    if !is_html {
        return Some((String::new(), html.trim().to_owned()));
    }
    let title = between(&html, "<title", "</title>").and_then(|t| Some(t.split_once('>')?.1));
    let render = |html: &str| {
        let plain = html2text::config::plain_no_decorate();
        plain.string_from_read(html.as_bytes(), COLUMNS).ok()
    };
    let title = title.and_then(render).unwrap_or_default();
    let text = render(&html)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Some((
        title.trim().to_owned(),
        lines.collect::<Vec<_>>().join("\n"),
    ))
}

/// The charset that a page says it is in.
fn declared_charset(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&body[..body.len().min(1_024)]).to_ascii_lowercase();
    let named = head
        .split("charset=")
        .nth(1)?
        .trim_start_matches(['"', '\'']);
    let end = named.find(['"', '\'', ' ', '>', ';', '/'])?;
    Some(named[..end].to_owned())
}

fn between<'a>(html: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let lower = html.to_ascii_lowercase();
    let start = lower.find(from)? + from.len();
    let end = lower[start..].find(to)?;
    html.get(start..start + end)
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::{
        http::double::{Double, Part},
        testing::tool_conformance,
    };
    use std::net::IpAddr;

    const PAGE: &str = "<html><head><title>Курс &amp; новости</title><script>evil()</script></head>\
        <body><h1>Биткоин</h1><p>Сегодня <b>спокойно</b>.</p><a href='/x'>Дальше</a></body></html>";

    fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<Part> {
        let len = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {len}\r\nconnection: close\r\n\r\n"
        );
        vec![Part::Bytes([head.as_bytes(), body].concat())]
    }

    fn html(body: &str) -> Vec<Part> {
        answer(
            "200 OK",
            "content-type: text/html; charset=utf-8\r\n",
            body.as_bytes(),
        )
    }

    /// Lets a test reach its double, and nothing else.
    fn tool() -> PageTool {
        PageTool::guarded_by(Guard {
            address: |address| address == IpAddr::from([127, 0, 0, 1]),
            port: |_| true,
        })
    }

    async fn read(tool: &PageTool, url: &str) -> Result<String, ToolError> {
        tool.call(json!({ "url": url }), ToolContext::default())
            .await
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let double = Double::start(vec![html(PAGE)]).await;
        tool_conformance(&tool(), json!({ "url": double.url })).await;
    }

    #[tokio::test]
    async fn a_page_is_read_with_its_title_and_its_address() {
        let double = Double::start(vec![html(PAGE)]).await;
        let text = read(&tool(), &double.url).await.unwrap();
        assert!(
            text.starts_with("Курс & новости\nhttp://127.0.0.1:"),
            "{text}"
        );
        assert!(
            text.contains("Сегодня спокойно.") && text.contains("Дальше"),
            "{text}"
        );
        assert!(!text.contains("evil"), "{text}");
    }

    #[tokio::test]
    async fn old_charsets_are_understood() {
        let body =
            b"<html><head><meta charset=windows-1251></head><body>\xcf\xf0\xe8\xe2\xe5\xf2</body>";
        for headers in [
            "content-type: text/html\r\n",
            "content-type: text/html; charset=cp1251\r\n",
        ] {
            let double = Double::start(vec![answer("200 OK", headers, body)]).await;
            let text = read(&tool(), &double.url).await.unwrap();
            assert!(text.ends_with("Привет"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_page_is_bounded() {
        let long = format!("<p>{}</p>", "слово ".repeat(400_000));
        let double = Double::start(vec![html(&long)]).await;
        let text = read(&tool(), &double.url).await.unwrap();
        assert!(text.chars().count() < MAX_CHARS + 100 && text.ends_with("[…]"));
    }

    #[tokio::test]
    async fn nothing_private_is_reached() {
        let double = Double::start(vec![html(PAGE)]).await;
        let port = double.url.rsplit(':').next().unwrap().to_owned();
        let strict = PageTool::guarded_by(Guard {
            port: |_| true,
            ..Guard::default()
        });
        for url in [
            double.url.clone(),
            // A name that leads to this machine.
            format!("http://localhost:{port}/"),
            format!("http://[::ffff:127.0.0.1]:{port}/"),
            "http://169.254.169.254/latest/meta-data/".to_owned(),
            "file:///etc/passwd".to_owned(),
        ] {
            assert_eq!(read(&strict, &url).await, Err(private()), "{url}");
        }
        assert_eq!(
            read(&PageTool::default(), "http://example.org:22/").await,
            Err(private())
        );
        assert!(double.asked().is_empty(), "nobody was asked");
    }

    #[tokio::test]
    async fn a_redirect_is_checked_like_the_first_address() {
        let other = Double::start(vec![html(PAGE)]).await;
        let port = other.url.rsplit(':').next().unwrap().to_owned();
        for (target, result) in [
            (other.url.clone(), Ok(())),
            (format!("http://127.0.0.2:{port}/"), Err(private())),
            ("http://169.254.169.254/".to_owned(), Err(private())),
            ("http://[::1]/".to_owned(), Err(private())),
        ] {
            let headers = format!("location: {target}\r\n");
            let double = Double::start(vec![answer("302 Found", &headers, b"")]).await;
            let read = read(&tool(), &double.url).await;
            assert_eq!(read.map(|_| ()), result, "{target}");
        }
        let endless = Double::start(vec![answer("302 Found", "location: /again\r\n", b"")]).await;
        assert_eq!(read(&tool(), &endless.url).await, Err(private()));
        assert!(endless.asked().len() <= 7, "{}", endless.asked().len());
    }

    #[tokio::test]
    async fn whatever_the_page_does_is_an_honest_error() {
        let image = answer("200 OK", "content-type: image/png\r\n", b"\x89PNG");
        for (script, error) in [
            (answer("404 Not Found", "", b""), ToolError::NotFound),
            (answer("503 Busy", "", b""), ToolError::Unreachable),
            (
                answer("429 Too Many Requests", "", b""),
                ToolError::TooOften,
            ),
            (vec![], ToolError::Unreachable),
            (html("<html></html>"), ToolError::NotFound),
            (image, ToolError::Refused("it is no page of text".into())),
        ] {
            let double = Double::start(vec![script]).await;
            assert_eq!(read(&tool(), &double.url).await, Err(error));
        }
        let hanging = Double::start(vec![vec![Part::Hang]]).await;
        let began = tokio::time::Instant::now();
        assert_eq!(
            read(&tool(), &hanging.url).await,
            Err(ToolError::Unreachable)
        );
        assert!(began.elapsed() < TIMEOUT * 2);
    }
}
