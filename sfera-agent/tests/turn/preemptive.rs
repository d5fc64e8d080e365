use crate::script::{NEXT_SENTENCE, SENTENCE, Script, ms, plain};
use sfera_agent::turn::TurnOptions;

fn eager() -> TurnOptions {
    let mut options = plain();
    options.preemptive.enabled = true;
    options
}

#[test]
fn the_llm_starts_before_the_turn_is_over_and_its_answer_is_kept() {
    let mut script = Script::new(eager());
    script.at(0).speech_starts().at(1_000).speech_ends();
    script
        .at(1_100)
        .final_text("Как дела?")
        .expect(&["ask 1.1 maybe user: Как дела?"]);
    script
        .at(1_300)
        .llm(&format!("{SENTENCE} {NEXT_SENTENCE}"))
        .expect_no(&["speak…"]);
    script
        .at(1_500)
        .expect(&["turn 1 Как дела?", "reply 1", "speak 1…"]);
    script.at(1_600).llm_done().expect_no(&["ask…"]);
}

#[test]
fn a_text_that_comes_after_speech_need_not_be_final_to_begin_with() {
    let mut script = Script::new(eager());
    script.at(0).speech_starts().at(1_000).speech_ends();
    script
        .at(1_050)
        .interim("Как дела?")
        .expect(&["ask 1.1 maybe user: Как дела?"]);
    script
        .at(1_200)
        .final_text("Как дела?")
        .expect_no(&["ask…", "cancel llm…"]);
    script.at(1_500).expect(&["turn 1 Как дела?", "reply 1"]);
}

#[test]
fn the_answer_is_thrown_away_when_the_user_goes_on() {
    let mut script = Script::new(eager());
    script.at(0).speech_starts().at(1_000).speech_ends();
    script.at(1_100).final_text("Какая погода").forget();
    script
        .at(1_300)
        .speech_starts()
        .at(1_600)
        .interim("завтра в Туле");
    script.expect_no(&["speak…"]).expect(&["cancel llm 1"]);
    script
        .at(2_000)
        .speech_ends()
        .at(2_100)
        .final_text("завтра в Туле?");
    script
        .at(3_000)
        .expect(&["turn 1 Какая погода завтра в Туле?", "reply 2"]);
}

#[test]
fn the_same_words_with_other_signs_are_the_same_text() {
    let mut script = Script::new(eager());
    script
        .at(0)
        .speech_starts()
        .at(800)
        .interim("как дела")
        .at(1_000)
        .speech_ends();
    script.expect(&["ask 1.1 maybe…"]);
    script.at(1_100).final_text("Как дела?").at(2_000);
    script
        .expect_no(&["cancel llm 1", "ask 2.1…"])
        .expect(&["turn 1 Как дела?", "reply 1"]);
}

#[test]
fn long_speech_and_too_many_starts_are_not_speculated_about() {
    let mut options = eager();
    options.preemptive.max_speech = ms(2_000);
    let mut script = Script::new(options);
    script
        .at(0)
        .speech_starts()
        .at(3_000)
        .speech_ends()
        .final_text("Долгий рассказ.");
    script.expect_no(&["ask 1.1 maybe…"]);

    let mut options = eager();
    options.preemptive.max_starts = 0;
    let mut script = Script::new(options);
    script
        .at(0)
        .speech_starts()
        .at(500)
        .speech_ends()
        .final_text("Привет.");
    script.expect_no(&["ask 1.1 maybe…"]);
}

#[test]
fn tools_of_a_speculation_wait_until_the_turn_is_over() {
    let mut script = Script::new(eager());
    script
        .at(0)
        .speech_starts()
        .at(1_000)
        .speech_ends()
        .at(1_100)
        .final_text("Какая погода?");
    script.at(1_200).llm_calls("a").expect_no(&["run a"]);
    script.at(1_500).expect(&["turn 1…", "reply 1", "run a"]);
}
