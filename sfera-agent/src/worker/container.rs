//! The share of the machine's processors that a container has: Linux's cgroups, version 2.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::Instant;

/// Where the system shows its cgroups.
const CGROUPS: &str = "/sys/fs/cgroup";

/// A cgroup with a limit, and what it has used of it.
pub(super) struct Container {
    folder: PathBuf,
    /// How many processors it may keep busy.
    processors: f32,
    used: Duration,
    asked: Instant,
}

impl Container {
    /// The cgroup of this process; none where it has no limit.
    pub(super) fn here() -> Option<Self> {
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        Self::at(Path::new(CGROUPS).join(folder(&own)?))
    }

    fn at(folder: PathBuf) -> Option<Self> {
        let limit = fs::read_to_string(folder.join("cpu.max")).ok()?;
        Some(Self {
            processors: processors(&limit)?,
            used: used(&folder)?,
            asked: Instant::now(),
            folder,
        })
    }

    /// How much of its limit it has used since it was asked last.
    pub(super) fn measure(&mut self) -> f32 {
        let Some(used) = used(&self.folder) else {
            return 0.0;
        };
        let busy = used.saturating_sub(self.used).as_secs_f32();
        let passed = self.asked.elapsed().as_secs_f32();
        (self.used, self.asked) = (used, Instant::now());
        if passed > 0.0 {
            busy / passed / self.processors
        } else {
            0.0
        }
    }
}

/// `0::/some/folder` is a cgroup of version 2.
fn folder(own: &str) -> Option<&str> {
    let line = own.lines().find_map(|line| line.strip_prefix("0::/"));
    line.map(str::trim_end)
}

/// `150000 100000` is one and a half processors, `max 100000` as many as there are.
fn processors(limit: &str) -> Option<f32> {
    let mut numbers = limit.split_whitespace().map(str::parse::<f32>);
    let (time, period) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (time > 0.0 && period > 0.0).then(|| time / period)
}

/// Time on processors so far.
fn used(folder: &Path) -> Option<Duration> {
    let figures = fs::read_to_string(folder.join("cpu.stat")).ok()?;
    let used = figures
        .lines()
        .find_map(|line| line.strip_prefix("usage_usec "))?;
    used.trim().parse().ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[test]
    fn what_the_system_says_of_a_cgroup() {
        assert_eq!(folder("1:cpu:/old\n0::/a/b\n"), Some("a/b"));
        assert_eq!(folder("0::/\n"), Some(""), "seen from inside a container");
        assert_eq!(folder("1:cpu:/old\n"), None);
        assert_eq!(processors("150000 100000\n"), Some(1.5));
        assert_eq!(processors("max 100000\n"), None, "no limit");
        assert_eq!(processors(""), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_container_is_as_busy_as_its_share_of_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("cpu.max", "50000 100000\n");
        write("cpu.stat", "usage_usec 1000000\nuser_usec 5\n");
        let mut container = Container::at(folder.path().to_owned()).unwrap();
        advance(Duration::from_secs(2)).await;
        write("cpu.stat", "usage_usec 1500000\nuser_usec 5\n");
        assert_eq!(
            container.measure(),
            0.5,
            "0.5 s in 2 s, of half a processor"
        );
        write("cpu.max", "max 100000\n");
        assert!(Container::at(folder.path().to_owned()).is_none());
    }
}
