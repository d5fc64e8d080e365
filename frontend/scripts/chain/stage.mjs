// The whole chain with people before it: Chromium, the bot and a real LiveKit server. Where this is root,
// the browsers are at the far end of a wire that can be cut.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { launch, launchHash, telegram } from '../chromium.mjs';
import { livekitServer } from '../livekit.mjs';
import { initData, openHouse } from './house.mjs';
import { layWire } from './wire.mjs';
import { level, recognized, shareOf, spoken } from './words.mjs';

const pictures = path.join(import.meta.dirname, '../../screenshots');
const hearing = readFileSync(path.join(import.meta.dirname, 'person.js'), 'utf8');
const LOCAL = ['--disable-features=WebRtcHideLocalIpsWithMdns', '--allow-loopback-in-peer-connection'];
/** What a busy machine needs at most. */
const LIMIT = 40_000;
/** Whisper is no better on festival's voice; other words have hardly any of these. */
const ENOUGH = 0.5;
/** How often something is said at most. */
const TRIES = 3;

export async function openStage(settings) {
  const wire = layWire();
  const host = wire?.address ?? '127.0.0.1';
  const livekit = await livekitServer(host);
  const house = await openHouse({ host, livekit, settings });
  const browsers = [];

  /** A browser with these manners. */
  async function browse(...flags) {
    // Microphones are for secure pages; this machine's own address is none beyond the wire.
    const trusted = `--unsafely-treat-insecure-origin-as-secure=${house.address}`;
    const browser = await launch([...LOCAL, trusted, ...flags], wire?.wrap);
    browsers.push(browser);
    return browser;
  }

  return {
    wire,
    livekit,
    house,
    browse,
    /** A person in a browser who opens the page; with a voice of their own they speak when told. */
    async visitor(browser, id, { data = initData(id), ownVoice = true } = {}) {
      const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
      const page = await context.newPage();
      page.setDefaultTimeout(LIMIT);
      const wrong = [];
      page.on('pageerror', (error) => wrong.push(String(error)));
      page.on('console', (message) => /content security/i.test(message.text()) && wrong.push(message.text()));
      await page.addInitScript(telegram);
      await page.addInitScript(`window.speaksByItself = ${ownVoice};`);
      await page.addInitScript(hearing);
      await page.goto(`${house.address}/${launchHash({ data })}`);
      await page.getByRole('heading').waitFor();
      return new Visitor(page, wrong);
    },
    /** What every page shows, for whoever looks for a mistake. */
    async show(name) {
      mkdirSync(pictures, { recursive: true });
      const pages = browsers.flatMap((one) => one.contexts()).flatMap((context) => context.pages());
      for (const [index, page] of pages.entries()) {
        console.log(
          `    ${await page.evaluate(() => document.body.textContent.slice(0, 600)).catch(String)}`,
        );
        await page.screenshot({ path: path.join(pictures, `failed-${name}-${index}.png`) }).catch(() => {});
      }
      console.log(
        house
          .log()
          .split('\n')
          .slice(-Number(process.env.LOG_LINES ?? 30))
          .join('\n'),
      );
    },
    async closePages() {
      for (const context of browsers.flatMap((one) => one.contexts())) await context.close();
    },
    async close() {
      for (const browser of browsers) await browser.close();
      await house.close();
      livekit.close();
      wire?.close();
    },
  };
}

/** A page and the person before it. */
class Visitor {
  constructor(page, wrong) {
    this.page = page;
    this.wrong = wrong;
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true }).last();
  }

  /** Waits until the page says one of these. */
  async sees(...titles) {
    const named = new RegExp(`^(${titles.map((title) => title.replaceAll('…', '.')).join('|')})$`);
    await this.page.getByRole('heading', { name: named }).waitFor();
  }

  /** Waits until the page has said this, maybe for a moment only. */
  async saw(title) {
    await this.page.waitForFunction((wanted) => window.person.titles.includes(wanted), title);
  }

  async begin() {
    await this.button('Начать разговор').click();
  }

  say(name) {
    return this.page.evaluate((sound) => window.person.mouth.say(sound), spoken(name));
  }

  /**
   * Says a recording and gives the answer. Whoever is misunderstood says it again, as people do: on a
   * busy machine Whisper takes one word for another now and then.
   */
  async asks(recording, isRight) {
    for (let tries = TRIES; ; tries--) {
      await this.listen(true);
      await this.say(recording);
      const answer = await this.answer();
      if (isRight(answer) || tries === 1) return answer;
      console.log(`    ${recording} was answered with: ${answer.text}`);
    }
  }

  /** Waits with sending until lines are taken: after a reconnection the page may not be ready for them. */
  async type(text) {
    await this.page.getByRole('textbox').fill(text);
    await this.button('Отправить').click();
  }

  listen(keep = false) {
    return this.page.evaluate((keeps) => window.person.listen(keeps), keep);
  }

  /** Waits until the agent was heard for so long since `listen`. */
  async hears(ms) {
    await this.page.waitForFunction((wanted) => window.person.loudMs >= wanted, ms);
  }

  /** Waits until nothing was heard for so long. */
  async hearsNothing(ms, timeout = LIMIT) {
    await this.page.waitForFunction((wanted) => window.person.quietMs() >= wanted, ms, { timeout });
  }

  /** The captions so far, turn by turn. */
  captions() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('[role=log] [data-who]')].map((turn) => ({
        who: turn.dataset.who,
        text: [...turn.querySelectorAll('p > span:not(.unseen)')]
          .map((one) => one.textContent)
          .join('')
          .trim(),
        sources: [...turn.querySelectorAll('li')].map((one) => one.textContent.trim()),
      })),
    );
  }

  /** Waits until a turn of this side has these words. */
  async reads(who, words) {
    await this.page.waitForFunction(
      ([side, wanted]) =>
        [...document.querySelectorAll(`[role=log] [data-who=${side}]`)].some((turn) =>
          turn.textContent.toLowerCase().includes(wanted.toLowerCase()),
        ),
      [who, words],
    );
  }

  /** Waits until the last turn is the agent's and has these words; all turns then. */
  async says(words) {
    await this.page.waitForFunction((wanted) => {
      const last = [...document.querySelectorAll('[role=log] [data-who]')].at(-1);
      return last?.dataset.who === 'agent' && last.textContent.includes(wanted);
    }, words);
    return this.captions();
  }

  /** Waits until the agent has said all it has to say; its last turn. */
  async answer(...titles) {
    await this.page.waitForFunction(() => window.person.loudMs > 200);
    await this.hearsNothing(900);
    await this.sees('Слушаю', ...titles);
    return (await this.captions()).findLast(({ who }) => who === 'agent');
  }

  /** Looks whether these words were heard since `listen(true)`. */
  async heardWords(text) {
    const recording = await this.page.evaluate(() => window.person.recording());
    const loudness = level(recording);
    assert.ok(loudness > -45, `${loudness} dB`);
    const heard = recognized(recording);
    const share = shareOf(text, heard);
    console.log(`    ${Math.round(100 * share)} % of the captions heard, ${Math.round(loudness)} dB`);
    assert.ok(share >= ENOUGH, `${share} of «${text}» in «${heard}»`);
  }

  async close() {
    await this.page.context().close();
    assert.deepEqual(this.wrong, []);
  }
}

/** Runs checks one after another; names that contain the argument of the command, where there is one. */
export async function runAll(stage, checks, wanted) {
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    if (wanted && !name.includes(wanted)) continue;
    const began = Date.now();
    const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
    try {
      await check();
      console.log(`ok      ${name} (${seconds()})`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name} (${seconds()})\n${error.stack}`);
      await stage.show(failed);
    }
    await stage.closePages();
  }
  await stage.close();
  process.exit(failed ? 1 : 0);
}
