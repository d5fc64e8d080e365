use super::{Home, shown};
use hound::{SampleFormat, WavSpec, WavWriter};
use std::path::Path;

fn spec(bits: u16) -> WavSpec {
    WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: bits,
        sample_format: SampleFormat::Int,
    }
}

fn wav(path: &Path, bits: u16, seconds: u32) {
    let mut writer = WavWriter::create(path, spec(bits)).unwrap();
    for sample in 0..seconds * 8_000 {
        let sample = (sample % 100) as i16;
        writer
            .write_sample(if bits == 8 { sample % 64 } else { sample })
            .unwrap();
    }
    writer.finalize().unwrap();
}

/// An 8-bit file is as good as any.
#[test]
fn an_8_bit_question_gets_as_far_as_the_missing_model() {
    let home = Home::new();
    wav(&home.path("8bit.wav"), 8, 1);
    let ran = home.run(&["talk", "--wav", "8bit.wav"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
}

/// Asking with this file is refused with this sentence, and no answer is left.
#[track_caller]
fn refused(home: &Home, question: &Path, sentence: &str) {
    let ran = home.run(&["talk", "--wav", &shown(question), "--out", "answer.wav"]);
    ran.refused(2, sentence);
    assert!(
        home.files()
            .iter()
            .all(|name| !name.starts_with("answer") && !name.starts_with(".sfera"))
    );
}

#[test]
fn a_missing_file_and_a_folder_are_told_apart() {
    let home = Home::new();
    refused(
        &home,
        Path::new("nowhere.wav"),
        "Ошибка: Файла nowhere.wav нет.",
    );
    std::fs::create_dir(home.path("sounds")).unwrap();
    refused(
        &home,
        Path::new("sounds"),
        "Ошибка: sounds – это папка, а нужен файл.",
    );
}

#[test]
fn a_file_that_is_no_wav_or_is_cut_off_is_refused() {
    let home = Home::new();
    home.write("text.wav", "это не звук");
    refused(
        &home,
        Path::new("text.wav"),
        "Ошибка: text.wav – не WAV или он повреждён.",
    );
    home.write("nothing.wav", "");
    refused(
        &home,
        Path::new("nothing.wav"),
        "Ошибка: nothing.wav – не WAV или он повреждён.",
    );
    wav(&home.path("whole.wav"), 16, 1_600);
    let bytes = std::fs::read(home.path("whole.wav")).unwrap();
    std::fs::write(home.path("header.wav"), &bytes[..20]).unwrap();
    refused(
        &home,
        Path::new("header.wav"),
        "Ошибка: header.wav – не WAV или он повреждён.",
    );
}

#[test]
fn a_wav_without_sound_is_refused() {
    let home = Home::new();
    wav(&home.path("empty.wav"), 16, 0);
    refused(
        &home,
        Path::new("empty.wav"),
        "Ошибка: В empty.wav нет звука.",
    );
}

#[test]
fn an_hour_is_too_long_for_a_question() {
    let home = Home::new();
    wav(&home.path("hour.wav"), 16, 3_600);
    let ran = home.run(&["talk", "--wav", "hour.wav", "--out", "answer.wav"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.starts_with("Ошибка: hour.wav длится 60 мин"),
        "{ran:?}"
    );
}

#[test]
fn an_answer_that_cannot_be_written_is_noticed_before_anybody_waits() {
    let home = Home::new();
    wav(&home.path("question.wav"), 16, 1);
    let ask = |out: &str| home.run(&["talk", "--wav", "question.wav", "--out", out]);
    ask("nowhere/answer.wav").refused(2, "Ошибка: Для nowhere/answer.wav нет папки: создайте её.");
    ask("question.wav").refused(
        2,
        "Ошибка: question.wav – и вопрос, и ответ: назовите для ответа другой файл.",
    );
    ask(".").refused(2, "Ошибка: . – это папка, а нужен файл.");
    assert_eq!(home.files(), ["question.wav"]);
}

#[test]
fn without_the_speech_model_a_question_is_refused_with_what_to_do() {
    let home = Home::new();
    wav(&home.path("question.wav"), 16, 1);
    let ran = home.run(&["talk", "--wav", "question.wav", "--out", "answer.wav"]);
    ran.refused(
        3,
        "Ошибка: Модель whisper-base не скачана. Скачайте её: sfera models pull whisper-base.",
    );
    assert_eq!(home.files(), ["question.wav"]);
}

#[test]
fn a_speech_model_that_was_cut_short_is_damaged() {
    let home = Home::new();
    wav(&home.path("question.wav"), 16, 1);
    home.write("models/whisper-base/ggml-base.bin", "cut");
    home.run(&["talk", "--wav", "question.wav"]).refused(
        3,
        "Ошибка: Файл модели whisper-base повреждён. Скачайте его заново: sfera models pull whisper-base.",
    );
}

#[test]
fn a_device_that_is_not_there_is_named() {
    let home = Home::new();
    let ran = home.run(&["talk", "--device", "Нет такого"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.err
            .starts_with("Ошибка: Звукового устройства «Нет такого» нет."),
        "{ran:?}"
    );
}
