use super::{
    DeviceError,
    stream::{Health, PATIENCE, start, supported, with_sample_type},
};
use crate::{
    audio::{Frame, Resampler, SampleRate},
    io::FRAME,
};
use cpal::{FromSample, SizedSample, StreamConfig, traits::DeviceTrait};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError, mpsc as threads},
};

/// Fills a slice with the next samples.
pub(super) type Read = Box<dyn FnMut(&mut [i16]) + Send>;

/// Pulls the agent's voice at its own rate and gives it at the device's.
pub(super) struct Mouth {
    rate: SampleRate,
    read: Read,
    /// Where the echo canceller learns what is played.
    played: Option<threads::SyncSender<Frame>>,
    resampler: Resampler,
    ready: VecDeque<i16>,
}

impl Mouth {
    pub(super) fn new(
        rate: SampleRate,
        read: Read,
        played: Option<threads::SyncSender<Frame>>,
    ) -> Self {
        Self {
            rate,
            read,
            played,
            resampler: Resampler::new(rate, rate),
            ready: VecDeque::new(),
        }
    }

    fn set_device_rate(&mut self, rate: SampleRate) {
        self.resampler = Resampler::new(self.rate, rate);
    }

    fn next(&mut self) -> i16 {
        while self.ready.is_empty() {
            self.pull();
        }
        self.ready.pop_front().unwrap_or(0)
    }

    /// Half a frame at a time: what was pulled counts as heard, so little should lie here.
    fn pull(&mut self) {
        let mut samples = vec![0; self.rate.samples(FRAME / 2) as usize];
        (self.read)(&mut samples);
        let mut out = Vec::new();
        self.resampler.push(&samples, &mut out);
        self.ready.extend(out);
        if let Some(played) = &self.played {
            // A microphone that stands still leaves the canceller without use for this.
            let _ = played.try_send(Frame::new(self.rate, samples));
        }
    }
}

/// Opens the loudspeaker.
pub(super) fn open(
    device: &cpal::Device,
    mut mouth: Mouth,
    health: &Health,
) -> Result<(cpal::Stream, SampleRate), DeviceError> {
    let config = device
        .default_output_config()
        .map_err(|error| DeviceError::opening(&error))?;
    let format = supported(&config)?;
    let rate = SampleRate::new(config.sample_rate()).map_err(|_| DeviceError::Unsupported)?;
    mouth.set_device_rate(rate);
    // Shared, because a try that fails consumes its callback.
    let mouth = Arc::new(Mutex::new(mouth));
    let stream = start(&config, |config| {
        with_sample_type!(format, build(device, config, mouth.clone(), health.clone()))
    })?;
    Ok((stream, rate))
}

fn build<T>(
    device: &cpal::Device,
    config: StreamConfig,
    mouth: Arc<Mutex<Mouth>>,
    health: Health,
) -> Result<cpal::Stream, DeviceError>
where
    T: SizedSample + FromSample<i16>,
{
    let channels = usize::from(config.channels.max(1));
    let failing = health.clone();
    let play = move |out: &mut [T], _: &cpal::OutputCallbackInfo| {
        health.sound();
        let mut mouth = mouth.lock().unwrap_or_else(PoisonError::into_inner);
        for frame in out.chunks_mut(channels) {
            let sample = T::from_sample(mouth.next());
            for (channel, out) in frame.iter_mut().enumerate() {
                // Left and right; what else there is stays silent.
                *out = if channel < 2 { sample } else { T::EQUILIBRIUM };
            }
        }
    };
    let failed = move |error| failing.error(&error);
    device
        .build_output_stream::<T, _, _>(config, play, failed, Some(PATIENCE))
        .map_err(|error| DeviceError::opening(&error))
}
