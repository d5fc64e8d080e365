"""What happens in the room, as events. What the agent's frontends read is all in here."""

import asyncio

from livekit import rtc

# A stream is only given to those who have asked for its topic.
TEXT_TOPICS = ["lk.transcription", "lk.chat", "test"]
BYTE_TOPICS = ["lk.agent.pre-connect-audio-buffer", "test"]


def person(participant):
    return {
        "identity": participant.identity,
        "sid": participant.sid,
        "kind": rtc.ParticipantKind.Name(participant.kind).removeprefix("PARTICIPANT_KIND_"),
        "attributes": dict(participant.attributes),
    }


def track(publication, participant):
    return {
        "identity": participant.identity,
        "sid": publication.sid,
        "name": publication.name,
        "source": rtc.TrackSource.Name(publication.source).removeprefix("SOURCE_"),
        "muted": publication.muted,
    }


class Reporter:
    def __init__(self, room, report):
        self.room = room
        self.report = report
        self.reading = set()

    def listen(self):
        for name in dir(self):
            if name.startswith("on_"):
                self.room.on(name.removeprefix("on_"), getattr(self, name))
        for topic in TEXT_TOPICS:
            self.room.register_text_stream_handler(topic, self.text_stream)
        for topic in BYTE_TOPICS:
            self.room.register_byte_stream_handler(topic, self.byte_stream)

    def present(self):
        """Those who are there already; the client has no event for them."""
        for participant in self.room.remote_participants.values():
            self.report("participant_connected", **person(participant))

    def on_participant_connected(self, participant):
        self.report("participant_connected", **person(participant))

    def on_participant_disconnected(self, participant):
        self.report("participant_disconnected", **person(participant))

    def on_participant_attributes_changed(self, changed, participant):
        self.report("attributes_changed", changed=changed, **person(participant))

    def on_track_published(self, publication, participant):
        self.report("track_published", **track(publication, participant))

    def on_track_unpublished(self, publication, participant):
        self.report("track_unpublished", **track(publication, participant))

    def on_track_subscribed(self, _track, publication, participant):
        self.report("track_subscribed", **track(publication, participant))

    def on_track_unsubscribed(self, _track, publication, participant):
        self.report("track_unsubscribed", **track(publication, participant))

    def on_track_muted(self, participant, publication):
        self.report("track_muted", **track(publication, participant))

    def on_track_unmuted(self, participant, publication):
        self.report("track_unmuted", **track(publication, participant))

    def on_active_speakers_changed(self, speakers):
        self.report("active_speakers", identities=[speaker.identity for speaker in speakers])

    def on_data_received(self, packet):
        self.report(
            "data",
            payload=packet.data.decode("latin-1"),
            reliable=packet.kind == rtc.DataPacketKind.KIND_RELIABLE,
            topic=packet.topic or "",
            identity=packet.participant and packet.participant.identity,
        )

    def on_transcription_received(self, segments, participant, publication):
        for segment in segments:
            self.report(
                "transcription",
                segment=segment.id,
                text=segment.text,
                final=segment.final,
                identity=participant and participant.identity,
                track=publication and publication.sid,
            )

    def on_connection_state_changed(self, state):
        self.report("connection_state", state=rtc.ConnectionState.Name(state).removeprefix("CONN_"))

    def on_reconnecting(self):
        self.report("reconnecting")

    def on_reconnected(self):
        self.report("reconnected")

    def on_disconnected(self, reason):
        self.report("disconnected", reason=rtc.DisconnectReason.Name(reason))

    def text_stream(self, reader, identity):
        self._read(self._text(reader, identity))

    def byte_stream(self, reader, identity):
        self._read(self._bytes(reader, identity))

    def _read(self, reading):
        task = asyncio.create_task(reading)
        self.reading.add(task)
        task.add_done_callback(self.reading.discard)

    async def _text(self, reader, identity):
        """The text so far after every part of it, and the whole at its end."""
        about = {"topic": reader.info.topic, "identity": identity, "stream": reader.info.stream_id}
        text = ""
        try:
            async for part in reader:
                text += part
                self.report("text", text=text, ended=False, attributes=reader.info.attributes, **about)
        except rtc.data_stream.StreamError as error:
            self.report("text_failed", text=text, error=str(error), **about)
        else:
            self.report("text", text=text, ended=True, attributes=reader.info.attributes, **about)

    async def _bytes(self, reader, identity):
        payload = b"".join([part async for part in reader])
        info = reader.info
        self.report(
            "bytes",
            topic=info.topic,
            name=info.name,
            mime=info.mime_type,
            attributes=info.attributes,
            payload=payload.decode("latin-1"),
            identity=identity,
        )
