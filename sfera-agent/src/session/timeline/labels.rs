use crate::Language;

/// What is written on the picture.
#[derive(Debug)]
pub(super) struct Labels {
    pub(super) title: &'static str,
    pub(super) user: &'static str,
    pub(super) agent: &'static str,
    pub(super) state: &'static str,
    pub(super) end_of_turn: &'static str,
    pub(super) first_token: &'static str,
    pub(super) voice: &'static str,
    pub(super) first_audio: &'static str,
    pub(super) listening: &'static str,
    pub(super) thinking: &'static str,
    pub(super) speaking: &'static str,
    pub(super) away: &'static str,
    pub(super) interrupted: &'static str,
    pub(super) resumed: &'static str,
    pub(super) paused: &'static str,
    pub(super) tool: &'static str,
    pub(super) typed: &'static str,
    pub(super) turn: &'static str,
    pub(super) seconds: &'static str,
    pub(super) empty: &'static str,
    pub(super) dropped: &'static str,
    /// What separates whole seconds from their parts.
    pub(super) point: &'static str,
}

const RU: Labels = Labels {
    title: "Разговор",
    user: "Человек",
    agent: "Агент",
    state: "Состояние",
    end_of_turn: "конец реплики",
    first_token: "первое слово LLM",
    voice: "первый звук голоса",
    first_audio: "всего до ответа",
    listening: "слушает",
    thinking: "думает",
    speaking: "говорит",
    away: "ждёт",
    interrupted: "перебит",
    resumed: "продолжил",
    paused: "пауза",
    tool: "инструмент",
    typed: "с клавиатуры",
    turn: "Реплика",
    seconds: "с",
    empty: "В этой записи никто ничего не сказал.",
    dropped: "Часть записи потеряна: диск не успевал.",
    point: ",",
};

const EN: Labels = Labels {
    title: "Conversation",
    user: "User",
    agent: "Agent",
    state: "State",
    end_of_turn: "end of turn",
    first_token: "LLM first token",
    voice: "voice first sound",
    first_audio: "total to answer",
    listening: "listening",
    thinking: "thinking",
    speaking: "speaking",
    away: "waiting",
    interrupted: "interrupted",
    resumed: "resumed",
    paused: "paused",
    tool: "tool",
    typed: "typed",
    turn: "Turn",
    seconds: "s",
    empty: "Nobody said anything in this recording.",
    dropped: "Part of the recording is lost: the disk was too slow.",
    point: ".",
};

pub(super) const fn of(language: Language) -> &'static Labels {
    match language {
        Language::Ru => &RU,
        Language::En => &EN,
    }
}

impl Labels {
    /// «1,25 с».
    pub(super) fn duration(&self, duration: std::time::Duration) -> String {
        let text = format!("{:.2}", duration.as_secs_f64());
        format!("{} {}", text.replace('.', self.point), self.seconds)
    }
}
