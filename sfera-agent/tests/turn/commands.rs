use crate::script::{SENTENCE, Script, plain};
use sfera_agent::turn::Input;

#[test]
fn what_the_host_says_needs_no_llm() {
    let mut script = Script::new(plain());
    script.at(0).say("Здравствуйте, чем помочь?", true);
    script
        .expect_no(&["ask…"])
        .expect(&["reply 1", "speak 1 Здравствуйте, чем помочь?"]);
    script.heard_from(1, 1_000).at(1_000).heard_whole(1);
    assert_eq!(script.history(), ["agent: Здравствуйте, чем помочь?"]);
}

#[test]
fn the_host_waits_until_the_user_has_finished() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .speech_starts()
        .at(500)
        .say("Осталась одна минута разговора.", true);
    script.expect_no(&["speak…"]);
    script
        .at(1_000)
        .speech_ends()
        .at(1_100)
        .final_text("")
        .expect(&["speak 1…"]);
}

#[test]
fn what_must_be_heard_cannot_be_interrupted() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .say("Разговор записывается для вас.", false)
        .heard_from(1, 3_000)
        .forget();
    script
        .at(500)
        .speech_starts()
        .at(1_000)
        .interim("Стой, подожди");
    script.expect_no(&["pause", "confirmed", "clear"]);
}

#[test]
fn the_host_can_silence_the_agent() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .speaking()
        .at(1_000)
        .heard_to(1_000)
        .interrupt();
    script.expect(&[
        "confirmed",
        "cancel tts",
        "clear",
        "end 1 Interrupted Сегодня на",
    ]);
}

#[test]
fn the_user_silences_the_agent_by_a_tap_but_not_what_must_be_heard() {
    let mut script = Script::new(plain());
    script.at(0).speaking().at(1_000).heard_to(1_000);
    script.user_interrupt().expect(&[
        "confirmed",
        "cancel tts",
        "clear",
        "end 1 Interrupted Сегодня на",
    ]);
    script.user_interrupt().expect_no(&["…"]);
    let mut script = Script::new(plain());
    script
        .at(0)
        .say("Разговор записывается для вас.", false)
        .heard_from(1, 3_000)
        .forget();
    script.at(1_000).user_interrupt().expect_no(&["…"]);
}

#[test]
fn a_tap_ends_a_suspicion_for_good() {
    let mut script = Script::new(plain());
    script.at(0).speaking().at(1_000).speech_starts().forget();
    script
        .at(1_200)
        .user_interrupt()
        .expect(&["confirmed", "clear"]);
    script.at(5_000).expect_no(&["resume"]);
}

#[test]
fn a_typed_line_interrupts_and_is_answered() {
    let mut script = Script::new(plain());
    script.at(0).speaking().at(1_000).typed("Короче");
    script.expect(&[
        "final Короче",
        "confirmed",
        "clear",
        "turn 2 Короче",
        "end 1…",
        "ask 2.1 user: Короче",
    ]);
}

#[test]
fn an_empty_line_is_nothing() {
    let mut script = Script::new(plain());
    script.at(0).typed("   ").expect_no(&["turn…", "ask…"]);
}

#[test]
fn closing_at_once_cancels_everything() {
    let mut script = Script::new(plain());
    script.at(0).typed("Привет").llm_calls("a").close(false);
    script.expect(&[
        "cancel llm 1",
        "cancel a",
        "ended a Cancelled",
        "end 1 Interrupted ",
        "closed Requested",
        "shutdown",
    ]);
}

#[test]
fn closing_gently_lets_the_agent_finish() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .speaking()
        .at(1_000)
        .close(true)
        .expect_no(&["shutdown"]);
    script.typed("Ещё вопрос").expect_no(&["turn…"]);
    script
        .at(3_000)
        .heard_whole(1)
        .expect(&["end 1 Completed…", "closed Requested", "shutdown"]);
}

#[test]
fn closing_gently_in_a_suspected_interruption_goes_on_speaking() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .speaking()
        .at(1_000)
        .speech_starts()
        .forget()
        .close(true);
    script.expect(&["dismissed", "resume"]);
}

#[test]
fn nothing_comes_after_the_shutdown() {
    let mut script = Script::new(plain());
    script.at(0).close(false).forget();
    script
        .typed("Привет")
        .say(SENTENCE, true)
        .interrupt()
        .tell(Input::Tick);
    script.expect_no(&["…"]);
}
