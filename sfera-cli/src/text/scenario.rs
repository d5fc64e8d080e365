//! What is said about a recorded conversation.

use super::{Text, sentences};
use crate::talk::Shortfall;

sentences! {
    scenario_session(number) { ru: "— Разговор {number} —", en: "— Session {number} —" }
    scenario_step_fine(text) { ru: "✓ «{text}»", en: "✓ \"{text}\"" }
    scenario_step_failed(text, why) { ru: "✗ «{text}»: {why}", en: "✗ \"{text}\": {why}" }
    scenario_passed(count) { ru: "Сценарий пройден: шагов {count}.", en: "The scenario passed: {count} steps." }
    scenario_failed(failed, count) { ru: "Сценарий не пройден: не вышло шагов {failed} из {count}.", en: "The scenario failed: {failed} of {count} steps." }
    shortfall_no_answer() { ru: "ответа не было", en: "there was no answer" }
    shortfall_failed() { ru: "сбой при ответе", en: "a part failed" }
    shortfall_lacks(words) { ru: "в ответе нет ни одного из слов: {words}", en: "none of these words is in the answer: {words}" }
    shortfall_holds(word) { ru: "в ответе есть «{word}»", en: "the answer holds \"{word}\"" }
    shortfall_knowledge(share) { ru: "из базы знаний только {share} % слов", en: "only {share} % of the words are from the knowledge base" }
    shortfall_not_interrupted() { ru: "агента не удалось перебить", en: "the agent was not interrupted" }
    shortfall_interrupted() { ru: "это слово оборвало ответ", en: "this word cut the answer short" }
    shortfall_answered(heard) { ru: "на это слово был ответ: «{heard}»", en: "this word was answered: \"{heard}\"" }
    scenario_wer(percent, errors, count) {
        ru: "Whisper слышит ответы агента: WER {percent} % (слов: {count}, ошибок: {errors}).",
        en: "Whisper hears the agent's answers: WER {percent} % ({errors} errors in {count} words).",
    }
    scenario_files(folder) { ru: "Звук, запись и картинка: {folder}", en: "Sound, recording and picture: {folder}" }
    scenario_recognising() { ru: "Слушаю, что сказал агент…", en: "Listening to what the agent said…" }
}

impl Text {
    /// Why a step failed.
    pub fn shortfall(self, shortfall: &Shortfall) -> String {
        match shortfall {
            Shortfall::NoAnswer => self.shortfall_no_answer(),
            Shortfall::PartFailed => self.shortfall_failed(),
            Shortfall::Lacks(words) => self.shortfall_lacks(words.join(", ")),
            Shortfall::Holds(word) => self.shortfall_holds(word),
            Shortfall::NotFromKnowledge(share) => self.shortfall_knowledge(share),
            Shortfall::Interrupted => self.shortfall_interrupted(),
            Shortfall::Answered(heard) => self.shortfall_answered(heard),
            Shortfall::NotInterrupted => self.shortfall_not_interrupted(),
        }
    }
}
