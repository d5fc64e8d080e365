//! `sfera`: a voice conversation in the terminal.
fn main() {}
