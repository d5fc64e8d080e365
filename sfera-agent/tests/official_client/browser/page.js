// The commands and events of ../python/caller.py, over livekit-client.

const { Room, RoomEvent, ParticipantKind, DisconnectReason, Track, DataPacket_Kind } = LivekitClient;
const TEXT_TOPICS = ['lk.transcription', 'lk.chat', 'test'];
const BYTE_TOPICS = ['lk.agent.pre-connect-audio-buffer', 'test'];

const room = new Room();
const ears = new Map();
let mouth = null;
let publication = null;

function report(event, details = {}) {
  tell(JSON.stringify({ event, at: Date.now(), ...details }));
}
addEventListener('unhandledrejection', ({ reason }) => report('page_failed', { error: String(reason) }));

function latin1(bytes) {
  return [...bytes].map((byte) => String.fromCharCode(byte)).join('');
}
function bytesOf(text) {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
function person({ identity, sid, kind, attributes }) {
  return { identity, sid, kind: ParticipantKind[kind], attributes };
}
function track({ trackSid, trackName, source, isMuted }, { identity }) {
  return { identity, sid: trackSid, name: trackName, source: source.toUpperCase(), muted: isMuted };
}

const known = new Set();
function present(other) {
  if (known.has(other.sid)) return;
  known.add(other.sid);
  report('participant_connected', person(other));
}

room
  .on(RoomEvent.ParticipantConnected, present)
  .on(RoomEvent.ParticipantDisconnected, (other) => {
    known.delete(other.sid);
    report('participant_disconnected', person(other));
  })
  .on(RoomEvent.ParticipantAttributesChanged, (changed, whose) =>
    report('attributes_changed', { changed, ...person(whose) }),
  )
  .on(RoomEvent.TrackPublished, (published, whose) => report('track_published', track(published, whose)))
  .on(RoomEvent.TrackUnpublished, (published, whose) => report('track_unpublished', track(published, whose)))
  .on(RoomEvent.TrackSubscribed, (heard, published, whose) => {
    report('track_subscribed', track(published, whose));
    if (heard.kind === Track.Kind.Audio) ears.set(whose.identity, new Ear(heard, whose.identity, report));
  })
  .on(RoomEvent.TrackUnsubscribed, (_, published, whose) => report('track_unsubscribed', track(published, whose)))
  .on(RoomEvent.TrackMuted, (published, whose) => report('track_muted', track(published, whose)))
  .on(RoomEvent.TrackUnmuted, (published, whose) => report('track_unmuted', track(published, whose)))
  .on(RoomEvent.ActiveSpeakersChanged, (speakers) =>
    report('active_speakers', { identities: speakers.map(({ identity }) => identity) }),
  )
  .on(RoomEvent.DataReceived, (payload, whose, kind, topic) =>
    report('data', {
      payload: latin1(payload),
      reliable: kind === DataPacket_Kind.RELIABLE,
      topic: topic ?? '',
      identity: whose?.identity,
    }),
  )
  .on(RoomEvent.TranscriptionReceived, (segments, whose, published) => {
    for (const { id, text, final } of segments) {
      report('transcription', { segment: id, text, final, identity: whose?.identity, track: published?.trackSid });
    }
  })
  .on(RoomEvent.ConnectionStateChanged, (state) => report('connection_state', { state: state.toUpperCase() }))
  .on(RoomEvent.Reconnecting, () => report('reconnecting'))
  .on(RoomEvent.SignalReconnecting, () => report('reconnecting'))
  .on(RoomEvent.Reconnected, () => report('reconnected'))
  .on(RoomEvent.Disconnected, (reason) => report('disconnected', { reason: DisconnectReason[reason] }));

for (const topic of TEXT_TOPICS) {
  room.registerTextStreamHandler(topic, async (reader, { identity }) => {
    const about = { topic, identity, stream: reader.info.id };
    let text = '';
    try {
      for await (const part of reader) {
        text += part;
        report('text', { text, ended: false, attributes: reader.info.attributes, ...about });
      }
      report('text', { text, ended: true, attributes: reader.info.attributes, ...about });
    } catch (error) {
      report('text_failed', { text, error: String(error), ...about });
    }
  });
}
for (const topic of BYTE_TOPICS) {
  room.registerByteStreamHandler(topic, async (reader, { identity }) => {
    const payload = (await reader.readAll()).map(latin1).join('');
    const { name, mimeType: mime, attributes } = reader.info;
    report('bytes', { topic, name, mime, attributes, payload, identity });
  });
}

/// Reports where sound begins and ends in the microphone that is opened next.
function hearMicrophone() {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    devices.getUserMedia = open;
    const stream = await open(wanted);
    const [mediaStreamTrack] = stream.clone().getAudioTracks();
    new Ear({ mediaStreamTrack, attach() {} }, 'microphone', report, true);
    return stream;
  };
}

function earOf(identity) {
  const ear = identity ? ears.get(identity) : ears.values().next().value;
  if (!ear) throw new Error(`nothing is heard of ${identity ?? 'anybody'}`);
  return ear;
}

const commands = {
  async connect({ url, token, relay = false }) {
    const rtcConfig = relay ? { iceTransportPolicy: 'relay' } : undefined;
    await room.connect(url, token, { rtcConfig });
    // Those who are there already; the client has no event for them.
    for (const other of room.remoteParticipants.values()) present(other);
    return { identity: room.localParticipant.identity, room: room.name };
  },
  async disconnect() {
    await room.disconnect();
  },
  async simulate({ scenario }) {
    await room.simulateScenario(scenario.toLowerCase().replaceAll('_', '-'));
  },
  /// The pair of addresses that the connection goes over.
  async pair() {
    for (;;) {
      const figures = await room.engine.pcManager.publisher.getStats();
      for (const pair of figures.values()) {
        if (pair.type === 'candidate-pair' && pair.nominated && pair.packetsSent) {
          const side = (id) => {
            const { address, port, protocol, candidateType } = figures.get(id);
            return { address: `${address}:${port}`, protocol, kind: candidateType.toUpperCase() };
          };
          return { local: side(pair.localCandidateId), remote: side(pair.remoteCandidateId) };
        }
      }
    }
  },
  /// A microphone for `tone` and `play`.
  async publish() {
    mouth = new Mouth();
    publication = await room.localParticipant.publishTrack(mouth.track, {
      source: Track.Source.Microphone,
      name: 'microphone',
    });
    return { sid: publication.trackSid };
  },
  /// The browser's own microphone, which plays a file in a loop. With `preConnect` before connecting:
  /// what is said meanwhile is sent to the agent as frontends do.
  async microphone({ preConnect = false }) {
    // The client (2.23) looks for `preConnectBuffer` among what is said about the microphone, not about
    // publishing; the room's `publishDefaults` would do too.
    const asItIs = {
      echoCancellation: false, noiseSuppression: false, autoGainControl: false, preConnectBuffer: preConnect,
    };
    // Before it is connected nothing else tells what was said.
    if (preConnect) hearMicrophone();
    const published = room.localParticipant.setMicrophoneEnabled(true, asItIs, { preConnectBuffer: preConnect });
    // Before connecting this is done only when connected.
    if (preConnect) published.then((done) => (publication = done));
    else publication = await published;
  },
  async unpublish() {
    await room.localParticipant.unpublishTrack(publication.track);
  },
  async mute() {
    await publication.mute();
  },
  async unmute() {
    await publication.unmute();
  },
  async tone({ hz, ms, amplitude = 8000 }) {
    await mouth.tone(hz, ms, amplitude);
  },
  async play(base64) {
    const file = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    await mouth.say(await mouth.context.decodeAudioData(file.buffer));
  },
  async record({ ms, identity, from_sound = true }) {
    return earOf(identity).record(ms, from_sound);
  },
  async save({ identity }) {
    return wav(earOf(identity).frames);
  },
  async chat({ text }) {
    await room.localParticipant.sendText(text, { topic: 'lk.chat' });
  },
  async text({ topic, chunks, attributes, to }) {
    const writer = await room.localParticipant.streamText({ topic, attributes, destinationIdentities: to });
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  },
  async bytes({ topic, payload, name = 'bytes', mime, attributes, to }) {
    const writer = await room.localParticipant.streamBytes({
      topic, name, mimeType: mime, attributes, destinationIdentities: to, totalSize: payload.length,
    });
    await writer.write(bytesOf(payload));
    await writer.close();
  },
  async data({ payload, reliable = true, topic }) {
    await room.localParticipant.publishData(bytesOf(payload), { reliable, topic });
  },
  async rpc({ to, method, payload = '', timeout = 10 }) {
    const answer = await room.localParticipant.performRpc({
      destinationIdentity: to, method, payload, responseTimeout: 1000 * timeout,
    });
    return { answer };
  },
  async serve({ method, answer }) {
    room.registerRpcMethod(method, async ({ callerIdentity, payload }) => {
      report('rpc', { method, identity: callerIdentity, payload });
      return answer + payload;
    });
  },
  async attributes({ attributes }) {
    await room.localParticipant.setAttributes(attributes);
  },
};
