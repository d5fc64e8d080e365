//! From one end to the other: what a voice sounds like after a network.

mod speech;

use crate::{
    audio::ReceiveStream,
    simulation::{Network, send_through},
};
use speech::speech;

#[test]
fn smoke() {
    let voice = speech(10, 1);
    let heard = send_through(&voice, Network::default(), 1, &mut ReceiveStream::new()).unwrap();
    println!("{:?} {:?}", heard.sent, heard.received);
    let energy = |sound: &[i16]| -> f64 { sound.iter().map(|s| f64::from(*s).powi(2)).sum() };
    println!("{} {}", energy(&voice), energy(&heard.sound));
}
