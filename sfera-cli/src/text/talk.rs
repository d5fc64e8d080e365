//! What is said around a conversation.

use super::{Text, sentences};
use crate::talk::{Line, LineKind};
use sfera_agent::{
    tools::ToolOutcome,
    turn::{AgentState, Failure, ReplyEnd, Stage},
};

sentences! {
    you() { ru: "Вы", en: "You" }
    agent() { ru: "Сфера", en: "Sfera" }

    summary_turns(turns, interruptions, length) {
        ru: "Разговор: {length} мин, реплик: {turns}, перебили агента: {interruptions}.",
        en: "Session: {length} min, turns: {turns}, interruptions: {interruptions}.",
    }
    summary_latencies() { ru: "Задержки, мс               медиана  худшая", en: "Latencies, ms               median   worst" }
    summary_stage(name, median, max) { ru: "  {name} {median}   {max}", en: "  {name} {median}   {max}" }
    stage_transcription() { ru: "распознавание", en: "transcription" }
    stage_end_of_turn() { ru: "конец реплики", en: "end of turn" }
    stage_llm() { ru: "первое слово модели", en: "LLM first token" }
    stage_tts() { ru: "первый звук голоса", en: "voice first sound" }
    stage_first_audio() { ru: "от вашей речи до ответа", en: "your speech to answer" }

    state_initializing() { ru: "запускаюсь", en: "starting" }
    state_idle() { ru: "жду", en: "waiting" }
    state_listening() { ru: "слушаю", en: "listening" }
    state_thinking() { ru: "думаю", en: "thinking" }
    state_speaking() { ru: "говорю", en: "speaking" }

    keys_speaking() { ru: "Ctrl+T печатать · PgUp/PgDn листать · Ctrl+C закончить", en: "Ctrl+T type · PgUp/PgDn scroll · Ctrl+C end" }
    keys_typing() { ru: "Enter отправить · Ctrl+T говорить · Ctrl+C закончить", en: "Enter send · Ctrl+T speak · Ctrl+C end" }
    keys_text_only() { ru: "Enter отправить · PgUp/PgDn листать · Ctrl+C закончить", en: "Enter send · PgUp/PgDn scroll · Ctrl+C end" }
    microphone() { ru: "микрофон", en: "microphone" }
    type_here() { ru: "Напечатайте и нажмите Enter", en: "Type and press Enter" }
    speak_now() { ru: "Говорите: я слушаю. Меня можно перебить.", en: "Speak: I am listening. You can interrupt me." }

    mark_interrupted() { ru: "перебили", en: "interrupted" }
    mark_failed() { ru: "сбой", en: "failed" }
    mark_barge_in() { ru: "вы взяли слово", en: "you took the floor" }
    mark_false_alarm() { ru: "говорю дальше", en: "going on" }
    tool_running(name) { ru: "{name}: спрашиваю…", en: "{name}: asking…" }
    tool_answered(name) { ru: "{name}: есть ответ", en: "{name}: answered" }
    tool_failed(name) { ru: "{name}: нет ответа", en: "{name}: no answer" }
    tool_cancelled(name) { ru: "{name}: отменено", en: "{name}: cancelled" }
    tool_unknown(name) { ru: "{name}: такого инструмента нет", en: "{name}: no such tool" }
    stage_failed(stage, failure) { ru: "Сбой: {stage} – {failure}.", en: "Failure: {stage} – {failure}." }

    loading() { ru: "Загружаю модели…", en: "Loading models…" }
    devices_heading() { ru: "Звуковые устройства:", en: "Sound devices:" }
    devices_none() { ru: "Звуковых устройств нет.", en: "There are no sound devices." }
    device_input() { ru: "микрофон", en: "microphone" }
    device_output() { ru: "динамики", en: "speakers" }
    no_device_scenario(folder) {
        ru: "Звукового устройства нет: провожу записанный разговор из {folder}.",
        en: "No sound device: running the recorded conversation of {folder}.",
    }
    line_too_long(bytes) { ru: "Строка длиннее {bytes} байт пропущена.", en: "A line longer than {bytes} bytes was left out." }
    kept_in(folder) { ru: "Сохранено в {folder}.", en: "Kept in {folder}." }
    answer_written(path, length) { ru: "Ответ записан: {path} ({length} с).", en: "The answer was written: {path} ({length} s)." }
    picture_drawn(path) { ru: "Картинка: {path}", en: "Picture: {path}" }
    replay_agrees(inputs, effects) {
        ru: "Всё сходится: входов {inputs}, действий {effects}.",
        en: "All agrees: {inputs} inputs, {effects} effects.",
    }
    replay_gap(line, missing) {
        ru: "Строка {line}: при записи потеряно строк: {missing}; дальше сравнить нельзя.",
        en: "Line {line}: {missing} lines were lost while recording; no comparison from here on.",
    }
    replay_differs(line, at, expected, got) {
        ru: "Строка {line}, {at}: агент поступает иначе.\n  в записи: {expected}\n  сейчас:   {got}",
        en: "Line {line}, {at}: the agent does something else.\n  recorded: {expected}\n  now:      {got}",
    }
    instructions() {
        ru: "Ты Сфера, голосовой собеседник. Отвечай по-русски, коротко и тепло, как в разговоре: одно-три предложения без списков и разметки. Опирайся на базу знаний и на то, что помнишь о человеке. Не знаешь – так и скажи.",
        en: "You are Sfera, a voice companion. Answer in English, briefly and warmly, as people talk: one to three sentences, no lists, no markup. Rely on the knowledge base and on what you remember about the person. If you do not know, say so.",
    }
    /// What a speaker is expected to speak of, for the recogniser.
    expected_words() {
        ru: "Сфера, какой курс биткоина, психология трейдинга, погода.",
        en: "Sfera, what is the price of Bitcoin, trading psychology, the weather.",
    }
}

impl Text {
    /// What the agent is doing.
    pub fn state(self, state: AgentState) -> String {
        match state {
            AgentState::Initializing => self.state_initializing(),
            AgentState::Idle => self.state_idle(),
            AgentState::Listening => self.state_listening(),
            AgentState::Thinking => self.state_thinking(),
            AgentState::Speaking => self.state_speaking(),
        }
    }

    /// Who a line is by, and its words with what became of it.
    pub fn line(self, line: &Line) -> (Option<String>, String) {
        match &line.kind {
            LineKind::User(_) => (Some(self.you()), line.text.clone()),
            LineKind::Agent(_, end) => {
                let mark = match end {
                    Some(ReplyEnd::Interrupted) => format!(" [{}]", self.mark_interrupted()),
                    Some(ReplyEnd::Failed) => format!(" [{}]", self.mark_failed()),
                    Some(ReplyEnd::Completed) | None => String::new(),
                };
                (Some(self.agent()), format!("{}{mark}", line.text.trim()))
            }
            LineKind::Tool(_, outcome) => (None, format!("⚙ {}", self.tool(&line.text, outcome))),
            LineKind::FalseAlarm => (None, format!("· {}", self.mark_false_alarm())),
            LineKind::BargeIn => (None, format!("✋ {}", self.mark_barge_in())),
            LineKind::Failed(stage, failure) => {
                let (stage, failure) = (self.stage(*stage), self.failure(*failure));
                (None, format!("! {}", self.stage_failed(stage, failure)))
            }
        }
    }

    fn tool(self, name: &str, outcome: &Option<ToolOutcome>) -> String {
        match outcome {
            None => self.tool_running(name),
            Some(ToolOutcome::Ok(_)) => self.tool_answered(name),
            Some(ToolOutcome::Failed(_) | ToolOutcome::TimedOut) => self.tool_failed(name),
            Some(ToolOutcome::Cancelled | ToolOutcome::Declined | ToolOutcome::Duplicate) => {
                self.tool_cancelled(name)
            }
            Some(ToolOutcome::Unknown) => self.tool_unknown(name),
        }
    }

    const fn stage(self, stage: Stage) -> &'static str {
        match stage {
            Stage::Vad => self.pick("поиск речи", "voice activity detection"),
            Stage::Stt => self.pick("распознавание", "speech recognition"),
            Stage::Llm => self.pick("языковая модель", "language model"),
            Stage::Tts => self.pick("голос", "voice"),
        }
    }

    const fn failure(self, failure: Failure) -> &'static str {
        match failure {
            Failure::Timeout => self.pick("не отвечает вовремя", "no answer in time"),
            Failure::Unavailable => self.pick("недоступно", "not available"),
            Failure::Refused => self.pick(
                "ключ или запрос отклонён",
                "the key or the request was refused",
            ),
            Failure::Nonsense => self.pick("ответ не понять", "the answer makes no sense"),
        }
    }
}
