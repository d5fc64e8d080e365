use super::LlmRequest;
use crate::{
    knowledge::{Knowledge, Passage},
    memory::{Memory, Recollection},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// What an answer stands on beside the conversation: memory of the user, and the knowledge base. Both
/// are asked at once and under a time budget, since an answer does not wait for them.
#[derive(Clone)]
pub struct Grounding {
    /// Who remembers people.
    pub memory: Option<Arc<dyn Memory>>,
    /// Who looks things up.
    pub knowledge: Option<Arc<dyn Knowledge>>,
    /// How long either may take.
    pub budget: Duration,
    /// Passages, at most.
    pub limit: usize,
    /// Recollections, at most; memory keeps them under a budget of tokens too.
    pub recollections: usize,
}

/// Sources that did not answer, or too late. What they hold is unknown this time; it is not nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Memory of the user.
    pub memory: bool,
    /// The knowledge base.
    pub knowledge: bool,
}

impl Default for Grounding {
    fn default() -> Self {
        Self {
            memory: None,
            knowledge: None,
            budget: Duration::from_millis(150),
            limit: 5,
            recollections: 20,
        }
    }
}

impl Grounding {
    /// Fills in what is known about the user and about their latest words. What fails or is late is
    /// left out, and named in [`LlmRequest::unread`]. Dropping the future leaves the request as it was.
    pub async fn ground(&self, request: &mut LlmRequest) {
        let query = request.last_user_text();
        let (recalled, passages) = tokio::join!(self.recall(request, query), self.look_up(query));
        request.unread = Unread {
            memory: recalled.is_none(),
            knowledge: passages.is_none(),
        };
        request.recalled = recalled.unwrap_or_default();
        request.passages = passages.unwrap_or_default();
    }

    async fn recall(&self, request: &LlmRequest, query: &str) -> Option<Vec<Recollection>> {
        let (Some(memory), Some(user)) = (&self.memory, &request.user) else {
            return Some(Vec::new());
        };
        let answer = memory.recall(user, query, self.recollections);
        in_time(self.budget, answer, "memory").await
    }

    async fn look_up(&self, query: &str) -> Option<Vec<Passage>> {
        let Some(knowledge) = &self.knowledge else {
            return Some(Vec::new());
        };
        let answer = knowledge.search(query, self.limit);
        in_time(self.budget, answer, "knowledge").await
    }
}

/// What was found, which may be nothing; `None` if that is not known.
async fn in_time<T, E: std::fmt::Display>(
    budget: Duration,
    answer: impl Future<Output = Result<Vec<T>, E>>,
    source: &'static str,
) -> Option<Vec<T>> {
    match timeout(budget, answer).await {
        Ok(Ok(found)) => Some(found),
        Ok(Err(error)) => {
            tracing::warn!(%error, source, "answering without it");
            None
        }
        Err(_) => {
            tracing::warn!(source, ?budget, "too slow: answering without it");
            None
        }
    }
}

#[cfg(all(test, feature = "assistant"))]
mod tests {
    use super::*;
    use crate::{
        Language,
        knowledge::KnowledgeError,
        llm::{Assistant, Formality, Llm, LlmEvent, Message},
        memory::{Exchange, MemoryError, UserId},
    };
    use async_trait::async_trait;
    use futures::StreamExt;

    /// Has nothing, and says so after a while or fails.
    #[derive(Clone, Copy)]
    struct Empty {
        takes: Duration,
        fails: bool,
    }

    impl Empty {
        async fn answer<T, E>(&self, error: E) -> Result<Vec<T>, E> {
            tokio::time::sleep(self.takes).await;
            match self.fails {
                true => Err(error),
                false => Ok(Vec::new()),
            }
        }
    }

    #[async_trait]
    impl Memory for Empty {
        async fn recall(
            &self,
            _: &UserId,
            _: &str,
            _: usize,
        ) -> Result<Vec<Recollection>, MemoryError> {
            self.answer(MemoryError::Unavailable).await
        }

        async fn remember(&self, _: &UserId, _: &Exchange) -> Result<(), MemoryError> {
            Ok(())
        }

        async fn forget_kind(&self, _: &UserId, _: &str) -> Result<(), MemoryError> {
            Ok(())
        }

        async fn forget(&self, _: &UserId) -> Result<(), MemoryError> {
            Ok(())
        }
    }

    #[async_trait]
    impl Knowledge for Empty {
        async fn search(&self, _: &str, _: usize) -> Result<Vec<Passage>, KnowledgeError> {
            self.answer(KnowledgeError::Unavailable).await
        }
    }

    const AT_ONCE: Empty = empty(0, false);
    const SLOW: Empty = empty(160, false);
    const BROKEN: Empty = empty(0, true);

    const fn empty(takes: u64, fails: bool) -> Empty {
        Empty {
            takes: Duration::from_millis(takes),
            fails,
        }
    }

    fn asked(said: &str, language: Language) -> LlmRequest {
        LlmRequest {
            messages: vec![Message::User { text: said.into() }],
            user: Some(UserId::new("alex")),
            language,
            ..LlmRequest::default()
        }
    }

    fn over(memory: Empty, knowledge: Empty) -> Grounding {
        Grounding {
            memory: Some(Arc::new(memory)),
            knowledge: Some(Arc::new(knowledge)),
            ..Grounding::default()
        }
    }

    async fn told(request: &LlmRequest, formality: Formality) -> String {
        let assistant = Assistant::addressing(formality).unwrap();
        let answer = assistant.generate(request.clone()).await.unwrap();
        let words = answer.filter_map(async |event| match event {
            Ok(LlmEvent::Text(word)) => Some(word),
            _ => None,
        });
        words.collect().await
    }

    /// What the assistant says where one of the sources may be slow or broken, and the other is well.
    async fn check(said: &str, language: Language, unread: Unread, answers: [&str; 2]) {
        let formalities = [Formality::Formal, Formality::Informal];
        for trouble in [SLOW, BROKEN, AT_ONCE] {
            let well = trouble.takes.is_zero() && !trouble.fails;
            let grounding = match unread.memory {
                true => over(trouble, AT_ONCE),
                false => over(AT_ONCE, trouble),
            };
            let mut request = asked(said, language);
            grounding.ground(&mut request).await;
            let expected = if well { Unread::default() } else { unread };
            assert_eq!(request.unread, expected, "{said}");
            for (formality, answer) in formalities.into_iter().zip(answers) {
                let told = told(&request, formality).await;
                assert_eq!(told == answer, !well, "{said}: {told}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_read_is_not_told_as_nothing() {
        let memory = Unread {
            memory: true,
            ..Unread::default()
        };
        let knowledge = Unread {
            knowledge: true,
            ..Unread::default()
        };
        let ru = [
            "Сейчас не смогла посмотреть. Спросите ещё раз, пожалуйста.",
            "Сейчас не смогла посмотреть. Спроси ещё раз, пожалуйста.",
        ];
        let en = ["I couldn't look just now. Please ask me again."; 2];
        for (said, unread) in [
            ("Как меня зовут?", memory),
            ("Что ты обо мне знаешь?", memory),
            ("Расскажи о разведении кактусов", knowledge),
            ("Сочини стихи про осень", knowledge),
        ] {
            check(said, Language::Ru, unread, ru).await;
        }
        for (said, unread) in [
            ("What is my name?", memory),
            ("What do you know about me?", memory),
            ("Tell me about cacti", knowledge),
            ("Write me a poem", knowledge),
        ] {
            check(said, Language::En, unread, en).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_found_nothing_says_so_and_who_is_not_there_is_not_missed() {
        for grounding in [over(AT_ONCE, AT_ONCE), Grounding::default()] {
            for (said, nothing) in [
                ("Как меня зовут?", "Вы ещё не говорили"),
                ("Что ты обо мне знаешь?", "Пока ничего."),
                ("Расскажи о разведении кактусов", "Этого я не знаю"),
            ] {
                let mut request = asked(said, Language::Ru);
                // Of an earlier step.
                request.unread.memory = true;
                grounding.ground(&mut request).await;
                assert_eq!(request.unread, Unread::default());
                let told = told(&request, Formality::Formal).await;
                assert!(told.starts_with(nothing), "{said}: {told}");
            }
        }
        let mut nobody = asked("Как меня зовут?", Language::Ru);
        nobody.user = None;
        over(BROKEN, SLOW).ground(&mut nobody).await;
        assert!(!nobody.unread.memory && nobody.unread.knowledge);
    }
}
