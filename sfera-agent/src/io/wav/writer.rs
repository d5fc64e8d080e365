use super::WavError;
use crate::audio::SampleRate;
use std::{
    fmt,
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
};
use tempfile::TempPath;

/// Writes a 16-bit WAV file piece by piece.
///
/// The file appears under its name only when [`WavWriter::finish`] has succeeded; until then it is a
/// hidden file beside it, which a drop removes. A file of that name is replaced then and not before.
pub struct WavWriter {
    samples: hound::WavWriter<BufWriter<File>>,
    channels: u16,
    written: u64,
    /// Where the file is and where it shall be. After `samples`, so that it is closed first.
    partial: TempPath,
    target: PathBuf,
}

/// What fits behind a header whose lengths have 32 bits.
const MAX_SAMPLES: u64 = (u32::MAX as u64 - 64) / 2;

impl WavWriter {
    /// Begins a file with one channel.
    ///
    /// # Errors
    /// [`WavError`] if the folder cannot be written to.
    pub fn mono(path: impl AsRef<Path>, rate: SampleRate) -> Result<Self, WavError> {
        Self::create(path.as_ref(), rate, 1)
    }

    /// Begins a file with two channels.
    ///
    /// # Errors
    /// [`WavError`] if the folder cannot be written to.
    pub fn stereo(path: impl AsRef<Path>, rate: SampleRate) -> Result<Self, WavError> {
        Self::create(path.as_ref(), rate, 2)
    }

    fn create(path: &Path, rate: SampleRate, channels: u16) -> Result<Self, WavError> {
        // The name of a file in the working directory has an empty parent.
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let (file, partial) = named(folder)?.into_parts();
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate.hz(),
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        Ok(Self {
            samples: hound::WavWriter::new(BufWriter::new(file), spec)?,
            channels,
            written: 0,
            partial,
            target: path.to_owned(),
        })
    }

    /// Appends samples: of the one channel, or of both, which then get the same.
    ///
    /// # Errors
    /// [`WavError`] if the disk is full or the file too long; drop the writer then.
    pub fn write(&mut self, samples: &[i16]) -> Result<(), WavError> {
        self.make_room(samples.len())?;
        for sample in samples {
            for _ in 0..self.channels {
                self.samples.write_sample(*sample)?;
            }
        }
        Ok(())
    }

    /// Appends samples of both channels; the shorter is filled up with silence. With one channel
    /// both are mixed.
    ///
    /// # Errors
    /// [`WavError`] if the disk is full or the file too long; drop the writer then.
    pub fn write_both(&mut self, left: &[i16], right: &[i16]) -> Result<(), WavError> {
        let length = left.len().max(right.len());
        self.make_room(length)?;
        for n in 0..length {
            let left = left.get(n).copied().unwrap_or(0);
            let right = right.get(n).copied().unwrap_or(0);
            if self.channels == 1 {
                self.samples.write_sample(left.saturating_add(right))?;
            } else {
                self.samples.write_sample(left)?;
                self.samples.write_sample(right)?;
            }
        }
        Ok(())
    }

    fn make_room(&mut self, frames: usize) -> Result<(), WavError> {
        let after = self.written + frames as u64 * u64::from(self.channels);
        if after > MAX_SAMPLES {
            return Err(WavError::TooLong);
        }
        self.written = after;
        Ok(())
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// [`WavError`] if the disk is full or the name cannot be taken; nothing is left behind.
    pub fn finish(self) -> Result<(), WavError> {
        self.samples.finalize()?;
        self.partial
            .persist(&self.target)
            .map_err(|error| error.error.into())
    }
}

#[cfg(unix)]
fn named(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    // A recording is a file like any other: the user's umask decides.
    tempfile::Builder::new()
        .prefix(".sfera-")
        .suffix(".wav")
        .permissions(std::fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)
}

#[cfg(not(unix))]
fn named(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".sfera-")
        .suffix(".wav")
        .tempfile_in(folder)
}

impl fmt::Debug for WavWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WavWriter")
            .field("target", &self.target)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}
