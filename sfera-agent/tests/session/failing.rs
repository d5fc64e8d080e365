use crate::world::{World, options, providers};
use async_trait::async_trait;
use sfera_agent::{
    llm::{Llm, LlmError, LlmRequest, LlmStream},
    session::{Providers, Session},
    stt::{Stt, SttError, SttEventStream, SttInputStream, SttOptions},
    testing::{LlmStep, ScriptedLlm},
    turn::{Event, Failure, Phrases, Stage},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

fn failures(world: &World) -> Vec<(Stage, Failure)> {
    let failure = |event: &Event| match event {
        Event::StageFailed { stage, failure } => Some((*stage, *failure)),
        _ => None,
    };
    world.events().filter_map(failure).collect()
}

fn apology() -> String {
    Phrases::default().cannot_answer.to_string()
}

#[tokio::test(start_paused = true)]
async fn an_llm_that_fails_ends_in_an_apology_and_the_session_goes_on() {
    let llm = ScriptedLlm::new([
        vec![LlmStep::Fail(LlmError::Unavailable)],
        vec![LlmStep::Fail(LlmError::Unavailable)],
        vec![LlmStep::Text("Теперь получилось ответить.".into())],
    ]);
    let mut world = World::talk(
        llm,
        &[(1_000..1_800, "Привет"), (12_000..12_800, "Ещё раз")],
    );
    world.until(11_000).await;
    assert_eq!(failures(&world), [(Stage::Llm, Failure::Unavailable)]);
    assert_eq!(world.caption(), apology());
    world.until(20_000).await;
    assert!(
        world.caption().ends_with("Теперь получилось ответить."),
        "{}",
        world.caption()
    );
}

#[tokio::test(start_paused = true)]
async fn an_llm_that_dies_in_the_middle_keeps_what_it_said() {
    let said = "Первое правило: не торопиться с решениями. ";
    let script = vec![
        LlmStep::Text(said.into()),
        LlmStep::Fail(LlmError::Protocol),
    ];
    let mut world = World::talk(ScriptedLlm::new([script]), &[(1_000..1_800, "Расскажи")]);
    world.until(15_000).await;
    assert_eq!(world.caption(), format!("{said}{}", apology()));
}

#[tokio::test(start_paused = true)]
async fn an_llm_that_hangs_is_given_up() {
    let mut world = World::talk(
        ScriptedLlm::new([vec![LlmStep::Hang]]),
        &[(1_000..1_800, "Привет")],
    );
    world.until(40_000).await;
    assert_eq!(failures(&world), [(Stage::Llm, Failure::Timeout)]);
    assert_eq!(world.caption(), apology());
}

#[tokio::test(start_paused = true)]
async fn an_llm_that_babbles_is_cut() {
    let babble = LlmStep::Babble {
        text: "бла ".into(),
        every: Duration::from_millis(10),
    };
    let llm = ScriptedLlm::new([vec![babble]]);
    let mut options = options();
    options.turn.max_reply_chars = 200;
    let builder = Session::builder(providers(llm.clone(), &["Привет"])).options(options);
    let mut world = World::new(builder, &[1_000..1_800]);
    world.until(30_000).await;
    assert_eq!(
        world.caption().chars().count(),
        199,
        "200 without the last space"
    );
    assert_eq!(llm.dropped(), 1);
}

struct Panics;

#[async_trait]
impl Llm for Panics {
    fn name(&self) -> &str {
        "panics"
    }
    async fn generate(&self, _: LlmRequest) -> Result<LlmStream, LlmError> {
        panic!("a mistake in somebody's provider");
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_fails_alone() {
    let builder = Session::builder(providers(Panics, &["Привет"])).options(options());
    let mut world = World::new(builder, &[1_000..1_800]);
    world.until(10_000).await;
    assert_eq!(failures(&world), [(Stage::Llm, Failure::Unavailable)]);
    assert_eq!(world.caption(), apology());
}

/// Cannot be reached the first two times.
struct Flaky<S>(S, AtomicU32);

#[async_trait]
impl<S: Stt> Stt for Flaky<S> {
    fn name(&self) -> &str {
        "flaky"
    }
    async fn listen(
        &self,
        input: SttInputStream,
        options: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        if self.1.fetch_add(1, Ordering::Relaxed) < 2 {
            return Err(SttError::Unavailable);
        }
        self.0.listen(input, options).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_recogniser_that_fails_is_started_again() {
    let stt = Flaky(crate::world::Dictation::of(&["Привет"]), AtomicU32::new(0));
    let providers = Providers {
        stt: Arc::new(stt),
        ..providers(ScriptedLlm::saying("Слышу вас хорошо."), &[])
    };
    let mut world = World::new(
        Session::builder(providers).options(options()),
        &[8_000..8_800],
    );
    world.until(15_000).await;
    assert_eq!(failures(&world), [(Stage::Stt, Failure::Unavailable); 2]);
    let said = format!("{}Слышу вас хорошо.", Phrases::default().cannot_hear);
    assert_eq!(world.caption(), said);
}
