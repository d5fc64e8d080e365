use std::time::Duration;

use proptest::prelude::*;

use super::speech::{babble, speech};
use crate::{
    audio::{AudioPacket, Codec, Pulled, ReceiveStream},
    simulation::{Network, packets},
};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn energy(sound: &[i16]) -> f64 {
    sound.iter().map(|s| f64::from(*s).powi(2)).sum()
}

/// Plays packets that come when they are sent, changed by `change`, and answers the energy heard in
/// each second.
fn play(
    receiver: &mut ReceiveStream,
    seconds: u64,
    mut change: impl FnMut(usize, AudioPacket<'_>) -> Option<(u64, u32)>,
) -> Vec<f64> {
    let voice = packets(&speech(seconds as usize, 9), Network::default()).unwrap();
    let mut coming = voice.iter().enumerate().peekable();
    let mut heard = vec![0.0; seconds as usize];
    for step in 0..seconds * 100 {
        while let Some((n, (_, packet))) = coming.next_if(|(_, (at, _))| *at <= ms(10 * step)) {
            let mut packet = packet.borrow();
            if let Some((sequence, timestamp)) = change(n, packet) {
                (packet.sequence, packet.timestamp) = (sequence, timestamp);
                receiver.push(ms(10 * step), packet);
            }
        }
        let mut out = [0; 960];
        receiver.pull(ms(10 * step), &mut out);
        heard[step as usize / 100] += energy(&out);
    }
    heard
}

#[test]
fn a_sender_that_sets_its_clock_anew_is_heard_on() {
    type Jump = fn(AudioPacket<'_>) -> (u64, u32);
    let jumps: [(&str, Jump); 4] = [
        ("time back", |p| {
            (p.sequence, p.timestamp.wrapping_sub(900_000_000))
        }),
        ("time ahead", |p| {
            (p.sequence, p.timestamp.wrapping_add(900_000_000))
        }),
        ("numbers back", |p| (p.sequence - 900, p.timestamp)),
        ("numbers ahead", |p| (p.sequence + 900_000, p.timestamp)),
    ];
    let undisturbed = play(&mut ReceiveStream::new(), 10, |_, p| {
        Some((p.sequence, p.timestamp))
    });
    for (name, jump) in jumps {
        let mut receiver = ReceiveStream::new();
        let jumped = |n, p: AudioPacket<'_>| {
            Some(if n < 200 {
                (p.sequence, p.timestamp)
            } else {
                jump(p)
            })
        };
        let heard = play(&mut receiver, 10, jumped);
        for (second, (heard, whole)) in heard.iter().zip(&undisturbed).enumerate().skip(6) {
            assert!(
                *heard > 0.5 * whole,
                "{name}: second {second}: {heard} of {whole}"
            );
        }
        let lost = receiver.stats().packets_lost;
        assert!((0..100).contains(&lost), "{name}: {lost} lost");
    }
}

#[test]
fn another_sender_begins_from_nothing() {
    let mut receiver = ReceiveStream::new();
    play(&mut receiver, 2, |_, p| Some((p.sequence, p.timestamp)));
    receiver.reset();
    assert_eq!(receiver.held(), (0, 0));
    let heard = play(&mut receiver, 5, |_, p| {
        Some((p.sequence + 7, p.timestamp ^ 0x5555_5555))
    });
    assert!(heard.iter().all(|second| *second > 0.0), "{heard:?}");
}

#[test]
fn nobody_pulling_keeps_little_and_begins_with_what_is_new() {
    let mut receiver = ReceiveStream::new();
    let voice = packets(&speech(30, 9), Network::default()).unwrap();
    for (at, packet) in &voice {
        receiver.push(*at, packet.borrow());
    }
    assert!(receiver.held().0 <= 200);
    receiver.pull(ms(10), &mut [0; 960]);
    receiver.pull(ms(30_000), &mut [0; 960]);
    assert!(receiver.held().0 < 10, "{:?}", receiver.held());
}

#[test]
fn silence_after_a_lost_stream_is_silence() {
    let mut receiver = ReceiveStream::new();
    play(&mut receiver, 2, |_, p| Some((p.sequence, p.timestamp)));
    let mut out = [1; 960];
    for step in 200..300 {
        receiver.pull(ms(10 * step), &mut out);
    }
    assert_eq!(energy(&out), 0.0);
    let stats = receiver.stats();
    assert!(stats.silent_concealed_samples <= stats.concealed_samples);
}

#[test]
fn what_is_heard_is_told() {
    let mut receiver = ReceiveStream::new();
    let mut out = [0; 960];
    assert_eq!(receiver.pull(ms(0), &mut out), Pulled::Silence);
    let mut sound = babble(1, 1);
    sound.resize(96_000, 0);
    let voice = packets(&sound, Network::default()).unwrap();
    let mut told = Vec::new();
    for (at, packet) in &voice {
        while told.len() as u64 * 10 < at.as_millis() as u64 {
            told.push(receiver.pull(ms(10 * told.len() as u64), &mut out));
        }
        receiver.push(*at, packet.borrow());
    }
    assert!(told[10..100].iter().all(|pulled| *pulled == Pulled::Sound));
    assert_eq!(
        told.last(),
        Some(&Pulled::Comfort),
        "the sender says it is silent"
    );
    let mut receiver = ReceiveStream::new();
    for (at, packet) in &voice[..20] {
        receiver.push(*at, packet.borrow());
        receiver.pull(*at, &mut out);
        receiver.pull(*at + ms(10), &mut out);
    }
    receiver.pull(ms(450), &mut out);
    receiver.pull(ms(460), &mut out);
    receiver.pull(ms(470), &mut out);
    assert_eq!(
        receiver.pull(ms(480), &mut out),
        Pulled::Concealment,
        "it says nothing"
    );
}

fn any_packet() -> impl Strategy<Value = (u64, i64, i64, Vec<u8>, bool, bool)> {
    let step = prop_oneof![
        6 => Just(1_i64),
        2 => -3_i64..4,
        1 => any::<i64>(),
    ];
    let time = prop_oneof![
        6 => Just(960_i64),
        2 => -3_000_i64..9_000,
        1 => any::<i64>(),
    ];
    // Short packets with any table of contents, and long noise.
    let payload = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4),
        prop::collection::vec(any::<u8>(), 0..300),
    ];
    (0_u64..60, step, time, payload, any::<bool>(), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_comes_is_survived_and_bounded(
        packets in prop::collection::vec(any_packet(), 1..200),
        pulling in any::<bool>(),
    ) {
        let mut receiver = ReceiveStream::new();
        let (mut now, mut sequence, mut timestamp) = (0_u64, 5_000_u64, 0_u32);
        for (wait, step, time, payload, red, marker) in packets {
            for _ in 0..wait / 10 {
                now += 10;
                if pulling {
                    receiver.pull(ms(now), &mut [0; 960]);
                }
            }
            sequence = sequence.wrapping_add_signed(step);
            timestamp = timestamp.wrapping_add(time as u32);
            receiver.push(ms(now), AudioPacket {
                sequence,
                timestamp,
                payload: &payload,
                codec: if red { Codec::Red } else { Codec::Opus },
                marker,
            });
            let (packets, samples) = receiver.held();
            prop_assert!(packets <= 200 && samples < 60_000, "{packets} {samples}");
        }
        receiver.pull(ms(now), &mut [0; 960]);
        let stats = receiver.stats();
        prop_assert!(stats.packets_discarded <= 10 * stats.packets_received);
    }

    #[test]
    fn damaged_speech_is_survived(
        seed in any::<u64>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..50),
    ) {
        let mut voice = packets(&speech(2, seed), Network::default()).unwrap();
        for (at, byte) in damage {
            let packet = at.index(voice.len());
            let payload = &mut voice[packet].1.payload;
            let at = at.index(payload.len());
            payload[at] = byte;
            payload.truncate(at.max(1) * 3);
        }
        let mut receiver = ReceiveStream::new();
        for (at, packet) in &voice {
            receiver.push(*at, packet.borrow());
            for _ in 0..2 {
                receiver.pull(*at, &mut [0; 960]);
            }
        }
        prop_assert!(receiver.held().1 < 60_000);
    }
}
