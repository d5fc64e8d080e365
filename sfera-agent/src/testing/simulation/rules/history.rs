use super::{Rule, Violation, ear::Truth, keep, ledger::Ledger, replies::Replies};
use crate::{
    llm::Message,
    turn::{ReplyEnd, Time},
};
use std::collections::BTreeMap;

/// The words said to be heard are those that were.
pub(super) fn check_heard(
    now: Time,
    end: ReplyEnd,
    heard: &str,
    truth: &Truth,
) -> Result<(), Violation> {
    let words: Vec<&str> = heard.split_whitespace().collect();
    let most = &truth.most;
    let no_more = words.len() <= most.len() && words.iter().zip(most).all(|(a, b)| a == b);
    keep(no_more, now, Rule::Heard, || {
        format!("«{heard}» is kept, but heard was «{}»", most.join(" "))
    })?;
    let least = match end {
        ReplyEnd::Completed => truth.most.len(),
        ReplyEnd::Interrupted | ReplyEnd::Failed => truth.least,
    };
    keep(words.len() >= least, now, Rule::Heard, || {
        let spoken = truth.spoken.join(" ");
        format!("only «{heard}» is kept of {least} words heard of «{spoken}»")
    })
}

/// No call has two results, and no result comes without its call.
pub(super) fn check_results(now: Time, history: &[Message]) -> Result<(), Violation> {
    results(now, history).map(|_| ())
}

/// How many results each call in the history has.
fn results(now: Time, history: &[Message]) -> Result<BTreeMap<&str, u32>, Violation> {
    let mut calls: BTreeMap<&str, u32> = BTreeMap::new();
    for message in history {
        match message {
            Message::ToolCall(call) => {
                let again = calls.insert(&call.id, 0).is_some();
                keep(!again, now, Rule::OneResult, || {
                    format!("the history holds {} twice", call.id)
                })?;
            }
            Message::ToolResult { id, .. } => {
                let results = calls.get_mut(&**id).map(|n| {
                    *n += 1;
                    *n
                });
                keep(results == Some(1), now, Rule::OneResult, || {
                    format!("the history holds {results:?} results of {id}")
                })?;
            }
            Message::User { .. } | Message::Assistant { .. } => {}
        }
    }
    Ok(calls)
}

/// At the end, the history is what the replies and the ledger say.
pub(super) fn check_end(
    now: Time,
    history: &[Message],
    replies: &Replies,
    ledger: &Ledger,
) -> Result<(), Violation> {
    let calls = results(now, history)?;
    let open = calls.iter().find(|(_, results)| **results != 1);
    keep(open.is_none(), now, Rule::OneResult, || {
        format!("{open:?} is in the history without its result")
    })?;
    keep(calls.len() == ledger.len(), now, Rule::OneResult, || {
        let (kept, made) = (calls.len(), ledger.len());
        format!("{made} calls were made, but the history holds {kept}")
    })?;
    for message in history {
        if let Message::ToolResult { id, outcome } = message {
            let came = ledger.outcome(id);
            keep(came == Some(outcome), now, Rule::OneResult, || {
                format!("{id} ended as {came:?}, but the history holds {outcome:?}")
            })?;
        }
    }
    let kept = words(history.iter().filter_map(|message| match message {
        Message::Assistant { text, .. } => Some(&**text),
        _ => None,
    }));
    let heard = words(replies.heard.iter().map(|text| &**text));
    keep(kept == heard, now, Rule::Heard, || {
        let (kept, heard) = (kept.join(" "), heard.join(" "));
        format!("the history holds «{kept}», the replies «{heard}»")
    })
}

fn words<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    texts.flat_map(str::split_whitespace).collect()
}
