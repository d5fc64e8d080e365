use crate::script::{SENTENCE, Script, plain};
use sfera_agent::tools::ToolOutcome;

fn ok(text: &str) -> ToolOutcome {
    ToolOutcome::Ok(text.into())
}

#[test]
fn a_call_runs_and_its_result_goes_into_the_next_step() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Какая погода?")
        .llm_calls("a")
        .llm_done()
        .expect(&["run a"]);
    script
        .at(500)
        .tool_ends("a", ok("+5"))
        .expect(&["ended a Ok(\"+5\")", "ask 1.2…"]);
    script
        .llm(&format!("{SENTENCE} "))
        .llm_done()
        .heard_from(1, 1_000)
        .at(2_000)
        .heard_whole(1);
    assert_eq!(
        script.history(),
        [
            "user: Какая погода?",
            "call: a",
            "result: a Ok(\"+5\")",
            "agent: Сегодня на рынке совсем спокойно.",
        ]
    );
}

#[test]
fn the_next_step_waits_for_all_results() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Сравни")
        .llm_calls("a")
        .llm_calls("b")
        .llm_done()
        .forget();
    script.tool_ends("b", ok("2")).expect_no(&["ask 1.2…"]);
    script.tool_ends("a", ok("1")).expect(&["ask 1.2…"]);
}

#[test]
fn after_three_steps_the_llm_has_to_answer() {
    let mut script = Script::new(plain());
    script.at(0).typed("Ищи");
    for id in ["a", "b", "c"] {
        script.llm_calls(id).llm_done().tool_ends(id, ok("ничего"));
    }
    script.expect(&["ask 1.2 user…", "ask 1.3 user…", "ask 1.4 without tools…"]);
    script.llm_calls("d").expect_no(&["run d"]);
}

#[test]
fn a_second_result_is_ignored() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Погода?")
        .llm_calls("a")
        .llm_done()
        .tool_ends("a", ok("1"))
        .forget();
    script.tool_ends("a", ok("2")).expect_no(&["ended…"]);
}

#[test]
fn a_result_that_comes_after_a_barge_in_is_kept() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Закажи")
        .llm(&format!("{SENTENCE} "))
        .llm_calls("order")
        .llm_done();
    script
        .heard_from(1, 3_000)
        .at(1_500)
        .heard_to(1_500)
        .interrupt()
        .expect(&["cancel order"]);
    script
        .at(4_000)
        .tool_ends("order", ok("заказано"))
        .expect(&["ended order Ok(\"заказано\")"]);
    assert_eq!(
        script.history(),
        [
            "user: Закажи",
            "agent: Сегодня на рынке",
            "call: order",
            "result: order Ok(\"заказано\")",
        ]
    );
}

#[test]
fn a_tool_that_hangs_times_out() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Погода?")
        .llm_calls("a")
        .llm_done()
        .at(29_999)
        .expect_no(&["ended…"]);
    script
        .at(30_000)
        .expect(&["cancel a", "ended a TimedOut", "ask 1.2…"]);
    script
        .at(31_000)
        .tool_ends("a", ok("поздно"))
        .expect_no(&["ended…"]);
}

#[test]
fn an_unknown_tool_is_told_to_the_llm() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Станцуй")
        .llm_calls("a")
        .llm_done()
        .tool_ends("a", ToolOutcome::Unknown);
    script.expect(&["ended a Unknown", "ask 1.2…"]);
}

#[test]
fn a_name_used_twice_is_two_calls() {
    let mut script = Script::new(plain());
    script
        .at(0)
        .typed("Раз")
        .llm_calls("0")
        .llm_done()
        .tool_ends("0", ok("1"))
        .forget();
    script.llm_calls("0").expect(&["run 0-1"]);
}

#[test]
fn what_is_said_before_a_call_is_heard_while_the_tool_works() {
    let mut script = Script::new(plain());
    script.at(0).typed("Погода?").llm("Секунду.").llm_calls("a");
    script.expect(&["speak 1 Секунду.", "run a"]);
}

#[test]
fn a_model_that_only_calls_tools_is_stopped() {
    let mut script = Script::new(plain());
    script.at(0).typed("Привет");
    for n in 0..40 {
        script.llm_calls(&format!("c{n}"));
    }
    script
        .expect_no(&["run c16"])
        .expect(&["run c0", "run c15", "cancel llm 1"]);
}
