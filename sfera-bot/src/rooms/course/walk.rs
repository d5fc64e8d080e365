use super::{
    document::Course,
    page::{self, Answer},
};
use crate::{
    handling::Desk,
    render::markdown,
    state::{Progress, StateError, User},
    telegram::{Button, Call, Keyboard},
};

/// One person's walk through the course.
pub(super) struct Walk<'a> {
    pub(super) user: &'a User,
    pub(super) chat: i64,
    /// The message that becomes the next page, if one may.
    pub(super) message: Option<i64>,
    pub(super) course: &'a Course,
}

impl Walk<'_> {
    /// From one step to another. What has a picture is not turned into something else, nor the other
    /// way round: the picture is a message of its own.
    pub(super) fn turning(mut self, from: usize, to: usize) -> Self {
        let pictured = |at: usize| self.course.steps.get(at).is_some_and(|s| s.media.is_some());
        if pictured(from) || pictured(to) {
            self.message = None;
        }
        self
    }

    /// Shows a step; the person is there from now on.
    pub(super) async fn show(
        &self,
        desk: &mut Desk<'_>,
        progress: &Progress,
        at: usize,
        answer: Answer<'_>,
        resumed: bool,
    ) -> Result<(), StateError> {
        let Some(step) = self.course.steps.get(at) else {
            return Ok(());
        };
        let text = desk.text(self.user);
        desk.work
            .stand_at(self.user.id, &self.course.id, &step.id)
            .await?;
        let is_open = step.quiz.is_some() && !progress.passed.contains(&step.id);
        let answer = if is_open { answer } else { Answer::Right };
        let bar = page::bar(at + 1, self.course.steps.len());
        let html = page::html(text, &self.course.title, &bar, step, answer);
        let keyboard = page::keyboard(text, self.course, at, is_open, resumed);
        if self.message.is_none()
            && let Some(picture) = &step.media
        {
            let call = Call::Media {
                chat: self.chat,
                kind: picture.kind,
                file: picture.file.clone(),
                caption: markdown(&picture.caption),
                keyboard: Keyboard::None,
            };
            desk.send(self.chat, &call).await?;
        }
        self.put(desk, html, keyboard).await
    }

    /// An answer was tapped, by its name.
    pub(super) async fn pick(
        &self,
        desk: &mut Desk<'_>,
        progress: &mut Progress,
        at: usize,
        name: &str,
    ) -> Result<(), StateError> {
        let step = self.course.steps.get(at);
        let Some((step, quiz)) = step.and_then(|step| Some((step, step.quiz.as_ref()?))) else {
            return self.show(desk, progress, at, Answer::Open, false).await;
        };
        let answers = quiz.answers();
        let picked = answers.iter().find(|(known, _)| known == name);
        let answer = match picked {
            Some((_, picked)) if *picked == quiz.right => {
                self.pass(desk, progress, &step.id).await?;
                Answer::Right
            }
            Some((_, picked)) => Answer::Wrong(picked),
            // It was one in an older version of the course.
            None => Answer::Open,
        };
        self.show(desk, progress, at, answer, false).await
    }

    /// Done with a step: the next one, or the first that is left, or the end.
    pub(super) async fn next(
        self,
        desk: &mut Desk<'_>,
        progress: &mut Progress,
        at: usize,
    ) -> Result<(), StateError> {
        let Some(step) = self.course.steps.get(at) else {
            return Ok(());
        };
        let is_open = step.quiz.is_some() && !progress.passed.contains(&step.id);
        if is_open {
            return self.show(desk, progress, at, Answer::Open, false).await;
        }
        self.pass(desk, progress, &step.id).await?;
        let steps = &self.course.steps;
        let left = || steps.iter().position(|s| !progress.passed.contains(&s.id));
        let after = Some(at + 1).filter(|after| *after < steps.len());
        let Some(to) = after.or_else(left) else {
            return self.turning(at, at).complete(desk).await;
        };
        let walk = self.turning(at, to);
        walk.show(desk, progress, to, Answer::Open, false).await
    }

    /// The last page.
    pub(super) async fn complete(&self, desk: &mut Desk<'_>) -> Result<(), StateError> {
        let text = desk.text(self.user);
        desk.work
            .complete_course(self.user.id, &self.course.id)
            .await?;
        let all = self.course.steps.len();
        let page = format!("🎓 {}\n\n{}", page::bar(all, all), self.course.completion);
        let again = Button::tap(text.restart_course(), "course:restart");
        self.put(desk, page, Keyboard::Buttons(vec![vec![again]]))
            .await
    }

    async fn pass(
        &self,
        desk: &mut Desk<'_>,
        progress: &mut Progress,
        step: &str,
    ) -> Result<(), StateError> {
        progress.passed.insert(step.to_owned());
        desk.work
            .pass_step(self.user.id, &self.course.id, step)
            .await
    }

    async fn put(
        &self,
        desk: &mut Desk<'_>,
        html: String,
        keyboard: Keyboard,
    ) -> Result<(), StateError> {
        let call = Call::page(self.chat, self.message, html, keyboard);
        desk.send(self.chat, &call).await.map(drop)
    }
}
