//! Who hears a track: queues of frames of 10 ms, each in the rate and channels it asked for.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use parking_lot::Mutex;

use super::resample::{Converter, Format};
use crate::audio_frame::AudioFrame;

/// All that hear one track.
#[derive(Default)]
pub(crate) struct Sinks {
    list: Mutex<Vec<Arc<Sink>>>,
    count: AtomicUsize,
}

impl Sinks {
    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    pub(crate) fn add(&self, sink: Arc<Sink>) {
        let mut list = self.list.lock();
        list.push(sink);
        self.count.store(list.len(), Ordering::Release);
    }

    pub(crate) fn remove(&self, sink: &Arc<Sink>) {
        let mut list = self.list.lock();
        list.retain(|other| !Arc::ptr_eq(other, sink));
        self.count.store(list.len(), Ordering::Release);
    }

    /// Gives every sink the next samples, which have this format.
    pub(crate) fn deliver(&self, samples: &[i16], format: Format) {
        if self.is_empty() {
            return;
        }
        for sink in self.list.lock().iter() {
            sink.push(samples, format);
        }
    }

    /// Nothing more will come: what is queued can still be read.
    pub(crate) fn end(&self) {
        for sink in self.list.lock().iter() {
            sink.end();
        }
    }
}

/// One that hears a track.
pub(crate) struct Sink {
    format: Format,
    /// Frames beyond which the oldest is dropped.
    limit: usize,
    convert: Mutex<Convert>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Convert {
    converter: Option<Converter>,
    /// Converted samples that don't fill a frame yet.
    rest: Vec<i16>,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<AudioFrame<'static>>,
    dropped: u64,
    ended: bool,
    waker: Option<Waker>,
}

impl Sink {
    pub(crate) fn new(format: Format, limit: usize) -> Self {
        Self {
            format,
            limit: limit.max(1),
            convert: Mutex::default(),
            queue: Mutex::default(),
        }
    }

    fn push(&self, samples: &[i16], format: Format) {
        if self.queue.lock().ended {
            return;
        }
        let mut convert = self.convert.lock();
        let Convert { converter, rest } = &mut *convert;
        if converter.as_ref().is_none_or(|c| c.from() != format) {
            match Converter::new(format, self.format) {
                Ok(new) => *converter = Some(new),
                Err(error) => {
                    log::error!("a stream of sound ends: {error}");
                    self.end();
                    return;
                }
            }
            // A filter may give a sample less at first: a frame should come of every 10 ms anyway.
            rest.clear();
            rest.resize(FIRST * self.format.channels, 0);
        }
        let Some(converter) = converter else { return };
        converter.push(samples, rest);
        let size = converter.to().tenth();
        while size > 0 && rest.len() >= size {
            let data: Vec<i16> = rest.drain(..size).collect();
            self.enqueue(data);
        }
    }

    fn enqueue(&self, data: Vec<i16>) {
        let frame = AudioFrame {
            sample_rate: self.format.rate,
            num_channels: self.format.channels as u32,
            samples_per_channel: (data.len() / self.format.channels) as u32,
            data: data.into(),
        };
        let mut queue = self.queue.lock();
        if queue.ended {
            return;
        }
        if queue.frames.len() >= self.limit {
            queue.frames.pop_front();
            queue.dropped += 1;
            if queue.dropped % 100 == 1 {
                log::warn!(
                    "a stream of sound is read too slowly: {} frames dropped",
                    queue.dropped
                );
            }
        }
        queue.frames.push_back(frame);
        queue.wake();
    }

    pub(crate) fn end(&self) {
        let mut queue = self.queue.lock();
        queue.ended = true;
        queue.wake();
    }

    /// Ends and forgets what is queued.
    pub(crate) fn close(&self) {
        let mut queue = self.queue.lock();
        queue.ended = true;
        queue.frames.clear();
        queue.wake();
    }

    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<AudioFrame<'static>>> {
        let mut queue = self.queue.lock();
        if let Some(frame) = queue.frames.pop_front() {
            return Poll::Ready(Some(frame));
        }
        if queue.ended {
            return Poll::Ready(None);
        }
        queue.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

/// Samples of silence before the first frame.
const FIRST: usize = 2;

impl Queue {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
