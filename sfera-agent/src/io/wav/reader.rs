use super::{WavError, header::Header};
use crate::{
    audio::{Frame, SampleRate},
    io::FRAME,
};
use std::{
    fmt,
    fs::File,
    io::{BufReader, Chain, Cursor, Read, Take},
    path::Path,
    time::Duration,
};
use tokio::{sync::mpsc, time};

type Bytes = Chain<Cursor<Vec<u8>>, Take<BufReader<File>>>;

/// Reads a WAV file piece by piece: 8, 16, 24 or 32-bit or float samples, any rate that
/// [`SampleRate`] knows, any number of channels, which are mixed to one.
pub struct WavReader {
    samples: hound::WavReader<Bytes>,
    rate: SampleRate,
    channels: usize,
    scale: f64,
}

impl WavReader {
    /// Opens a file and checks its header.
    ///
    /// # Errors
    /// [`WavError`], also where the file is shorter than its header says: better now than in the
    /// middle of a conversation.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, WavError> {
        let mut file = BufReader::new(File::open(path)?);
        let header = Header::read(&mut file)?;
        let lasts = |bytes: u64| Duration::from_secs_f64(bytes as f64 / header.pace as f64);
        if let Some(promised) = header
            .promised
            .filter(|promised| *promised > header.found + 8)
        {
            return Err(WavError::Truncated {
                promised: lasts(promised),
                found: lasts(header.found),
            });
        }
        let empty = header.found == 0;
        let bytes = Cursor::new(header.bytes).chain(file.take(header.found));
        let samples = hound::WavReader::new(bytes)?;
        let spec = samples.spec();
        let scale = match spec.sample_format {
            hound::SampleFormat::Float => 32_768.0,
            hound::SampleFormat::Int if spec.bits_per_sample > 32 => {
                return Err(WavError::Unsupported);
            }
            hound::SampleFormat::Int => 2f64.powi(16 - i32::from(spec.bits_per_sample)),
        };
        let reader = Self {
            rate: SampleRate::new(spec.sample_rate)?,
            channels: usize::from(spec.channels),
            samples,
            scale,
        };
        if empty {
            Err(WavError::Empty)
        } else {
            Ok(reader)
        }
    }

    /// Samples per second of each channel.
    #[must_use]
    pub const fn rate(&self) -> SampleRate {
        self.rate
    }

    /// How long the file lasts.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.rate.duration(u64::from(self.samples.duration()))
    }

    /// The next 20 ms, less at the end, `None` after it.
    ///
    /// # Errors
    /// [`WavError`] if the file cannot be read on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, WavError> {
        let size = self.rate.samples(FRAME) as usize;
        let mut mono = Vec::with_capacity(size);
        while mono.len() < size {
            match self.next_mix()? {
                Some(sample) => mono.push(sample),
                None => break,
            }
        }
        Ok((!mono.is_empty()).then(|| Frame::new(self.rate, mono)))
    }

    /// The whole rest of the file in memory.
    ///
    /// # Errors
    /// [`WavError`] if the file cannot be read on.
    pub fn read_all(mut self) -> Result<Frame, WavError> {
        let mut mono = Vec::new();
        while let Some(sample) = self.next_mix()? {
            mono.push(sample);
        }
        Ok(Frame::new(self.rate, mono))
    }

    /// Plays the file as a live input: a frame every 20 ms of tokio's clock, then silence until the
    /// receiver is gone. Dropping the future stops it.
    ///
    /// # Errors
    /// [`WavError`] if the file cannot be read on; the input ends there.
    pub async fn play_realtime(mut self, input: mpsc::Sender<Frame>) -> Result<(), WavError> {
        let silence = Frame::silence(self.rate, FRAME);
        let mut ticks = time::interval(FRAME);
        loop {
            ticks.tick().await;
            // 20 ms of a file come out of a buffer; now and then one short read fills it.
            let frame = self.next_frame()?.unwrap_or_else(|| silence.clone());
            if input.send(frame).await.is_err() {
                return Ok(());
            }
        }
    }

    /// The mean of the next sample of all channels.
    fn next_mix(&mut self) -> Result<Option<i16>, WavError> {
        let mut sum = 0.0;
        for _ in 0..self.channels {
            match self.next_sample()? {
                Some(sample) => sum += sample,
                None => return Ok(None),
            }
        }
        // A float that is no number becomes zero, one out of range the nearest extreme.
        Ok(Some(
            (sum * self.scale / self.channels as f64).round() as i16
        ))
    }

    fn next_sample(&mut self) -> Result<Option<f64>, WavError> {
        let sample = match self.samples.spec().sample_format {
            hound::SampleFormat::Float => self
                .samples
                .samples::<f32>()
                .next()
                .map(|s| s.map(f64::from)),
            hound::SampleFormat::Int => self
                .samples
                .samples::<i32>()
                .next()
                .map(|s| s.map(f64::from)),
        };
        Ok(sample.transpose()?)
    }
}

impl fmt::Debug for WavReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WavReader")
            .field("rate", &self.rate)
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}
