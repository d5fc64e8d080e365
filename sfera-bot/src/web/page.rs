use crate::text::Text;
use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{Html, Response},
    routing::get,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sfera_agent::Language;
use sha2::{Digest as _, Sha256};
use std::{
    fmt::Write as _,
    future::ready,
    path::{Path, PathBuf},
};
use tower_http::services::ServeDir;

/// What is served until the Mini App is built.
const NOT_BUILT: &str = include_str!("not_built.html");
/// Stands in it for what else is missing.
const MISSING: &str = "<!-- missing -->";

/// Where the page's files are, seen from outside.
const FILES: &str = "/mini-app/static";
/// Files whose name changes with what is in them.
const NAMED_BY_CONTENT: &str = "/mini-app/static/_next/static/";

/// Telegram's own web pages, which show the Mini App in a frame of theirs.
const FRAMES: &str =
    "'self' https://web.telegram.org https://webk.telegram.org https://weba.telegram.org";

const HEADERS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "microphone=(self)",
    ),
];

/// The page of the Mini App as it was when the server started.
#[derive(Clone, Debug)]
pub struct Page {
    index: Bytes,
    policy: HeaderValue,
    folder: PathBuf,
    is_built: bool,
}

impl Page {
    /// Reads it from the folder it was built into, or takes one that says how to build it. `livekit` is
    /// where it may connect to.
    #[must_use]
    pub fn read(folder: &Path, livekit: Option<&str>) -> Self {
        let built = std::fs::read_to_string(folder.join("index.html")).ok();
        let is_built = built.is_some();
        let index = built.unwrap_or_else(|| not_built(livekit.is_some()));
        let policy = policy(&index, livekit);
        Self {
            policy: HeaderValue::try_from(policy)
                .unwrap_or(HeaderValue::from_static("default-src 'none'")),
            index: index.into(),
            folder: folder.to_owned(),
            is_built,
        }
    }

    /// Whether it is there.
    #[must_use]
    pub const fn is_built(&self) -> bool {
        self.is_built
    }

    pub(super) fn router(&self) -> Router {
        // Its own protection against paths that lead out of the folder.
        let files = ServeDir::new(&self.folder).append_index_html_on_directories(false);
        let index = self.index.clone();
        Router::new()
            .route("/", get(move || ready(Html(index.clone()))))
            .nest_service(FILES, files)
            .layer(middleware::from_fn_with_state(self.policy.clone(), protect))
    }
}

/// Adds the headers of every page and file.
async fn protect(State(policy): State<HeaderValue>, request: Request, next: Next) -> Response {
    let named_by_content = request.uri().path().starts_with(NAMED_BY_CONTENT);
    let is_index = request.uri().path() == "/";
    let mut response = next.run(request).await;
    let caching = match (is_index, named_by_content && response.status().is_success()) {
        (true, _) => "no-store, no-cache, must-revalidate",
        (false, true) => "public, max-age=31536000, immutable",
        (false, false) => "no-cache",
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Nothing from elsewhere, and of the scripts within the page only those it had when it was read.
fn policy(index: &str, livekit: Option<&str>) -> String {
    let mut scripts = "'self'".to_owned();
    for script in inline_scripts(index) {
        let hash = BASE64_STANDARD.encode(Sha256::digest(script));
        // Writing to a text cannot fail.
        let _ = write!(scripts, " 'sha256-{hash}'");
    }
    let livekit = livekit.map(sources).unwrap_or_default();
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         font-src 'self'; media-src 'self' blob: mediastream:; worker-src 'self' blob:; \
         connect-src 'self'{livekit}; base-uri 'none'; object-src 'none'; form-action 'none'; \
         frame-ancestors {FRAMES}"
    )
}

/// LiveKit's signalling and its API, as sources of a policy. LiveKit's cloud sends clients on to the
/// region next to them.
fn sources(livekit: &str) -> String {
    let Ok(url) = reqwest::Url::parse(livekit) else {
        return String::new();
    };
    let (socket, http) = match url.scheme() {
        "wss" | "https" => ("wss", "https"),
        _ => ("ws", "http"),
    };
    let Some(host) = url.host_str() else {
        return String::new();
    };
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let regions = match host.ends_with(".livekit.cloud") {
        true => " wss://*.livekit.cloud https://*.livekit.cloud",
        false => "",
    };
    format!(" {socket}://{host}{port} {http}://{host}{port}{regions}")
}

/// What stands between `<script>` and `</script>` where no file is named.
fn inline_scripts(html: &str) -> Vec<&str> {
    const OPEN: &str = "<script";
    const CLOSE: &str = "</script";
    // Of the same length in bytes.
    let lower = html.to_ascii_lowercase();
    let (mut scripts, mut at) = (Vec::new(), 0);
    while let Some(found) = lower[at..].find(OPEN) {
        let attributes = at + found + OPEN.len();
        let Some(length) = end_of_tag(&lower[attributes..]) else {
            break;
        };
        let body = attributes + length + 1;
        let end = lower[body..]
            .find(CLOSE)
            .map_or(html.len(), |end| body + end);
        if !names_a_file(&lower[attributes..attributes + length]) {
            scripts.push(&html[body..end]);
        }
        at = end;
    }
    scripts
}

/// Where a tag's `>` is; one within quotes is none.
fn end_of_tag(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

fn names_a_file(attributes: &str) -> bool {
    attributes
        .split_ascii_whitespace()
        .any(|attribute| attribute.starts_with("src="))
}

fn not_built(has_livekit: bool) -> String {
    let missing = match has_livekit {
        true => String::new(),
        false => Language::ALL
            .map(|language| format!("<p lang=\"{language}\">{}</p>", Text(language).no_livekit()))
            .concat(),
    };
    NOT_BUILT.replace(MISSING, &missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_within_the_page_are_hashed() {
        let html = "<script src=\"a.js\"></script><SCRIPT data-x='>' nonce>let a = '<b>';</Script >\
                    <p>ß</p><script>self.b=1</script><script";
        assert_eq!(inline_scripts(html), ["let a = '<b>';", "self.b=1"]);
        let policy = policy("<script>alert(1)</script>", None);
        // By openssl: printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        assert!(
            policy.contains(" 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"),
            "{policy}"
        );
        assert!(policy.contains("connect-src 'self';"), "{policy}");
    }

    #[test]
    fn the_page_connects_to_livekit_and_nowhere_else() {
        assert_eq!(
            sources("wss://a.example"),
            " wss://a.example https://a.example"
        );
        assert_eq!(
            sources("ws://127.0.0.1:7880"),
            " ws://127.0.0.1:7880 http://127.0.0.1:7880"
        );
        assert!(sources("wss://x.livekit.cloud").ends_with("https://*.livekit.cloud"));
    }

    #[test]
    fn until_it_is_built_a_page_says_how_and_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let page = Page::read(folder.path(), None);
        let text = String::from_utf8(page.index.to_vec()).unwrap();
        assert!(!page.is_built() && text.contains("npm run build") && text.contains("LIVEKIT_URL"));
        let page = Page::read(folder.path(), Some("wss://a.example"));
        assert!(
            !String::from_utf8(page.index.to_vec())
                .unwrap()
                .contains("LIVEKIT_URL")
        );
    }
}
