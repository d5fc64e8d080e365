// An agent of a test: LiveKit's client in a page of its own, told by the test what to do.

const { Room, RoomEvent, Track } = window.LivekitClient;
const room = new Room();
const heard = { chat: [], tracks: [], buffers: [], rpc: [] };
window.heard = heard;

room.registerTextStreamHandler('lk.chat', async (reader) => heard.chat.push(await reader.readAll()));
room.registerByteStreamHandler('lk.agent.pre-connect-audio-buffer', async (reader) => {
  const bytes = (await reader.readAll()).reduce((sum, part) => sum + part.length, 0);
  heard.buffers.push({ bytes, mime: reader.info.mimeType, ...reader.info.attributes });
});
room.registerRpcMethod('sfera.interrupt', async ({ callerIdentity }) => {
  heard.rpc.push(callerIdentity);
  await room.localParticipant.setAttributes({ 'lk.agent.state': 'listening' });
  return '';
});
room.on(RoomEvent.TrackSubscribed, (_, publication) =>
  heard.tracks.push({ sid: publication.trackSid, source: publication.source }),
);
room.on(RoomEvent.TrackMuted, (publication) => heard.tracks.push({ sid: publication.trackSid, muted: true }));

window.agent = {
  async join(url, token) {
    await room.connect(url, token);
    const context = new AudioContext();
    const tone = context.createOscillator();
    const out = context.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    const [track] = out.stream.getAudioTracks();
    await room.localParticipant.publishTrack(track, {
      source: Track.Source.Microphone,
      name: 'roomio_audio',
    });
  },
  state: (state) => room.localParticipant.setAttributes({ 'lk.agent.state': state }),
  /** The agent's own words, as a stream that grows. */
  async say(id, parts, sources) {
    const attributes = { 'lk.segment_id': id, 'lk.transcription_final': 'true' };
    if (sources) attributes['sfera.sources'] = JSON.stringify(sources);
    const writer = await room.localParticipant.streamText({ topic: 'lk.transcription', attributes });
    for (const part of parts) await writer.write(part);
    await writer.close();
  },
  leave: () => room.disconnect(),
};
