use super::*;
use proptest::prelude::*;
use std::io::Cursor;

const WIDTH: u32 = 64;

/// A file of the right form with one layer a side; all weights zero, all biases one.
fn tiny_model() -> Vec<u8> {
    let mut variables = vec![
        (
            "encoder/position_encodings/encodings".to_owned(),
            vec![10, WIDTH],
        ),
        (
            "decoder/position_encodings/encodings".to_owned(),
            vec![5, WIDTH],
        ),
        ("decoder/embeddings/weight".to_owned(), vec![7, WIDTH]),
        ("encoder/conv1/weight".to_owned(), vec![WIDTH, 80, 3]),
        ("encoder/conv2/weight".to_owned(), vec![WIDTH, WIDTH, 3]),
        ("encoder/conv1/bias".to_owned(), vec![WIDTH]),
        ("encoder/conv2/bias".to_owned(), vec![WIDTH]),
    ];
    let mut linear = |name: String, rows: u32, columns: u32| {
        variables.push((format!("{name}/weight"), vec![rows, columns]));
        variables.push((format!("{name}/bias"), vec![rows]));
    };
    for side in ["encoder", "decoder"] {
        linear(
            format!("{side}/layer_0/self_attention/linear_0"),
            3 * WIDTH,
            WIDTH,
        );
        linear(
            format!("{side}/layer_0/self_attention/linear_1"),
            WIDTH,
            WIDTH,
        );
        linear(format!("{side}/layer_0/ffn/linear_0"), 4 * WIDTH, WIDTH);
        linear(format!("{side}/layer_0/ffn/linear_1"), WIDTH, 4 * WIDTH);
    }
    for (n, rows) in [(0, WIDTH), (1, 2 * WIDTH), (2, WIDTH)] {
        linear(format!("decoder/layer_0/attention/linear_{n}"), rows, WIDTH);
    }
    for norm in [
        "encoder/layer_norm",
        "decoder/layer_norm",
        "encoder/layer_0/self_attention/layer_norm",
        "decoder/layer_0/self_attention/layer_norm",
        "decoder/layer_0/attention/layer_norm",
        "encoder/layer_0/ffn/layer_norm",
        "decoder/layer_0/ffn/layer_norm",
    ] {
        variables.push((format!("{norm}/gamma"), vec![WIDTH]));
        variables.push((format!("{norm}/beta"), vec![WIDTH]));
    }
    let mut file = 6_u32.to_le_bytes().to_vec();
    put_name(&mut file, "WhisperSpec");
    file.extend(3_u32.to_le_bytes());
    file.extend((variables.len() as u32).to_le_bytes());
    for (name, dims) in &variables {
        put_name(&mut file, name);
        file.push(dims.len() as u8);
        dims.iter().for_each(|dim| file.extend(dim.to_le_bytes()));
        file.push(4);
        let numbers = dims.iter().product::<u32>();
        file.extend((numbers * 2).to_le_bytes());
        let half: u16 = if dims.len() == 1 { 0x3c00 } else { 0 };
        (0..numbers).for_each(|_| file.extend(half.to_le_bytes()));
    }
    file.extend(0_u32.to_le_bytes());
    file
}

fn put_name(file: &mut Vec<u8>, name: &str) {
    file.extend((name.len() as u16 + 1).to_le_bytes());
    file.extend(name.as_bytes());
    file.push(0);
}

fn tokenizer() -> String {
    let vocab: serde_json::Map<_, _> = (0..vocabulary::TEXT_TOKENS)
        .map(|id| (format!("t{id}"), id.into()))
        .collect();
    serde_json::json!({"model": {"vocab": vocab}}).to_string()
}

fn run(model: &[u8], tokenizer: &str) -> Result<Vec<u8>, ConvertError> {
    let mut out = Vec::new();
    convert(&mut Cursor::new(model), tokenizer.as_bytes(), &mut out)?;
    Ok(out)
}

#[test]
fn a_tiny_model_becomes_a_ggml_file_with_every_tensor_at_its_shape() {
    let ggml = run(&tiny_model(), &tokenizer()).unwrap();
    let words: Vec<u32> = ggml
        .chunks_exact(4)
        .take(14)
        .map(|b| u32::from_le_bytes(b.try_into().unwrap()))
        .collect();
    assert_eq!(words[0], 0x6767_6d6c);
    assert_eq!(words[1..], [7, 10, 64, 1, 1, 5, 64, 1, 1, 80, 1, 80, 201]);
    let has = |name: &str| ggml.windows(name.len()).any(|w| w == name.as_bytes());
    assert!(has("decoder.blocks.0.cross_attn.value.bias"));
    assert!(has("encoder.blocks.0.attn.key.weight"));
    assert!(!has("attn.key.bias"));
    let ones = 1.0_f32.to_le_bytes();
    assert!(
        ggml.windows(4).any(|w| w == ones),
        "biases are widened to 32 bits"
    );
}

#[test]
fn the_mel_filters_are_those_whisper_was_trained_with() {
    let filters = mel::filters(80);
    assert_eq!(filters.len(), 80 * mel::BINS);
    // Of the table computed with numpy as librosa does it.
    assert_eq!(filters[1].to_bits(), 0x3ccb_aca4);
    assert_eq!(filters[79 * mel::BINS + 199].to_bits(), 0x39eb_476b);
    assert_eq!(filters[79 * mel::BINS + 200], 0.0);
    assert!(filters.iter().all(|w| (0.0..0.03).contains(w)));
}

#[test]
fn halves_are_widened_exactly() {
    for (half, wide) in [
        (0x0000, 0.0),
        (0x3c00, 1.0),
        (0xc000, -2.0),
        (0x7bff, 65_504.0),
        (0x0001, 5.960_464_5e-8),
        (0x8400, -6.103_515_6e-5),
        (0x7c00, f32::INFINITY),
    ] {
        assert_eq!(widen(u16::to_le_bytes(half)), wide, "{half:#x}");
    }
    assert!(widen(0x7e00_u16.to_le_bytes()).is_nan());
}

#[test]
fn a_model_cut_off_anywhere_is_an_error() {
    let (model, tokenizer) = (tiny_model(), tokenizer());
    let ends = (0..model.len() - 4)
        .step_by(9_973)
        .chain([0, 3, 20, model.len() - 5]);
    for end in ends {
        assert!(run(&model[..end], &tokenizer).is_err(), "cut at {end}");
    }
}

#[test]
fn a_foreign_tokenizer_is_refused() {
    for tokenizer in ["", "{}", "[1]", r#"{"model":{"vocab":{"a":0}}}"#] {
        let result = run(&tiny_model(), tokenizer);
        assert!(matches!(result, Err(ConvertError::Tokenizer)));
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let refused = run(&bytes, "{}").is_err();
        prop_assert!(refused);
    }

    #[test]
    fn damaged_tables_never_panic(damage in prop::collection::vec((0..3_000_usize, any::<u8>()), 1..8)) {
        let mut model = tiny_model();
        for (at, byte) in damage {
            model[at] = byte;
        }
        // Damage within the weights is not visible here; the sha256 catches it.
        let _ = run(&model, "{}").is_err();
    }
}
