use super::*;
use proptest::prelude::*;
use tokio::time::timeout;

const ONE: SegmentId = SegmentId(1);
const TWO: SegmentId = SegmentId(2);

fn playout() -> (Playout, PlayoutReader) {
    Playout::new(SampleRate::HZ_16000)
}

fn read(reader: &mut PlayoutReader, n: usize) -> Vec<i16> {
    let mut out = vec![-1; n];
    reader.read(&mut out);
    out
}

#[test]
fn segments_follow_each_other_without_a_gap() {
    let (playout, mut reader) = playout();
    for (id, samples) in [(ONE, [1, 2]), (TWO, [3, 4])] {
        playout.open(id);
        assert_eq!(playout.try_write(id, &samples), Ok(2));
        assert_eq!(playout.finish(id), 2);
    }
    assert_eq!(read(&mut reader, 5), [1, 2, 3, 4, 0]);
    let events = playout.take_events();
    let ends = [
        PlayoutEvent::Played(ONE),
        PlayoutEvent::Started(TWO),
        PlayoutEvent::Played(TWO),
    ];
    assert_eq!(events[0], PlayoutEvent::Started(ONE));
    assert_eq!(events[1..4], ends);
}

#[test]
fn a_pause_resumes_from_the_very_next_sample() {
    let (playout, mut reader) = playout();
    playout.open(ONE);
    assert_eq!(playout.try_write(ONE, &[1, 2, 3, 4]), Ok(4));
    assert_eq!(read(&mut reader, 2), [1, 2]);
    playout.pause();
    assert_eq!(read(&mut reader, 2), [0, 0]);
    playout.resume();
    assert_eq!(read(&mut reader, 2), [3, 4]);
}

#[test]
fn clearing_answers_what_was_heard() {
    let (playout, mut reader) = playout();
    playout.open(ONE);
    assert_eq!(playout.try_write(ONE, &[1, 2, 3, 4]), Ok(4));
    read(&mut reader, 3);
    playout.pause();
    let at = PlayedTo {
        segment: ONE,
        played: 3,
        synthesized: 4,
        complete: false,
    };
    assert_eq!(playout.clear(), Some(at));
    assert_eq!(playout.try_write(ONE, &[5]), Err(Cleared));
    assert_eq!(playout.clear(), None);
    playout.open(TWO);
    assert_eq!(playout.try_write(TWO, &[7]), Ok(1));
    assert_eq!(read(&mut reader, 1), [7], "a cleared playout is not paused");
}

#[test]
fn a_segment_without_sound_is_played_at_once() {
    let (playout, _reader) = playout();
    playout.open(ONE);
    assert_eq!(playout.finish(ONE), 0);
    assert_eq!(
        playout.take_events(),
        [PlayoutEvent::Started(ONE), PlayoutEvent::Played(ONE)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_writer_waits_for_room_and_is_released_by_clearing() {
    let (playout, mut reader) = playout();
    playout.open(ONE);
    let full = vec![1; 16_000 * 4];
    playout.write(ONE, &full).await.unwrap();
    let more = timeout(Duration::from_secs(1), playout.write(ONE, &[2])).await;
    assert!(more.is_err(), "there is no room");
    let waiting = async { playout.write(ONE, &[2]).await };
    let reading = async { read(&mut reader, 10) };
    assert_eq!(tokio::join!(waiting, reading).0, Ok(()));
    let waiting = async { playout.write(ONE, &[3; 100]).await };
    let clearing = async { playout.clear() };
    assert_eq!(tokio::join!(waiting, clearing).0, Err(Cleared));
}

proptest! {
    #[test]
    fn every_sample_is_heard_once_and_in_order(
        parts in prop::collection::vec(0_usize..500, 1..8),
        pulls in prop::collection::vec((1_usize..200, any::<bool>()), 1..60),
    ) {
        let (playout, mut reader) = playout();
        let (mut next, mut expected) = (0_i16, Vec::new());
        for (n, len) in parts.iter().enumerate() {
            let samples: Vec<_> = (0..*len).map(|_| { next += 1; next }).collect();
            let id = SegmentId(n as u32);
            playout.open(id);
            prop_assert_eq!(playout.try_write(id, &samples), Ok(*len));
            playout.finish(id);
            expected.extend(samples);
        }
        let mut heard = Vec::new();
        for (n, pause) in pulls {
            if pause { playout.pause() } else { playout.resume() }
            heard.extend(read(&mut reader, n).into_iter().filter(|s| *s != 0));
        }
        prop_assert!(expected.starts_with(&heard));
    }
}
