use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    task::JoinHandle,
    time::{Instant, advance, timeout},
};

use crate::{
    RtcError, RtcErrorType,
    audio::Reader,
    audio_frame::AudioFrame,
    audio_source::{AudioSourceOptions, native::NativeAudioSource},
};

const RATE: u32 = 16_000;

fn source(queue_ms: u32) -> NativeAudioSource {
    NativeAudioSource::new(AudioSourceOptions::default(), RATE, 1, queue_ms)
}

fn frame(ms: u32) -> AudioFrame<'static> {
    AudioFrame::new(RATE, 1, RATE / 1_000 * ms)
}

fn take(source: &NativeAudioSource, ms: usize) -> usize {
    let mut out = Vec::new();
    source.reader().take(ms * RATE as usize / 1_000, &mut out);
    out.len() * 1_000 / RATE as usize
}

fn queued(source: &NativeAudioSource) -> usize {
    source.queue().len() * 1_000 / RATE as usize
}

/// A capture that waits in a task of its own.
#[allow(clippy::disallowed_methods, reason = "awaited by the test")]
async fn waiting(source: &NativeAudioSource, ms: u32) -> JoinHandle<Result<(), RtcError>> {
    let source = source.clone();
    let task = tokio::spawn(async move { source.capture_frame(&frame(ms)).await });
    tokio::task::yield_now().await;
    assert!(!task.is_finished());
    task
}

async fn ends(task: JoinHandle<Result<(), RtcError>>) {
    timeout(Duration::from_millis(1), task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_capture_waits_while_more_than_the_queue_is_there() {
    let source = source(100);
    let began = Instant::now();
    source.capture_frame(&frame(60)).await.unwrap();
    source.capture_frame(&frame(40)).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO, "it fits");
    let task = waiting(&source, 20).await;
    take(&source, 10);
    tokio::task::yield_now().await;
    assert!(!task.is_finished(), "10 ms too much are still there");
    take(&source, 10);
    ends(task).await;
    assert_eq!(queued(&source), 100);
}

#[tokio::test(start_paused = true)]
async fn clearing_drops_all_and_lets_the_waiting_one_go() {
    let source = source(100);
    source.capture_frame(&frame(100)).await.unwrap();
    // Five parts, of which one is in: the others are not to follow.
    let task = waiting(&source, 500).await;
    source.clear_buffer();
    ends(task).await;
    assert_eq!(queued(&source), 0);
    source.capture_frame(&frame(100)).await.unwrap();
    assert_eq!(queued(&source), 100);
}

#[tokio::test(start_paused = true)]
async fn only_one_capture_may_wait() {
    let source = source(100);
    source.capture_frame(&frame(100)).await.unwrap();
    let task = waiting(&source, 10).await;
    let error = source.capture_frame(&frame(10)).await.unwrap_err();
    assert_eq!(error.error_type, RtcErrorType::InvalidState);
    assert!(error.message.contains("still waits"), "{error}");
    take(&source, 10);
    ends(task).await;
    source.capture_frame(&frame(0)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_capture_that_is_given_up_lets_the_next_one_wait() {
    let source = source(100);
    source.capture_frame(&frame(100)).await.unwrap();
    let task = waiting(&source, 10).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let task = waiting(&source, 10).await;
    take(&source, 20);
    ends(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_long_frame_goes_in_by_parts() {
    let source = source(100);
    let task = waiting(&source, 350).await;
    let mut taken = 0;
    while !task.is_finished() {
        taken += take(&source, 10);
        tokio::task::yield_now().await;
    }
    task.await.unwrap().unwrap();
    assert_eq!(taken + queued(&source), 350);
    assert!(queued(&source) <= 100);
}

#[tokio::test(start_paused = true)]
async fn frames_of_another_shape_are_refused() {
    let source = source(100);
    for frame in [
        AudioFrame::new(48_000, 1, 480),
        AudioFrame::new(RATE, 2, 160),
    ] {
        let error = source.capture_frame(&frame).await.unwrap_err();
        assert_eq!(error.error_type, RtcErrorType::InvalidState);
    }
    let stereo = NativeAudioSource::new(AudioSourceOptions::default(), RATE, 2, 100);
    let odd = AudioFrame {
        data: vec![0; 3].into(),
        ..AudioFrame::new(RATE, 2, 1)
    };
    assert!(stereo.capture_frame(&odd).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_queue_of_no_whole_frames_is_rounded_up() {
    let source = source(15);
    source.capture_frame(&frame(20)).await.unwrap();
    assert_eq!(queued(&source), 20);
    let task = waiting(&source, 10).await;
    take(&source, 10);
    ends(task).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_queue_frames_of_10_ms_never_wait_and_little_is_kept() {
    let source = source(0);
    let began = Instant::now();
    for _ in 0..1_000 {
        source.capture_frame(&frame(10)).await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(queued(&source), 100);
    let error = source.capture_frame(&frame(20)).await.unwrap_err();
    assert!(error.message.contains("10ms"), "{error}");
    source.clear_buffer();
    assert_eq!(queued(&source), 0);
}

/// Its maker must not hang where the track isn't published.
#[tokio::test(start_paused = true)]
async fn sound_that_nobody_takes_passes_at_the_pace_of_time() {
    let source = source(100);
    let began = Instant::now();
    for _ in 0..500 {
        source.capture_frame(&frame(10)).await.unwrap();
    }
    let took = began.elapsed().as_millis();
    assert!(
        (4_800..5_200).contains(&took),
        "5 s of sound passed in {took} ms"
    );
    assert!(queued(&source) <= 200);
}

#[tokio::test(start_paused = true)]
async fn sound_that_is_taken_is_never_dropped() {
    let source = Arc::new(source(100));
    let task = waiting(&source, 2_000).await;
    let mut taken = 0;
    while !task.is_finished() {
        advance(Duration::from_millis(20)).await;
        taken += take(&source, 20);
        tokio::task::yield_now().await;
    }
    assert_eq!(taken + queued(&source), 2_000);
}

/// The samples that a reader has next.
fn next(reader: &Reader, count: usize) -> Vec<i16> {
    let mut out = Vec::new();
    reader.take(count, &mut out);
    out
}

fn counting(from: i16, count: i16) -> AudioFrame<'static> {
    AudioFrame {
        data: (from..from + count).collect::<Vec<_>>().into(),
        sample_rate: RATE,
        num_channels: 1,
        samples_per_channel: count as u32,
    }
}

#[tokio::test(start_paused = true)]
async fn each_track_of_a_source_sends_all_of_its_sound() {
    let source = source(100);
    let (one, two) = (source.reader(), source.reader());
    source.capture_frame(&counting(0, 320)).await.unwrap();
    assert_eq!(next(&one, 160), (0..160).collect::<Vec<_>>());
    assert_eq!(next(&two, 320), (0..320).collect::<Vec<_>>());
    assert_eq!(queued(&source), 0, "the foremost one sets the pace");
    assert_eq!(next(&one, 320), (160..320).collect::<Vec<_>>());
    let late = source.reader();
    source.capture_frame(&counting(320, 160)).await.unwrap();
    for reader in [&one, &two, &late] {
        assert_eq!(next(reader, 320), (320..480).collect::<Vec<_>>());
    }
    assert_eq!(source.queue().held(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_track_that_takes_nothing_holds_nobody_up_and_little_is_kept_for_it() {
    let source = source(100);
    let (one, idle) = (source.reader(), source.reader());
    for n in 0..100 {
        source.capture_frame(&counting(n * 160, 160)).await.unwrap();
        assert_eq!(next(&one, 160).len(), 160);
        assert!(source.queue().held() <= 200 * 16, "200 ms");
    }
    assert_eq!(next(&idle, 160), (12_800..12_960).collect::<Vec<_>>());
    drop(one);
    assert_eq!(next(&idle, 160), (12_960..13_120).collect::<Vec<_>>());
    drop(idle);
    assert_eq!(source.queue().held(), 0, "nobody sends the rest again");
}

#[tokio::test(start_paused = true)]
async fn without_a_queue_each_track_is_told_of_its_packets() {
    let source = source(0);
    let (one, two) = (source.reader(), source.reader());
    let told = Arc::new(Mutex::new(Vec::new()));
    for (n, reader) in [&one, &two].into_iter().enumerate() {
        let told = told.clone();
        reader.on_ready(Arc::new(move || told.lock().push(n)));
    }
    source.capture_frame(&frame(10)).await.unwrap();
    assert!(told.lock().is_empty());
    source.capture_frame(&frame(10)).await.unwrap();
    assert_eq!(*told.lock(), [0, 1]);
    next(&one, 320);
    source.capture_frame(&frame(10)).await.unwrap();
    assert_eq!(*told.lock(), [0, 1, 1], "only who has 20 ms");
}
