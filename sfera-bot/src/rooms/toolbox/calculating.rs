//! A calculator as a dialogue.

use super::{Calculator, Refusal, ask, number, tapped, to_tools, way_out};
use crate::{
    handling::{Desk, Incoming},
    rooms::menu,
    state::{Form, StateError, User},
    telegram::{Button, Call, Keyboard},
};
use rust_decimal::Decimal;

/// The first question.
pub(super) async fn begin(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    calculator: Calculator,
) -> Result<(), StateError> {
    let form = Form {
        name: calculator.name().to_owned(),
        answers: Vec::new(),
    };
    // A result stays to be read.
    let message = match desk.work.form(user.id).await? {
        Some(old) if is_complete(calculator, &old) => None,
        _ => tapped(incoming),
    };
    question(desk, user, incoming.chat, message, calculator, &form).await
}

/// An answer. One that cannot be changes nothing.
pub(super) async fn answer(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    calculator: Calculator,
    mut form: Form,
    said: &str,
) -> Result<(), StateError> {
    let text = desk.text(user);
    let mut numbers = numbers(&form);
    let checked = match number::parse(said, user.language) {
        Some(number) => {
            numbers.push(number);
            calculator.check(&numbers)
        }
        None => Err(Refusal::NotANumber),
    };
    let found = match checked {
        Ok(()) => calculator.outcome(&numbers).transpose(),
        Err(refusal) => Err(refusal),
    };
    let outcome = match found {
        Ok(outcome) => outcome,
        Err(refusal) => {
            let field = calculator.fields().get(form.answers.len());
            let again = field.map_or("", |field| text.ask_number(*field));
            let refused = format!("{}\n\n{again}", text.impossible(refusal));
            let keyboard = Keyboard::Buttons(vec![way_out(text)]);
            return desk
                .say_with(incoming.chat, refused, keyboard)
                .await
                .map(drop);
        }
    };
    form.answers.extend(numbers.last().map(ToString::to_string));
    let Some(outcome) = outcome else {
        return question(desk, user, incoming.chat, None, calculator, &form).await;
    };
    desk.work.fill_in(user.id, &form).await?;
    desk.work.enter(user.id, menu::ROOM).await?;
    let given = text.given(calculator, &numbers);
    let result = format!("{given}\n\n{}", text.outcome(&outcome));
    let again = format!("tool:calc:{}", calculator.name());
    let keyboard = Keyboard::Buttons(vec![
        vec![
            Button::tap(text.other_numbers(), again),
            Button::tap(text.change_last(), "tool:back"),
        ],
        vec![to_tools(text)],
    ]);
    desk.say_with(incoming.chat, result, keyboard)
        .await
        .map(drop)
}

/// The last answer is asked for again.
pub(super) async fn take_back(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    calculator: Calculator,
    mut form: Form,
) -> Result<(), StateError> {
    let message = tapped(incoming).filter(|_| !is_complete(calculator, &form));
    form.answers.pop();
    question(desk, user, incoming.chat, message, calculator, &form).await
}

async fn question(
    desk: &mut Desk<'_>,
    user: &User,
    chat: i64,
    message: Option<i64>,
    calculator: Calculator,
    form: &Form,
) -> Result<(), StateError> {
    let text = desk.text(user);
    ask(desk, user, form).await?;
    let given = text.given(calculator, &numbers(form));
    let field = calculator.fields().get(form.answers.len());
    let asked = field.map_or("", |field| text.ask_number(*field));
    let keyboard = Keyboard::Buttons(vec![way_out(text)]);
    let page = Call::page(chat, message, format!("{given}\n\n{asked}"), keyboard);
    desk.send(chat, &page).await.map(drop)
}

fn numbers(form: &Form) -> Vec<Decimal> {
    let answers = form.answers.iter();
    answers.filter_map(|answer| answer.parse().ok()).collect()
}

fn is_complete(calculator: Calculator, form: &Form) -> bool {
    form.name == calculator.name() && form.answers.len() == calculator.fields().len()
}
