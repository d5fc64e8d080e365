//! Parts of the bot that administrators switch on and off.

use super::{StateError, Work};
use sqlx::Row as _;

/// A part that can be switched off. Their names: see [`Part::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Questions in writing.
    Chat,
    /// Somebody to talk to about what troubles one.
    Psychologist,
    /// Lessons.
    Course,
    /// Calculators and the like.
    Toolbox,
    /// The Mini App.
    Voice,
    /// People.
    Support,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Chat,
        Self::Psychologist,
        Self::Course,
        Self::Toolbox,
        Self::Voice,
        Self::Support,
    ];

    /// As it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Psychologist => "psychologist",
            Self::Course => "course",
            Self::Toolbox => "toolbox",
            Self::Voice => "voice",
            Self::Support => "support",
        }
    }

    /// The part of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

impl Work {
    /// Whether a part is on. Those that nobody switched are.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn is_on(&mut self, name: &str) -> Result<bool, StateError> {
        let row = sqlx::query("SELECT is_on FROM switches WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *self.db)
            .await?;
        let switched: Option<i64> = row.map(|row| row.try_get(0)).transpose()?;
        Ok(switched != Some(0))
    }

    /// Switches a part.
    ///
    /// # Errors
    /// [`StateError`].
    pub async fn switch(&mut self, part: Part, on: bool) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO switches (name, is_on) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET is_on = excluded.is_on",
        )
        .bind(part.name())
        .bind(i64::from(on))
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }
}
