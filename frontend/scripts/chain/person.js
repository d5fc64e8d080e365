// The person before the page: a microphone that says what it is told, and an ear that hears what came
// over the network, whatever the page does with it. Runs before the page's own scripts.

(() => {
  /** Quieter than this is silence: -50 dB of full scale. */
  const LOUD = 10 ** (-50 / 20);

  class Mouth {
    context = new AudioContext({ sampleRate: 48_000 });
    out = this.context.createMediaStreamDestination();

    async say(base64) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const buffer = await this.context.decodeAudioData(bytes.buffer);
      const source = this.context.createBufferSource();
      source.buffer = buffer;
      source.connect(this.out);
      const ended = new Promise((resolve) => source.addEventListener('ended', resolve));
      source.start();
      await ended;
    }
  }

  const person = {
    asked: 0,
    mouth: null,
    /** When the agent was heard first and last since `listen`, in the page's own time. */
    began: null,
    lastLoud: null,
    loudMs: 0,
    recorded: null,
    /** Every heading that the page has had, whoever looked at it. */
    titles: [],
    listen(keep = false) {
      Object.assign(person, { began: null, lastLoud: null, loudMs: 0, recorded: keep ? [] : null });
    },
    /** For how long nothing has been heard. */
    quietMs: () =>
      person.lastLoud === null ? Number.POSITIVE_INFINITY : performance.now() - person.lastLoud,
    /** What was recorded, as 16-bit samples of 16 kHz in base64. */
    recording() {
      const samples = (person.recorded ?? []).flatMap((frame) => [...frame]);
      const bytes = new Uint8Array(new Int16Array(samples).buffer);
      let binary = '';
      for (let at = 0; at < bytes.length; at += 0x8000) {
        binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
      }
      return btoa(binary);
    },
  };
  window.person = person;

  new MutationObserver(() => {
    const title = document.querySelector('h1')?.textContent;
    if (title && title !== person.titles.at(-1)) person.titles.push(title);
  }).observe(document, { subtree: true, childList: true, characterData: true });

  if (window.speaksByItself) {
    navigator.mediaDevices.getUserMedia = async () => {
      person.asked += 1;
      person.mouth ??= new Mouth();
      await person.mouth.context.resume();
      return new MediaStream(person.mouth.out.stream.getAudioTracks().map((track) => track.clone()));
    };
  }

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...settings) {
      super(...settings);
      // A copy: the page may silence its own.
      this.addEventListener('track', ({ track }) => track.kind === 'audio' && hear(track.clone()));
    }
  };

  async function hear(track) {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const frame = new Float32Array(value.numberOfFrames);
      value.copyTo(frame, { planeIndex: 0, format: 'f32-planar' });
      const ms = (1000 * frame.length) / value.sampleRate;
      const step = value.sampleRate / 16_000;
      value.close();
      const power = frame.reduce((sum, sample) => sum + sample * sample, 0) / frame.length;
      if (power > LOUD * LOUD) {
        person.began ??= performance.now();
        person.lastLoud = performance.now();
        person.loudMs += ms;
      }
      person.recorded?.push(lower(frame, step));
    }
  }

  /** Fewer samples a second: the mean of those that become one. */
  function lower(frame, step) {
    return Int16Array.from({ length: Math.floor(frame.length / step) }, (_, index) => {
      const part = frame.subarray(Math.round(index * step), Math.round((index + 1) * step));
      return Math.round((32767 * part.reduce((sum, sample) => sum + sample, 0)) / part.length);
    });
  }
})();
