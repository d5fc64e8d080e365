use super::*;
use crate::{
    llm::LlmError,
    testing::{LlmStep, ScriptedLlm, ScriptedTool},
    tools::ToolSpec,
};
use std::time::Duration;

fn text(text: &str) -> LlmStep {
    LlmStep::Text(text.into())
}

fn call(name: &str) -> LlmStep {
    LlmStep::Call {
        name: name.into(),
        arguments: "{}".into(),
    }
}

fn chat(llm: &ScriptedLlm, tool: ScriptedTool) -> Chat {
    Chat::new(Arc::new(llm.clone()))
        .tool(Arc::new(tool))
        .unwrap()
}

fn weather() -> ScriptedTool {
    let spec = ToolSpec::new("weather", "Tells the weather.");
    ScriptedTool::new(spec, vec![Ok("+3".into())])
}

/// All there is of an answer, put together, and the turn in the history.
async fn whole(answer: &mut Answering) -> (String, Result<(), LlmError>) {
    let mut said = String::new();
    loop {
        match answer.next().await {
            Ok(Some(ChatEvent::Text(text))) => said.push_str(&text),
            Ok(Some(_)) => {}
            Ok(None) => return (said, Ok(())),
            Err(error) => return (said, Err(error)),
        }
    }
}

fn roles(messages: &[Message]) -> Vec<&'static str> {
    let role = |message: &Message| match message {
        Message::User { .. } => "user",
        Message::Assistant {
            interrupted: false, ..
        } => "agent",
        Message::Assistant { .. } => "agent, cut",
        Message::ToolCall(_) => "call",
        Message::ToolResult { .. } => "result",
    };
    messages.iter().map(role).collect()
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_a_tool_in_it() {
    let llm = ScriptedLlm::new([
        vec![text("Смотрю."), call("weather")],
        vec![text("В Москве "), text("три градуса.")],
    ]);
    let mut answer = chat(&llm, weather()).answer(ChatTurn::new("Погода?"));
    let (said, ended) = whole(&mut answer).await;
    assert_eq!(
        (said.as_str(), ended),
        ("Смотрю.В Москве три градуса.", Ok(()))
    );
    assert_eq!(
        roles(answer.turn()),
        ["user", "agent", "call", "result", "agent"]
    );
    let second = &llm.requests()[1];
    assert_eq!(
        roles(&second.messages),
        ["user", "agent", "call", "result"],
        "the second step knows the result"
    );
    assert!(second.written);
}

#[tokio::test(start_paused = true)]
async fn the_conversation_goes_on_from_its_history() {
    let llm = ScriptedLlm::saying("Да.");
    let chat = Chat::new(Arc::new(llm.clone()));
    let mut first = chat.answer(ChatTurn::new("Раз"));
    whole(&mut first).await.1.unwrap();
    let turn = ChatTurn {
        history: first.into_history(),
        ..ChatTurn::new("Два")
    };
    let mut second = chat.answer(turn);
    whole(&mut second).await.1.unwrap();
    assert_eq!(roles(second.turn()), ["user", "agent"]);
    assert_eq!(
        roles(&second.into_history()),
        ["user", "agent", "user", "agent"]
    );
    assert_eq!(llm.requests()[1].last_user_text(), "Два");
}

#[tokio::test(start_paused = true)]
async fn a_model_that_calls_without_end_must_answer_at_last() {
    let llm = ScriptedLlm::new([vec![call("weather")]]);
    let mut answer = chat(&llm, weather()).answer(ChatTurn::new("Погода?"));
    whole(&mut answer).await.1.unwrap();
    let offered: Vec<_> = llm.requests().iter().map(|r| r.tools.len()).collect();
    assert_eq!(offered, [1, 1, 0]);
    let results = roles(answer.turn());
    assert_eq!(results, ["user", "call", "result", "call", "result"]);
}

#[tokio::test(start_paused = true)]
async fn cancelling_keeps_what_was_written() {
    let llm = ScriptedLlm::new([vec![text("Начало"), LlmStep::Hang]]);
    let turn = ChatTurn::new("Расскажи");
    let cancel = turn.cancel.clone();
    let mut answer = Chat::new(Arc::new(llm.clone())).answer(turn);
    let first = answer.next().await.unwrap();
    assert_eq!(first, Some(ChatEvent::Text("Начало".into())));
    cancel.cancel();
    assert_eq!(answer.next().await, Ok(None));
    assert_eq!(roles(answer.turn()), ["user", "agent, cut"]);
    assert_eq!(llm.dropped(), 1, "the model was stopped");
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_cannot_be_cancelled_keeps_its_result() {
    for (cancellable, expected) in [
        (true, ToolOutcome::Cancelled),
        (false, ToolOutcome::Ok("+3".into())),
    ] {
        let llm = ScriptedLlm::new([vec![call("order")], vec![text("Готово.")]]);
        let spec = ToolSpec {
            cancellable,
            ..ToolSpec::new("order", "Orders.")
        };
        let tool = ScriptedTool::new(spec, vec![Ok("+3".into())]);
        let tool = tool.with_delay(Duration::from_secs(2));
        let turn = ChatTurn::new("Купи");
        let cancel = turn.cancel.clone();
        let mut answer = chat(&llm, tool.clone()).answer(turn);
        let started = answer.next().await.unwrap();
        assert!(matches!(started, Some(ChatEvent::ToolStarted(_))));
        let (ended, ()) = tokio::join!(answer.next(), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            cancel.cancel();
        });
        let Ok(Some(ChatEvent::ToolEnded { outcome, .. })) = ended else {
            panic!("{ended:?}");
        };
        assert_eq!(outcome, expected);
        assert_eq!(answer.next().await, Ok(None), "no other step is begun");
        assert_eq!(roles(answer.turn()), ["user", "call", "result"]);
        assert_eq!(tool.dropped(), usize::from(cancellable));
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_fails_leaves_what_it_said() {
    let llm = ScriptedLlm::new([vec![text("Нач"), LlmStep::Fail(LlmError::Unavailable)]]);
    let mut answer = Chat::new(Arc::new(llm)).answer(ChatTurn::new("Расскажи"));
    let (said, ended) = whole(&mut answer).await;
    assert_eq!((said.as_str(), ended), ("Нач", Err(LlmError::Unavailable)));
    assert_eq!(answer.next().await, Ok(None));
    assert_eq!(roles(answer.turn()), ["user", "agent, cut"]);
}

#[test]
fn an_answer_can_be_awaited_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let chat = Chat::new(Arc::new(ScriptedLlm::saying("Да.")));
    let mut answer = chat.answer(ChatTurn::new("Да?"));
    is_send(&answer.next());
}

#[tokio::test(start_paused = true)]
async fn alone_it_knows_no_tools_and_no_memory() {
    let llm = ScriptedLlm::saying("Да.");
    let alone = chat(&llm, weather()).alone();
    let mut answer = alone.answer(ChatTurn::new("Погода?"));
    assert_eq!(whole(&mut answer).await, ("Да.".to_owned(), Ok(())));
    assert!(llm.requests()[0].tools.is_empty() && alone.memory().is_none());
}
