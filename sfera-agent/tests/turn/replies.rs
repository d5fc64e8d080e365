use crate::script::{NEXT_SENTENCE, SENTENCE, Script, ms, plain};
use sfera_agent::turn::AgentState;

#[test]
fn each_sentence_goes_to_the_voice_as_soon_as_it_is_complete() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Привет")
        .llm("Сегодня на рынке ")
        .expect_no(&["speak…"]);
    script
        .llm("совсем спокойно. Завтра посмотрим")
        .expect(&["speak 1 Сегодня на рынке совсем спокойно."]);
    script.llm(" на график вместе.").llm_done();
    script.expect(&["speak 2 Завтра посмотрим на график вместе."]);
}

#[test]
fn a_reply_completes_when_its_last_sample_was_heard() {
    let mut script = Script::new(plain());
    script.at(0).speaking().at(3_000).heard_whole(1);
    script.expect(&[
        "caption…",
        "end 1 Completed Сегодня на рынке совсем спокойно.",
    ]);
    script.expect_state(AgentState::Listening);
    assert_eq!(
        script.history(),
        ["user: Привет", "agent: Сегодня на рынке совсем спокойно."]
    );
}

#[test]
fn captions_follow_the_playhead() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .speaking()
        .at(1_000)
        .heard_to(1_000)
        .expect(&["caption Сегодня на"]);
    script.at(1_500).heard_to(1_500).expect(&["caption  рынке"]);
}

#[test]
fn a_reply_without_end_is_cut() {
    let mut options = plain();
    options.max_reply_chars = SENTENCE.chars().count() + 5;
    let mut script = Script::new(options);
    script
        .at(0)
        .typed("Говори")
        .llm(&format!("{SENTENCE} "))
        .llm(&format!("{NEXT_SENTENCE} "));
    script
        .expect_no(&["speak 2…"])
        .expect(&["cancel llm 1", "speak 1…"]);
    script.forget().llm(NEXT_SENTENCE).expect_no(&["speak…"]);
}

#[test]
fn the_states_follow_a_turn() {
    let mut script = Script::new(plain());
    script.at(0).typed("Привет").expect(&["agent Thinking"]);
    script
        .llm(&format!("{SENTENCE} "))
        .llm_done()
        .heard_from(1, 2_000)
        .expect(&["agent Speaking"]);
    script.at(2_000).heard_whole(1).expect(&["agent Listening"]);
}

#[test]
fn after_silence_of_both_sides_the_user_is_away_and_comes_back() {
    let mut options = plain();
    options.user_away = Some(ms(15_000));
    let mut script = Script::new(options);
    script.at(0).speaking().at(3_000).heard_whole(1).forget();
    script.at(17_999).expect_no(&["user Away"]);
    script.at(18_000).expect(&["user Away", "agent Idle"]);
    script
        .at(20_000)
        .speech_starts()
        .expect(&["user Speaking", "agent Listening"]);
}

#[test]
fn words_that_come_while_an_answer_is_prepared_are_answered_together() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .say("Это важное объявление, дослушайте.", false)
        .typed("Раз")
        .typed("Два");
    script.expect(&["turn 1 Раз", "turn 2 Два", "turn 1 goes into 2"]);
    script.heard_from(1, 1_000).at(1_000).heard_whole(1);
    script.expect(&["end 1 Completed…", "ask 2.1 user: Два"]);
    let said = "agent: Это важное объявление, дослушайте.";
    assert_eq!(script.history(), [said, "user: Раз", "user: Два"]);
}
