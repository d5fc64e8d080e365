use crate::script::{SENTENCE, Script, plain};
use sfera_agent::turn::AgentState;

const SORRY: &str = "speak 1 Простите, сейчас не получается ответить.…";

#[test]
fn an_llm_that_fails_ends_in_an_apology_and_a_live_session() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Привет")
        .llm_fails()
        .expect(&["failed Llm Unavailable", SORRY]);
    script
        .heard_from(1, 2_000)
        .at(2_000)
        .heard_whole(1)
        .expect(&["end 1 Failed…"]);
    script
        .at(3_000)
        .typed("Ещё раз")
        .expect(&["ask 2.1 user: Ещё раз"]);
}

#[test]
fn an_llm_that_hangs_is_given_twenty_seconds() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Привет")
        .at(19_999)
        .expect_no(&["failed…"]);
    script
        .at(20_000)
        .expect(&["cancel llm 1", "failed Llm Timeout", SORRY]);
}

#[test]
fn an_llm_that_answers_nothing_is_a_failure() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Привет")
        .llm("  ")
        .llm_done()
        .expect(&["failed Llm Nonsense", SORRY]);
}

#[test]
fn an_llm_that_sends_nothing_but_empty_pieces_is_no_live_llm() {
    let mut script = Script::new(plain());
    script.at(0).typed("Привет");
    for second in 1..20 {
        script.at(second * 1_000).llm("");
    }
    script.at(20_000).expect(&["failed Llm Timeout"]);
}

#[test]
fn a_voice_that_breaks_in_the_middle_is_heard_as_far_as_it_came() {
    let mut script = Script::new(plain());
    let text = format!("{SENTENCE} Завтра посмотрим на");
    script
        .at(0)
        .typed("Привет")
        .llm(&text)
        .heard_in_part(1, 900)
        .tts_fails(1);
    script.expect(&["failed Tts Unavailable", "cancel llm 1", "cancel tts"]);
    // 0.9 s of sound are 9 characters at least, but not the whole sentence.
    script
        .at(890)
        .heard_to(890)
        .at(900)
        .heard_whole(1)
        .expect(&["end 1 Failed Сегодня"]);
    assert_eq!(script.history(), ["user: Привет", "agent: Сегодня —"]);
}

#[test]
fn a_playout_that_does_not_move_ends_the_reply() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Привет")
        .llm(&format!("{SENTENCE} "))
        .llm_done()
        .forget();
    script.at(14_999).expect_no(&["failed…"]);
    script
        .at(15_000)
        .expect(&["failed Tts Timeout", "cancel tts", "clear", "end 1 Failed "]);
}

#[test]
fn recognition_that_fails_is_started_again_with_an_apology() {
    let mut script = Script::new(plain());
    script.at(0).listening_fails();
    script.expect(&[
        "failed Stt Unavailable",
        "listen again",
        "speak 1 Простите, не получилось расслышать.…",
    ]);
}

#[test]
fn three_failures_in_a_row_end_the_session() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .listening_fails()
        .at(1_000)
        .listening_fails()
        .expect_no(&["closed…"]);
    script
        .at(2_000)
        .listening_fails()
        .expect(&["closed TooManyFailures", "shutdown"]);
}

#[test]
fn a_success_in_between_forgives_the_failures() {
    let mut options = plain();
    options.max_failures = Some(2);
    let mut script = Script::new(options);
    script
        .at(0)
        .typed("Раз")
        .llm_fails()
        .heard_from(1, 1_000)
        .at(1_000)
        .heard_whole(1);
    script
        .at(2_000)
        .typed("Два")
        .llm(&format!("{SENTENCE} "))
        .llm_done();
    script
        .heard_from(2, 1_000)
        .at(3_000)
        .heard_whole(2)
        .expect(&["end 2 Completed…"]);
    script
        .at(4_000)
        .typed("Три")
        .llm_fails()
        .expect_no(&["closed…"]);
    script.expect_state(AgentState::Thinking);
}
