//! Where the course is taken from: a file that may change at any time, or what comes with the program.

use super::{
    document::{Course, name},
    written::{Fault, Flaw},
};
use sfera_agent::Language;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::SystemTime,
};

/// Bytes of a course, at most: some hundred steps.
const LARGEST: u64 = 1 << 20;

/// The courses that come with the program; a test reads them.
static OWN: LazyLock<[Arc<Course>; 2]> = LazyLock::new(|| {
    let texts = [
        include_str!("../../../course/ru.yaml"),
        include_str!("../../../course/en.yaml"),
    ];
    texts.map(|yaml| Arc::new(Course::parse(yaml).unwrap_or_default()))
});

/// The course of the file if there is a good one, and the program's own otherwise.
#[derive(Debug)]
pub struct Shelf {
    file: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    seen: Option<Seen>,
    /// The last one that was good.
    course: Option<Arc<Course>>,
    broken: Option<Broken>,
}

/// By what a change is noticed; none where there is no file.
type Seen = Option<(SystemTime, u64)>;

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The same for the same content.
    pub key: String,
    /// What.
    pub flaw: Flaw,
}

impl Shelf {
    /// Looks at the file, if there is one.
    #[must_use]
    pub fn new(file: Option<PathBuf>) -> Self {
        let shelf = Self {
            file,
            state: Mutex::default(),
        };
        shelf.look();
        shelf
    }

    /// The course as it is now.
    #[must_use]
    pub fn course(&self, language: Language) -> Arc<Course> {
        self.look();
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let [russian, english] = &*OWN;
        let own = match language {
            Language::Ru => russian,
            Language::En => english,
        };
        state.course.as_ref().unwrap_or(own).clone()
    }

    /// What is wrong with the file as it is now.
    #[must_use]
    pub fn broken(&self) -> Option<Broken> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.broken.clone()
    }

    /// Reads the file if it changed. It is small, and on this machine.
    fn look(&self) {
        let Some(file) = &self.file else { return };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen(file);
        if state.seen == Some(seen) {
            return;
        }
        state.seen = Some(seen);
        match read(file) {
            Ok(course) => (state.course, state.broken) = (Some(Arc::new(course)), None),
            Err(broken) => {
                let Flaw { line, fault } = &broken.flaw;
                tracing::error!(file = %file.display(), ?line, ?fault, "SFERA_COURSE is broken");
                state.broken = Some(broken);
            }
        }
    }
}

fn seen(file: &Path) -> Seen {
    let about = fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len()))
}

fn read(file: &Path) -> Result<Course, Broken> {
    let broken = |key: &str, fault| Broken {
        key: key.to_owned(),
        flaw: Flaw { line: None, fault },
    };
    let length = fs::metadata(file).map(|about| about.len());
    if length.is_ok_and(|length| length > LARGEST) {
        return Err(broken("large", Fault::TooLarge(LARGEST)));
    }
    let yaml = fs::read_to_string(file).map_err(|_| broken("unreadable", Fault::Unreadable))?;
    Course::parse(&yaml).map_err(|flaw| Broken {
        key: name(&yaml),
        flaw,
    })
}
