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
    knowledge::{KnowledgeBase, QuestionProgress, QuestionWriter, QuestionsWritten},
};

/// Has the model of the settings write questions for the passages that have none yet; with `--anew` it
/// forgets what was written before.
pub async fn write(
    arguments: &QuestionsArgs,
    settings: &Settings,
    text: Text,
) -> Result<Exit, Error> {
    let server = providers::server(settings).ok_or(KnowledgeProblem::NoWriter)?;
    let model = server.model.clone();
    let writer = assembly::question_writer(server)?;
    let base = open::writable(settings).await?;
    if arguments.anew {
        base.drop_questions().await?;
    }
    let done = shown(&base, &*writer, model).await?;
    if arguments.json {
        output::line(report(&done).to_string())?;
    } else {
        output::line(text.kb_questions(&done))?;
    }
    Ok(Exit::Fine)
}

async fn shown(
    base: &KnowledgeBase,
    writer: &dyn QuestionWriter,
    model: String,
) -> Result<QuestionsWritten, Error> {
    let bar = bar();
    bar.set_message(model);
    let show = |progress: QuestionProgress| {
        bar.set_length(progress.passages);
        bar.set_position(progress.done);
        bar.tick();
    };
    let done = base.write_questions(writer, &show).await;
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
