use crate::{
    error::{Error, Exit},
    output,
    text::Text,
};
use serde_json::json;
use sfera_agent::{
    Language,
    models::{Models, Status, manifest::Model},
};
use unicode_width::UnicodeWidthStr;

/// Prints a table of all models, or JSON.
pub fn list(models: &Models, as_json: bool, text: Text) -> Result<Exit, Error> {
    let mut rows = Vec::new();
    for model in models.list() {
        rows.push((model, models.status(&model.name)?));
    }
    if as_json {
        let all: Vec<_> = rows
            .iter()
            .map(|(model, status)| entry(model, *status))
            .collect();
        output::line(json!({ "folder": models.dir(), "models": all }).to_string())?;
    } else {
        output::print(table(&rows, text))?;
        output::line(text.models_in(models.dir().display()))?;
    }
    Ok(Exit::Fine)
}

fn entry(model: &Model, status: Status) -> serde_json::Value {
    let word = match status {
        Status::Present => "present",
        Status::Partial(_) => "partial",
        Status::Absent => "absent",
        Status::Damaged => "damaged",
    };
    json!({ "name": model.name, "bytes": model.size(), "status": word, "licence": model.licence })
}

fn table(rows: &[(&Model, Status)], text: Text) -> String {
    let mut cells = vec![text.models_heads().map(str::to_owned)];
    cells.extend(rows.iter().map(|(model, status)| {
        let about = match text.0 {
            Language::Ru => &model.about.ru,
            Language::En => &model.about.en,
        };
        [
            model.name.clone(),
            text.megabytes(model.size().div_ceil(1_000_000)),
            text.model_status(*status),
            model.licence.clone(),
            about.clone(),
        ]
    }));
    align(&cells)
}

/// Columns as wide as their widest cell; the last one is left alone.
fn align<const N: usize>(rows: &[[String; N]]) -> String {
    let widths: [usize; N] =
        std::array::from_fn(|c| rows.iter().map(|row| row[c].width()).max().unwrap_or(0));
    let mut table = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            table.push_str(cell);
            if column + 1 < N {
                table.push_str(&" ".repeat(widths[column] - cell.width() + 2));
            }
        }
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_stand_under_each_other() {
        let models = Models::open(Some("models".into())).expect("a folder is given");
        let statuses = [
            Status::Present,
            Status::Partial(42_000_000),
            Status::Absent,
            Status::Damaged,
        ];
        let rows: Vec<_> = models.list().iter().zip(statuses).collect();
        insta::assert_snapshot!(table(&rows, Text(Language::Ru)));
    }
}
