//! What is looked up elsewhere: prices, weather, times.
//!
//! An errand stands in the database until its answer is promised, in one transaction. One that broke
//! off with the process is simply done anew: looking something up changes nothing.

mod sources;

pub use sources::Sources;

use crate::{
    handling::House,
    lanes::{self, IDLE, Lanes, TROUBLE},
    render::escape,
    rooms::toolbox::Kind,
    state::{Errand, Millis, StateError, Store, Work},
    telegram::{Button, Call, Keyboard},
    text::Text,
    when::Zone,
};
use jiff::Timestamp;
use sfera_agent::{
    Language,
    tools::{ToolContext, ToolError},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Chats for which something is looked up at the same time.
const LANES: usize = 8;
/// How long a source may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes that a button can carry.
const DATA: usize = 64;

/// Looks up what stands in the database.
pub struct Errands {
    shared: Arc<Shared>,
    stop: CancellationToken,
}

struct Shared {
    store: Store,
    sources: Sources,
    house: Arc<House>,
}

impl Errands {
    /// By these sources.
    pub fn new(store: Store, sources: Sources, house: Arc<House>, stop: CancellationToken) -> Self {
        let shared = Shared {
            store,
            sources,
            house,
        };
        Self {
            shared: Arc::new(shared),
            stop,
        }
    }

    /// Works until told to stop. What is being looked up then is looked up the next time.
    pub async fn run(mut self) {
        let (shared, stop) = (self.shared.clone(), self.stop.clone());
        lanes::run(&mut self, LANES, &shared.house.errands, &stop).await;
    }
}

impl lanes::Queue for Errands {
    const NAME: &'static str = "the errands";

    async fn look(&mut self, lanes: &mut Lanes) -> Result<Duration, StateError> {
        for chat in self.shared.store.errand_chats().await? {
            if !lanes.has_room() {
                break;
            }
            let (shared, stop) = (self.shared.clone(), self.stop.clone());
            lanes.begin(chat, async move {
                let done = stop.run_until_cancelled(shared.all_of(chat)).await;
                if let Some(Err(error)) = done {
                    tracing::error!(%error, "what was looked up cannot be kept");
                    sleep(TROUBLE).await;
                }
            });
        }
        Ok(IDLE)
    }
}

impl Shared {
    async fn all_of(&self, chat: i64) -> Result<(), StateError> {
        while let Some(errand) = self.store.next_errand(chat).await? {
            self.carry_out(&errand).await?;
        }
        Ok(())
    }

    async fn carry_out(&self, errand: &Errand) -> Result<(), StateError> {
        let language = self.language_of(errand).await?;
        let found = self.look_up(errand, language).await;
        let mut work = self.store.begin(self.house.clock.now()).await?;
        if !work.end_errand(errand.id).await? {
            return Ok(());
        }
        let text = Text(language);
        if let Some(said) = self.said(&mut work, errand, text, found).await? {
            let call = Call::message(errand.chat, said).with_keyboard(keyboard(text, errand));
            let key = format!("errand:{}", errand.id);
            work.send(&key, errand.chat, &call).await?;
        }
        work.commit().await?;
        self.house.outgoing.notify_one();
        Ok(())
    }

    async fn language_of(&self, errand: &Errand) -> Result<Language, StateError> {
        let mut work = self.store.begin(self.house.clock.now()).await?;
        let language = work.language_of(errand.user).await?;
        Ok(language.unwrap_or(self.house.settings.language))
    }

    async fn look_up(
        &self,
        errand: &Errand,
        language: Language,
    ) -> Option<Result<String, ToolError>> {
        let kind = Kind::named(&errand.kind)?;
        let (tool, arguments) = self.sources.ask(kind, &errand.subject);
        let context = ToolContext {
            call_id: format!("errand-{}", errand.id).into(),
            language,
            ..ToolContext::default()
        };
        let found = timeout(PATIENCE, tool.call(arguments, context)).await;
        Some(found.unwrap_or(Err(ToolError::Unreachable)))
    }

    /// What is said of it; nothing of an errand that this version does not know.
    async fn said(
        &self,
        work: &mut Work,
        errand: &Errand,
        text: Text,
        found: Option<Result<String, ToolError>>,
    ) -> Result<Option<String>, StateError> {
        let (Some(kind), Some(found)) = (Kind::named(&errand.kind), found) else {
            return Ok(None);
        };
        let zone = work.zone_of(errand.user).await?;
        let zone = zone.and_then(|name| Zone::of(&name));
        let zone = zone.as_ref().unwrap_or(&self.house.settings.zone);
        let clock =
            |at: Millis| text.clock(Timestamp::from_millisecond(at).unwrap_or_default(), zone);
        let now = clock(work.now);
        Ok(Some(match found {
            Ok(said) if kind == Kind::Time => escape(&said),
            Ok(said) => {
                work.keep_finding(errand, text.0, &said).await?;
                text.errand_found(&said, &now)
            }
            Err(ToolError::NotFound | ToolError::Arguments(_)) => {
                text.not_found(kind, &errand.subject)
            }
            Err(error) => {
                tracing::warn!(%error, kind = kind.name(), "a source does not answer");
                let before = work.finding(errand, text.0).await?;
                let before = before.map(|finding| (finding.said, clock(finding.at)));
                let before = before
                    .as_ref()
                    .map(|(said, at)| (said.as_str(), at.as_str()));
                text.not_reachable(&now, before)
            }
        }))
    }
}

fn keyboard(text: Text, errand: &Errand) -> Keyboard {
    let again = format!("tool:find:{}:{}", errand.kind, errand.subject);
    let mut row = Vec::new();
    if again.len() <= DATA {
        row.push(Button::tap(text.once_more(), again));
    }
    row.push(Button::tap(text.to_tools(), "tool:menu"));
    Keyboard::Buttons(vec![row])
}
