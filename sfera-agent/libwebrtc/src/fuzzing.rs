//! Everything that reads bytes of others, to be given any. For this crate's own tests: not an API.

#![allow(
    missing_docs,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's tools, whose names say what they read"
)]

use crate::{audio::fuzzing as audio, engine::fuzzing as engine};

pub type Target = fn(&[u8]);

/// The targets by name; `fuzz/` has a program for each, and a folder of inputs to begin with.
pub const TARGETS: [(&str, Target); 9] = [
    ("candidate", engine::candidate),
    ("description", engine::description),
    ("framing", engine::framing),
    ("jitter_buffer", audio::jitter_buffer),
    ("opus", audio::opus),
    ("packets", engine::packets),
    ("redundant", audio::redundant),
    ("server", engine::server),
    ("server_url", engine::server_url),
];

/// Runs one of them.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    target.unwrap_or_else(|| panic!("no target {name}")).1(bytes);
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::simulation::Random;

    /// Inputs for each target: what is kept in `fuzz/corpus`, and so many changes of it.
    const CASES: u64 = 4_096;

    fn kept(name: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fuzz/corpus")
            .join(name);
        let mut paths: Vec<_> = fs::read_dir(folder)
            .expect("inputs to begin with")
            .map(|file| file.unwrap().path())
            .collect();
        paths.sort();
        paths
            .into_iter()
            .map(|path| fs::read(path).unwrap())
            .collect()
    }

    fn below(random: &mut Random, end: usize) -> usize {
        (random.next() % end.max(1) as u64) as usize
    }

    /// An input as somebody would make it who wants to break things: one that is sound, with bytes
    /// changed, left out, repeated, or taken from another one; and now and then nothing but noise.
    fn changed(random: &mut Random, kept: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = kept[below(random, kept.len())].clone();
        if random.chance(0.1) {
            let length = below(random, 300);
            return (0..length).map(|_| random.next() as u8).collect();
        }
        for _ in 0..=below(random, 8) {
            let at = below(random, bytes.len());
            let length = below(random, 16).min(bytes.len() - at);
            match below(random, 6) {
                0 if !bytes.is_empty() => bytes[at] = random.next() as u8,
                1 if !bytes.is_empty() => bytes[at] ^= 1 << below(random, 8),
                2 => drop(bytes.drain(at..at + length)),
                3 => {
                    let piece = bytes[at..at + length].to_vec();
                    bytes.splice(at..at, piece);
                }
                4 => {
                    let other = &kept[below(random, kept.len())];
                    let from = below(random, other.len());
                    let piece = other[from..].iter().copied().take(64);
                    bytes.splice(at..at + length, piece);
                }
                _ => bytes.truncate(at),
            }
        }
        bytes
    }

    fn withstands(name: &str) {
        let kept = kept(name);
        assert!(!kept.is_empty(), "{name} has inputs to begin with");
        kept.iter().for_each(|bytes| run(name, bytes));
        for case in 0..CASES {
            let bytes = changed(&mut Random::new(case), &kept);
            // A panic says which one it was.
            println!("{name}, case {case}: {}", bytes.escape_ascii());
            run(name, &bytes);
        }
    }

    macro_rules! withstand {
        ($($name:ident),*) => {
            $(
                #[test]
                fn $name() {
                    withstands(stringify!($name));
                }
            )*

            #[test]
            fn every_target_is_tried() {
                let tried = [$(stringify!($name)),*];
                assert_eq!(tried, TARGETS.map(|(name, _)| name));
            }
        };
    }

    withstand!(
        candidate,
        description,
        framing,
        jitter_buffer,
        opus,
        packets,
        redundant,
        server,
        server_url
    );
}
