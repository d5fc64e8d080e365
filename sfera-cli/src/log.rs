//! A log on stderr, for those who ask for one.

use crate::config::Environment;
use std::io;
use tracing_subscriber::EnvFilter;

/// Logs to stderr what `SFERA_LOG` names: a level, or targets with levels. Without it nothing is
/// logged: what users need to know is said in sentences.
pub fn begin(environment: &Environment) {
    if let Some(wanted) = environment.get("SFERA_LOG") {
        let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(wanted));
        // Fails only if there is a log already.
        let _ = log.with_writer(io::stderr).try_init();
    }
}
