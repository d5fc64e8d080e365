//! The menu, the numbers, the switches and the log.

use super::{Note, Visit};
use crate::{
    handling::Desk,
    state::{Millis, Part, StateError},
};
use jiff::Timestamp;

/// Deeds that are shown.
const DEEDS: i64 = 20;

impl Visit<'_> {
    pub(super) async fn menu(&self, desk: &mut Desk<'_>) -> Result<Note, StateError> {
        let buttons = self.text.admin_buttons();
        let rows = buttons.chunks(2).map(|row| {
            let buttons = row.iter().map(|(data, label)| self.button(*label, data));
            buttons.collect()
        });
        self.show(desk, self.text.admin_room(), rows.collect())
            .await
    }

    pub(super) async fn statistics(&self, desk: &mut Desk<'_>) -> Result<Note, StateError> {
        let numbers = desk.work.statistics().await?;
        let refresh = vec![self.button(self.text.refresh(), "statistics")];
        let numbers = self.text.statistics(&numbers);
        let voice = self.text.voice_state(desk.house.voice.now());
        let text = format!("{numbers}\n{voice}");
        self.show(desk, text, vec![refresh, self.back()]).await
    }

    pub(super) async fn switches(&self, desk: &mut Desk<'_>) -> Result<Note, StateError> {
        let mut rows = Vec::new();
        for part in Part::ALL {
            let on = desk.work.is_on(part.name()).await?;
            let sign = if on { "✅" } else { "🚫" };
            let label = format!("{sign} {}", self.text.part(part));
            // What it will be, not "the other way": two taps are not one.
            let data = format!("switch:{}:{}", part.name(), i64::from(!on));
            rows.push(vec![self.button(label, &data)]);
        }
        rows.push(self.back());
        self.show(desk, self.text.switches(), rows).await
    }

    pub(super) async fn switch(
        &self,
        desk: &mut Desk<'_>,
        about: &str,
    ) -> Result<Note, StateError> {
        let Some((part, on)) = about.split_once(':') else {
            return Ok(None);
        };
        let Some(part) = Part::named(part) else {
            return Ok(None);
        };
        let on = on == "1";
        if desk.work.is_on(part.name()).await? != on {
            desk.work.switch(part, on).await?;
            let action = if on { "switch on" } else { "switch off" };
            let admin = self.user.id;
            desk.work.write_down(admin, action, part.name()).await?;
        }
        self.switches(desk).await
    }

    pub(super) async fn log(&self, desk: &mut Desk<'_>) -> Result<Note, StateError> {
        let deeds = desk.work.last_deeds(DEEDS).await?;
        let deeds: Vec<_> = deeds
            .into_iter()
            .map(|deed| (moment(deed.at, "%d.%m %H:%M UTC"), deed))
            .collect();
        let text = self.text.log(&deeds);
        self.show(desk, text, vec![self.back()]).await
    }
}

/// A moment in words, by UTC.
pub(super) fn moment(at: Millis, format: &str) -> String {
    let moment = Timestamp::from_millisecond(at).unwrap_or_default();
    moment.strftime(format).to_string()
}
