pub mod native { use std::{pin::Pin, task::{Context, Poll}}; use tokio_stream::Stream; use crate::{audio_frame::AudioFrame, audio_track::RtcAudioTrack};
#[derive(Debug)] pub struct NativeAudioStream; impl NativeAudioStream { pub fn new(_: RtcAudioTrack, _: i32, _: i32) -> Self { Self } }
impl Stream for NativeAudioStream { type Item = AudioFrame<'static>; fn poll_next(self: Pin<&mut Self>, _: &mut Context) -> Poll<Option<Self::Item>> { Poll::Ready(None) } } }
