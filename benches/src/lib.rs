//! How the benches measure.
