// All that is behind the page, as it runs: the bot's own program with its web server and its voice, and a
// double of Telegram's Bot API. What the bot keeps is in a folder of its own.

import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, KEY, SECRET } from '../livekit.mjs';

const top = path.join(import.meta.dirname, '../../..');
const target = process.env.CARGO_TARGET_DIR ?? path.join(top, 'target');
const TOKEN = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
const ME = {
  id: 110_201_543,
  is_bot: true,
  first_name: 'Sfera',
  username: 'sfera_bot',
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
};

/** A program of this repository that was built before. */
export function built(...name) {
  const file = path.join(target, 'debug', ...name);
  if (!existsSync(file)) throw new Error(`there is no ${file}: run .ci/frontend`);
  return file;
}

/** Telegram, to whom nobody writes. */
async function botApi() {
  const server = createServer((request, response) => {
    request.resume();
    const method = request.url.split('/').at(-1);
    const answer = (result) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ok: true, result }));
    };
    if (method === 'GetMe') answer(ME);
    else if (method === 'GetUpdates') setTimeout(() => answer([]), 2_000);
    else answer(true);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The bot at this address of the machine, with this LiveKit. */
export async function openHouse({ host, livekit, settings = {} }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sfera-house-'));
  symlinkSync(path.join(top, 'examples'), path.join(folder, 'examples'));
  const telegram = await botApi();
  const port = await freePort();
  const address = `http://${host}:${port}`;
  const log = path.join(folder, 'bot.log');
  let bot = null;

  /** Starts the bot and waits until it can be called. */
  async function start() {
    const { PATH, HOME, XDG_CACHE_HOME, SFERA_MODELS, SFERA_LOG } = process.env;
    bot = spawn(built('sfera-bot'), {
      cwd: folder,
      env: {
        ...defined({ PATH, HOME, XDG_CACHE_HOME, SFERA_MODELS, SFERA_LOG }),
        TELEGRAM_TOKEN: TOKEN,
        TELEGRAM_API_URL: telegram.url,
        SFERA_BOT_LISTEN: `${host}:${port}`,
        SFERA_MINI_APP: path.join(top, 'frontend/out'),
        // The browser and the tests keep this machine busy.
        SFERA_VOICE_MAX_LOAD: '100',
        LIVEKIT_URL: livekit.url,
        LIVEKIT_API_KEY: KEY,
        LIVEKIT_API_SECRET: SECRET,
        XDG_DATA_HOME: folder,
        ...settings,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said = [];
    bot.stderr.on('data', (text) => said.push(String(text)));
    bot.stderr.pipe(createWriteStream(log, { flags: 'a' }));
    const { pid } = bot;
    for (let tries = 0; !said.join('').includes('voice is ready'); tries += 1) {
      if (tries > 600 || bot.pid !== pid || bot.exitCode !== null)
        throw new Error(`the bot does not start: ${said.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function kill() {
    // One that could not be started again has ended by itself.
    if (bot.exitCode !== null || bot.signalCode !== null) return;
    const ended = new Promise((resolve) => bot.once('exit', resolve));
    bot.kill('SIGKILL');
    await ended;
  }

  await start();
  return {
    address,
    start,
    kill,
    log: () => readFileSync(log, 'utf8'),
    async close() {
      await kill();
      telegram.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function defined(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Who opened the page, as Telegram signs it. */
export function initData(id, { signedAt = Date.now(), token = TOKEN } = {}) {
  const user = { id, first_name: 'Алекс', language_code: 'ru' };
  const pairs = {
    auth_date: String(Math.floor(signedAt / 1000)),
    query_id: 'AAHdF6IQAAAAAN0XohDhrOrc',
    signature: 'c2lnbmVkIGJ5IFRlbGVncmFt',
    user: JSON.stringify(user),
  };
  const lines = Object.entries(pairs).map(([name, value]) => `${name}=${value}`);
  const key = createHmac('sha256', 'WebAppData').update(token).digest();
  const hash = createHmac('sha256', key).update(lines.join('\n')).digest('hex');
  return new URLSearchParams({ ...pairs, hash }).toString();
}
