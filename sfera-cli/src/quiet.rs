//! Sound libraries written in C print warnings to stderr, where nobody can do anything about them.

/// Keeps stderr away from the terminal while it lives.
pub struct Quiet {
    #[cfg(unix)]
    original: std::os::fd::OwnedFd,
}

impl Quiet {
    /// Sends stderr nowhere from now on; `None` where that cannot be done.
    #[cfg(unix)]
    pub fn begin() -> Option<Self> {
        let original = rustix::io::dup(rustix::stdio::stderr()).ok()?;
        let nowhere = std::fs::File::options()
            .write(true)
            .open("/dev/null")
            .ok()?;
        rustix::stdio::dup2_stderr(&nowhere).ok()?;
        Some(Self { original })
    }

    /// Does nothing here.
    #[cfg(not(unix))]
    pub fn begin() -> Option<Self> {
        None
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = rustix::stdio::dup2_stderr(&self.original);
    }
}

/// Does something without a word on stderr.
pub fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let _quiet = Quiet::begin();
    work()
}
