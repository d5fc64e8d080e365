// Calls of the built page through a real LiveKit server, with a scripted agent in a page of its own.
// Needs `npm run build` and `.ci/livekit-server`.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { launch, launchHash, telegram } from './chromium.mjs';
import { livekitServer, token } from './livekit.mjs';
import { serve } from './server.mjs';

const here = path.join(import.meta.dirname, '..');
/** What a busy machine needs at most; an agent that is lost is missed after twenty seconds already. */
const LIMIT = 60_000;
const livekit = await livekitServer();
let room = '';
let callState = 'waiting';
const site = await serve(path.join(here, 'out'), {
  livekit: livekit.sources,
  api: (_, where) => {
    if (where.endsWith('/token')) {
      return [
        201,
        {
          server_url: livekit.url,
          participant_token: token('tg-42', room, { canPublishSources: ['microphone'] }),
        },
      ];
    }
    return where.endsWith('/call') ? [200, { state: callState }] : [404, {}];
  },
});
const local = [
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
  '--use-fake-device-for-media-stream',
];
const browser = await launch([...local, '--use-fake-ui-for-media-stream']);
const refusing = await launch([...local, '--deny-permission-prompts']);
const client = createRequire(import.meta.url)
  .resolve('livekit-client')
  .replace(/livekit-client\.[^/]*$/, 'livekit-client.umd.js');

async function openPage(where = browser) {
  const context = await where.newContext({ viewport: { width: 390, height: 844 } });
  context.setDefaultTimeout(LIMIT);
  const page = await context.newPage();
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on(
    'console',
    (message) => /content security policy/i.test(message.text()) && wrong.push(message.text()),
  );
  await page.addInitScript(telegram);
  await page.addInitScript(() => {
    window.asked = 0;
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) => {
      window.asked += 1;
      return open(wanted);
    };
  });
  await page.goto(`${site.address}/${launchHash()}`);
  return { page, wrong, close: () => context.close() };
}

async function openAgent() {
  const context = await browser.newContext({ bypassCSP: true });
  context.setDefaultTimeout(LIMIT);
  const page = await context.newPage();
  await page.goto(`${site.address}/404`);
  // Touched once, a page may make sound.
  await page.mouse.click(5, 5);
  await page.addScriptTag({ path: client });
  await page.addScriptTag({ path: path.join(import.meta.dirname, 'agent.js') });
  const grant = { canUpdateOwnMetadata: true, agent: true };
  await page.evaluate(
    ([url, pass]) => window.agent.join(url, pass),
    [livekit.url, token('agent-AJ_test', room, grant, { kind: 'agent' })],
  );
  return {
    do: (name, ...rest) => page.evaluate(([what, args]) => window.agent[what](...args), [name, rest]),
    heard: () => page.evaluate(() => window.heard),
    hears: (what) => page.waitForFunction(what),
    close: () => context.close(),
  };
}

const title = (page, name) => page.getByRole('heading', { name }).waitFor();
const button = (page, name) => page.getByRole('button', { name, exact: true });

const checks = {
  async 'a whole conversation'() {
    const { page, wrong, close } = await openPage();
    await page.getByRole('heading').waitFor();
    await button(page, 'Начать разговор').last().click();
    await title(page, 'Соединяю, уже можно говорить');
    // While it is being opened, something is said that it is to hear.
    const agent = await openAgent();
    await agent.do('state', 'listening');
    await title(page, 'Слушаю');
    await agent.hears(() => window.heard.buffers.length && window.heard.tracks.length);
    const { buffers, tracks } = await agent.heard();
    assert.ok(buffers[0].bytes > 1000, JSON.stringify(buffers));
    assert.equal(buffers[0].trackId, tracks[0].sid);
    await agent.do('state', 'thinking');
    await title(page, 'Думаю…');
    await agent.do('state', 'speaking');
    await title(page, 'Говорю');
    await agent.do('say', 'SG_1', ['Привет', ', Алекс!'], [{ title: 'Книга', url: 'https://example.org/a' }]);
    await page.getByRole('log').getByText('Привет, Алекс!').waitFor();
    await page.getByRole('link', { name: 'Книга' }).waitFor();
    // The sphere moves with the agent's voice.
    await page.waitForFunction(
      () => Number(document.querySelector('[data-look=speaking]').style.getPropertyValue('--level')) > 0.3,
    );
    await button(page, 'Коснись сферы, чтобы перебить').click();
    await title(page, 'Слушаю');
    await agent.hears(() => window.heard.rpc.length === 1);
    await page.getByRole('textbox').fill('А в Казани? ☂️');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('А в Казани? ☂️').waitFor();
    await agent.hears(() => window.heard.chat[0] === 'А в Казани? ☂️');
    await button(page, 'Выключить микрофон').click();
    await title(page, 'Микрофон выключен');
    await agent.hears(() => window.heard.tracks.some(({ muted }) => muted));
    await button(page, 'Включить микрофон').click();
    await title(page, 'Слушаю');
    await button(page, 'Завершить разговор').click();
    await title(page, 'Разговор окончен');
    await button(page, 'Поговорить ещё').click();
    await title(page, 'Слушаю');
    await agent.hears(() => window.heard.tracks.filter(({ source }) => source).length === 2);
    assert.equal(await page.evaluate(() => window.asked), 1, 'the microphone is asked for once');
    await agent.close();
    await close();
    assert.deepEqual(wrong, []);
  },

  async 'without a microphone one writes'() {
    const { page, close } = await openPage(refusing);
    await page.getByRole('heading').waitFor();
    const agent = await openAgent();
    await agent.do('state', 'listening');
    await button(page, 'Начать разговор').last().click();
    await title(page, 'Напиши мне');
    await page.getByText('Нет доступа к микрофону').click();
    await page.getByText('Открой «Настройки»').waitFor();
    await page.getByRole('textbox').fill('Слышно?');
    await button(page, 'Отправить').click();
    await agent.hears(() => window.heard.chat[0] === 'Слышно?');
    await agent.close();
    await close();
  },

  async 'an agent that leaves is said, and another one goes on'() {
    const { page, close } = await openPage();
    await page.getByRole('heading').waitFor();
    const agent = await openAgent();
    await agent.do('state', 'speaking');
    await button(page, 'Написать').click();
    await title(page, 'Говорю');
    await agent.do('leave');
    await title(page, 'Sfera пропала, жду её обратно…');
    await agent.close();
    const next = await openAgent();
    await next.do('state', 'listening');
    await title(page, 'Напиши мне');
    await next.do('leave');
    callState = 'no_agent';
    await title(page, 'Никто не подошёл');
    callState = 'waiting';
    await next.close();
    const third = await openAgent();
    await third.do('state', 'listening');
    await button(page, 'Попробовать снова').click();
    await title(page, 'Напиши мне');
    await third.close();
    await close();
  },

  async 'a second window takes over, and can be taken back from'() {
    const agent = await openAgent();
    await agent.do('state', 'listening');
    const first = await openPage();
    await button(first.page, 'Написать').click();
    await title(first.page, 'Напиши мне');
    const second = await openPage();
    await button(second.page, 'Написать').click();
    await title(first.page, 'Разговор в другом окне');
    await title(second.page, 'Напиши мне');
    await button(first.page, 'Продолжить здесь').click();
    await title(first.page, 'Напиши мне');
    await title(second.page, 'Разговор в другом окне');
    for (const one of [first, second, agent]) await one.close();
  },

  async 'a server that is silent for a while is said, and comes back'() {
    const agent = await openAgent();
    await agent.do('state', 'listening');
    const { page, close } = await openPage();
    await button(page, 'Написать').click();
    await title(page, 'Напиши мне');
    await page.context().setOffline(true);
    livekit.pause();
    await title(page, 'Связь прервалась, восстанавливаю…');
    livekit.resume();
    await page.context().setOffline(false);
    await title(page, 'Напиши мне');
    await agent.close();
    await close();
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  if (process.argv[2] && !name.includes(process.argv[2])) continue;
  room = `sfera-42-${Object.keys(checks).indexOf(name)}`;
  try {
    await check();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack}`);
    for (const one of browser.contexts()) {
      for (const [index, page] of one.pages().entries()) {
        console.log(
          await page
            .locator('h1')
            .first()
            .textContent({ timeout: 500 })
            .catch(() => ''),
        );
        await page.screenshot({ path: path.join(here, `screenshots/failed-${index}.png`) }).catch(() => {});
      }
      await one.close();
    }
  }
}
await browser.close();
await refusing.close();
await site.close();
livekit.close();
process.exit(failed ? 1 : 0);
