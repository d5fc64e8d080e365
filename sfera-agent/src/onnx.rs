//! ONNX Runtime, found at run time: one library and one environment a process.

use ort::environment::Environment;
use std::{
    error::Error,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// ONNX Runtime allows one environment per process, and one that was dropped cannot be made again.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

/// The process's ONNX Runtime. The first library that loads is the one for good; after a failure
/// another may be tried.
///
/// The error is boxed because even `ort`'s own needs the library.
pub(crate) fn environment(library: &Path) -> Result<Environment, Box<dyn Error>> {
    let mut environment = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = &*environment {
        return Ok(loaded.clone());
    }
    let built = ort::init_from(library)?
        .with_name("sfera")
        .with_telemetry(false)
        .build()?;
    Ok(environment.insert(built).clone())
}
