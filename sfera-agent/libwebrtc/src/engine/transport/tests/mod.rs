//! Tests of what needs no network, or only this machine's own addresses.

mod places;
mod relays;
pub(crate) mod turn;
