// The page as it is served, in a real browser: Telegram's manners, refusals, the policy, no third party.
// Needs `npm run build`. Calls with a real LiveKit server are the bot's tests.

import assert from 'node:assert/strict';
import path from 'node:path';
import { DARK, LIGHT, launch, launchHash, telegram } from './chromium.mjs';
import { serve } from './server.mjs';

const out = path.join(import.meta.dirname, '..', 'out');
const answers = new Map();
const site = await serve(out, {
  api: (method, where) => answers.get(`${method} ${where.split('/').at(-1)}`) ?? [404, {}],
});
const browser = await launch(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']);

/** A page that was opened, with all that must not happen noted. */
async function open({ hash = launchHash(), inTelegram = true, ...settings } = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, ...settings });
  const page = await context.newPage();
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`error: ${error}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) wrong.push(`policy: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(site.address) && !request.url().startsWith('data:'))
      wrong.push(`asked ${request.url()}`);
  });
  if (inTelegram) await page.addInitScript(telegram);
  await page.goto(`${site.address}/${hash}`);
  const asked = async () => page.evaluate(() => window.telegramWasAsked.map(({ name }) => name));
  return { page, wrong, asked, close: () => context.close() };
}

const checks = {
  async 'greets by name, in the language of Telegram'() {
    const { page, wrong, close } = await open();
    await page.getByRole('heading', { name: 'Привет, Алекс!' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'ru');
    await page.waitForLoadState('networkidle');
    assert.deepEqual(wrong, []);
    await close();
    const english = await open({ hash: launchHash({ language: 'en', name: 'Ann' }) });
    await english.page.getByRole('heading', { name: 'Hi, Ann!' }).waitFor();
    await english.close();
  },

  async 'introduces itself to Telegram'() {
    const { page, asked, close } = await open();
    await page.getByRole('heading').waitFor();
    for (const wanted of [
      'web_app_ready',
      'web_app_expand',
      'web_app_setup_swipe_behavior',
      'web_app_set_header_color',
      'web_app_set_background_color',
    ]) {
      await page.waitForFunction((name) => window.telegramWasAsked.some((one) => one.name === name), wanted);
    }
    assert.ok(!(await asked()).includes('web_app_request_fullscreen'));
    await close();
  },

  async 'takes Telegram’s colours, also when they change'() {
    const { page, close } = await open({ hash: launchHash({ theme: DARK }) });
    await page.getByRole('heading').waitFor();
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(await background(), 'rgb(23, 33, 43)');
    assert.equal(
      await page.evaluate(() =>
        getComputedStyle(document.documentElement).getPropertyValue('--tg-theme-bg-color'),
      ),
      DARK.bg_color,
    );
    await page.evaluate(
      (theme) => window.Telegram.WebView.receiveEvent('theme_changed', { theme_params: theme }),
      LIGHT,
    );
    await page.waitForFunction(
      () => getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)',
    );
    await close();
  },

  async 'keeps clear of notches and of Telegram’s own buttons'() {
    const { page, close } = await open();
    await page.getByRole('heading').waitFor();
    await page.waitForFunction(() =>
      getComputedStyle(document.documentElement).getPropertyValue('--tg-viewport-stable-height'),
    );
    await page.evaluate(() => {
      window.Telegram.WebView.receiveEvent('safe_area_changed', { top: 47, right: 0, bottom: 34, left: 0 });
      window.Telegram.WebView.receiveEvent('content_safe_area_changed', {
        top: 46,
        right: 0,
        bottom: 0,
        left: 0,
      });
    });
    await page.waitForFunction(() => document.querySelector('header').getBoundingClientRect().top >= 93);
    await close();
  },

  async 'says where to open it outside of Telegram'() {
    const { page, wrong, close } = await open({ hash: '', inTelegram: false, locale: 'ru-RU' });
    await page.getByRole('heading', { name: 'Открой Sfera в Telegram' }).waitFor();
    assert.equal(site.asked.length, 0);
    assert.deepEqual(wrong, []);
    await close();
  },

  async 'opens for developers outside of Telegram only where the server allows it'() {
    const outside = { hash: '#developer', inTelegram: false, locale: 'ru-RU' };
    answers.set('GET developer', [403, { error: 'no_developer', message: '' }]);
    const refused = await open(outside);
    await refused.page.getByText('Режим разработчика на этом сервере выключен').waitFor();
    await refused.close();
    answers.set('GET developer', [200, { init_data: 'user=%7B%7D&hash=1' }]);
    answers.set('POST token', [429, { error: 'minutes_spent' }]);
    const { page, wrong, close } = await open(outside);
    await page.getByRole('button', { name: 'Написать' }).click();
    await page.getByRole('heading', { name: 'На сегодня всё' }).waitFor();
    assert.equal(site.asked.at(-1).authorization, 'tma user=%7B%7D&hash=1');
    assert.deepEqual(wrong, []);
    await close();
  },

  async 'words every refusal, and tries again without a reload'() {
    const refusals = [
      [401, 'expired', 'Окно устарело'],
      [401, 'unsigned', 'Telegram не узнал тебя'],
      [403, 'banned', 'Доступ закрыт'],
      [429, 'minutes_spent', 'На сегодня всё'],
      [429, 'too_often', 'Слишком часто'],
      [503, 'no_livekit', 'Sfera отдыхает'],
      [503, 'closed', 'Sfera на паузе'],
    ];
    for (const [status, error, words] of refusals) {
      answers.set('POST token', [status, { error, message: '' }]);
      const { page, asked, close } = await open();
      await page.getByRole('button', { name: 'Начать разговор' }).last().click();
      await page.getByRole('heading', { name: words }).waitFor();
      assert.match(site.asked.at(-1).authorization, /^tma user=/);
      assert.ok((await asked()).includes('web_app_trigger_haptic_feedback'));
      await close();
    }
    answers.set('POST token', [503, { error: 'storage' }]);
    const { page, close } = await open();
    await page.getByRole('button', { name: 'Написать' }).click();
    await page.getByRole('heading', { name: 'Sfera отдыхает' }).waitFor();
    answers.set('POST token', [403, { error: 'banned' }]);
    await page.getByRole('button', { name: 'Попробовать снова' }).click();
    await page.getByRole('heading', { name: 'Доступ закрыт' }).waitFor();
    await close();
  },

  async 'asks before it is closed while one talks, and knows the way back'() {
    let give;
    answers.set('POST token', new Promise((resolve) => (give = resolve)));
    const { page, close } = await open();
    const said = () => page.evaluate(() => window.telegramWasAsked);
    await page.getByRole('button', { name: 'Написать' }).click();
    await page.getByRole('heading', { name: 'Соединяю…' }).waitFor();
    const closing = (await said()).findLast(({ name }) => name === 'web_app_setup_closing_behavior');
    assert.equal(closing.details.need_confirmation, true);
    give([503, { error: 'storage' }]);
    await page.getByRole('heading', { name: 'Sfera отдыхает' }).waitFor();
    await page.waitForFunction(
      () =>
        window.telegramWasAsked.findLast(({ name }) => name === 'web_app_setup_closing_behavior').details
          .need_confirmation === false,
    );
    const back = (await said()).findLast(({ name }) => name === 'web_app_setup_back_button');
    assert.equal(back.details.is_visible, true);
    await page.evaluate(() => window.Telegram.WebView.receiveEvent('back_button_pressed'));
    await page.getByRole('heading', { name: 'Привет, Алекс!' }).waitFor();
    await close();
  },

  async 'shows what it remembers and forgets it when told twice'() {
    answers.set('GET session', [
      200,
      {
        name: 'Алекс',
        language: 'ru',
        voice_seconds_today: 60,
        voice_seconds_daily: 1800,
        conversations: [
          {
            place: 'voice',
            began: 1764000000000,
            lines: [{ at: 1, question: 'Как меня зовут?', answer: 'Алекс.' }],
          },
        ],
        remembered: [{ kind: 'name', text: 'Зовут Алекс' }],
      },
    ]);
    answers.set('DELETE session', [204]);
    const { page, wrong, close } = await open();
    await page.getByRole('button', { name: 'Меню' }).click();
    await page.getByText('Зовут Алекс').waitFor();
    await page.getByText('Сегодня осталось 29 минут разговора.').waitFor();
    await page.locator('summary').click();
    await page.getByText('Как меня зовут?').waitFor();
    await page.getByRole('button', { name: 'Забыть меня' }).click();
    await page.getByRole('button', { name: 'Не надо' }).click();
    assert.ok(!site.asked.some(({ method }) => method === 'DELETE'));
    await page.getByRole('button', { name: 'Забыть меня' }).click();
    await page.getByRole('button', { name: 'Забыть', exact: true }).click();
    await page.getByText('Готово, я всё забыла.').waitFor();
    assert.equal(await page.getByText('Зовут Алекс').count(), 0);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.deepEqual(wrong, []);
    await close();
  },

  async 'speaks another language when told, also after a reload'() {
    const { page, close } = await open();
    await page.getByRole('button', { name: 'Меню' }).click();
    await page.getByRole('radio', { name: 'English' }).check();
    await page.getByRole('heading', { name: 'Menu' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Hi, Алекс!' }).waitFor();
    await close();
  },

  async 'can be used by keyboard alone'() {
    answers.set('POST token', [429, { error: 'minutes_spent' }]);
    const { page, close } = await open();
    await page.getByRole('heading').waitFor();
    const focused = () =>
      page.evaluate(() => document.activeElement.textContent || document.activeElement.ariaLabel);
    const order = [];
    for (let press = 0; press < 5; press += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    assert.ok(order.includes('Написать') && order.includes('Меню'), order.join());
    await page.getByRole('button', { name: 'Написать' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'На сегодня всё' }).waitFor();
    await close();
  },

  async 'can be used soon on a slow phone'() {
    const { page, close } = await open({ hash: '', inTelegram: false });
    await page.goto('about:blank');
    await page.addInitScript(telegram);
    const slow = await page.context().newCDPSession(page);
    await slow.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    const began = Date.now();
    await page.goto(`${site.address}/${launchHash()}`, { waitUntil: 'commit' });
    await page.getByRole('button', { name: 'Написать' }).waitFor();
    const took = Date.now() - began;
    console.log(`    it took ${took} ms`);
    await close();
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  if (process.argv[2] && !name.includes(process.argv[2])) continue;
  site.asked.length = 0;
  try {
    await check();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}
await browser.close();
await site.close();
process.exit(failed ? 1 : 0);
