use super::Text;
use crate::rooms::toolbox::{Calculator, Kind};
use sfera_agent::Language;

impl Text {
    /// What there is.
    pub const fn toolbox(self) -> &'static str {
        self.either(
            "🧰 <b>Полезные инструменты</b>\n\nСчитаю точно, советов о сделках не даю. Что нужно?",
            "🧰 <b>Useful tools</b>\n\nThe numbers are exact; there is no advice on trades. What do you need?",
        )
    }

    /// A tool was left.
    pub const fn tool_cancelled(self) -> &'static str {
        self.either("Отменено. Что-нибудь ещё?", "Cancelled. Anything else?")
    }

    /// Out of a tool.
    pub const fn leave_tool(self) -> &'static str {
        self.either("✖️ Отмена", "✖️ Cancel")
    }

    /// Back to all tools.
    pub const fn to_tools(self) -> &'static str {
        self.either("🧰 К инструментам", "🧰 All tools")
    }

    /// The same calculator anew.
    pub const fn other_numbers(self) -> &'static str {
        self.either("🔁 Другие числа", "🔁 Other numbers")
    }

    /// All numbers but the last stay.
    pub const fn change_last(self) -> &'static str {
        self.either("✏️ Изменить последнее", "✏️ Change the last one")
    }

    /// A calculator's name.
    pub const fn calculator(self, calculator: Calculator) -> &'static str {
        match calculator {
            Calculator::Size => self.either("📐 Размер позиции", "📐 Position size"),
            Calculator::Reward => self.either("⚖️ Риск и прибыль", "⚖️ Risk and reward"),
            Calculator::Profit => self.either("💰 Прибыль сделки", "💰 Profit of a trade"),
            Calculator::Recovery => self.either("📉 Просадка", "📉 Drawdown"),
            Calculator::Drawdown => self.either("🏔 Пик и дно", "🏔 Peak and trough"),
        }
    }

    /// What can be looked up.
    pub const fn lookup(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Price => self.either("💱 Курсы", "💱 Prices"),
            Kind::Weather => self.either("🌤 Погода", "🌤 Weather"),
            Kind::Time => self.either("🕒 Время", "🕒 Time"),
        }
    }

    /// Which one?
    pub const fn which_subject(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Price => self.either(
                "💱 Чей курс? Выбери или напиши: криптовалюта – в долларах, валюта – в рублях по курсу Банка России.",
                "💱 The price of what? Tap or write: coins are in dollars, currencies in roubles by the Bank of Russia.",
            ),
            Kind::Weather => self.either(
                "🌤 В каком городе? Выбери или напиши.",
                "🌤 In which city? Tap or write it.",
            ),
            Kind::Time => self.either(
                "🕒 Где узнать время? Выбери или напиши город.",
                "🕒 The time where? Tap or write a city.",
            ),
        }
    }

    /// What is asked for most.
    pub const fn subjects(self, kind: Kind) -> &'static [&'static str] {
        match (kind, self.0) {
            (Kind::Price, Language::Ru) => &["Биткоин", "Эфир", "Доллар", "Евро", "Юань"],
            (Kind::Price, Language::En) => &["Bitcoin", "Ethereum", "Dollar", "Euro", "Yuan"],
            (_, Language::Ru) => &[
                "Москва",
                "Санкт-Петербург",
                "Новосибирск",
                "Лондон",
                "Нью-Йорк",
                "Токио",
            ],
            (_, Language::En) => &[
                "London",
                "New York",
                "Berlin",
                "Moscow",
                "Tokyo",
                "Singapore",
            ],
        }
    }

    /// Too long, or nothing.
    pub fn not_a_name(self, most: usize) -> String {
        match self.0 {
            Language::Ru => format!("Напиши название, не длиннее {most} знаков."),
            Language::En => format!("Write a name of {most} characters at most."),
        }
    }

    /// Some questions wait already.
    pub const fn still_looking(self) -> &'static str {
        self.either(
            "Ещё ищу то, о чём был прошлый вопрос. Подожди несколько секунд.",
            "I am still looking up what you asked before. Wait a few seconds.",
        )
    }
}
