use crate::script::{NEXT_SENTENCE, SENTENCE, Script, ms, plain};
use sfera_agent::turn::{AgentState, FalseInterruption};

fn speaking() -> Script {
    let mut script = Script::new(plain());
    script.at(0).speaking();
    script
}

#[test]
fn the_agent_falls_silent_at_once_and_stops_for_words() {
    let mut script = speaking();
    script.at(1_500).heard_to(1_500).forget();
    script
        .speech_starts()
        .expect(&["pause", "suspected"])
        .expect_state(AgentState::Listening);
    script.at(1_800).interim("Подожди").expect(&[
        "confirmed",
        "cancel tts",
        "clear",
        "end 1 Interrupted Сегодня на рынке",
    ]);
    assert_eq!(
        script.history(),
        ["user: Привет", "agent: Сегодня на рынке —"]
    );
}

#[test]
fn a_cough_lets_the_agent_go_on_from_the_same_sample() {
    let mut script = speaking();
    script
        .at(1_000)
        .speech_starts()
        .at(1_300)
        .speech_ends()
        .forget();
    script
        .at(1_500)
        .final_text("")
        .expect_no(&["clear", "cancel tts"])
        .expect(&["dismissed", "resume"]);
    script.expect_state(AgentState::Speaking);
}

#[test]
fn a_recogniser_that_stays_silent_means_a_false_alarm_after_two_seconds() {
    let mut script = speaking();
    script
        .at(1_000)
        .speech_starts()
        .at(1_300)
        .speech_ends()
        .forget();
    script.at(3_299).expect_no(&["resume", "clear"]);
    script.at(3_300).expect(&["dismissed", "resume"]);
}

#[test]
fn a_backchannel_word_does_not_interrupt() {
    let mut script = speaking();
    script
        .at(1_000)
        .speech_starts()
        .at(1_200)
        .interim("угу")
        .at(1_300)
        .speech_ends();
    script
        .at(1_400)
        .final_text("Угу.")
        .expect_no(&["confirmed", "turn…"])
        .expect(&["dismissed", "resume"]);
    script.at(2_000).heard_to(2_000).at(3_000).heard_whole(1);
    script.expect(&["end 1 Completed Сегодня на рынке совсем спокойно."]);
}

#[test]
fn fewer_words_than_needed_do_not_interrupt() {
    let mut options = plain();
    options.interruption.min_words = 3;
    let mut script = Script::new(options);
    script.at(0).speaking();
    script
        .at(1_000)
        .speech_starts()
        .at(1_300)
        .interim("Подожди минуту")
        .expect_no(&["confirmed"]);
    script
        .at(1_500)
        .interim("Подожди минуту пожалуйста")
        .expect(&["confirmed", "clear"]);
}

#[test]
fn without_false_alarms_speech_of_half_a_second_interrupts_by_itself() {
    let mut options = plain();
    options.interruption.false_alarm = FalseInterruption::Never;
    let mut script = Script::new(options);
    script.at(0).speaking();
    script
        .at(1_000)
        .speech_starts()
        .at(1_499)
        .expect_no(&["confirmed"]);
    script.at(1_500).expect(&["confirmed", "clear"]);
}

#[test]
fn barge_in_can_be_switched_off() {
    let mut options = plain();
    options.interruption.enabled = false;
    let mut script = Script::new(options);
    script.at(0).speaking();
    script.at(1_000).speech_starts().at(1_500).interim("Стой");
    script.expect_no(&["pause", "confirmed", "clear"]);
}

#[test]
fn the_echo_of_the_first_words_does_not_interrupt() {
    let mut options = plain();
    options.interruption.echo_warmup = Some(ms(3_000));
    let mut script = Script::new(options);
    script.at(0).speaking();
    script
        .at(500)
        .speech_starts()
        .at(900)
        .interim("сегодня на рынке");
    script
        .at(1_000)
        .speech_ends()
        .at(1_100)
        .final_text("сегодня на рынке");
    script
        .at(5_000)
        .expect_no(&["pause", "confirmed", "clear", "turn…"]);
}

#[test]
fn barge_in_works_again_after_the_echo_warm_up() {
    let mut options = plain();
    options.interruption.echo_warmup = Some(ms(1_000));
    let mut script = Script::new(options);
    script.at(0).speaking();
    script
        .at(1_500)
        .speech_starts()
        .expect(&["pause", "suspected"]);
}

#[test]
fn the_history_keeps_whole_sentences_and_the_words_before_the_cut() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Привет")
        .llm(&format!("{SENTENCE} {NEXT_SENTENCE} "))
        .llm_done();
    script
        .heard_from(1, 3_000)
        .at(3_000)
        .heard_whole(1)
        .heard_from(2, 3_400);
    script.at(4_700).heard_to(1_700).interrupt();
    assert_eq!(
        script.history(),
        [
            "user: Привет",
            "agent: Сегодня на рынке совсем спокойно. Завтра посмотрим —",
        ]
    );
}

#[test]
fn nothing_heard_leaves_nothing_in_the_history() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Привет")
        .llm(SENTENCE)
        .at(300)
        .interrupt();
    script.expect(&["cancel llm 1", "cancel tts", "clear", "end 1 Interrupted "]);
    assert_eq!(script.history(), ["user: Привет"]);
}

#[test]
fn what_the_user_says_over_the_agent_is_answered() {
    let mut script = speaking();
    script
        .at(1_000)
        .speech_starts()
        .at(1_300)
        .interim("Хватит")
        .at(1_500)
        .speech_ends();
    script.at(1_600).final_text("Хватит.").at(2_000);
    script.expect(&[
        "confirmed",
        "end 1…",
        "turn 2 Хватит.",
        "ask 2.1 user: Хватит.",
        "reply 2",
    ]);
}
