//! A network that loses, delays, reorders and repeats packets, on a virtual clock: what a voice sounds
//! like at its other end. For tests of what hears; the same seed gives the same sound.

mod link;
mod random;

use std::{
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use self::link::Link;
pub(crate) use self::random::Random;
use crate::{
    RtcError,
    audio::{AudioPacket, Codec, ReceiveStream, SendOptions, SendStream},
    audio_frame::AudioFrame,
    audio_source::{AudioSourceOptions, native::NativeAudioSource},
};

/// Which packets a network loses.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Loss {
    /// None.
    #[default]
    None,
    /// This part of them, each by itself, 0 to 1.
    Random(f64),
    /// Bursts (Gilbert's model): in good times none are lost, in bad ones all. The chances, for each
    /// packet, that a bad time begins and that it ends.
    Bursts {
        /// From good to bad, 0 to 1.
        begin: f64,
        /// From bad to good, 0 to 1; bursts are 1 ÷ this long.
        end: f64,
    },
}

/// How unevenly a network delays packets.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Jitter {
    /// All alike.
    #[default]
    None,
    /// Each by itself, up to so much more; packets overtake each other.
    Uniform(Duration),
    /// Mostly little, sometimes much: exponential with this mean; packets overtake each other.
    Exponential(Duration),
    /// Every `every`, everything stands still for `length`, then comes at once and in order.
    Stalls {
        /// From stall to stall.
        every: Duration,
        /// How long one is.
        length: Duration,
    },
}

/// What a network does to packets.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Network {
    /// Which packets are lost.
    pub loss: Loss,
    /// How unevenly they are delayed, beyond the delay of all.
    pub jitter: Jitter,
    /// What part of them comes twice, 0 to 1.
    pub duplicates: f64,
    /// How much faster the sender's clock runs than the receiver's, parts per million.
    pub drift_ppm: f64,
    /// What packets carry of the ones before.
    pub copies: Copies,
}

/// What a sender does against loss.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Copies {
    /// Nothing.
    None,
    /// Opus's own: a packet holds a coarse copy of the one before.
    #[default]
    InBand,
    /// A packet holds the whole one before (RFC 2198).
    Red,
}

/// What came out at the other end.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// 48 kHz, one channel.
    pub(crate) sound: Vec<i16>,
    #[cfg(test)]
    pub(crate) received: crate::audio::ReceiveStats,
}

/// Sends 48 kHz mono sound through Opus, a network and a jitter buffer, as a call would, and answers
/// what is heard: 48 kHz mono, from the sending of the first packet until the last has been played.
///
/// # Errors
/// Where libopus can't be set up.
pub fn through_network(samples: &[i16], network: Network, seed: u64) -> Result<Vec<i16>, RtcError> {
    let mut receiver = ReceiveStream::new();
    send_through(samples, network, seed, &mut receiver).map(|heard| heard.sound)
}

/// The same with a given receiver.
pub(crate) fn send_through(
    samples: &[i16],
    network: Network,
    seed: u64,
    receiver: &mut ReceiveStream,
) -> Result<Heard, RtcError> {
    let mut sender = Sender::new(samples, &network)?;
    let mut link = Link::new(network, Random::new(seed));
    let rest = Duration::from_secs(1);
    let packet = Duration::from_secs_f64(0.02 / (1.0 + network.drift_ppm * 1e-6));
    let steps = samples.len().div_ceil(480) as u64 + rest.as_millis() as u64 / 10;
    let mut sound = Vec::with_capacity(steps as usize * 480);
    let mut next_packet = Duration::ZERO;
    for step in 0..steps {
        let now = Duration::from_millis(10 * step);
        while next_packet <= now {
            if let Some(sent) = sender.next() {
                link.send(next_packet, sent);
            }
            next_packet += packet;
        }
        while let Some((arrived, packet)) = link.receive(now) {
            receiver.push(arrived, packet.borrow());
        }
        let mut out = [0; 960];
        receiver.pull(now, &mut out);
        sound.extend(out.iter().step_by(2));
    }
    Ok(Heard {
        sound,
        #[cfg(test)]
        received: receiver.stats(),
    })
}

/// All packets that a voice makes, with the time each is sent at, for as long as it lasts.
#[cfg(test)]
pub(crate) fn packets(
    samples: &[i16],
    network: Network,
) -> Result<Vec<(Duration, Packet)>, RtcError> {
    let mut sender = Sender::new(samples, &network)?;
    let times = (0..samples.len().div_ceil(960) as u64).map(|n| Duration::from_millis(20 * n));
    Ok(times
        .filter_map(|time| Some((time, sender.next()?)))
        .collect())
}

/// What the same packets sound like where all come, and in time.
#[cfg(test)]
pub(crate) fn decoded_at_once(samples: &[i16], network: Network) -> Result<Vec<i16>, RtcError> {
    let mut sender = Sender::new(samples, &network)?;
    let mut decoder =
        opus::Decoder::new(48_000, opus::Channels::Mono).map_err(RtcError::internal)?;
    let mut sound = Vec::new();
    for _ in 0..samples.len().div_ceil(960) {
        let mut out = [0; 960];
        let payload = sender.next().map(|packet| match packet.codec {
            Codec::Opus => packet.payload,
            Codec::Red => red_primary(&packet.payload),
        });
        decoder
            .decode(payload.as_deref().unwrap_or_default(), &mut out, false)
            .map_err(RtcError::internal)?;
        sound.extend(out);
    }
    Ok(sound)
}

#[cfg(test)]
fn red_primary(payload: &[u8]) -> Vec<u8> {
    let blocks = crate::audio::red::parse(payload).unwrap_or_default();
    blocks
        .last()
        .map_or(Vec::new(), |block| block.payload.to_vec())
}

/// A packet on its way.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) payload: Vec<u8>,
    codec: Codec,
    marker: bool,
}

impl Packet {
    pub(crate) fn borrow(&self) -> AudioPacket<'_> {
        AudioPacket {
            sequence: self.sequence,
            timestamp: self.timestamp,
            payload: &self.payload,
            codec: self.codec,
            marker: self.marker,
        }
    }
}

struct Sender<'a> {
    source: NativeAudioSource,
    stream: SendStream,
    rest: std::slice::Chunks<'a, i16>,
    sequence: u64,
}

impl<'a> Sender<'a> {
    fn new(samples: &'a [i16], network: &Network) -> Result<Self, RtcError> {
        let source = NativeAudioSource::new(AudioSourceOptions::default(), 48_000, 1, 100);
        let options = SendOptions {
            max_bitrate: None,
            dtx: true,
            fec: network.copies == Copies::InBand,
            red: network.copies == Copies::Red,
            stereo: false,
        };
        let mut stream = SendStream::new(&source, options)?;
        stream.set_packet_loss(network.loss.fraction() as f32);
        Ok(Self {
            source,
            stream,
            rest: samples.chunks(960),
            sequence: 1_000,
        })
    }

    fn next(&mut self) -> Option<Packet> {
        if let Some(samples) = self.rest.next() {
            let frame = AudioFrame {
                data: samples.into(),
                sample_rate: 48_000,
                num_channels: 1,
                samples_per_channel: samples.len() as u32,
            };
            // The queue is nearly empty: this is done at once.
            let capture = pin!(self.source.capture_frame(&frame));
            let _ = capture.poll(&mut Context::from_waker(Waker::noop()));
        }
        let packet = self.stream.next(true)?;
        self.sequence += 1;
        Some(Packet {
            sequence: self.sequence,
            timestamp: packet.timestamp,
            payload: packet.payload.to_vec(),
            codec: packet.codec,
            marker: packet.marker,
        })
    }
}

impl Loss {
    /// The part of all packets that is lost.
    fn fraction(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Random(fraction) => fraction,
            Self::Bursts { begin, end } => begin / (begin + end).max(f64::MIN_POSITIVE),
        }
    }
}
