//! Where results go: lines on stdout, files that are complete or absent.

use crate::error::{Error, FileError, FileProblem};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// Writes to stdout. A reader that went away (`| head`) is no error.
pub fn print(text: impl AsRef<[u8]>) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_ref()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(FileError::io("stdout", &error).into())
        }
        _ => Ok(()),
    }
}

/// A line on stdout.
pub fn line(text: impl AsRef<str>) -> Result<(), Error> {
    print(format!("{}\n", text.as_ref()))
}

/// A line on stderr, for people.
pub fn complain(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// A file that appears whole, under its name, when [`OutputFile::finish`] is called, and not at all
/// if it is dropped before: after Ctrl+C, an error or a full disk nothing half-written is left.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl OutputFile {
    /// Begins a file. Fails early, before any work is done, if it could not be written.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        if path.is_dir() {
            return Err(FileError::new(path, FileProblem::Folder));
        }
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if !parent.is_dir() {
            return Err(FileError::new(path, FileProblem::NoParent));
        }
        let file = NamedTempFile::with_prefix_in(".sfera-", parent);
        Ok(Self {
            path: path.to_owned(),
            file: file.map_err(|error| FileError::io(path, &error))?,
        })
    }

    /// Where it is being written until it is finished.
    pub fn temporary(&self) -> &Path {
        self.file.path()
    }

    /// Gives the file its name.
    pub fn finish(self) -> Result<(), FileError> {
        let kept = self.file.persist(&self.path);
        kept.map_err(|error| FileError::io(&self.path, &error.error))?;
        open_to_all(&self.path);
        Ok(())
    }

    /// Writes all of it and gives it its name.
    pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
        let mut output = Self::create(path)?;
        let written = output.file.write_all(bytes);
        written.map_err(|error| FileError::io(path, &error))?;
        output.finish()
    }
}

/// Temporary files are private; results are as any other file.
#[cfg(unix)]
fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644));
}

#[cfg(not(unix))]
const fn open_to_all(_path: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_complete_or_absent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer.wav");
        drop(OutputFile::create(&path).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        OutputFile::write(&path, b"sound").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"sound");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_noticed_before_any_work() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nowhere/answer.wav");
        let problem = OutputFile::create(&path).unwrap_err().problem;
        assert!(matches!(problem, FileProblem::NoParent));
        let problem = OutputFile::create(folder.path()).unwrap_err().problem;
        assert!(matches!(problem, FileProblem::Folder));
    }
}
