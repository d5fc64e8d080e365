//! Runnable examples stand beside this file; run one with `cargo run -p sfera-examples --example parrot`.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../README.en.md")]
struct Readme;
