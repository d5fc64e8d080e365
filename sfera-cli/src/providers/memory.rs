//! Where people are remembered.

use crate::{
    config::Settings,
    error::{Error, MemoryProblem},
};
use sfera_agent::{
    assembly,
    memory::{FileMemory, Memory},
    store::{QdrantOptions, QdrantStore},
};
use std::{path::PathBuf, sync::Arc};

/// Where they are.
pub enum Place {
    /// On this machine.
    Folder(PathBuf),
    /// On a server, by all machines that use it.
    Server(QdrantOptions),
}

/// Where the settings say: a folder they name, else a server, else the usual folder; nowhere where memory
/// is off.
pub fn place(settings: &Settings) -> Option<Place> {
    if !settings.config.memory.enabled {
        return None;
    }
    let named = settings.config.memory.folder.clone().map(Place::Folder);
    let server = || QdrantOptions::of_environment(|name| settings.environment.get(name));
    let place = named.or_else(|| server().map(Place::Server));
    place.or_else(|| FileMemory::usual_folder().map(Place::Folder))
}

/// Opens it; a server's is made if there is none.
pub async fn open(place: Place, settings: &Settings) -> Result<Arc<dyn Memory>, Error> {
    let reader = super::server(settings).map(assembly::reader).transpose()?;
    match place {
        Place::Folder(folder) => Ok(assembly::memory(folder, reader).await?),
        Place::Server(server) => {
            let store = QdrantStore::new(&server).map_err(MemoryProblem)?;
            let memory = assembly::shared_memory(Arc::new(store), reader).await;
            Ok(memory.map_err(MemoryProblem)?)
        }
    }
}
