//! How far people are in a course.

use super::{Millis, StateError, Work};
use sqlx::Row as _;
use std::collections::HashSet;

/// How far somebody is. Steps are told apart by name, so that a course may be edited meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The step that was shown last.
    pub step: Option<String>,
    /// The steps that are done.
    pub passed: HashSet<String>,
    /// When the course was completed for the first time.
    pub completed: Option<Millis>,
}

impl Work {
    /// How far somebody is in a course.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn progress(&mut self, user: i64, course: &str) -> Result<Progress, StateError> {
        let passed =
            sqlx::query("SELECT step FROM course_passed WHERE user_id = $1 AND course = $2")
                .bind(user)
                .bind(course)
                .fetch_all(&mut *self.db)
                .await?;
        let passed = passed.iter().map(|row| row.try_get(0));
        let mut progress = Progress {
            passed: passed.collect::<Result<_, sqlx::Error>>()?,
            ..Progress::default()
        };
        let place = sqlx::query(
            "SELECT step, completed FROM course_places WHERE user_id = $1 AND course = $2",
        )
        .bind(user)
        .bind(course)
        .fetch_optional(&mut *self.db)
        .await?;
        if let Some(row) = place {
            progress.step = Some(row.try_get(0)?);
            progress.completed = row.try_get(1)?;
        }
        Ok(progress)
    }

    /// Somebody is at a step now.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn stand_at(
        &mut self,
        user: i64,
        course: &str,
        step: &str,
    ) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO course_places (user_id, course, step) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id, course) DO UPDATE SET step = excluded.step",
        )
        .bind(user)
        .bind(course)
        .bind(step)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Somebody is done with a step.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn pass_step(
        &mut self,
        user: i64,
        course: &str,
        step: &str,
    ) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO course_passed (user_id, course, step, passed) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (user_id, course, step) DO NOTHING",
        )
        .bind(user)
        .bind(course)
        .bind(step)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Somebody is through; whether for the first time.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn complete_course(&mut self, user: i64, course: &str) -> Result<bool, StateError> {
        let completed = sqlx::query(
            "UPDATE course_places SET completed = $3 \
             WHERE user_id = $1 AND course = $2 AND completed IS NULL",
        )
        .bind(user)
        .bind(course)
        .bind(self.now)
        .execute(&mut *self.db)
        .await?;
        Ok(completed.rows_affected() > 0)
    }

    /// Somebody begins anew.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn restart_course(&mut self, user: i64, course: &str) -> Result<(), StateError> {
        for statement in [
            "DELETE FROM course_places WHERE user_id = $1 AND course = $2",
            "DELETE FROM course_passed WHERE user_id = $1 AND course = $2",
        ] {
            sqlx::query(statement)
                .bind(user)
                .bind(course)
                .execute(&mut *self.db)
                .await?;
        }
        Ok(())
    }
}
