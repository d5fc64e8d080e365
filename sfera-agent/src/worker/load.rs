//! How busy the machine is.

use sysinfo::{CpuRefreshKind, RefreshKind, System};

/// How much a new figure counts against those before: about the last 10 s of figures every 2.5 s.
const WEIGHT: f32 = 0.3;

/// The machine's processors, smoothed. Other programs count: their load slows conversations as well.
pub(super) struct Load {
    system: System,
    smoothed: f32,
}

impl Load {
    pub(super) fn new() -> Self {
        let what = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing().with_cpu_usage());
        Self {
            system: System::new_with_specifics(what),
            smoothed: 0.0,
        }
    }

    /// The load now, 0 to 1, since it was asked last.
    pub(super) fn measure(&mut self) -> f32 {
        self.system.refresh_cpu_usage();
        let now = (self.system.global_cpu_usage() / 100.0).clamp(0.0, 1.0);
        self.smoothed += WEIGHT * (now - self.smoothed);
        self.smoothed
    }
}
