use super::{bar::bar, open};
use crate::{
    cli::QuestionsArgs,
    config::Settings,
    error::{Error, Exit, KnowledgeProblem},
    output, providers,
    text::Text,
};
use serde_json::json;
use sfera_agent::{
    assembly,
    knowledge::{KnowledgeBase, QuestionProgress, QuestionWriter, QuestionsWritten, Unasked},
};

/// Has the model of the settings write questions for the passages that have none yet; with `--anew` for
/// all, in place of what was written before.
pub async fn write(
    arguments: &QuestionsArgs,
    settings: &Settings,
    text: Text,
) -> Result<Exit, Error> {
    let server = providers::server(settings).ok_or(KnowledgeProblem::NoWriter)?;
    let model = server.model.clone();
    let writer = assembly::question_writer(server)?;
    let base = open::writable(settings).await?;
    let which = match arguments.anew {
        true => Unasked::AndAsked,
        false => Unasked::Only,
    };
    let done = shown(&base, &*writer, which, model).await?;
    if arguments.json {
        output::line(report(&done).to_string())?;
    } else {
        output::line(text.kb_questions(&done))?;
    }
    Ok(match done.without {
        0 => Exit::Fine,
        _ => Exit::Runtime,
    })
}

async fn shown(
    base: &KnowledgeBase,
    writer: &dyn QuestionWriter,
    which: Unasked,
    model: String,
) -> Result<QuestionsWritten, Error> {
    let bar = bar();
    bar.set_message(model);
    let show = |progress: QuestionProgress| {
        bar.set_length(progress.passages);
        bar.set_position(progress.done);
        bar.tick();
    };
    let done = base.write_questions(writer, which, &show).await;
    bar.finish_and_clear();
    Ok(done?)
}

fn report(done: &QuestionsWritten) -> serde_json::Value {
    json!({
        "passages": done.passages,
        "questions": done.questions,
        "had": done.had,
        "without": done.without,
    })
}
