use super::Text;
use crate::rooms::toolbox::{Calculator, Field, Outcome, Refusal, exact, shown};
use rust_decimal::Decimal;
use sfera_agent::Language;

impl Text {
    /// What a number is.
    const fn field(self, field: Field) -> &'static str {
        match field {
            Field::Deposit => self.either("Депозит", "Deposit"),
            Field::Risk => self.either("Риск, %", "Risk, %"),
            Field::Entry => self.either("Вход", "Entry"),
            Field::Stop => self.either("Стоп", "Stop"),
            Field::Target => self.either("Цель", "Target"),
            Field::Exit => self.either("Выход", "Exit"),
            Field::Size => self.either("Размер", "Size"),
            Field::Fee => self.either("Комиссия, %", "Fee, %"),
            Field::Loss => self.either("Просадка, %", "Loss, %"),
            Field::Peak => self.either("Пик", "Peak"),
            Field::Trough => self.either("Дно", "Trough"),
        }
    }

    /// A number is asked for.
    pub const fn ask_number(self, field: Field) -> &'static str {
        match field {
            Field::Deposit => self.either(
                "<b>Сколько на счёте?</b>\n<i>Например: 100 000 или 100к</i>",
                "<b>How much is in the account?</b>\n<i>For example: 100,000 or 100k</i>",
            ),
            Field::Risk => self.either(
                "<b>Сколько процентов счёта можно потерять?</b>\n<i>Обычно 1–2 %</i>",
                "<b>What percent of it are you ready to lose?</b>\n<i>Usually 1–2%</i>",
            ),
            Field::Entry => self.either(
                "<b>Цена входа?</b>\n<i>Например: 250,5</i>",
                "<b>Entry price?</b>\n<i>For example: 250.5</i>",
            ),
            Field::Stop => self.either(
                "<b>Цена стопа?</b>\n<i>Ниже входа – для покупки, выше – для продажи</i>",
                "<b>Price of the stop?</b>\n<i>Below the entry if you buy, above if you sell short</i>",
            ),
            Field::Target => self.either(
                "<b>Цена цели?</b>\n<i>С другой стороны от входа, чем стоп</i>",
                "<b>Price of the target?</b>\n<i>On the other side of the entry than the stop</i>",
            ),
            Field::Exit => self.either("<b>Цена выхода?</b>", "<b>Exit price?</b>"),
            Field::Size => self.either(
                "<b>Сколько штук?</b>\n<i>Для продажи в шорт – с минусом: -10</i>",
                "<b>How many units?</b>\n<i>Sold short: with a minus, as -10</i>",
            ),
            Field::Fee => self.either(
                "<b>Комиссия в процентах за одну сторону сделки?</b>\n<i>Например: 0,05. Нет комиссии – 0</i>",
                "<b>The fee in percent, for one side of the trade?</b>\n<i>For example: 0.05. None is 0</i>",
            ),
            Field::Loss => self.either(
                "<b>На сколько процентов упал счёт?</b>\n<i>Например: 20</i>",
                "<b>By what percent did the account fall?</b>\n<i>For example: 20</i>",
            ),
            Field::Peak => self.either(
                "<b>Сколько было на счёте в лучший момент?</b>",
                "<b>How much was in the account at its best?</b>",
            ),
            Field::Trough => self.either(
                "<b>Сколько осталось в худший?</b>",
                "<b>How much was left at its worst?</b>",
            ),
        }
    }

    /// Why a number cannot be taken.
    pub const fn impossible(self, refusal: Refusal) -> &'static str {
        match refusal {
            Refusal::NotANumber => self.either(
                "Не вижу числа. Можно так: 1 000,5 · 10к · 2 %.",
                "I see no number. It may be: 1,000.5 · 10k · 2%.",
            ),
            Refusal::NotPositive => self.either(
                "Здесь нужно число больше нуля.",
                "This must be more than zero.",
            ),
            Refusal::Nothing => self.either("Ноль штук – не сделка.", "Zero units are no trade."),
            Refusal::Percent => self.either(
                "Столько процентов не бывает: нужно от 0 до 100.",
                "There is no such percentage: it is between 0 and 100.",
            ),
            Refusal::AllLost => self.either(
                "После потери 100 % возвращать уже не с чего. Возьми меньше.",
                "After losing 100% there is nothing left to grow. Take less.",
            ),
            Refusal::SameAsEntry => self.either(
                "Это цена входа: расстояния нет, делить не на что.",
                "That is the entry price: there is no distance to divide by.",
            ),
            Refusal::StopSide => self.either(
                "Цель с той же стороны, что и стоп. Она должна быть с другой стороны от входа.",
                "The target is on the stop's side. It must be on the other side of the entry.",
            ),
            Refusal::AbovePeak => self.either(
                "Дно не может быть выше пика.",
                "The trough cannot be above the peak.",
            ),
            Refusal::TooLarge => self.either(
                "С такими числами я не справлюсь: они слишком велики или слишком малы.",
                "These numbers are too large or too small for me.",
            ),
        }
    }

    /// What was typed so far.
    pub fn given(self, calculator: Calculator, numbers: &[Decimal]) -> String {
        let mut given = format!("<b>{}</b>", self.calculator(calculator));
        for (field, number) in calculator.fields().iter().zip(numbers) {
            let line = format!("\n{}: {}", self.field(*field), exact(*number, self.0));
            given.push_str(&line);
        }
        given
    }

    /// What came out.
    pub fn outcome(self, outcome: &Outcome) -> String {
        match outcome {
            Outcome::Size { .. } => self.sized(outcome),
            Outcome::Reward { ratio, wins } => {
                let (ratio, wins) = (shown(*ratio, self.0), self.percent_of(*wins));
                match self.0 {
                    Language::Ru => format!(
                        "Прибыль к риску: <b>{ratio} R</b>\nВ ноль выходишь, если удачны {wins} сделок; с комиссиями – чуть больше."
                    ),
                    Language::En => format!(
                        "Reward to risk: <b>{ratio} R</b>\nYou break even when {wins} of trades win; with fees, a bit more."
                    ),
                }
            }
            Outcome::Profit {
                profit,
                percent,
                fees,
            } => {
                let (percent, fees) = (self.percent_of(*percent), shown(*fees, self.0));
                let money = shown(*profit, self.0);
                match self.0 {
                    Language::Ru => {
                        format!("Итог: <b>{money}</b> ({percent})\nИз них комиссии: {fees}")
                    }
                    Language::En => {
                        format!("Result: <b>{money}</b> ({percent})\nFees in it: {fees}")
                    }
                }
            }
            Outcome::Recovery { gain } => self.recovery(*gain),
            Outcome::Drawdown { loss, gain } => {
                let loss = self.percent_of(*loss);
                let back = self.recovery(*gain);
                match self.0 {
                    Language::Ru => format!("Просадка: <b>{loss}</b>\n{back}"),
                    Language::En => format!("Drawdown: <b>{loss}</b>\n{back}"),
                }
            }
        }
    }

    fn sized(self, outcome: &Outcome) -> String {
        let Outcome::Size {
            size,
            loss,
            cost,
            short,
            borrowed,
        } = outcome
        else {
            return String::new();
        };
        let side = match short {
            true => self.either("продажа", "short"),
            false => self.either("покупка", "long"),
        };
        let (units, loss) = (exact(*size, self.0), shown(*loss, self.0));
        let cost = shown(*cost, self.0);
        let mut said = match self.0 {
            Language::Ru => format!(
                "Размер: <b>{units}</b> ({side})\nУбыток на стопе: <b>{loss}</b>, без комиссий и проскальзывания\nСтоимость позиции: {cost}"
            ),
            Language::En => format!(
                "Size: <b>{units}</b> ({side})\nLoss at the stop: <b>{loss}</b>, without fees and slippage\nThe position costs: {cost}"
            ),
        };
        if *borrowed {
            said.push_str(self.either(
                "\n⚠️ Это больше, чем на счёте: понадобится плечо. С ним можно потерять больше, чем на стопе.",
                "\n⚠️ That is more than the account holds: it takes leverage, and may lose more than at the stop.",
            ));
        }
        said
    }

    fn recovery(self, gain: Decimal) -> String {
        let gain = self.percent_of(gain);
        match self.0 {
            Language::Ru => {
                format!("Чтобы вернуться, нужно заработать <b>{gain}</b> от оставшегося.")
            }
            Language::En => format!("To be back it takes a gain of <b>{gain}</b> on what is left."),
        }
    }

    fn percent_of(self, value: Decimal) -> String {
        let value = shown(value, self.0);
        match self.0 {
            Language::Ru => format!("{value} %"),
            Language::En => format!("{value}%"),
        }
    }
}
