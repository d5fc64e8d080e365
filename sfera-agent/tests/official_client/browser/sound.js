// What a participant says and hears, at 48 kHz.

const RATE = 48000;
const LOUD = 10 ** (-50 / 20);
const QUIET_MS = 500;

/// A microphone that says what it is told and is silent otherwise.
class Mouth {
  constructor() {
    this.context = new AudioContext({ sampleRate: RATE });
    this.out = new MediaStreamAudioDestinationNode(this.context, { channelCount: 1 });
    [this.track] = this.out.stream.getAudioTracks();
  }

  say(buffer) {
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.out);
    const ended = new Promise((resolve) => source.addEventListener('ended', resolve));
    source.start();
    return ended;
  }

  tone(hz, ms, amplitude) {
    const samples = new Float32Array((RATE * ms) / 1000);
    for (let n = 0; n < samples.length; n += 1) {
      samples[n] = (amplitude / 32768) * Math.sin((2 * Math.PI * hz * n) / RATE);
    }
    return this.say(this.buffer(samples));
  }

  buffer(samples) {
    const buffer = this.context.createBuffer(1, samples.length, RATE);
    buffer.copyToChannel(samples, 0);
    return buffer;
  }
}

/// Keeps all that is heard of a track, and reports where sound begins and where it ended.
class Ear {
  /// What is kept must have the usual rate; where a microphone only reports, it may have its own.
  constructor(track, identity, report, anyRate = false) {
    this.anyRate = anyRate;
    this.frames = [];
    this.waiting = new Set();
    this.ended = false;
    // Without an element that plays it, Chromium decodes nothing of a track.
    track.attach();
    const { readable } = new MediaStreamTrackProcessor({ track: track.mediaStreamTrack });
    this.listen(readable.getReader(), identity, report);
  }

  async listen(reader, identity, report) {
    let lastLoud = null;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      if (value.sampleRate !== RATE && !this.anyRate) throw new Error(`${value.sampleRate} Hz`);
      const frame = new Float32Array(value.numberOfFrames);
      value.copyTo(frame, { planeIndex: 0, format: 'f32-planar' });
      value.close();
      this.frames.push(frame);
      if (loud(frame)) {
        if (lastLoud === null) report('sound_began', { identity });
        lastLoud = Date.now();
      } else if (lastLoud !== null && Date.now() - lastLoud > QUIET_MS) {
        report('sound_ended', { identity, last_loud: lastLoud });
        lastLoud = null;
      }
      this.waiting.forEach((look) => look());
    }
    this.ended = true;
    this.waiting.forEach((look) => look());
  }

  /// So much of what is heard from now on; of what is heard from the next loud frame on.
  record(ms, fromSound) {
    let begin = this.frames.length;
    return new Promise((resolve, reject) => {
      const look = () => {
        while (fromSound && begin < this.frames.length) {
          if (loud(this.frames[begin])) fromSound = false;
          else begin += 1;
        }
        const frames = this.frames.slice(begin);
        const wanted = (RATE * ms) / 1000;
        if (!fromSound && count(frames) >= wanted) {
          this.waiting.delete(look);
          resolve(wav(frames, wanted));
        } else if (this.ended) {
          this.waiting.delete(look);
          reject(new Error('the track ended before so much was heard'));
        }
      };
      this.waiting.add(look);
    });
  }
}

function loud(frame) {
  const power = frame.reduce((sum, sample) => sum + sample * sample, 0) / frame.length;
  return power > LOUD * LOUD;
}

function count(frames) {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}

/// A WAV file in base64: mono, 16 bit.
function wav(frames, samples = count(frames)) {
  const bytes = new Uint8Array(44 + 2 * samples);
  const view = new DataView(bytes.buffer);
  const text = (at, word) => [...word].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + 2 * samples, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, 2 * samples, true);
  let at = 44;
  for (const frame of frames) {
    for (const sample of frame) {
      if (at >= bytes.length) break;
      view.setInt16(at, Math.max(-32768, Math.min(32767, Math.round(sample * 32768))), true);
      at += 2;
    }
  }
  let binary = '';
  for (let n = 0; n < bytes.length; n += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(n, n + 0x8000));
  }
  return btoa(binary);
}
