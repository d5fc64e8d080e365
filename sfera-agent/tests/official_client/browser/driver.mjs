// A participant of a test: LiveKit's official client for browsers, in Chromium without a window, driven
// by the same JSON lines as ../python/caller.py. Commands go into page.js, its events come out.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const here = import.meta.dirname;
const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
const client = path.join(cache, 'sfera/livekit-client/2.23.0/node_modules/livekit-client/dist/livekit-client.umd.js');
if (!existsSync(client)) throw new Error('there is no livekit-client: run .ci/livekit-client');
const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!browser) throw new Error('there is no Chromium: run .ci/packages test');

const pages = {
  '/': ['text/html', '<!doctype html><meta charset="utf-8"><script src="livekit.js"></script><script src="sound.js"></script><script src="page.js"></script>'],
  '/livekit.js': ['text/javascript', readFileSync(client)],
  '/sound.js': ['text/javascript', readFileSync(path.join(here, 'sound.js'))],
  '/page.js': ['text/javascript', readFileSync(path.join(here, 'page.js'))],
};
// A page needs an address that browsers trust with a microphone.
const site = createServer((request, response) => {
  const [type, text] = pages[request.url] ?? ['text/plain', ''];
  response.writeHead(pages[request.url] ? 200 : 404, { 'content-type': type }).end(text);
});
await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));

const home = process.env.SFERA_TEST_HOME ?? mkdtempSync(path.join(tmpdir(), 'sfera-chromium-'));
const microphone = path.join(home, 'microphone.wav');
const chromium = spawn(
  browser,
  [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe',
    '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--disable-extensions', '--disable-quic', '--mute-audio', '--autoplay-policy=no-user-gesture-required',
    '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${microphone}`,
    // Host addresses as names of multicast DNS do not resolve here.
    '--disable-features=WebRtcHideLocalIpsWithMdns', '--allow-loopback-in-peer-connection',
    `--user-data-dir=${path.join(home, 'profile')}`, 'about:blank',
  ],
  { stdio: ['ignore', 'ignore', process.env.SFERA_TEST_CHROMIUM_LOG ? 'inherit' : 'ignore', 'pipe', 'pipe'] },
);

function report(event, details) {
  process.stdout.write(`${JSON.stringify({ event, at: Date.now(), ...details })}\n`);
}

// Chromium's own protocol: JSON with a zero byte after it.
const waiting = new Map();
let last = 0;
let session;
function ask(method, params = {}) {
  last += 1;
  chromium.stdio[3].write(`${JSON.stringify({ id: last, method, params, sessionId: session })}\0`);
  return new Promise((resolve, reject) => waiting.set(last, { resolve, reject }));
}
function heard(message) {
  const { id, method, params, result, error } = JSON.parse(message);
  if (id) {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  } else if (method === 'Runtime.bindingCalled') {
    process.stdout.write(`${params.payload}\n`);
  } else if (method === 'Runtime.exceptionThrown') {
    report('page_failed', { error: params.exceptionDetails.exception?.description ?? params.exceptionDetails.text });
  }
}
let rest = '';
chromium.stdio[4].setEncoding('utf8').on('data', (part) => {
  const messages = (rest + part).split('\0');
  rest = messages.pop();
  messages.forEach(heard);
});
chromium.on('exit', () => process.exit(1));

const { targetId } = await ask('Target.createTarget', { url: 'about:blank' });
({ sessionId: session } = await ask('Target.attachToTarget', { targetId, flatten: true }));
await ask('Runtime.enable');
await ask('Page.enable');
await ask('Runtime.addBinding', { name: 'tell' });
async function open() {
  await ask('Page.navigate', { url: `http://127.0.0.1:${site.address().port}/` });
  // Scripts without `defer` have run when the document is complete.
  await evaluate(
    `new Promise((ready) => (document.readyState === 'complete' ? ready() : addEventListener('load', ready)))`,
  );
}
async function evaluate(expression) {
  const { result, exceptionDetails } = await ask('Runtime.evaluate', {
    expression, awaitPromise: true, returnByValue: true, userGesture: true,
  });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}
await open();

/// What needs this process: files, and the page itself.
const here_too = {
  async reload() {
    await open();
  },
  async exit() {
    chromium.kill('SIGKILL');
  },
  async play({ path: file }) {
    await evaluate(`commands.play(${JSON.stringify(readFileSync(file).toString('base64'))})`);
  },
  async microphone({ path: file, ...options }) {
    writeFileSync(microphone, readFileSync(file));
    await evaluate(`commands.microphone(${JSON.stringify(options)})`);
  },
  async record({ path: file, ...options }) {
    writeFileSync(file, Buffer.from(await evaluate(`commands.record(${JSON.stringify(options)})`), 'base64'));
  },
  async save({ path: file, ...options }) {
    writeFileSync(file, Buffer.from(await evaluate(`commands.save(${JSON.stringify(options)})`), 'base64'));
  },
};

readline
  .createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { id, do: name, ...options } = JSON.parse(line);
    try {
      const answer = here_too[name]
        ? await here_too[name](options)
        : await evaluate(`commands[${JSON.stringify(name)}](${JSON.stringify(options)})`);
      report('done', { id, do: name, ...answer });
    } catch (error) {
      report('failed', { id, do: name, error: String(error.message) });
    }
  })
  .on('close', async () => {
    await evaluate('commands.disconnect()');
    chromium.removeAllListeners('exit');
    const ended = new Promise((resolve) => chromium.on('exit', resolve));
    session = undefined;
    ask('Browser.close').catch(() => {});
    await ended;
    if (!process.env.SFERA_TEST_HOME) rmSync(home, { recursive: true, force: true });
    process.exit(0);
  });
