use super::{bar::bar, open};
use crate::{
    cli::IngestArgs,
    config::Settings,
    error::{Error, Exit, KnowledgeProblem},
    output,
    text::Text,
};
use serde_json::json;
use sfera_agent::knowledge::{
    DocumentError, IngestProgress, Ingested, KnowledgeBase, PDF_THREAD, Watch,
};

/// Ingests files and folders; with `--watch` again whenever something in them changes, until Ctrl+C.
pub async fn ingest(
    arguments: &IngestArgs,
    settings: &Settings,
    text: Text,
) -> Result<Exit, Error> {
    quiet_about_pdf();
    // Before a base is made for what is not there.
    let watch = watch(arguments).await?;
    let (base, new) = open::existing_or_new(settings).await?;
    if new && !arguments.json {
        let name = &base.spec().name;
        output::line(text.kb_set_up(name, text.kb_found_by(base.spec())))?;
    }
    if base.spec().dense.is_none() && open::could_embed(settings) {
        output::complain(text.kb_words_though());
    }
    let Some(mut watch) = watch else {
        let done = once(&base, arguments, text).await?;
        let points = base.status().await?.points + base.questions().await?;
        if open::crowded(settings, points) {
            output::complain(text.kb_crowded(points));
        }
        return Ok(match done.problems.is_empty() {
            true => Exit::Fine,
            false => Exit::Usage,
        });
    };
    loop {
        once(&base, arguments, text).await?;
        output::complain(text.kb_watching());
        watch.changed().await;
    }
}

async fn watch(arguments: &IngestArgs) -> Result<Option<Watch>, Error> {
    if !arguments.watch {
        return Ok(None);
    }
    let watch = Watch::begin(arguments.paths.clone()).await;
    let watch = watch.map_err(|error| KnowledgeProblem::Watch(error.0))?;
    Ok(Some(watch))
}

async fn once(base: &KnowledgeBase, arguments: &IngestArgs, text: Text) -> Result<Ingested, Error> {
    let bar = bar();
    let show = |progress: IngestProgress<'_>| {
        bar.set_length(progress.files as u64);
        bar.set_position(progress.done as u64);
        let name = progress.file.file_name().unwrap_or_default();
        bar.set_message(name.to_string_lossy().into_owned());
        bar.tick();
    };
    let done = base.ingest(&arguments.paths, &show).await;
    bar.finish_and_clear();
    let done = done?;
    for problem in &done.problems {
        output::complain(text.document_problem(problem));
    }
    if arguments.json {
        output::line(report(&done, text).to_string())?;
    } else {
        output::line(text.kb_ingested(&done))?;
    }
    Ok(done)
}

fn report(done: &Ingested, text: Text) -> serde_json::Value {
    let problem = |error: &DocumentError| json!({ "file": error.file, "problem": text.document_problem(error) });
    json!({
        "files": done.files,
        "unchanged": done.unchanged,
        "written": done.written,
        "deleted": done.deleted,
        "gone": done.gone,
        "problems": done.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

/// A PDF that breaks its format makes its reader panic; that is caught, and told in a sentence.
fn quiet_about_pdf() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(PDF_THREAD) {
            usual(panic);
        }
    }));
}
