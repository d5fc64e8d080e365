use crate::world::{World, is_whole};
use sfera_agent::{
    testing::ScriptedLlm,
    turn::{Event, ReplyEnd},
};

const STORY: &str = "Дисциплина важнее таланта, и вот почему это так бывает. \
                     Торговый план спасает от жадности каждый день.";

fn ends(world: &World) -> Vec<ReplyEnd> {
    let end = |event: &Event| match event {
        Event::ReplyEnded { end, .. } => Some(*end),
        _ => None,
    };
    world.events().filter_map(end).collect()
}

#[tokio::test(start_paused = true)]
async fn talking_over_the_agent_silences_it_and_the_new_question_is_answered() {
    let llm = ScriptedLlm::saying(STORY);
    let speech = [
        (1_000..1_800, "Расскажи"),
        (4_000..5_000, "Нет, скажи о другом"),
    ];
    let mut world = World::talk(llm.clone(), &speech);
    world.until(5_600).await;

    // Speech began at 4,000 ms; the VAD needs 60 ms, the loudspeaker pulls every 20 ms.
    let sound = world.sound();
    assert!(
        sound[16 * 3_900..16 * 4_000].iter().all(|s| *s != 0),
        "it was speaking"
    );
    assert!(
        sound[16 * 4_120..16 * 5_500].iter().all(|s| *s == 0),
        "it is silent at once"
    );
    assert_eq!(ends(&world), [ReplyEnd::Interrupted]);
    let heard = world.caption();
    assert!(
        STORY.starts_with(heard.trim_end()) && heard.len() < STORY.len() / 2,
        "{heard}"
    );

    world.until(20_000).await;
    assert_eq!(ends(&world), [ReplyEnd::Interrupted, ReplyEnd::Completed]);
    assert_eq!(
        llm.requests().last().unwrap().last_user_text(),
        "Нет, скажи о другом"
    );
}

#[tokio::test(start_paused = true)]
async fn a_tap_silences_the_agent_and_says_whether_there_was_anything_to_silence() {
    let llm = ScriptedLlm::saying(STORY);
    let mut world = World::talk(llm, &[(1_000..1_800, "Расскажи")]);
    assert_eq!(world.control.user_interrupt().await, Ok(false));
    world.until(4_000).await;
    assert_eq!(world.control.user_interrupt().await, Ok(true));
    world.until(5_000).await;
    assert_eq!(ends(&world), [ReplyEnd::Interrupted]);
    assert!(world.sound()[16 * 4_100..].iter().all(|s| *s == 0));
    assert_eq!(world.control.user_interrupt().await, Ok(false));
}

#[tokio::test(start_paused = true)]
async fn a_backchannel_only_pauses_and_no_sample_is_lost() {
    let llm = ScriptedLlm::saying(STORY);
    let mut world = World::talk(llm, &[(1_000..1_800, "Расскажи"), (4_000..4_300, "Угу")]);
    world.until(20_000).await;

    assert_eq!(ends(&world), [ReplyEnd::Completed]);
    assert_eq!(world.caption(), STORY);
    assert!(is_whole(&world.voice()));
    let dismissed = world
        .events()
        .filter(|e| **e == Event::InterruptionDismissed)
        .count();
    assert_eq!(dismissed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_cough_only_pauses() {
    let llm = ScriptedLlm::saying(STORY);
    let mut world = World::talk(llm, &[(1_000..1_800, "Расскажи"), (4_000..4_200, "")]);
    world.until(20_000).await;
    assert_eq!(ends(&world), [ReplyEnd::Completed]);
    assert!(is_whole(&world.voice()));
}
