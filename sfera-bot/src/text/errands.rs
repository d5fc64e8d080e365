use super::Text;
use crate::{render::escape, rooms::toolbox::Kind};
use sfera_agent::Language;

impl Text {
    /// What was found, and when.
    pub fn errand_found(self, said: &str, at: &str) -> String {
        let said = escape(said);
        match self.0 {
            Language::Ru => format!("{said}\n<i>Узнал {at}.</i>"),
            Language::En => format!("{said}\n<i>As of {at}.</i>"),
        }
    }

    /// There is no such thing.
    pub fn not_found(self, kind: Kind, subject: &str) -> String {
        let subject = escape(subject);
        match (kind, self.0) {
            (Kind::Price, Language::Ru) => {
                format!("Не знаю цены «{subject}». Напиши валюту или криптовалюту иначе.")
            }
            (Kind::Price, Language::En) => {
                format!("I know no price of “{subject}”. Write the currency or coin another way.")
            }
            (_, Language::Ru) => format!("Не знаю места «{subject}». Напиши город иначе."),
            (_, Language::En) => {
                format!("I know no place “{subject}”. Write the city another way.")
            }
        }
    }

    /// It cannot be looked up now; what was found before, and when.
    pub fn not_reachable(self, now: &str, before: Option<(&str, &str)>) -> String {
        match (self.0, before) {
            (Language::Ru, None) => {
                format!("Источник сейчас не отвечает ({now}). Ничего не выдумываю: попробуй позже.")
            }
            (Language::En, None) => {
                format!(
                    "The source does not answer now ({now}). I make nothing up: try again later."
                )
            }
            (Language::Ru, Some((said, at))) => format!(
                "Источник сейчас не отвечает ({now}). Последнее, что я знаю, – {at}:\n{}",
                escape(said)
            ),
            (Language::En, Some((said, at))) => format!(
                "The source does not answer now ({now}). The last I know is of {at}:\n{}",
                escape(said)
            ),
        }
    }

    /// Look it up again.
    pub const fn once_more(self) -> &'static str {
        self.either("🔄 Обновить", "🔄 Refresh")
    }
}
