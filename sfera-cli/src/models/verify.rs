use crate::{
    error::{Error, Exit},
    output, signal,
    text::Text,
};
use sfera_agent::models::Models;

/// Reads every file again; tells about all of them, and fails if one is missing or damaged.
pub fn verify(models: &Models, names: &[String], text: Text) -> Result<Exit, Error> {
    signal::run(async {
        let mut exit = Exit::Fine;
        for name in names {
            let verified = tokio::select! {
                verified = models.verify(name) => verified,
                () = signal::interrupted() => return Err(Error::Interrupted),
            };
            match verified {
                Ok(()) => output::line(text.model_verified(name))?,
                Err(error) => {
                    output::complain(text.model_problem(&error, None));
                    exit = Error::from(error).exit();
                }
            }
        }
        Ok(exit)
    })?
}
