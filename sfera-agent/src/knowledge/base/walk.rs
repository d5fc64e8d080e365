//! Which files are meant by a path.

use crate::knowledge::document::{DocumentError, DocumentProblem, Format};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Folders within folders beyond this are not read.
const MAX_DEPTH: usize = 32;

/// The files of one path.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Where it began: an absolute path without links in it.
    pub(super) root: PathBuf,
    /// Files that can be read, in the order of their names.
    pub(super) files: Vec<PathBuf>,
    /// Folders that could not be read.
    pub(super) problems: Vec<DocumentError>,
    /// Whether there is nothing at this path.
    pub(super) missing: bool,
    /// If so, whether the folder is there that it would be in.
    in_folder: bool,
}

/// Lists a file, or the files in a folder and in its folders. Names that begin with a dot are left
/// out, and so are links to folders, which may lead in a circle. Blocks.
pub(super) fn walk(path: &Path) -> Walk {
    let root = match fs::canonicalize(path) {
        Ok(root) => root,
        Err(error) => return unreachable_path(path, &error),
    };
    let mut walk = Walk {
        root: root.clone(),
        ..Walk::default()
    };
    if root.is_dir() {
        walk.folder(&root, MAX_DEPTH);
        walk.files.sort();
    } else {
        walk.files.push(root);
    }
    walk
}

fn unreachable_path(path: &Path, error: &io::Error) -> Walk {
    let missing = error.kind() == io::ErrorKind::NotFound;
    let root = absolute(path);
    let mut walk = Walk {
        root: root.clone(),
        missing,
        in_folder: root.parent().is_some_and(Path::is_dir),
        ..Walk::default()
    };
    if !missing {
        walk.problem(&root, error);
    }
    walk
}

/// A path that is not there, with the links of what is there of it resolved.
fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let parent = path
        .parent()
        .and_then(|parent| fs::canonicalize(parent).ok());
    match (parent, path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path,
    }
}

impl Walk {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.problem(folder, &error),
        };
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry, depth),
                Err(error) => self.problem(folder, &error),
            }
        }
    }

    fn entry(&mut self, entry: &fs::DirEntry, depth: usize) {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            return;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => self.folder(&path, depth - 1),
            Ok(_) if Format::of(&path).is_some() && path.is_file() => self.files.push(path),
            Ok(_) => {}
            Err(error) => self.problem(&path, &error),
        }
    }

    fn problem(&mut self, path: &Path, error: &io::Error) {
        self.problems.push(DocumentError {
            file: path.to_owned(),
            problem: DocumentProblem::Unreadable(error.kind()),
        });
    }

    /// Whether a file that was ingested before belongs here and is gone. What is in a folder that
    /// could not be read may be there still.
    pub(super) fn lacks(&self, file: &str) -> bool {
        let path = Path::new(file);
        let hidden = self.problems.iter().any(|p| path.starts_with(&p.file));
        path.starts_with(&self.root) && !hidden && !self.files.iter().any(|f| f == path)
    }

    /// Whether files that are gone from here may be somewhere else: a folder without any file was moved,
    /// perhaps, or its disk is not mounted. Only a file that was named itself, and whose folder is there,
    /// is surely gone.
    pub(super) fn is_doubtful<'a>(&self, mut gone: impl Iterator<Item = &'a String>) -> bool {
        let named = |file: &String| self.in_folder && Path::new(file) == self.root;
        self.files.is_empty() && !gone.all(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_files_are_listed_and_hidden_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        for file in ["b.md", "a.TXT", "c.png", ".d.md", "in/e.pdf", ".git/f.md"] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let found = walk(&root);
        let expected = ["a.TXT", "b.md", "in/e.pdf"].map(|file| root.join(file));
        assert_eq!(found.files, expected);
        let gone = |file: &str| found.lacks(&root.join(file).display().to_string());
        assert!(gone("gone.md") && gone("in/gone.md"));
        assert!(!gone("b.md") && !found.lacks("/elsewhere/gone.md"));
        let single = walk(&root.join("b.md"));
        assert_eq!(single.files, [root.join("b.md")]);
        let missing = walk(&root.join("no/../missing"));
        assert!(missing.missing && missing.files.is_empty());
        let doubtful = |walk: &Walk, file: &str| {
            let file = root.join(file).display().to_string();
            walk.is_doubtful([file].iter())
        };
        assert!(!doubtful(&found, "gone.md"), "others are there");
        assert!(!doubtful(&walk(&root.join("in/f.md")), "in/f.md"));
        assert!(doubtful(&walk(&root.join("no/f.md")), "no/f.md"));
        assert!(doubtful(&walk(&root.join("no")), "no/f.md"));
        fs::create_dir(root.join("empty")).unwrap();
        assert!(doubtful(&walk(&root.join("empty")), "empty/f.md"));
        // A folder whose name begins like another's is not in it.
        assert!(!walk(&root.join("in")).lacks(&format!("{}x/y.md", root.join("in").display())));
    }
}
