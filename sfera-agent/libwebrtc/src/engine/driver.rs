//! The task of a connection: time, sound and callbacks.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Engine, clock,
    notice::{self, Notice},
};

/// Received sound is played in steps of 10 ms, every second of which also sends.
const STEP: Duration = Duration::from_millis(10);
/// What is late by more is skipped rather than made up for: the process slept.
const LATE: Duration = Duration::from_millis(200);

/// Runs until the connection is closed and the last callback has returned.
pub(super) async fn drive(engine: Arc<Engine>) {
    let mut media = Media {
        next: None,
        steps: 0,
    };
    loop {
        let closed = engine.is_closed();
        for notice in engine.take_notices() {
            deliver(&engine, notice);
        }
        if closed {
            break;
        }
        if engine.is_broken() {
            // Nothing is to be done but to tell so.
            engine.wake.notified().await;
            continue;
        }
        let next = media.schedule(engine.has_media());
        let until = next.map_or(engine.next_time(), |next| next.min(engine.next_time()));
        tokio::select! {
            () = engine.wake.notified() => {}
            () = tokio::time::sleep_until(until.into()) => {}
        }
        let now = clock::now();
        let step = || {
            engine.change(|state| state.on_time(now));
            engine.send_fresh(now);
            media.run(&engine, now);
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(step)) {
            engine.break_off(notice::said(&*panic));
        }
    }
    engine.handlers.clear();
}

fn deliver(engine: &Engine, notice: Notice) {
    engine.handlers.deliver(notice);
    engine.delivered.notify_waiters();
}

/// The beat of the sound.
struct Media {
    next: Option<Instant>,
    steps: u64,
}

impl Media {
    fn schedule(&mut self, wanted: bool) -> Option<Instant> {
        match (wanted, self.next) {
            (true, None) => self.next = Some(clock::now() + STEP),
            (false, Some(_)) => self.next = None,
            _ => {}
        }
        self.next
    }

    fn run(&mut self, engine: &Engine, now: Instant) {
        let Some(mut next) = self.next else { return };
        if now.saturating_duration_since(next) > LATE {
            log::debug!(
                "sound is {} ms late",
                now.saturating_duration_since(next).as_millis()
            );
            next = now;
        }
        while next <= now {
            engine.play_media(next);
            if self.steps.is_multiple_of(2) {
                engine.send_media(now);
            }
            self.steps += 1;
            next += STEP;
        }
        self.next = Some(next);
    }
}

impl Engine {
    fn has_media(&self) -> bool {
        let audible = |t: &Arc<super::transceiver::Transceiver>| {
            t.to_send().is_some()
                || t.receives() && t.remote_audio().is_some_and(|audio| audio.has_sinks())
        };
        self.transceivers().iter().any(audible)
    }

    fn play_media(&self, now: Instant) {
        let (transceivers, elapsed) = {
            let state = self.state.lock();
            (state.transceivers.clone(), state.elapsed(now))
        };
        for transceiver in &transceivers {
            if let Some(audio) = transceiver.remote_audio().filter(|audio| audio.has_sinks()) {
                audio.tick(elapsed);
            }
        }
    }
}
