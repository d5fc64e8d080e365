"""What a participant of a test says and hears: 48 kHz, mono, 16 bit."""

import array
import asyncio
import math
import time
import wave

import numpy
from livekit import rtc

RATE = 48_000
FRAME_MS = 10
FRAME = RATE * FRAME_MS // 1000
# Louder than this is speech or a tone (-50 dBFS); what a codec makes of silence is quieter.
LOUD = 32_768 * 10 ** (-50 / 20)
# So long without a loud frame is silence: longer than the quiet between two words.
QUIET_MS = 500


def now():
    """Unix time in ms, the same for all processes of a test."""
    return time.time() * 1000


def tone(hz, ms, amplitude):
    count = RATE * ms // 1000
    return array.array("h", (int(amplitude * math.sin(math.tau * hz * n / RATE)) for n in range(count)))


def read_wav(path):
    with wave.open(path) as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise ValueError(f"{path} is not mono with 16 bits a sample")
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    if rate != RATE:
        resampler = rtc.AudioResampler(rate, RATE, quality=rtc.AudioResamplerQuality.HIGH)
        frames = resampler.push(bytearray(data)) + resampler.flush()
        data = b"".join(bytes(frame.data) for frame in frames)
    return array.array("h", data)


def write_wav(path, samples):
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


class Mouth:
    """A microphone that says what it is told and is silent otherwise."""

    def __init__(self):
        self.source = rtc.AudioSource(RATE, 1, queue_size_ms=100)
        self.track = rtc.LocalAudioTrack.create_audio_track("microphone", self.source)

    async def say(self, samples):
        """Returns when the last of it was sent."""
        padding = -len(samples) % FRAME
        data = samples.tobytes() + bytes(2 * padding)
        for at in range(0, len(data), 2 * FRAME):
            await self.source.capture_frame(rtc.AudioFrame(data[at : at + 2 * FRAME], RATE, 1, FRAME))
        await self.source.wait_for_playout()


class Ear:
    """Keeps all that is heard of a track, and reports where sound begins and where it ended."""

    def __init__(self, track, identity, report):
        self.samples = array.array("h")
        self.grew = asyncio.Condition()
        self.ended = False
        self.task = asyncio.create_task(self._listen(track, identity, report))

    async def _listen(self, track, identity, report):
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1, frame_size_ms=FRAME_MS)
        last_loud, loud_to = None, 0
        async for event in stream:
            frame = array.array("h", bytes(event.frame.data))
            if loud(frame):
                if last_loud is None:
                    report("sound_began", identity=identity)
                last_loud, loud_to = now(), len(self.samples) + len(frame)
            elif last_loud is not None and now() - last_loud > QUIET_MS:
                # Where it ended in what `save` gives, too: on a busy machine time tells less.
                report("sound_ended", identity=identity, last_loud=last_loud, samples=loud_to)
                last_loud = None
            async with self.grew:
                self.samples.extend(frame)
                self.grew.notify_all()
        async with self.grew:
            self.ended = True
            self.grew.notify_all()
        await stream.aclose()

    async def record(self, ms, from_sound):
        """So much of what is heard from now on; of what is heard from the next loud frame on."""
        begin, wanted = len(self.samples), RATE * ms // 1000
        while True:
            async with self.grew:
                if from_sound:
                    while begin + FRAME <= len(self.samples):
                        if loud(self.samples[begin : begin + FRAME]):
                            from_sound = False
                            break
                        begin += FRAME
                if not from_sound and len(self.samples) >= begin + wanted:
                    return self.samples[begin : begin + wanted]
                if self.ended:
                    raise RuntimeError("the track ended before so much was heard")
                await self.grew.wait()


def loud(frame):
    return numpy.mean(numpy.square(frame, dtype=float)) > LOUD * LOUD
