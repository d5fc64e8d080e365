use crate::{
    knowledge::{Passage, Relevance},
    llm::{LlmEvent, LlmRequest, Message},
};

/// The documents that the model was given for an answer of its own words, those that answer, or else the
/// best that is near: behind a tool's result stands the tool.
pub(super) fn citations(request: &LlmRequest) -> Vec<LlmEvent> {
    let asked = matches!(request.messages.last(), Some(Message::User { .. }));
    let of = |relevance| {
        let passages = request.passages.iter().filter(move |_| asked);
        passages.filter(move |passage| passage.relevance == relevance)
    };
    let near = of(Relevance::Near).take(usize::from(of(Relevance::Answers).next().is_none()));
    let mut found = Vec::new();
    for citation in of(Relevance::Answers).chain(near).map(Passage::citation) {
        if !found.contains(&citation) {
            found.push(citation);
        }
    }
    found.into_iter().map(LlmEvent::Citation).collect()
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::{
        super::tests::{answer_to, options, request, stop, stream_of, text, words},
        *,
    };
    use crate::tools::ToolOutcome;

    #[tokio::test]
    async fn the_documents_it_was_given_are_named_once_with_the_first_words() {
        let passage = |title: &str| Passage {
            title: title.into(),
            section: None,
            text: "…".into(),
            score: 1.0,
            relevance: Relevance::Answers,
        };
        let cited = |title: &str| Ok(LlmEvent::Citation(passage(title).citation()));
        let mut given = request();
        given.passages = vec![passage("Тильт"), passage("Страх"), passage("Тильт")];
        let script = || stream_of(vec![words("Это"), words(" просто."), stop()]);
        let (events, _) = answer_to(given.clone(), options, script()).await;
        let expected = [
            text("Это"),
            cited("Тильт"),
            cited("Страх"),
            text(" просто."),
        ];
        assert_eq!(events, expected);
        // What is perhaps about it is read and not named, and of what is near the best.
        let mut unsure = given.clone();
        let relevances = [Relevance::Near, Relevance::Near, Relevance::Perhaps];
        for (passage, relevance) in unsure.passages.iter_mut().zip(relevances) {
            passage.relevance = relevance;
        }
        let (events, _) = answer_to(unsure, options, script()).await;
        assert_eq!(events, [text("Это"), cited("Тильт"), text(" просто.")]);
        // After a tool's result the answer is the tool's.
        given.messages.push(Message::ToolResult {
            id: "1".into(),
            outcome: ToolOutcome::Ok("+3".into()),
        });
        let (events, _) = answer_to(given, options, script()).await;
        assert_eq!(events, [text("Это"), text(" просто.")]);
    }
}
