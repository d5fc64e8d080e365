use crate::world::{World, options, providers};
use sfera_agent::{
    session::Session,
    testing::{LlmStep, ScriptedLlm},
    turn::{CloseReason, Event},
};

#[tokio::test(start_paused = true)]
async fn a_drained_session_says_all_it_has_to_say() {
    let mut world = World::talk(ScriptedLlm::default(), &[]);
    world
        .control
        .say("До свидания, было приятно поговорить.", false)
        .await
        .unwrap();
    world.control.close(true).await.unwrap();
    let reason = world.session.take().unwrap().closed().await;
    assert_eq!(reason, Ok(CloseReason::Requested));
    world.until(0).await;
    assert_eq!(world.caption(), "До свидания, было приятно поговорить.");
    assert!(world.control.say("Ещё?", true).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_closed_session_stops_at_once_and_leaves_no_work_behind() {
    let llm = ScriptedLlm::new([vec![LlmStep::Hang]]);
    let mut world = World::talk(llm.clone(), &[]);
    world.control.type_text("Привет").await.unwrap();
    world.until(100).await;
    world.control.close(false).await.unwrap();
    assert_eq!(
        world.session.take().unwrap().closed().await,
        Ok(CloseReason::Requested)
    );
    assert_eq!(llm.dropped(), 1);
    world.until(0).await;
    let last = world.events().last();
    assert_eq!(
        last,
        Some(&Event::Closed {
            reason: CloseReason::Requested
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_dropped_session_ends_all_its_tasks() {
    let llm = ScriptedLlm::new([vec![LlmStep::Hang]]);
    let mut world = World::talk(llm.clone(), &[]);
    world.control.type_text("Привет").await.unwrap();
    world.until(100).await;
    drop(world.session.take());
    world.until(200).await;
    assert_eq!(llm.dropped(), 1);
    assert!(world.control.interrupt().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn three_failures_in_a_row_end_the_session() {
    let llm = ScriptedLlm::new([vec![LlmStep::Hang]]);
    let builder = Session::builder(providers(llm, &[])).options(options());
    let mut world = World::new(builder, &[]);
    for n in 0..3 {
        world.control.type_text("Привет").await.unwrap();
        world.until(40_000 * (n + 1)).await;
    }
    assert_eq!(
        world.session.take().unwrap().closed().await,
        Ok(CloseReason::TooManyFailures)
    );
}
