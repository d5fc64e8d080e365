import {
  ConnectionState,
  DisconnectReason,
  type Participant,
  ParticipantKind,
  type RemoteParticipant,
  Room,
  RoomEvent,
  setLogLevel,
  Track,
} from 'livekit-client';
import type { Ticket } from '@/api/types';
import type { Mood, Problem } from '@/call/machine';
import { readSources } from '@/captions/book';
import { followComeback } from './comeback';
import type { Conversation, Listener } from './ports';
import { Pulse } from './pulse';

const STATE = 'lk.agent.state';
const BEHALF = 'lk.publish_on_behalf';
const CAPTIONS = 'lk.transcription';
const CHAT = 'lk.chat';
const SEGMENT = 'lk.segment_id';
const FINAL = 'lk.transcription_final';
/** Where an answer comes from: a JSON list of names, or of `{title, url}`. */
const SOURCES = 'sfera.sources';
/** Asks the agent to stop talking. */
const INTERRUPT = 'sfera.interrupt';
/** Its answer where that changed nothing. */
const NOTHING = 'nothing';

/** Joins the room of a ticket and tells what happens there. */
export async function join(ticket: Ticket, listener: Listener): Promise<Conversation> {
  setLogLevel('error');
  const room = new Room({
    // iOS suspends a page's AudioContext in the background; elements play on.
    webAudioMix: false,
    // The microphone outlives a call: it is asked for once a launch.
    stopLocalTrackOnUnpublish: false,
    disconnectOnPageLeave: true,
  });
  readCaptions(room, listener);
  follow(room, listener);
  await room.connect(ticket.server_url, ticket.participant_token);
  const watching = setInterval(watchPulse(room, listener), 1_000);
  // A room that could not be joined says that it is closed, too.
  room.on(RoomEvent.Disconnected, (reason) => {
    clearInterval(watching);
    listener.happened({ type: 'closed', problem: problemOf(reason) });
  });
  followComeback(room, () => {
    listener.happened({ type: 'reconnected' });
    tellAgent(room, listener);
  });
  listener.happened({ type: 'joined' });
  const present = agentOf(room);
  if (present) tellMood(present, listener);
  listener.happened({ type: 'soundBlocked', blocked: !room.canPlaybackAudio });
  return conversation(room, listener);
}

function conversation(room: Room, listener: Listener): Conversation {
  let typed = 0;
  return {
    room,
    async speakWith({ track }) {
      if (track) await room.localParticipant.publishTrack(track, { source: Track.Source.Microphone });
    },
    async say(text) {
      typed += 1;
      const id = `typed-${room.localParticipant.sid}-${typed}`;
      listener.heard({ id, who: 'you', text, final: true, typed: true });
      await room.localParticipant.sendText(text, { topic: CHAT });
    },
    interrupt() {
      hush(room, true);
      const agent = agentOf(room);
      if (!agent) return;
      room.localParticipant
        .performRpc({ destinationIdentity: agent.identity, method: INTERRUPT, payload: '' })
        // What it says may not be interrupted, or is over.
        .then((answer) => answer === NOTHING && hush(room, false))
        // An agent without the method falls silent here, and talks on where nobody hears it.
        .catch(() => {});
    },
    async unlockSound() {
      await room.startAudio();
    },
    voice() {
      const [sound] = agentOf(room)?.audioTrackPublications.values() ?? [];
      return sound?.track?.mediaStreamTrack ?? null;
    },
    async leave() {
      // Not the microphone: it is kept for the next call.
      await room.disconnect(false);
    },
  };
}

function follow(room: Room, listener: Listener): void {
  const { happened } = listener;
  room
    .on(RoomEvent.ParticipantConnected, (other) => isAgent(other) && tellMood(other, listener))
    .on(RoomEvent.ParticipantAttributesChanged, (changed, other) => {
      if (!isAgent(other) || !(STATE in changed)) return;
      // What was cut off is over; what follows is heard.
      hush(room, false);
      tellMood(other, listener);
    })
    .on(RoomEvent.ParticipantDisconnected, (other) => {
      if (isAgent(other)) tellAgent(room, listener);
    })
    .on(RoomEvent.Reconnecting, () => happened({ type: 'reconnecting' }))
    .on(RoomEvent.SignalReconnecting, () => happened({ type: 'reconnecting' }))
    .on(RoomEvent.AudioPlaybackStatusChanged, () =>
      happened({ type: 'soundBlocked', blocked: !room.canPlaybackAudio }),
    );
}

/** What is to be done each second. */
function watchPulse(room: Room, listener: Listener): () => void {
  let pulse = new Pulse();
  return () => {
    const agent = agentOf(room);
    if (!agent || room.state !== ConnectionState.Connected) {
      pulse = new Pulse();
      return;
    }
    const [sound] = agent.audioTrackPublications.values();
    const change = pulse.beat(sound?.track?.currentBitrate);
    if (change === 'lost') listener.happened({ type: 'agentLeft' });
    if (change === 'back') tellMood(agent, listener);
  };
}

function readCaptions(room: Room, listener: Listener): void {
  room.registerTextStreamHandler(CAPTIONS, async (reader, { identity }) => {
    const who = identity === room.localParticipant.identity ? 'you' : 'agent';
    const id = reader.info.attributes?.[SEGMENT] ?? reader.info.id;
    let text = '';
    const tell = (final: boolean) =>
      listener.heard({ id, who, text, final, sources: readSources(reader.info.attributes?.[SOURCES]) });
    try {
      for await (const part of reader) {
        text += part;
        tell(false);
      }
      // The trailer's attributes are known only now.
      tell(reader.info.attributes?.[FINAL] === 'true');
    } catch {
      // The stream broke off with whoever sent it; what came of it stays.
      tell(true);
    }
  });
}

function isAgent(other: Participant): boolean {
  return other.kind === ParticipantKind.AGENT && !(BEHALF in other.attributes);
}

export function agentOf(room: Room): RemoteParticipant | undefined {
  return [...room.remoteParticipants.values()].find(isAgent);
}

/** What the agent that is there does, or that none is there any more. */
function tellAgent(room: Room, listener: Listener): void {
  const agent = agentOf(room);
  if (agent) tellMood(agent, listener);
  else listener.happened({ type: 'agentLeft' });
}

function tellMood(agent: Participant, { happened }: Listener): void {
  const mood = moodOf(agent.attributes[STATE]);
  if (mood) happened({ type: 'agentMood', mood });
}

/** An agent that is still getting ready does nothing yet. */
export function moodOf(state: string | undefined): Mood | null {
  return state === 'listening' || state === 'thinking' || state === 'speaking' ? state : null;
}

/** Whether the agent is heard on this device; its volume cannot be set on iOS, its track can. */
function hush(room: Room, quiet: boolean): void {
  const sounds = agentOf(room)?.audioTrackPublications.values() ?? [];
  for (const { track } of sounds) if (track) track.mediaStreamTrack.enabled = !quiet;
}

/** Why the room closed, as far as the person is concerned. */
export function problemOf(reason: DisconnectReason | undefined): Problem | null {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return null;
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'elsewhere';
    default:
      return 'dropped';
  }
}
