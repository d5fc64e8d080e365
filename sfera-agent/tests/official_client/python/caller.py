"""A participant of a test: LiveKit's official Python client, driven by JSON lines.

A line on standard input is a command: {"id": 1, "do": "connect", "url": …, "token": …}. It is answered
by an event on standard output: {"event": "done", "id": 1, …} or {"event": "failed", "id": 1, "error": …}.
What happens in the room is reported by events between them. Every event has "at": Unix time in ms.
Bytes travel as Latin-1 text. The commands are the methods of `Caller` that begin with `do_`.
"""

import asyncio
import json
import os
import sys

from livekit import rtc

import figures
from events import Reporter
from sound import Ear, Mouth, now, read_wav, tone, write_wav

PRE_CONNECT = "lk.agent.pre-connect-audio-buffer"
CHAT = "lk.chat"


def report(event, **details):
    print(json.dumps({"event": event, "at": now(), **details}), flush=True)


class Caller:
    def __init__(self):
        self.room = rtc.Room()
        self.mouth = None
        self.publication = None
        self.ears = {}
        self.reporter = Reporter(self.room, report)
        self.reporter.listen()
        self.room.on("track_subscribed", self.hear)

    @property
    def me(self):
        return self.room.local_participant

    def hear(self, track, _publication, participant):
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self.ears[participant.identity] = Ear(track, participant.identity, report)

    def ear_of(self, identity):
        """The ear for this participant, or for the only one that is heard."""
        if identity is None:
            (ear,) = self.ears.values()
            return ear
        return self.ears[identity]

    async def do_connect(self, url, token, relay=False, single=None):
        options = rtc.RoomOptions(single_peer_connection=single)
        if relay:
            options.rtc_config = rtc.RtcConfiguration(ice_transport_type=rtc.IceTransportType.TRANSPORT_RELAY)
        await self.room.connect(url, token, options)
        self.reporter.present()
        return {"identity": self.me.identity, "room": self.room.name}

    async def do_disconnect(self):
        await self.room.disconnect()

    async def do_exit(self):
        """As a crash would."""
        os._exit(1)

    async def do_simulate(self, scenario):
        await self.room.simulate_scenario(rtc.SimulateScenarioKind.Value(f"SIMULATE_{scenario}"))

    async def do_pair(self):
        """The pair of addresses that the connection goes over."""
        return await figures.pair(self.room)

    async def do_publish(self):
        self.mouth = Mouth()
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        self.publication = await self.me.publish_track(self.mouth.track, options)
        return {"sid": self.publication.sid}

    async def do_unpublish(self):
        await self.me.unpublish_track(self.publication.sid)

    async def do_mute(self):
        self.mouth.track.mute()

    async def do_unmute(self):
        self.mouth.track.unmute()

    async def do_tone(self, hz, ms, amplitude=8000):
        await self.mouth.say(tone(hz, ms, amplitude))

    async def do_play(self, path):
        await self.mouth.say(read_wav(path))

    async def do_record(self, path, ms, identity=None, from_sound=True):
        ear = self.ear_of(identity)
        write_wav(path, await ear.record(ms, from_sound))

    async def do_save(self, path, identity=None):
        """All that was heard so far."""
        write_wav(path, self.ear_of(identity).samples)

    async def do_chat(self, text):
        await self.me.send_text(text, topic=CHAT)

    async def do_text(self, topic, chunks, attributes=None, to=None):
        writer = await self.me.stream_text(topic=topic, attributes=attributes, destination_identities=to)
        for chunk in chunks:
            await writer.write(chunk)
        await writer.aclose()

    async def do_bytes(self, topic, payload, name="bytes", mime="application/octet-stream", attributes=None, to=None):
        await self._stream(payload.encode("latin-1"), topic, name, mime, attributes, to)

    async def do_pre_connect(self, path, to):
        """What was said before connecting, as raw samples; the microphone is published."""
        samples = read_wav(path)
        attributes = {"trackId": self.publication.sid, "sampleRate": "48000", "channels": "1"}
        await self._stream(samples.tobytes(), PRE_CONNECT, "preconnect-buffer", "audio/pcm", attributes, to)

    async def _stream(self, payload, topic, name, mime, attributes, to):
        writer = await self.me.stream_bytes(
            name, topic=topic, mime_type=mime, attributes=attributes, destination_identities=to, total_size=len(payload)
        )
        await writer.write(payload)
        await writer.aclose()

    async def do_data(self, payload, reliable=True, topic=""):
        await self.me.publish_data(payload.encode("latin-1"), reliable=reliable, topic=topic)

    async def do_rpc(self, to, method, payload="", timeout=10):
        answer = await self.me.perform_rpc(
            destination_identity=to, method=method, payload=payload, response_timeout=timeout
        )
        return {"answer": answer}

    async def do_serve(self, method, answer):
        """Answers calls of this method with `answer` and the payload."""

        async def called(call):
            report("rpc", method=method, identity=call.caller_identity, payload=call.payload)
            return answer + call.payload

        self.me.register_rpc_method(method, called)

    async def do_attributes(self, attributes):
        await self.me.set_attributes(attributes)


async def run(caller, line):
    command = json.loads(line)
    number, name = command.pop("id"), command.pop("do")
    try:
        answer = await getattr(caller, f"do_{name}")(**command)
    except Exception as error:
        code = getattr(error, "code", None)
        report("failed", id=number, do=name, error=f"{type(error).__name__}: {error}", code=code)
    else:
        report("done", id=number, do=name, **(answer or {}))


async def main():
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    caller, running = Caller(), set()
    while line := await lines.readline():
        # Commands run side by side: one says while another records.
        task = loop.create_task(run(caller, line))
        running.add(task)
        task.add_done_callback(running.discard)
    await caller.room.disconnect()
    # Its threads do not wait for each other at the usual exit.
    os._exit(0)


asyncio.run(main())
