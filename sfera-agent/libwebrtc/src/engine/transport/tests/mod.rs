//! Tests of what needs no network, or only this machine's own addresses.

#[cfg(test)]
mod places;
#[cfg(test)]
mod relays;
#[cfg(test)]
mod served;
pub(crate) mod turn;
