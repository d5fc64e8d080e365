use crate::script::{Script, ms, plain};
use sfera_agent::turn::EndpointingMode;

#[test]
fn a_turn_is_over_half_a_second_after_a_complete_sentence() {
    let mut script = Script::new(plain());
    script.at(1_000).speech_starts().at(2_000).speech_ends();
    script.at(2_100).final_text("Какая погода в Москве?");
    script.at(2_499).expect_no(&["turn…", "ask…"]);
    script.at(2_500).expect(&[
        "turn 1 Какая погода в Москве?",
        "ask 1.1 user: Какая погода в Москве?",
    ]);
}

#[test]
fn an_unfinished_sentence_is_given_three_seconds() {
    let mut script = Script::new(plain());
    script.at(1_000).speech_starts().at(2_000).speech_ends();
    script.at(2_100).final_text("Расскажи мне про");
    script.at(4_999).expect_no(&["turn…"]);
    script.at(5_000).expect(&["turn 1 Расскажи мне про"]);
}

#[test]
fn speech_that_goes_on_belongs_to_the_same_turn() {
    let mut script = Script::new(plain());
    script.at(0).speech_starts().at(1_000).speech_ends();
    script.at(1_100).final_text("Расскажи");
    script.at(1_400).speech_starts().at(2_400).speech_ends();
    script.at(2_500).final_text("о рисках.");
    script.expect_no(&["turn…"]);
    script.at(2_900).expect(&["turn 1 Расскажи о рисках."]);
}

#[test]
fn the_turn_waits_for_its_final_text_but_not_for_ever() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .speech_starts()
        .at(500)
        .interim("Какой курс")
        .at(1_000)
        .speech_ends();
    script.at(5_999).expect_no(&["turn…"]);
    script
        .at(6_000)
        .expect(&["final Какой курс", "turn 1 Какой курс"]);
    // The final text that comes after all is not another turn.
    script
        .at(6_100)
        .final_text("Какой курс?")
        .at(9_000)
        .expect_no(&["turn 2…"]);
}

#[test]
fn an_interim_text_is_replaced_by_the_next_one() {
    let mut script = Script::new(plain());
    script.at(0).speech_starts();
    script.at(500).interim("Как").expect(&["interim Как"]);
    script
        .at(700)
        .interim("Какой день")
        .expect(&["interim Какой день"]);
}

#[test]
fn a_cough_is_no_turn() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .speech_starts()
        .at(200)
        .speech_ends()
        .at(300)
        .final_text("");
    script.at(20_000).expect_no(&["turn…", "ask…"]);
}

#[test]
fn dynamic_endpointing_waits_longer_for_somebody_who_pauses() {
    let mut options = plain();
    options.endpointing.mode = EndpointingMode::Dynamic;
    let mut script = Script::new(options);
    let mut now = 0;
    for _ in 0..20 {
        script
            .at(now)
            .speech_starts()
            .at(now + 500)
            .final_text("Я думаю про");
        script
            .at(now + 500)
            .speech_ends()
            .at(now + 500)
            .final_text("");
        now += 2_500;
    }
    script
        .at(now)
        .speech_starts()
        .at(now + 500)
        .speech_ends()
        .final_text("рынок.");
    script.at(now + 1_500).expect_no(&["turn…"]);
    script.at(now + 3_000).expect(&["turn 1…"]);
}

#[test]
fn speech_without_an_end_is_answered_after_a_minute() {
    let mut options = plain();
    options.watchdog.speech = ms(60_000);
    let mut script = Script::new(options);
    script
        .at(0)
        .speech_starts()
        .at(2_000)
        .interim("Шум телевизора");
    script.at(59_999).expect_no(&["turn…"]);
    script.at(60_000).expect(&["turn 1 Шум телевизора"]);
}
