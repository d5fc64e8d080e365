//! "Пройти бесплатное обучение": a course, step by step.
//!
//! Steps and answers are known by name, never by number: who edits the course while people are in it
//! loses nobody's place, and an old button means what it meant, or leads to where the person is.

mod document;
mod page;
mod shelf;
mod walk;
mod written;

pub use document::{Course, Step};
pub use shelf::{Broken, Shelf};
pub use written::{Fault, Flaw};

use crate::{
    handling::{Desk, House, Incoming},
    state::{Progress, StateError, Store, User, Work},
    telegram::Call,
    text::Text,
};
use page::Answer;
use walk::Walk;

/// `/course` and the entry of the menu: the course goes on where it was left.
pub async fn open(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let course = desk.house.shelf.course(user.language);
    tell_admin(&mut desk.work, desk.house).await?;
    if course.steps.is_empty() {
        let text = desk.text(user).not_here();
        return desk.say(incoming.chat, text).await.map(drop);
    }
    let progress = desk.work.progress(user.id, &course.id).await?;
    let walk = Walk {
        user,
        chat: incoming.chat,
        message: None,
        course: &course,
    };
    match place(&course, &progress) {
        Some(at) => {
            let resumed = progress.step.is_some();
            walk.show(desk, &progress, at, Answer::Open, resumed).await
        }
        None => walk.complete(desk).await,
    }
}

/// A button of a step.
pub async fn tap(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    what: &str,
) -> Result<(), StateError> {
    let course = desk.house.shelf.course(user.language);
    let mut parts = what.splitn(3, ':');
    let (verb, id) = (parts.next().unwrap_or_default(), parts.next());
    if verb == "restart" {
        desk.work.restart_course(user.id, &course.id).await?;
        return open(desk, user, incoming).await;
    }
    let Some(at) = id.and_then(|id| course.position(id)) else {
        return open(desk, user, incoming).await;
    };
    let mut progress = desk.work.progress(user.id, &course.id).await?;
    let walk = Walk {
        user,
        chat: incoming.chat,
        message: incoming.message,
        course: &course,
    };
    match verb {
        "back" => {
            let before = at.saturating_sub(1);
            let walk = walk.turning(at, before);
            walk.show(desk, &progress, before, Answer::Open, false)
                .await
        }
        "pick" => {
            let picked = parts.next().unwrap_or_default();
            walk.pick(desk, &mut progress, at, picked).await
        }
        _ => walk.next(desk, &mut progress, at).await,
    }
}

/// Tells the log and the administrators at the start what is wrong with the file.
///
/// # Errors
/// [`StateError`].
pub async fn report(store: &Store, house: &House) -> Result<(), StateError> {
    let mut work = store.begin(house.clock.now()).await?;
    tell_admin(&mut work, house).await?;
    work.commit().await?;
    house.outgoing.notify_one();
    Ok(())
}

/// Once for each state of the file: under a known key nothing is promised twice.
async fn tell_admin(work: &mut Work, house: &House) -> Result<(), StateError> {
    let (Some(admin), Some(broken)) = (house.settings.admin, house.shelf.broken()) else {
        return Ok(());
    };
    let text = Text(house.settings.language).course_broken(&broken.flaw);
    let key = format!("course:{}", broken.key);
    work.send(&key, admin, &Call::message(admin, text)).await
}

/// Where a person goes on: where they were, or at the first step that is not done; none when all are.
fn place(course: &Course, progress: &Progress) -> Option<usize> {
    let undone = |step: &Step| !progress.passed.contains(&step.id);
    let first = course.steps.iter().position(undone);
    let stood = progress.step.as_deref().and_then(|id| course.position(id));
    // Who was through and finds new steps begins with those.
    match progress.completed {
        Some(_) => first,
        None => first.and(stood).or(first),
    }
}
