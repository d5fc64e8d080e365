// A real LiveKit server for tests, and tokens for it.

import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

export const KEY = 'devkey';
export const SECRET = 'a secret for tests that is long enough to be taken';
const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
const binary = path.join(cache, 'sfera/livekit-server/1.11.0/livekit-server');

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server at an address of this machine. */
export async function livekitServer(host = '127.0.0.1') {
  if (!existsSync(binary)) throw new Error('there is no livekit-server: run .ci/livekit-server');
  for (let tries = 1; ; tries += 1) {
    try {
      return await serverAt(host);
    } catch (error) {
      // Somebody else may have taken a port that was free a moment ago.
      if (tries === 5) throw error;
    }
  }
}

async function serverAt(host) {
  const [port, tcp, udp] = [await freePort(), await freePort(), await freePort()];
  const config = path.join(mkdtempSync(path.join(tmpdir(), 'sfera-livekit-')), 'livekit.json');
  const rtc = {
    tcp_port: tcp,
    udp_port: udp,
    use_external_ip: false,
    node_ip: host,
    enable_loopback_candidate: true,
  };
  // With other addresses beside it, the server does not answer the checks that come in by TCP.
  if (host !== '127.0.0.1') rtc.ips = { includes: [`${host}/32`] };
  writeFileSync(config, JSON.stringify({ port, bind_addresses: [host], rtc, keys: { [KEY]: SECRET } }));
  const http = `http://${host}:${port}`;
  let child = null;

  async function start() {
    child = spawn(binary, ['--config', config, '--node-ip', host], { stdio: 'ignore' });
    for (let tries = 0; tries < 600; tries += 1) {
      const answered = await fetch(http).catch(() => null);
      // Where it has ended, it is another server that answers.
      if (child.exitCode !== null || child.signalCode !== null) break;
      if (answered?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    child.kill('SIGKILL');
    throw new Error('livekit-server does not start');
  }

  async function kill() {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  await start();
  return {
    url: `ws://${host}:${port}`,
    sources: `ws://${host}:${port} ${http}`,
    start,
    kill,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    close: () => child.kill('SIGKILL'),
  };
}

/** A token for a room; `claims` beside the grant, as `{ kind: 'agent' }`. */
export function token(identity, room, grant = {}, claims = {}) {
  const now = Math.floor(Date.now() / 1000);
  const video = {
    roomJoin: true,
    room,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    ...grant,
  };
  const body = { iss: KEY, sub: identity, nbf: now - 10, exp: now + 3_600, video, ...claims };
  const coded = [{ alg: 'HS256', typ: 'JWT' }, body].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signature = createHmac('sha256', SECRET).update(coded.join('.')).digest('base64url');
  return [...coded, signature].join('.');
}
