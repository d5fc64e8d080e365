//! Asking a web service, mostly for JSON: patient once, polite always, and with what was heard before where it
//! does not answer.

use super::ToolError;
use crate::language::Language;
use jiff::{Timestamp, Zoned, tz::TimeZone};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A source is given up after this or sooner, the second try included; the session's own limit is ten
/// seconds.
const TIMEOUT: Duration = Duration::from_secs(6);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Before the second try of one that broke off or is overloaded.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes of an answer. Those asked for here have at most some ten thousand.
const MAX_BYTES: usize = 1 << 20;
/// Answers kept of one source, at most.
const MAX_KEPT: usize = 64;
/// An answer older than this is told with its time.
const SAID: Duration = Duration::from_secs(5 * 60);
/// How long a source is left alone that says "too often" and not for how long, and at most.
const LEFT_ALONE: Duration = Duration::from_secs(60);
const LEFT_ALONE_AT_MOST: Duration = Duration::from_secs(5 * 60);

/// How often a source is asked, and how old its answers may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// An answer younger than this is given again without asking.
    pub(super) fresh: Duration,
    /// One older than this is not given even if nothing newer can be had.
    pub(super) stale: Duration,
    /// Requests in a minute, at most.
    pub(super) per_minute: usize,
}

/// A service at an address. Clones share what was heard and how often was asked.
#[derive(Clone)]
pub(super) struct Source {
    // Neither a wrong address nor a machine without certificates is worth a panic or an error at
    // start: the service is then simply not reachable.
    client: Option<Client>,
    url: Option<Url>,
    limits: Limits,
    timeout: Duration,
    heard: Arc<Mutex<Heard>>,
}

impl fmt::Debug for Source {
    /// Not the address, in which a key may be, nor what was asked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Source");
        debug.field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What a source says, and when it said so if that is worth telling.
#[derive(Clone, Debug)]
pub(super) struct Answer<T> {
    pub(super) value: T,
    pub(super) old: Option<Timestamp>,
}

#[derive(Default)]
struct Heard {
    kept: HashMap<String, Kept>,
    /// When it was asked within the last minute.
    asked: VecDeque<Instant>,
    left_alone_until: Option<Instant>,
}

#[derive(Clone)]
struct Kept {
    body: Arc<[u8]>,
    at: Timestamp,
    since: Instant,
}

impl Source {
    pub(super) fn new(url: &str, limits: Limits) -> Self {
        let client = crate::http::client()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT);
        Self {
            client: client.build().ok(),
            url: Url::parse(url).ok(),
            limits,
            timeout: TIMEOUT,
            heard: Arc::default(),
        }
    }

    /// The same source, given up sooner.
    pub(super) fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The same source with something behind its address.
    pub(super) fn join(&self, path: &str) -> Self {
        let mut source = self.clone();
        if let Some(url) = &mut source.url {
            let base = url.path().trim_end_matches('/').to_owned();
            url.set_path(&format!("{base}/{path}"));
        }
        source
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        query: &[(&str, &str)],
    ) -> Result<Answer<T>, ToolError> {
        self.ask(query, |client, url| client.get(url)).await
    }

    /// Reads an answer that is no JSON; one that cannot be read is [`ToolError::Protocol`].
    pub(super) async fn read<T>(
        &self,
        query: &[(&str, &str)],
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Answer<T>, ToolError> {
        self.ask_and_read(query, |client, url| client.get(url), read)
            .await
    }

    /// Asks with a request of one's own.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        query: &[(&str, &str)],
        request: impl Fn(&Client, Url) -> RequestBuilder,
    ) -> Result<Answer<T>, ToolError> {
        let json = |body: &[u8]| serde_json::from_slice(body).ok();
        self.ask_and_read(query, request, json).await
    }

    /// Answers are kept by address and query.
    async fn ask_and_read<T>(
        &self,
        query: &[(&str, &str)],
        request: impl Fn(&Client, Url) -> RequestBuilder,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Answer<T>, ToolError> {
        let (Some(client), Some(url)) = (&self.client, &self.url) else {
            return Err(ToolError::Unreachable);
        };
        let mut url = url.clone();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let key = url.to_string();
        let kept = self.heard().kept.get(&key).cloned();
        if let Some(kept) = kept
            .as_ref()
            .filter(|k| k.since.elapsed() < self.limits.fresh)
        {
            return kept.answer(false, read);
        }
        let tries = self.tries(|| request(client, url.clone()));
        let fetched = tokio::time::timeout(self.timeout, tries).await;
        match fetched.unwrap_or(Err(ToolError::Unreachable)) {
            Ok(body) => {
                let kept = Kept {
                    body: body.into(),
                    at: Timestamp::now(),
                    since: Instant::now(),
                };
                let answer = kept.answer(false, read)?;
                self.heard().keep(key, kept);
                Ok(answer)
            }
            Err(error @ (ToolError::Unreachable | ToolError::TooOften)) => match kept {
                Some(kept) if kept.since.elapsed() < self.limits.stale => kept.answer(true, read),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    async fn tries(&self, request: impl Fn() -> RequestBuilder) -> Result<Vec<u8>, ToolError> {
        match self.once(request()).await {
            Err(ToolError::Unreachable) => {
                tokio::time::sleep(PAUSE).await;
                self.once(request()).await
            }
            answer => answer,
        }
    }

    async fn once(&self, request: RequestBuilder) -> Result<Vec<u8>, ToolError> {
        self.heard().may_ask(self.limits.per_minute)?;
        let unreachable = |error: reqwest::Error| {
            tracing::debug!(error = %error.without_url(), "a tool's source cannot be reached");
            ToolError::Unreachable
        };
        let mut response = request.send().await.map_err(unreachable)?;
        match response.status() {
            status if status.is_success() => {}
            StatusCode::NOT_FOUND => return Err(ToolError::NotFound),
            StatusCode::TOO_MANY_REQUESTS => {
                self.heard().leave_alone(&response);
                return Err(ToolError::TooOften);
            }
            status if status.is_server_error() => return Err(ToolError::Unreachable),
            _ => return Err(ToolError::Protocol),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BYTES {
                return Err(ToolError::Protocol);
            }
        }
        Ok(body)
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    fn keep(&mut self, key: String, kept: Kept) {
        if self.kept.len() >= MAX_KEPT && !self.kept.contains_key(&key) {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.since);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.kept.remove(&oldest);
            }
        }
        self.kept.insert(key, kept);
    }

    fn may_ask(&mut self, per_minute: usize) -> Result<(), ToolError> {
        let now = Instant::now();
        let minute = Duration::from_secs(60);
        while self
            .asked
            .front()
            .is_some_and(|at| now.duration_since(*at) >= minute)
        {
            self.asked.pop_front();
        }
        let alone = self.left_alone_until.is_some_and(|until| now < until);
        if alone || self.asked.len() >= per_minute {
            return Err(ToolError::TooOften);
        }
        self.asked.push_back(now);
        Ok(())
    }

    fn leave_alone(&mut self, response: &Response) {
        let after = response.headers().get(reqwest::header::RETRY_AFTER);
        let seconds = after.and_then(|after| after.to_str().ok()?.trim().parse().ok());
        let pause = seconds.map_or(LEFT_ALONE, Duration::from_secs);
        self.left_alone_until = Some(Instant::now() + pause.min(LEFT_ALONE_AT_MOST));
    }
}

impl Kept {
    /// `instead`: nothing newer could be had.
    fn answer<T>(
        &self,
        instead: bool,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Answer<T>, ToolError> {
        let value = read(&self.body).ok_or(ToolError::Protocol)?;
        let old = instead || self.since.elapsed() >= SAID;
        Ok(Answer {
            value,
            old: old.then_some(self.at),
        })
    }
}

/// Adds to what is said how old it is.
pub(super) fn with_age(text: String, old: Option<Timestamp>, language: Language) -> String {
    let Some(at) = old else { return text };
    let zone = TimeZone::system();
    let now = Timestamp::now().to_zoned(zone.clone());
    let when = when(&at.to_zoned(zone), &now, language);
    match language {
        Language::Ru => format!("{text} Это по данным на {when}."),
        Language::En => format!("{text} That is as of {when}."),
    }
}

/// A time as it is said now: with its day where that is not today.
fn when(at: &Zoned, now: &Zoned, language: Language) -> String {
    let clock = match language {
        Language::Ru => at.strftime("%H:%M"),
        Language::En => at.strftime("%-I:%M %p"),
    };
    if at.date() == now.date() {
        return clock.to_string();
    }
    let yesterday = now.date().yesterday().ok() == Some(at.date());
    match (language, yesterday) {
        (Language::Ru, true) => format!("вчера, {clock}"),
        (Language::En, true) => format!("yesterday, {clock}"),
        (Language::Ru, false) => {
            let month = usize::from(at.month().unsigned_abs()) - 1;
            let month = Language::MONTHS_RU.get(month).copied().unwrap_or_default();
            format!("{} {month}, {clock}", at.day())
        }
        (Language::En, false) => format!("{}, {clock}", at.strftime("%B %-d")),
    }
}

/// A text argument that must be there.
pub(super) fn text<'a>(arguments: &'a serde_json::Value, name: &str) -> Result<&'a str, ToolError> {
    let text = arguments.get(name).and_then(serde_json::Value::as_str);
    match text.map(str::trim) {
        None | Some("") => Err(ToolError::Arguments(format!("`{name}` must be a text"))),
        Some(text) if text.chars().count() > 100 => {
            Err(ToolError::Arguments(format!("`{name}` is too long")))
        }
        Some(text) => Ok(text),
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::http::double::{Double, Part, json as answer};
    use serde_json::{Value, json};

    const LIMITS: Limits = Limits {
        fresh: Duration::from_secs(60),
        stale: Duration::from_secs(3_600),
        per_minute: 10,
    };

    fn ok() -> Vec<Part> {
        answer("200 OK", "", r#"{"a":1}"#)
    }

    async fn ask(source: &Source) -> Result<(Value, bool), ToolError> {
        let answer = source.get::<Value>(&[("q", "x")]).await?;
        Ok((answer.value, answer.old.is_some()))
    }

    #[tokio::test]
    async fn what_is_fresh_is_not_asked_again() {
        let double = Double::start(vec![ok()]).await;
        let source = Source::new(&double.url, LIMITS);
        assert_eq!(ask(&source).await, Ok((json!({ "a": 1 }), false)));
        assert_eq!(ask(&source.clone()).await, Ok((json!({ "a": 1 }), false)));
        assert_eq!(double.asked().len(), 1);
    }

    #[tokio::test]
    async fn what_was_heard_before_is_told_with_its_time_where_nothing_newer_is() {
        let broken = answer("503 Service Unavailable", "", "");
        let double = Double::start(vec![ok(), broken]).await;
        let limits = Limits {
            fresh: Duration::ZERO,
            ..LIMITS
        };
        let source = Source::new(&double.url, limits);
        assert_eq!(ask(&source).await, Ok((json!({ "a": 1 }), false)));
        assert_eq!(ask(&source).await, Ok((json!({ "a": 1 }), true)));
        assert_eq!(double.asked().len(), 3, "it was tried twice");
        let other = source.get::<Value>(&[("q", "y")]).await;
        assert_eq!(other.err(), Some(ToolError::Unreachable));
    }

    #[tokio::test]
    async fn one_failure_is_tried_again() {
        let broken = answer("500 Oops", "", "");
        let double = Double::start(vec![broken, ok()]).await;
        assert!(ask(&Source::new(&double.url, LIMITS)).await.is_ok());
        let double = Double::start(vec![vec![], ok()]).await;
        assert!(ask(&Source::new(&double.url, LIMITS)).await.is_ok());
    }

    #[tokio::test]
    async fn whoever_says_too_often_is_left_alone() {
        let busy = answer("429 Too Many Requests", "retry-after: 30\r\n", "{}");
        let double = Double::start(vec![busy, ok()]).await;
        let source = Source::new(&double.url, LIMITS);
        assert_eq!(ask(&source).await, Err(ToolError::TooOften));
        assert_eq!(ask(&source).await, Err(ToolError::TooOften));
        assert_eq!(double.asked().len(), 1);
    }

    #[tokio::test]
    async fn a_source_is_not_asked_more_often_than_it_likes() {
        let double = Double::start(vec![ok()]).await;
        let limits = Limits {
            fresh: Duration::ZERO,
            stale: Duration::ZERO,
            per_minute: 2,
        };
        let source = Source::new(&double.url, limits);
        assert!(ask(&source).await.is_ok() && ask(&source).await.is_ok());
        assert_eq!(ask(&source).await, Err(ToolError::TooOften));
        assert_eq!(double.asked().len(), 2);
    }

    #[tokio::test]
    async fn a_slow_source_is_given_up() {
        let slow = vec![Part::Hang];
        let double = Double::start(vec![slow]).await;
        let began = Instant::now();
        assert_eq!(
            ask(&Source::new(&double.url, LIMITS)).await,
            Err(ToolError::Unreachable)
        );
        assert!(began.elapsed() < TIMEOUT * 2);
    }

    #[test]
    fn the_age_is_said() {
        // So long ago that its day is said, whenever the test runs.
        let noon = "2020-11-22T12:05:00".parse::<jiff::civil::DateTime>();
        let at = noon.unwrap().to_zoned(TimeZone::system()).unwrap();
        let said = with_age("Тепло.".into(), Some(at.timestamp()), Language::Ru);
        assert_eq!(said, "Тепло. Это по данным на 22 ноября, 12:05.");
        let said = with_age("Warm.".into(), Some(at.timestamp()), Language::En);
        assert_eq!(said, "Warm. That is as of November 22, 12:05 PM.");
        assert_eq!(with_age("Тепло.".into(), None, Language::Ru), "Тепло.");
    }

    #[test]
    fn a_time_of_another_day_is_said_with_its_day() {
        let at = "2026-11-22T14:05:00Z".parse::<Timestamp>().unwrap();
        let said = |now: &str, zone: TimeZone| {
            let now = now.parse::<Timestamp>().unwrap().to_zoned(zone.clone());
            let at = at.to_zoned(zone);
            [Language::Ru, Language::En].map(|language| when(&at, &now, language))
        };
        let today = said("2026-11-22T23:59:00Z", TimeZone::UTC);
        assert_eq!(today, ["14:05", "2:05 PM"]);
        let yesterday = said("2026-11-23T00:01:00Z", TimeZone::UTC);
        assert_eq!(yesterday, ["вчера, 14:05", "yesterday, 2:05 PM"]);
        let before = said("2026-11-24T14:05:00Z", TimeZone::UTC);
        assert_eq!(before, ["22 ноября, 14:05", "November 22, 2:05 PM"]);
        // Midnight is where people live.
        let east = TimeZone::fixed(jiff::tz::offset(3));
        let yesterday = said("2026-11-22T21:30:00Z", east);
        assert_eq!(yesterday, ["вчера, 17:05", "yesterday, 5:05 PM"]);
    }
}
