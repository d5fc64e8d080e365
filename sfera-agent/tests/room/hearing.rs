use crate::{
    livekit_server::LiveKitServer,
    world::{LIMIT, Person, agent_address, options},
};
use sfera_agent::{
    audio::{Frame, Level, NoiseSuppression, SampleRate},
    io::room::{AgentRoom, CallerOptions, RoomOptions},
};
use std::time::Duration;
use tokio::time::timeout;

const RATE: SampleRate = SampleRate::HZ_48000;
const RECORDED: Duration = Duration::from_secs(3);
const LIVE: Duration = Duration::from_secs(3);

/// A voice, here a tone of this pitch that comes and goes, in steady noise.
fn noisy_voice(hz: f32, length: Duration) -> Frame {
    let mut seed = 7_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from((seed >> 16) as i16) / 32_768.0 * 1_000.0
    };
    let turn = hz / RATE.hz() as f32;
    let voice = |n: u64| match n % 14_400 < 7_200 {
        true => ((n as f32 * turn).fract() * std::f32::consts::TAU).sin() * 5_000.0,
        false => 0.0,
    };
    let samples = (0..RATE.samples(length)).map(|n| (voice(n) + noise()) as i16);
    Frame::new(RATE, samples.collect::<Vec<_>>())
}

/// How much louder the voice is than its pauses, dB.
fn clearness(frames: &[Frame]) -> f32 {
    let mut levels: Vec<f32> = frames
        .iter()
        .map(|frame| Level::of(frame.samples()).rms_dbfs)
        .collect();
    levels.sort_by(f32::total_cmp);
    levels[levels.len() * 3 / 4] - levels[levels.len() / 4]
}

/// How clear a caller is to the agent's session: what they recorded before it came, and live.
async fn heard(noise: NoiseSuppression) -> [f32; 2] {
    let server = LiveKitServer::start();
    let caller = CallerOptions {
        recorded: Some(noisy_voice(380.0, RECORDED)),
        ..CallerOptions::default()
    };
    let alex = Person::join_with(&server, "alex", caller).await;
    let options = RoomOptions { noise, ..options() };
    let joined = AgentRoom::join(&agent_address(&server), options).await;
    let mut room = joined.unwrap();
    let mut input = room.input().unwrap();
    room.wait_for_caller().await.unwrap();
    let mut frames = Vec::new();
    let hear = async {
        let mut length = Duration::ZERO;
        while length < RECORDED + LIVE {
            let frame = input.recv().await.unwrap();
            length += frame.duration();
            frames.push(frame);
        }
    };
    let speak = async {
        alex.play(&noisy_voice(590.0, LIVE * 2)).await;
    };
    timeout(LIMIT, async {
        tokio::select! {
            () = hear => {}
            () = async { tokio::join!(speak, std::future::pending::<()>()); } => {}
        }
    })
    .await
    .expect("in time");
    room.leave().await;
    let (recorded, live) = frames.split_at((RECORDED.as_millis() / 20) as usize);
    // What is noise must be learned first.
    [clearness(&recorded[recorded.len() / 2..]), clearness(live)]
}

#[tokio::test]
async fn noise_is_taken_out_of_what_a_caller_says_and_of_what_they_recorded_before() {
    let (noisy, clean) = tokio::join!(heard(NoiseSuppression::Off), heard(NoiseSuppression::High));
    for (before, after) in noisy.into_iter().zip(clean) {
        assert!(after > before + 6.0, "{noisy:?} → {clean:?} dB");
    }
}
