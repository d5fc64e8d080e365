//! libopus, set up for speech.

use opus::{Application, Bitrate, Channels, Encoder, Signal};

use super::SendOptions;
use crate::{RtcError, audio::CLOCK};

/// The longest packet that libopus is asked for, bytes: what an Ethernet frame carries.
pub(super) const MOST: usize = 1_275;
/// LiveKit's preset for speech, bits a second (`livekit::options::audio::SPEECH`).
const SPEECH: u32 = 24_000;
/// What Opus can be asked for, bits a second (RFC 7587, section 6.1).
const BITRATES: std::ops::RangeInclusive<u64> = 6_000..=510_000;
/// Above this, bits a second, there is room for more than a voice: music is not to suffer.
const MUSIC: u32 = 40_000;
/// How hard libopus thinks, 0 to 10: the least at which it still looks for speech and music by itself,
/// which its silence detection needs outside SILK.
const COMPLEXITY: i32 = 7;
/// Loss is told to libopus in steps of this many percent, since each change shifts its balance.
const LOSS_STEP: i32 = 5;
/// Loss up to 5 % it answers only at bitrates that a voice doesn't have; then a little more is told.
const LOSS_ANSWERED: i32 = 10;
/// So little is no loss, 1 %.
const NO_LOSS: f32 = 0.01;
/// Loss is believed at once and forgotten slowly: half in 14 s, at 50 reports a second.
const FORGET_LOSS: f32 = 0.999;

pub(super) struct SpeechEncoder {
    inner: Encoder,
    bitrate: u32,
    /// The part of the packets lost lately.
    lost: f32,
    /// What libopus was told of it, percent.
    loss: i32,
}

impl SpeechEncoder {
    pub(super) fn new(channels: usize, options: &SendOptions) -> Result<Self, RtcError> {
        let bitrate = clamp(options.max_bitrate);
        let speech = channels == 1 && bitrate < MUSIC;
        let application = if speech {
            Application::Voip
        } else {
            Application::Audio
        };
        let layout = if channels == 1 {
            Channels::Mono
        } else {
            Channels::Stereo
        };
        let configure = || -> opus::Result<Encoder> {
            let mut inner = Encoder::new(CLOCK, layout, application)?;
            inner.set_bitrate(Bitrate::Bits(bitrate as i32))?;
            inner.set_complexity(COMPLEXITY)?;
            inner.set_inband_fec(options.fec)?;
            inner.set_dtx(options.dtx)?;
            if speech {
                inner.set_signal(Signal::Voice)?;
            }
            Ok(inner)
        };
        let inner = configure().map_err(RtcError::internal)?;
        Ok(Self {
            inner,
            bitrate,
            lost: 0.0,
            loss: 0,
        })
    }

    /// Encodes 20 ms and answers the packet's length.
    pub(super) fn encode(&mut self, sound: &[i16], packet: &mut [u8]) -> Option<usize> {
        match self.inner.encode(sound, packet) {
            Ok(length) => Some(length),
            Err(error) => {
                log::error!("20 ms of sound are not sent: {error}");
                None
            }
        }
    }

    pub(super) const fn bitrate(&self) -> u32 {
        self.bitrate
    }

    /// False where libopus does not do it.
    pub(super) fn set_dtx(&mut self, dtx: bool) -> bool {
        self.inner
            .set_dtx(dtx)
            .inspect_err(|error| log::warn!("silence is sent as before: {error}"))
            .is_ok()
    }

    pub(super) fn set_max_bitrate(&mut self, max_bitrate: Option<u64>) {
        let bitrate = clamp(max_bitrate);
        if bitrate == self.bitrate {
            return;
        }
        match self.inner.set_bitrate(Bitrate::Bits(bitrate as i32)) {
            Ok(()) => self.bitrate = bitrate,
            Err(error) => log::warn!("sound is sent with {} bit/s still: {error}", self.bitrate),
        }
    }

    /// Percent.
    #[cfg(test)]
    pub(super) const fn told_loss(&self) -> i32 {
        self.loss
    }

    pub(super) fn set_packet_loss(&mut self, fraction: f32) {
        self.lost = fraction.clamp(0.0, 1.0).max(self.lost * FORGET_LOSS);
        let steps = (self.lost * 100.0 / LOSS_STEP as f32).ceil() as i32;
        let told = (steps * LOSS_STEP).max(LOSS_ANSWERED);
        let loss = if self.lost > NO_LOSS { told } else { 0 };
        if loss == self.loss {
            return;
        }
        match self.inner.set_packet_loss_perc(loss) {
            Ok(()) => self.loss = loss,
            Err(error) => log::warn!("the loss of packets is not answered: {error}"),
        }
    }
}

fn clamp(max_bitrate: Option<u64>) -> u32 {
    let wanted = max_bitrate.unwrap_or(SPEECH.into());
    wanted.clamp(*BITRATES.start(), *BITRATES.end()) as u32
}
