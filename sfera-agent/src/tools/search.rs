use super::{
    Tool, ToolContext, ToolError, ToolSpec,
    web::{Limits, Source},
};
use crate::{knowledge::Citation, language::Language};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{fmt, time::Duration};

/// What people look up twice within ten minutes has not changed.
const LIMITS: Limits = Limits {
    fresh: Duration::from_secs(10 * 60),
    stale: Duration::from_secs(3_600),
    per_minute: 30,
};
/// Results given, at most.
const RESULTS: usize = 5;
/// Characters of a result's text.
const MAX_SNIPPET: usize = 400;
/// Characters of a question.
const MAX_QUERY: usize = 300;

/// Who searches.
#[derive(Clone, PartialEq, Eq)]
pub enum SearchEngine {
    /// Wikipedia in the language of the conversation, by its public interface; no key needed. It is an
    /// encyclopedia: news and shops are not in it.
    Wikipedia,
    /// Brave, by a key.
    Brave(String),
    /// Tavily, by a key.
    Tavily(String),
    /// A SearXNG server at this address, which must allow the format `json`.
    SearXng(String),
}

impl fmt::Debug for SearchEngine {
    /// Keys are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl SearchEngine {
    /// The one that `BRAVE_API_KEY`, `TAVILY_API_KEY` or `SEARXNG_URL` names, the first of them that is
    /// set.
    pub fn of_environment<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let get = |name| get(name).map(str::to_owned);
        let engine = get("BRAVE_API_KEY").map(Self::Brave);
        let engine = engine.or_else(|| get("TAVILY_API_KEY").map(Self::Tavily));
        engine.or_else(|| get("SEARXNG_URL").map(Self::SearXng))
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Wikipedia => "Wikipedia",
            Self::Brave(_) => "Brave",
            Self::Tavily(_) => "Tavily",
            Self::SearXng(_) => "SearXNG",
        }
    }
}

/// `web_search`: titles, texts and addresses of what an engine finds.
///
/// Takes `query`. The results are marked as text of strangers ([`ToolSpec::untrusted`]). An engine that
/// fails or is slower than six seconds is [`ToolError::Unreachable`]; a wrong key is
/// [`ToolError::Protocol`].
#[derive(Clone, Debug)]
pub struct SearchTool {
    engine: SearchEngine,
    /// One for each language of Wikipedia, or the same one twice.
    sources: [Source; 2],
}

impl SearchTool {
    /// The tool with an engine at its usual address.
    #[must_use]
    pub fn new(engine: SearchEngine) -> Self {
        let [ru, en] = match &engine {
            SearchEngine::Wikipedia => [
                "https://ru.wikipedia.org/w/api.php".to_owned(),
                "https://en.wikipedia.org/w/api.php".to_owned(),
            ],
            SearchEngine::Brave(_) => {
                ["https://api.search.brave.com/res/v1/web/search"; 2].map(str::to_owned)
            }
            SearchEngine::Tavily(_) => ["https://api.tavily.com/search"; 2].map(str::to_owned),
            SearchEngine::SearXng(url) => {
                let url = format!("{}/search", url.trim_end_matches('/'));
                [url.clone(), url]
            }
        };
        Self::at(engine, &ru, &en)
    }

    /// The tool with other addresses of the same service, for Russian and for English.
    #[must_use]
    pub fn at(engine: SearchEngine, ru: &str, en: &str) -> Self {
        let sources = [ru, en].map(|url| Source::new(url, LIMITS));
        Self { engine, sources }
    }

    async fn find(&self, query: &str, language: Language) -> Result<Vec<Found>, ToolError> {
        let source = &self.sources[usize::from(language == Language::En)];
        let limit = RESULTS.to_string();
        match &self.engine {
            SearchEngine::Wikipedia => {
                let query = [
                    ("action", "query"),
                    ("list", "search"),
                    ("srsearch", query),
                    ("srlimit", &limit),
                    ("format", "json"),
                    ("formatversion", "2"),
                ];
                let found = source.get::<Wikipedia>(&query).await?.value;
                let found = found.query.search.into_iter();
                Ok(found.map(|hit| hit.found(language)).collect())
            }
            SearchEngine::Brave(key) => {
                let query = [
                    ("q", query),
                    ("count", &limit),
                    ("search_lang", language.code()),
                ];
                let asked = source.ask::<Brave>(&query, |client, url| {
                    client.get(url).header("x-subscription-token", key)
                });
                Ok(asked.await?.value.web.unwrap_or_default().results)
            }
            SearchEngine::Tavily(key) => {
                // The question stands in the address only to tell kept answers apart.
                let body = json!({ "query": query, "max_results": RESULTS });
                let query = [("q", query)];
                let asked = source.ask::<Results>(&query, |client, mut url| {
                    url.set_query(None);
                    client.post(url).bearer_auth(key).json(&body)
                });
                Ok(asked.await?.value.results)
            }
            SearchEngine::SearXng(_) => {
                let query = [
                    ("q", query),
                    ("format", "json"),
                    ("language", language.code()),
                ];
                Ok(source.get::<Results>(&query).await?.value.results)
            }
        }
    }
}

#[async_trait]
impl Tool for SearchTool {
    fn spec(&self) -> ToolSpec {
        let about = match self.engine {
            SearchEngine::Wikipedia => {
                "Looks things up in Wikipedia. Name the article as your source; if it does not answer \
                 the question, say so."
            }
            _ => {
                "Searches the internet. Name your source; if nothing answers the question, say so."
            }
        };
        let spec = ToolSpec::new("web_search", about).harmless().untrusted();
        spec.with_parameters(json!({
            "type": "object",
            "properties": {
                "query": { "type": "string", "description": "What to look for." },
            },
            "required": ["query"],
        }))
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        let query = arguments
            .get("query")
            .and_then(Value::as_str)
            .map(str::trim);
        let query = query.filter(|q| !q.is_empty() && q.chars().count() <= MAX_QUERY);
        let query = query.ok_or_else(|| {
            ToolError::Arguments("`query` must be a text of at most 300 characters".to_owned())
        })?;
        let found = self.find(query, context.language).await?;
        let lines = found.iter().take(RESULTS).enumerate().map(|(n, found)| {
            let text: String = plain(&found.text).chars().take(MAX_SNIPPET).collect();
            format!("{}. {}\n{text}\n{}", n + 1, plain(&found.title), found.url)
        });
        let lines: Vec<_> = lines.collect();
        match lines.is_empty() {
            true => Err(ToolError::NotFound),
            false => Ok(lines.join("\n\n")),
        }
    }

    fn citation(&self, _: &Value, language: Language) -> Option<Citation> {
        let (title, url) = match (&self.engine, language) {
            (SearchEngine::Wikipedia, Language::Ru) => {
                ("Википедия", Some("https://ru.wikipedia.org/"))
            }
            (SearchEngine::Wikipedia, Language::En) => {
                ("Wikipedia", Some("https://en.wikipedia.org/"))
            }
            (SearchEngine::Brave(_), _) => ("Brave Search", Some("https://search.brave.com/")),
            (SearchEngine::Tavily(_), _) => ("Tavily", Some("https://tavily.com/")),
            (SearchEngine::SearXng(_), _) => ("SearXNG", None),
        };
        Some(Citation {
            title: title.to_owned(),
            url: url.map(str::to_owned),
        })
    }
}

/// A result, as most engines name its parts.
#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    title: String,
    url: String,
    #[serde(default, alias = "content", alias = "description")]
    text: String,
}

#[derive(Default, Deserialize)]
struct Results {
    results: Vec<Found>,
}

#[derive(Deserialize)]
struct Brave {
    /// Left out if nothing was found.
    web: Option<Results>,
}

#[derive(Deserialize)]
struct Wikipedia {
    query: Hits,
}

#[derive(Deserialize)]
struct Hits {
    search: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    title: String,
    snippet: String,
    pageid: u64,
}

impl Hit {
    fn found(self, language: Language) -> Found {
        let code = language.code();
        Found {
            url: format!("https://{code}.wikipedia.org/?curid={}", self.pageid),
            title: self.title,
            text: self.snippet,
        }
    }
}

/// Engines mark the words they found by tags.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut in_tag = false;
    for char in text.chars() {
        match char {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            '\n' | '\r' if !in_tag => plain.push(' '),
            _ if in_tag => {}
            other => plain.push(other),
        }
    }
    for (entity, char) in [
        ("&quot;", "\""),
        ("&#039;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, char);
    }
    plain.trim().to_owned()
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::{
        http::double::{Double, json as answer},
        testing::tool_conformance,
    };

    // Shapes as the services' own documentation shows them.
    const WIKIPEDIA: &str = r#"{"batchcomplete":true,"continue":{"sroffset":5,"continue":"-||"},
        "query":{"searchinfo":{"totalhits":2},"search":[{"ns":0,"title":"Биткойн","pageid":2746914,
        "size":1,"wordcount":1,"snippet":"<span class=\"searchmatch\">Биткойн</span> &mdash; &quot;валюта&quot;",
        "timestamp":"2026-11-20T00:00:00Z"}]}}"#;
    const BRAVE: &str = r#"{"type":"search","query":{"original":"x"},"web":{"type":"search","results":[
        {"title":"Bitcoin","url":"https://bitcoin.org/","description":"A <strong>coin</strong>.",
        "page_age":"2026-01-01"}]}}"#;
    const TAVILY: &str = r#"{"query":"x","answer":null,"images":[],"results":[{"title":"Bitcoin",
        "url":"https://bitcoin.org/","content":"A coin.","score":0.9,"raw_content":null}],
        "response_time":1.1}"#;
    const SEARXNG: &str = r#"{"query":"x","number_of_results":0,"results":[{"url":"https://bitcoin.org/",
        "title":"Bitcoin","content":"A coin.","engine":"x","score":1.0}],"answers":[]}"#;

    fn at(engine: SearchEngine, double: &Double) -> SearchTool {
        SearchTool::at(engine, &double.url, &double.url)
    }

    async fn search(tool: &SearchTool) -> Result<String, ToolError> {
        tool.call(json!({ "query": "биткоин" }), ToolContext::default())
            .await
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let double = Double::start(vec![answer("200 OK", "", WIKIPEDIA)]).await;
        let tool = at(SearchEngine::Wikipedia, &double);
        tool_conformance(&tool, json!({ "query": "биткоин" })).await;
    }

    #[tokio::test]
    async fn every_engine_gives_titles_texts_and_addresses() {
        let key = || "SECRET".to_owned();
        let found = "1. Bitcoin\nA coin.\nhttps://bitcoin.org/";
        let wikipedia =
            "1. Биткойн\nБиткойн &mdash; \"валюта\"\nhttps://ru.wikipedia.org/?curid=2746914";
        for (engine, body, expected) in [
            (SearchEngine::Wikipedia, WIKIPEDIA, wikipedia),
            (SearchEngine::Brave(key()), BRAVE, found),
            (SearchEngine::Tavily(key()), TAVILY, found),
            (SearchEngine::SearXng(String::new()), SEARXNG, found),
        ] {
            let double = Double::start(vec![answer("200 OK", "", body)]).await;
            let tool = at(engine.clone(), &double);
            assert_eq!(search(&tool).await.as_deref(), Ok(expected), "{engine:?}");
            let asked = &double.asked()[0];
            let head = asked.head.to_lowercase();
            match engine {
                SearchEngine::Brave(_) => assert!(head.contains("x-subscription-token: secret")),
                SearchEngine::Tavily(_) => {
                    assert!(
                        head.starts_with("post / ")
                            && head.contains("authorization: bearer secret")
                    );
                    assert!(asked.body.contains("\"max_results\":5"), "{}", asked.body);
                }
                _ => assert!(!head.contains("secret")),
            }
            assert!(!format!("{tool:?}").contains("SECRET"));
        }
    }

    #[tokio::test]
    async fn whatever_the_engine_does_is_an_honest_error() {
        let nothing = r#"{"batchcomplete":true,"query":{"search":[]}}"#;
        for (script, error) in [
            (answer("200 OK", "", nothing), ToolError::NotFound),
            (answer("200 OK", "", "<html>"), ToolError::Protocol),
            (answer("401 Unauthorized", "", "{}"), ToolError::Protocol),
            (
                answer("429 Too Many Requests", "", "{}"),
                ToolError::TooOften,
            ),
            (answer("502 Bad Gateway", "", ""), ToolError::Unreachable),
        ] {
            let double = Double::start(vec![script]).await;
            assert_eq!(
                search(&at(SearchEngine::Wikipedia, &double)).await,
                Err(error)
            );
        }
    }

    #[test]
    fn tags_are_taken_away() {
        assert_eq!(plain("a <b>c</b> &amp; d\n1 &lt; 2"), "a c & d 1 < 2");
    }
}
