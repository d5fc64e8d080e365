//! `sfera kb`: documents in, passages out.

mod bar;
mod document;
mod ingest;
mod open;
mod questions;
mod search;

pub use open::{crowded, examined, folder, named, ready};

use crate::{
    cli::{KbCommand, RemoveArgs, SetupArgs},
    config::{Settings, Sources, closest, load},
    error::{Error, Exit, KnowledgeProblem},
    output, signal,
    text::Text,
};
use sfera_agent::knowledge::KnowledgeBase;
use std::{
    fs, io,
    path::{PathBuf, absolute},
};

/// Runs `sfera kb`.
pub fn run(command: &KbCommand, sources: &Sources, text: Text) -> Result<Exit, Error> {
    let settings = load(sources)?;
    crate::log::begin(&settings.environment);
    if let Some(folder) = &settings.config.knowledge.folder {
        let aside = text.kb_folder_instead(folder.display());
        output::complain(format!("{}: {aside}", text.warning_prefix()));
    }
    let work = async {
        let done = carry_out(command, &settings, text).await;
        done.map_err(|error| open::named(error, &settings))
    };
    match (signal::run(signal::unless_interrupted(work))?, command) {
        (Err(Error::Interrupted), KbCommand::Ingest(arguments)) => {
            if !arguments.watch {
                output::complain(text.kb_interrupted());
            }
            Ok(Exit::Interrupted)
        }
        (Err(Error::Interrupted), KbCommand::Questions(arguments)) => {
            output::complain(match arguments.anew {
                true => text.kb_questions_anew_interrupted(),
                false => text.kb_questions_interrupted(),
            });
            Ok(Exit::Interrupted)
        }
        (done, _) => done?,
    }
}

async fn carry_out(command: &KbCommand, settings: &Settings, text: Text) -> Result<Exit, Error> {
    match command {
        KbCommand::Setup(arguments) => setup(arguments, settings, text).await,
        KbCommand::Ingest(arguments) => ingest::ingest(arguments, settings, text).await,
        KbCommand::Questions(arguments) => questions::write(arguments, settings, text).await,
        KbCommand::Search(arguments) => search::search(arguments, settings, text).await,
        KbCommand::List(arguments) => {
            document::list(&open::browsed(settings).await?, arguments.json, text).await
        }
        KbCommand::Remove(arguments) => {
            remove(&open::browsed(settings).await?, arguments, text).await
        }
        KbCommand::Stats(arguments) => {
            document::stats(
                &open::browsed(settings).await?,
                arguments.json,
                settings,
                text,
            )
            .await
        }
        KbCommand::Export(arguments) => {
            document::export(&open::browsed(settings).await?, arguments, text).await
        }
    }
}

async fn setup(arguments: &SetupArgs, settings: &Settings, text: Text) -> Result<Exit, Error> {
    // Before anything is thrown away.
    let embedder = open::tried_embedder(settings).await?;
    let store = open::store(settings).await?;
    let name = open::collection(settings);
    if arguments.anew {
        let passages = KnowledgeBase::discard(&*store, name).await?;
        if passages > 0 {
            output::line(text.kb_thrown_away(passages))?;
        }
    }
    let base = KnowledgeBase::setup(store, name, arguments.texts, embedder).await?;
    output::line(text.kb_set_up(name, text.kb_found_by(base.spec())))?;
    Ok(Exit::Fine)
}

async fn remove(base: &KnowledgeBase, arguments: &RemoveArgs, text: Text) -> Result<Exit, Error> {
    for wanted in &arguments.sources {
        // As it was ingested, or as it is called from here.
        let path = from_here(wanted).map(|path| path.display().to_string());
        let mut removed = base.remove(wanted).await?;
        if let Some(path) = path.ok().filter(|path| removed == 0 && path != wanted) {
            removed = base.remove(&path).await?;
        }
        if removed == 0 {
            let list = base.list().await?;
            let known = list.iter().map(|document| document.source.as_str());
            return Err(KnowledgeProblem::NoDocument {
                source: wanted.clone(),
                suggestion: closest(wanted, known),
            }
            .into());
        }
        output::line(text.kb_removed(wanted, removed))?;
    }
    Ok(Exit::Fine)
}

/// A path without links in it, as files are ingested; whatever it leads to may be gone.
fn from_here(path: &str) -> io::Result<PathBuf> {
    fs::canonicalize(path).or_else(|_| {
        let path = absolute(path)?;
        let folder = path.parent().map(fs::canonicalize);
        Ok(match (folder, path.file_name()) {
            (Some(Ok(folder)), Some(name)) => folder.join(name),
            _ => path,
        })
    })
}
