use super::*;
use crate::{
    audio::{Frame, Level, SampleRate, UnsupportedRate},
    io::FRAME,
};
use proptest::prelude::*;
use std::{fs, path::PathBuf, time::Duration};
use tempfile::TempDir;
use tokio::{sync::mpsc, time::Instant};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("sound.wav");
    fs::write(&path, bytes).unwrap();
    path
}

fn open(bytes: &[u8]) -> Result<Frame, WavError> {
    let folder = folder();
    WavReader::open(file(&folder, bytes)).and_then(WavReader::read_all)
}

/// A WAV file: format tag, channels, rate, bits, and the length the data chunk claims.
fn wav(tag: u16, channels: u16, rate: u32, bits: u16, claimed: u32, data: &[u8]) -> Vec<u8> {
    let block = channels * bits / 8;
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    bytes.extend(tag.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(block)).to_le_bytes());
    bytes.extend(block.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(claimed.to_le_bytes());
    bytes.extend(data);
    bytes
}

fn pcm(channels: u16, bits: u16, data: &[u8]) -> Vec<u8> {
    wav(1, channels, 16_000, bits, data.len() as u32, data)
}

#[test]
fn every_usual_kind_of_sample_is_read() {
    let frame = |samples: &[i16]| Ok(Frame::new(SampleRate::HZ_16000, samples));
    assert_eq!(
        open(&pcm(1, 8, &[128, 0, 255])),
        frame(&[0, i16::MIN, 32_512])
    );
    assert_eq!(open(&pcm(1, 16, &[1, 0, 0xff, 0xff])), frame(&[1, -1]));
    assert_eq!(
        open(&pcm(1, 24, &[0, 1, 0, 0, 0, 0x80])),
        frame(&[1, i16::MIN])
    );
    assert_eq!(
        open(&pcm(1, 32, &[0, 0, 1, 0, 0, 0, 0, 0x80])),
        frame(&[1, i16::MIN])
    );
    let floats: Vec<u8> = [0.5f32, -1.0, 2.0, f32::NAN]
        .iter()
        .flat_map(|f| f.to_le_bytes())
        .collect();
    let float = wav(3, 1, 16_000, 32, 16, &floats);
    assert_eq!(open(&float), frame(&[16_384, i16::MIN, i16::MAX, 0]));
}

#[test]
fn channels_are_mixed_to_one() {
    let frame = open(&pcm(2, 16, &[100, 0, 200, 0, 0, 0, 2, 0])).unwrap();
    assert_eq!(frame.samples(), [150, 1]);
}

#[test]
fn each_broken_file_has_its_sentence() {
    assert_eq!(open(b""), Err(WavError::NotWav));
    assert_eq!(
        open(b"ID3 some music that is no WAV"),
        Err(WavError::NotWav)
    );
    assert_eq!(open(b"RIFF\0\0\0\0AVI LIST"), Err(WavError::NotWav));
    assert_eq!(open(b"RIFF\0\0\0\0WAVE"), Err(WavError::Empty));
    assert_eq!(open(&pcm(1, 16, &[])), Err(WavError::Empty));
    assert_eq!(open(&pcm(0, 16, &[0; 4])), Err(WavError::NoChannels));
    assert_eq!(
        open(&wav(2, 1, 16_000, 8, 4, &[0; 4])),
        Err(WavError::Unsupported)
    );
    assert_eq!(
        open(&wav(85, 1, 16_000, 8, 4, &[0; 4])),
        Err(WavError::Unsupported)
    );
    assert_eq!(
        open(&wav(3, 1, 16_000, 64, 8, &[0; 8])),
        Err(WavError::Unsupported)
    );
    let slow = wav(1, 1, 4_000, 16, 4, &[0; 4]);
    assert_eq!(open(&slow), Err(WavError::Rate(UnsupportedRate(4_000))));
    assert_eq!(
        open(b"RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd"),
        Err(WavError::Damaged)
    );
    let cut = wav(1, 1, 16_000, 16, 320_000, &[0; 32_000]);
    let error = open(&cut).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the WAV file is cut off: its header promises 10.0s, it holds 1.0s"
    );
    assert_eq!(
        WavReader::open("no/such/file.wav").map(|_| ()),
        Err(WavError::NotFound)
    );
}

#[test]
fn a_file_written_into_a_pipe_is_read_to_its_end() {
    for claimed in [0, 0x7fff_f000, u32::MAX] {
        let bytes = wav(1, 1, 16_000, 16, claimed, &[1, 0, 2, 0, 3]);
        assert_eq!(open(&bytes).unwrap().samples(), [1, 2], "{claimed:x}");
    }
}

#[test]
fn other_chunks_are_passed_over_even_of_odd_length() {
    let mut bytes = pcm(1, 16, &[5, 0, 6, 0]);
    bytes.splice(36..36, *b"LIST\x03\0\0\0abc\0");
    bytes.extend(b"id3 \x04\0\0\0abcd");
    assert_eq!(open(&bytes).unwrap().samples(), [5, 6]);
}

#[test]
fn an_hour_is_read_piece_by_piece() {
    let folder = folder();
    let path = file(&folder, &wav(1, 1, 8_000, 16, 57_600_000, &[]));
    let hour = fs::File::options().write(true).open(&path).unwrap();
    hour.set_len(44 + 57_600_000).unwrap();
    let mut reader = WavReader::open(&path).unwrap();
    assert_eq!(reader.duration(), Duration::from_secs(3_600));
    let mut frames = 0;
    while let Some(frame) = reader.next_frame().unwrap() {
        assert_eq!(frame.duration(), FRAME);
        frames += 1;
    }
    assert_eq!(frames, 180_000);
}

#[tokio::test(start_paused = true)]
async fn played_live_a_file_comes_at_its_pace_and_silence_follows() {
    let folder = folder();
    let path = file(&folder, &pcm(1, 16, &[1; 1_000]));
    let (input, mut frames) = mpsc::channel(1);
    let begin = Instant::now();
    let play = WavReader::open(path).unwrap().play_realtime(input);
    let listen = async {
        let mut heard = Vec::new();
        for n in 0..5 {
            heard.extend_from_slice(frames.recv().await.unwrap().samples());
            assert_eq!(begin.elapsed(), FRAME * n);
        }
        drop(frames);
        heard
    };
    let (played, heard) = tokio::join!(play, listen);
    assert_eq!(played, Ok(()));
    assert_eq!(Level::of(&heard[500..]), Level::SILENCE);
    assert!(heard[..500].iter().all(|s| *s == 257));
}

#[test]
fn a_file_appears_only_when_it_is_complete() {
    let folder = folder();
    let path = folder.path().join("out.wav");
    fs::write(&path, "the one before").unwrap();
    let mut writer = WavWriter::stereo(&path, SampleRate::HZ_24000).unwrap();
    writer.write_both(&[1, 2, 3], &[10]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"the one before");
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let mut writer = WavWriter::stereo(&path, SampleRate::HZ_24000).unwrap();
    writer.write_both(&[1, 2, 3], &[10]).unwrap();
    writer.write(&[4]).unwrap();
    writer.finish().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let mut read = hound::WavReader::open(&path).unwrap();
    assert_eq!(read.spec().channels, 2);
    let samples: Vec<i16> = read.samples().map(|s| s.unwrap()).collect();
    assert_eq!(samples, [1, 10, 2, 0, 3, 0, 4, 4]);
}

#[test]
fn a_folder_that_is_not_there_and_a_full_disk_are_said_plainly() {
    let missing = folder().path().join("gone/out.wav");
    let error = WavWriter::mono(missing, SampleRate::HZ_16000)
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error, WavError::NotFound);
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    assert_eq!(WavError::from(full), WavError::NoSpace);
}

proptest! {
    #[test]
    fn no_file_whatever_its_bytes_makes_the_reader_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..200),
        like_wav in any::<bool>(),
        flips in prop::collection::vec((0usize..60, any::<u8>()), 0..6),
    ) {
        if like_wav {
            bytes = pcm(2, 24, &bytes);
            for (at, value) in flips {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
        }
        let _ = open(&bytes);
    }
}
