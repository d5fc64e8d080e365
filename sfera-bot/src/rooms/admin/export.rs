//! What the bot knows, as files.

use super::{Note, Visit, bans::detail, pages::moment};
use crate::{
    handling::Desk,
    state::{Record, StateError},
    telegram::Call,
};

/// So that spreadsheets read Cyrillic.
const MARK: &str = "\u{feff}";
const COLUMNS: [&str; 9] = [
    "id",
    "name",
    "username",
    "language",
    "blocked",
    "banned",
    "first_seen",
    "last_seen",
    "questions",
];

impl Visit<'_> {
    pub(super) async fn export(&self, desk: &mut Desk<'_>) -> Result<Note, StateError> {
        let all = vec![self.button(self.text.export_all(), "export-all")];
        self.show(desk, self.text.export(), vec![all, self.back()])
            .await
    }

    pub(super) async fn export_all(&self, desk: &mut Desk<'_>) -> Result<Note, StateError> {
        let people = desk.work.everybody().await?;
        let day = moment(desk.work.now, "%Y-%m-%d");
        let name = format!("sfera-people-{day}.csv");
        self.hand_out(desk, table(&people)?, name).await?;
        desk.work.write_down(self.user.id, "export", "CSV").await?;
        Ok(Some(self.text.export_comes()))
    }

    /// `/export`
    pub(super) async fn export_about(
        &self,
        desk: &mut Desk<'_>,
        argument: &str,
    ) -> Result<(), StateError> {
        if argument.is_empty() && self.incoming.answered.is_none() {
            return self.export(desk).await.map(drop);
        }
        let (person, _) = self.whom(desk, argument).await?;
        let Some(person) = person else {
            let text = self.text.nobody_known();
            return desk.say(self.incoming.chat, text).await.map(drop);
        };
        let all = desk.work.all_about(person.id).await?;
        let json = serde_json::to_vec_pretty(&all).map_err(|_| StateError::Refused)?;
        let name = format!("sfera-person-{}.json", person.id);
        self.hand_out(desk, json, name).await?;
        let detail = detail(&person);
        desk.work.write_down(self.user.id, "export", &detail).await
    }

    async fn hand_out(
        &self,
        desk: &mut Desk<'_>,
        bytes: Vec<u8>,
        name: String,
    ) -> Result<(), StateError> {
        let chat = self.incoming.chat;
        let file = desk.work.keep_file(bytes).await?;
        let document = Call::Document { chat, file, name };
        desk.send(chat, &document).await.map(drop)
    }
}

fn table(people: &[Record]) -> Result<Vec<u8>, StateError> {
    let mut table = csv::Writer::from_writer(MARK.as_bytes().to_vec());
    table
        .write_record(COLUMNS)
        .map_err(|_| StateError::Refused)?;
    for person in people {
        table
            .write_record(cells(person))
            .map_err(|_| StateError::Refused)?;
    }
    table.into_inner().map_err(|_| StateError::Refused)
}

fn cells(person: &Record) -> [String; 9] {
    let time = |at| moment(at, "%Y-%m-%dT%H:%M:%SZ");
    [
        person.id.to_string(),
        harmless(&person.name),
        harmless(person.username.as_deref().unwrap_or_default()),
        person.language.clone(),
        i64::from(person.blocked).to_string(),
        harmless(person.banned.as_deref().unwrap_or_default()),
        time(person.first_seen),
        time(person.last_seen),
        person.questions.to_string(),
    ]
}

/// A spreadsheet takes what begins so for a formula, and people choose their names themselves.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_never_formulas() {
        let person = Record {
            id: 7,
            name: "=HYPERLINK(\"x\"), Алекс".into(),
            username: None,
            language: "ru".into(),
            blocked: true,
            banned: Some("спам".into()),
            first_seen: 0,
            last_seen: 1_764_000_000_000,
            questions: 2,
        };
        let table = String::from_utf8(table(&[person]).unwrap()).unwrap();
        let line = table.lines().nth(1).unwrap();
        let wanted = "7,\"'=HYPERLINK(\"\"x\"\"), Алекс\",,ru,1,спам,1970-01-01T00:00:00Z,\
                      2025-11-24T16:00:00Z,2";
        assert_eq!(line, wanted);
    }
}
