//! From one end to the other: what a voice sounds like after a network.

mod arrivals;
mod capture;
mod drift;
mod judge;
mod network;
mod speech;
mod stereo;
mod streams;

pub(super) use speech::babble;
