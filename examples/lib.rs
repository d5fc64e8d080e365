//! Runnable examples stand beside this file; run one with `cargo run -p sfera-examples --example parrot`.
