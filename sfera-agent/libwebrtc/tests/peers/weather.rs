//! Connections over a network that loses packets, and what they say of it.

use std::{borrow::Cow, time::Duration};

use futures::StreamExt;
use libwebrtc::{
    audio_source::native::NativeAudioSource,
    audio_stream::native::NativeAudioStream,
    peer_connection_factory::{PeerConnectionFactory, native::PeerConnectionFactoryExt},
    prelude::*,
    rtp_sender::RtpSender,
    stats::RtcStats,
};
use tokio::time::{Instant, timeout};

use crate::{
    link::Link,
    listen,
    pair::{Ear, LIMIT, Peer},
};

const RATE: u32 = 48_000;
const OPUS: u8 = 111;
/// RED's number in this engine's descriptions.
const RED: u8 = 63;

/// Two peers over a link, of whom one speaks.
struct Call {
    link: Link,
    one: Peer,
    two: Peer,
    sender: RtpSender,
    source: NativeAudioSource,
    heard: NativeAudioStream,
    track: RtcAudioTrack,
}

impl Call {
    async fn begin(change: impl Fn(String) -> String) -> Self {
        let (link, mut one, mut two) = (Link::new().await, Peer::new(), Peer::new());
        let source = NativeAudioSource::new(AudioSourceOptions::default(), RATE, 1, 100);
        let track = PeerConnectionFactory::default().create_audio_track("voice", source.clone());
        let sender = one
            .connection
            .add_track(track.into(), &["stream"])
            .expect("added");
        link.negotiate(&mut one, &mut two, change).await;
        one.becomes(PeerConnectionState::Connected).await;
        two.becomes(PeerConnectionState::Connected).await;
        let track = timeout(LIMIT, two.tracks.recv())
            .await
            .expect("in time")
            .expect("a track");
        let MediaStreamTrack::Audio(track) = track else {
            panic!("{track:?}")
        };
        let heard = NativeAudioStream::new(track.clone(), RATE as i32, 1);
        Self {
            link,
            one,
            two,
            sender,
            source,
            heard,
            track,
        }
    }

    /// Gives sound at the pace of time and answers what the other one heard meanwhile.
    async fn say(&mut self, sound: &[i16]) -> Vec<i16> {
        let source = &self.source;
        let speak = async {
            for frame in sound.chunks_exact(480) {
                let frame = AudioFrame {
                    data: Cow::Borrowed(frame),
                    sample_rate: RATE,
                    num_channels: 1,
                    samples_per_channel: 480,
                };
                source.capture_frame(&frame).await.expect("taken");
            }
        };
        let mut heard = Vec::new();
        let stream = &mut self.heard;
        let hear = async {
            while let Some(frame) = stream.next().await {
                heard.extend_from_slice(&frame.data);
            }
        };
        tokio::select! {
            () = hear => panic!("the track ended"),
            () = speak => {}
        }
        heard
    }

    /// Speaks until the figures are as wanted.
    async fn say_until<T>(&mut self, what: &str, wanted: impl Fn(&Figures) -> Option<T>) -> T {
        let tone = listen::tone(RATE, 440.0, 200, 8000.0);
        let search = async {
            loop {
                self.say(&tone).await;
                let figures = Figures::of(self).await;
                if let Some(found) = wanted(&figures) {
                    return found;
                }
            }
        };
        timeout(LIMIT, search)
            .await
            .unwrap_or_else(|_| panic!("{what} in time"))
    }
}

/// What both sides say.
struct Figures {
    sent: Vec<RtcStats>,
    received: Vec<RtcStats>,
}

impl Figures {
    async fn of(call: &Call) -> Self {
        Self {
            sent: call.one.connection.get_stats().await.expect("figures"),
            received: call.two.connection.get_stats().await.expect("figures"),
        }
    }
}

macro_rules! find {
    ($figures:expr, $kind:ident) => {
        $figures.iter().find_map(|figure| match figure {
            RtcStats::$kind(figure) => Some(figure.clone()),
            _ => None,
        })
    };
}

/// The answer as of somebody who likes plain packets best; this engine likes redundant ones, as a LiveKit
/// server does.
fn preferring_plain(sdp: String) -> String {
    let line = sdp
        .lines()
        .find(|line| line.starts_with("m=audio"))
        .expect("a section of sound");
    assert!(line.ends_with("63 111"), "{line}");
    sdp.replace(line, &line.replace("63 111", "111 63"))
}

#[tokio::test]
async fn who_prefers_redundant_packets_gets_them_and_hears_through_loss() {
    let mut call = Call::begin(|sdp| sdp).await;
    let tone = listen::tone(RATE, 440.0, 1000, 8000.0);
    call.say(&tone).await;
    let (plain, red) = (call.link.weather.rtp(OPUS), call.link.weather.rtp(RED));
    assert!(plain == 0 && red > 30, "{plain} plain, {red} redundant");
    // Each lost packet comes again in the next one, where that is not lost as well.
    call.link.weather.turn(100, 0);
    let heard = call.say(&listen::tone(RATE, 440.0, 3000, 8000.0)).await;
    let snr = listen::tone_snr(&heard[RATE as usize..], RATE, 440.0);
    println!("{snr:.1} dB over the noise");
    assert!(snr > 10.0, "{snr} dB");
    let restored = call
        .say_until("copies that were played", |figures| {
            let inbound = find!(figures.received, InboundRtp)?;
            (inbound.inbound.fec_packets_received > 5).then_some(inbound)
        })
        .await;
    assert!(restored.received.packets_lost > 5, "{restored:?}");
    for figures in [
        Figures::of(&call).await.sent,
        Figures::of(&call).await.received,
    ] {
        let codec = find!(figures, Codec).expect("a codec").codec;
        assert_eq!(
            (codec.mime_type.as_str(), codec.payload_type),
            ("audio/red", RED.into())
        );
    }
}

#[tokio::test]
async fn who_does_not_prefer_them_gets_none() {
    let mut call = Call::begin(preferring_plain).await;
    call.say(&listen::tone(RATE, 440.0, 500, 8000.0)).await;
    assert_eq!(call.link.weather.rtp(RED), 0);
    assert!(call.link.weather.rtp(OPUS) > 15);
    let codec = find!(Figures::of(&call).await.sent, Codec).expect("a codec");
    assert_eq!(codec.codec.mime_type, "audio/opus");
}

/// RFC 7587 leaves it to who listens.
#[tokio::test]
async fn silence_costs_little_where_the_peer_asks_for_that() {
    let silence = vec![0; 2 * RATE as usize];
    for asked in [true, false] {
        let mut call = Call::begin(|sdp| {
            let wanted = if asked { ";usedtx=1" } else { "" };
            preferring_plain(sdp).replace("useinbandfec=1", &format!("useinbandfec=1{wanted}"))
        })
        .await;
        call.say(&silence[..RATE as usize]).await;
        call.link.weather.forget();
        let began = Instant::now();
        call.say(&silence).await;
        let sent = call.link.weather.rtp(OPUS);
        // One each 20 ms of the time that a busy machine takes for two seconds.
        let all = (began.elapsed().as_millis() / 20) as u32;
        let packets = if asked { 1..all / 4 } else { 80..all + 20 };
        assert!(packets.contains(&sent), "asked: {asked}, {sent} of {all}");
    }
}

#[tokio::test]
async fn figures_say_what_the_network_did() {
    let mut call = Call::begin(preferring_plain).await;
    call.say(&listen::tone(RATE, 440.0, 1000, 8000.0)).await;
    call.link.weather.turn(100, 40);
    let (remote, outbound) = call
        .say_until("a report of loss", |figures| {
            let remote = find!(figures.sent, RemoteInboundRtp)?;
            let outbound = find!(figures.sent, OutboundRtp)?;
            let lost =
                remote.received.packets_lost > 5 && remote.remote_inbound.fraction_lost > 0.0;
            (lost && remote.remote_inbound.round_trip_time > 0.0).then_some((remote, outbound))
        })
        .await;
    let (inbound, figures) = (
        call.say_until("what was received", |figures| {
            let inbound = find!(figures.received, InboundRtp)?;
            (!inbound.inbound.remote_id.is_empty()).then_some(inbound)
        })
        .await,
        Figures::of(&call).await,
    );
    println!("{remote:?}\n{inbound:?}");
    // A tenth, of some hundred packets.
    let received = inbound.received.packets_received as f64;
    let lost = inbound.received.packets_lost as f64;
    assert!(
        (0.02..0.2).contains(&(lost / (lost + received))),
        "{inbound:?}"
    );
    assert!(
        (0.001..0.04).contains(&inbound.received.jitter),
        "packets come up to 40 ms late: {} s",
        inbound.received.jitter
    );
    assert!(
        (0.0005..0.04).contains(&remote.received.jitter),
        "{remote:?}"
    );
    let round_trip = remote.remote_inbound.round_trip_time;
    assert!(round_trip < 0.5, "{round_trip} s");
    assert!(remote.remote_inbound.fraction_lost < 0.4);
    assert_eq!(outbound.outbound.remote_id, remote.rtc.id);
    assert_eq!(remote.remote_inbound.local_id, outbound.rtc.id);
    assert!(outbound.outbound.active);
    let report = find!(figures.received, RemoteOutboundRtp).expect("the sender's report");
    assert_eq!(inbound.inbound.remote_id, report.rtc.id);
    assert!(report.sent.packets_sent > 0 && report.sent.bytes_sent > 0);
    assert!(
        report.sent.packets_sent <= find!(figures.sent, OutboundRtp).unwrap().sent.packets_sent
    );
    let (sent, came) = (
        find!(figures.sent, Transport).unwrap().transport,
        find!(figures.received, Transport).unwrap().transport,
    );
    assert!(came.packets_received < sent.packets_sent && came.bytes_received < sent.bytes_sent);
    assert!(
        came.packets_received * 10 > sent.packets_sent * 6,
        "{sent:?} {came:?}"
    );
    assert!(sent.bytes_sent > outbound.sent.bytes_sent, "media and more");
    let pair = find!(figures.sent, CandidatePair)
        .expect("a pair")
        .candidate_pair;
    assert!(
        pair.nominated && pair.current_round_trip_time > 0.0,
        "{pair:?}"
    );
    let local = find!(figures.sent, LocalCandidate).expect("a candidate");
    assert_eq!(pair.local_candidate_id, local.rtc.id);
    let of_sender = call.sender.get_stats().await.expect("figures");
    let stream = find!(of_sender, OutboundRtp).expect("what was sent").stream;
    let codec = find!(of_sender, Codec).expect("what it refers to");
    let transport = find!(of_sender, Transport).expect("what it refers to");
    assert_eq!(
        (stream.codec_id, stream.transport_id),
        (codec.rtc.id, transport.rtc.id)
    );
    assert_eq!(call.track.state(), RtcTrackState::Live);
}

#[tokio::test]
async fn a_lossy_channel_loses_some_and_delays_none_and_a_reliable_one_loses_none() {
    let (link, mut one, mut two) = (Link::new().await, Peer::new(), Peer::new());
    let lossy = || DataChannelInit {
        ordered: false,
        max_retransmits: Some(0),
        ..DataChannelInit::default()
    };
    let open = |peer: &Peer, label: &str, init| {
        Ear::new(peer.connection.create_data_channel(label, init).unwrap())
    };
    let mut near = open(&one, "lossy", lossy());
    let mut sure = open(&one, "sure", DataChannelInit::default());
    link.negotiate(&mut one, &mut two, |sdp| sdp).await;
    near.becomes(DataChannelState::Open).await;
    sure.becomes(DataChannelState::Open).await;
    let mut ears = Vec::new();
    for _ in 0..2 {
        let channel = timeout(LIMIT, two.channels.recv()).await.expect("in time");
        ears.push(Ear::new(channel.expect("a channel")));
    }
    ears.sort_by_key(|ear| ear.channel.label());
    let (mut sure_far, mut far) = (ears.pop().unwrap(), ears.pop().unwrap());
    link.weather.turn(200, 0);
    const COUNT: u16 = 300;
    for n in 0..COUNT {
        near.channel.send(&n.to_be_bytes(), true).expect("taken");
        sure.channel.send(&n.to_be_bytes(), true).expect("taken");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    for n in 0..COUNT {
        assert_eq!(sure_far.hears().await.0, n.to_be_bytes(), "all, in order");
    }
    link.weather.turn(0, 0);
    near.channel.send(b"last", true).expect("taken");
    let mut came = 0;
    while far.hears().await.0 != b"last" {
        came += 1;
    }
    println!("{came} of {COUNT} over the lossy channel");
    assert!((COUNT / 2..COUNT).contains(&came), "{came} of {COUNT}");
    let figures = two.connection.get_stats().await.expect("figures");
    let channels: Vec<_> = figures
        .iter()
        .filter_map(|figure| match figure {
            RtcStats::DataChannel(figure) => Some(figure.dc.clone()),
            _ => None,
        })
        .collect();
    let of = |label: &str| {
        channels
            .iter()
            .find(|channel| channel.label == label)
            .unwrap()
    };
    assert_eq!(of("sure").messages_received, u32::from(COUNT));
    assert_eq!(of("sure").bytes_received, 2 * u64::from(COUNT));
    assert_eq!(of("lossy").messages_received, u32::from(came) + 1);
    assert_ne!(
        of("sure").data_channel_identifier,
        of("lossy").data_channel_identifier
    );
}
