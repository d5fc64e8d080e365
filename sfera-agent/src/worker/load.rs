//! How busy the worker is.

use std::{fmt, sync::Arc};

use sysinfo::{CpuRefreshKind, RefreshKind, System};

use super::container::Container;

/// How much a new figure counts against those before: about the last 10 s of figures every 2.5 s.
const WEIGHT: f32 = 0.3;

/// What says how busy a worker is. It is asked every 2.5 s.
#[derive(Clone, Default)]
pub enum LoadMeter {
    /// The machine's processors, or the share of them that its container has: whichever is busier,
    /// smoothed over about 10 s. Other programs count, since they slow conversations as well.
    ///
    /// A container's share is known from the `cpu.max` of its cgroup (version 2), as Docker's `--cpus`
    /// and Kubernetes' limits set it. One of a cgroup above it, a version 1 cgroup and a choice of
    /// processors (`--cpuset-cpus`, `taskset`) are not seen: there the worker takes itself for less
    /// busy than it is, and its jobs are better limited by [`max_jobs`](super::WorkerOptions::max_jobs).
    #[default]
    Machine,
    /// What the host measures itself, 0 to 1; not smoothed. It must not block.
    Own(Arc<dyn Fn() -> f32 + Send + Sync>),
}

impl fmt::Debug for LoadMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Machine => "Machine",
            Self::Own(_) => "Own",
        })
    }
}

/// The load of a worker, as its meter says.
pub(super) enum Load {
    Machine(Box<Machine>),
    Own(Arc<dyn Fn() -> f32 + Send + Sync>),
}

impl Load {
    pub(super) fn of(meter: &LoadMeter) -> Self {
        match meter {
            LoadMeter::Machine => Self::Machine(Box::new(Machine::new())),
            LoadMeter::Own(measure) => Self::Own(measure.clone()),
        }
    }

    /// The load now, 0 to 1.
    pub(super) fn measure(&mut self) -> f32 {
        match self {
            Self::Machine(machine) => machine.measure(),
            Self::Own(measure) => measure().clamp(0.0, 1.0),
        }
    }
}

/// What this program may compute on, and how much of it is taken.
pub(super) struct Machine {
    system: System,
    container: Option<Container>,
    smoothed: f32,
}

impl Machine {
    fn new() -> Self {
        let what = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing().with_cpu_usage());
        Self {
            system: System::new_with_specifics(what),
            container: Container::here(),
            smoothed: 0.0,
        }
    }

    /// The load since it was asked last, with some of what was before.
    fn measure(&mut self) -> f32 {
        self.system.refresh_cpu_usage();
        let machine = self.system.global_cpu_usage() / 100.0;
        let container = self.container.as_mut().map_or(0.0, Container::measure);
        let now = machine.max(container).clamp(0.0, 1.0);
        self.smoothed += WEIGHT * (now - self.smoothed);
        self.smoothed
    }
}
