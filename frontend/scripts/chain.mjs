// The whole chain in a real browser: the built page as the bot serves it, signed by Telegram's double, a
// real LiveKit server, and the bot's own voice (Whisper, festival, the embedded assistant).
// `.ci/frontend` builds what it needs.

import assert from 'node:assert/strict';
import { initData } from './chain/house.mjs';
import { openStage, runAll } from './chain/stage.mjs';
import { microphoneOf } from './chain/words.mjs';

/** There is a microphone, and it may not be had. */
const REFUSING = ['--deny-permission-prompts', '--use-fake-device-for-media-stream'];
const DAY = 24 * 3600 * 1000;
/** An answer that was cut off is silent by then, on a busy machine too; it would last for twenty seconds more. */
const SOON = 10_000;
const stage = await openStage();
const browser = await stage.browse();
let visitors = 700;

/** Somebody whom the bot does not know yet. */
const somebody = (where = browser, more = {}) => stage.visitor(where, ++visitors, more);

const isAlex = ({ text }) => text.includes('Алекс');

const checks = {
  async 'words said while it connects are heard'() {
    const fake = [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphoneOf('name', 0.2, 90)}`,
    ];
    const alex = await somebody(await stage.browse(...fake), { ownVoice: false });
    await alex.begin();
    await alex.saw('Соединяю, уже можно говорить');
    await alex.reads('you', 'зовут');
    await alex.reads('agent', 'Алекс');
    await alex.close();
  },

  async 'a conversation is heard, shown, interrupted and remembered'() {
    const alex = await somebody();
    await alex.listen(true);
    await alex.begin();
    const greeting = await alex.answer();
    assert.equal(greeting.text, 'Привет! Я Сфера. Слушаю тебя.');
    await alex.heardWords(greeting.text);

    const answer = await alex.asks('trading', ({ sources }) => sources.length === 1);
    await alex.reads('you', 'психолог');
    await alex.heardWords(answer.text);
    assert.equal(answer.sources.length, 1, `sources of «${answer.text}»: ${answer.sources}`);

    // By voice: silent soon, and the captions end where the voice did.
    await alex.listen();
    await alex.say('trading');
    await alex.hears(2_000);
    const began = Date.now();
    const stop = alex.say('stop');
    await alex.hearsNothing(600, SOON);
    console.log(`    silent for 600 ms after ${Date.now() - began} ms`);
    await stop;
    const agreed = await alex.says('Хорошо.');
    const cut = agreed.filter(({ who }) => who === 'agent').at(-2);
    assert.ok(cut.text.length < answer.text.length, cut.text);
    await alex.hearsNothing(900);

    // By a tap: what comes over the network is silent, not only this page.
    await alex.sees('Слушаю');
    await alex.listen();
    await alex.say('trading');
    await alex.hears(2_000);
    await alex.button('Коснись сферы, чтобы перебить').click();
    await alex.sees('Слушаю');
    await alex.hearsNothing(2_500, SOON);

    assert.ok(isAlex(await alex.asks('name', isAlex)));
    await alex.page.reload();
    await alex.begin();
    await alex.sees('Слушаю');
    await alex.hearsNothing(1_500);
    await alex.sees('Слушаю');
    assert.ok(isAlex(await alex.asks('whoami', isAlex)));
    await alex.button('Завершить разговор').click();
    await alex.sees('Разговор окончен');
    await alex.button('Меню').click();
    await alex.page.getByRole('dialog').getByText('Алекс').first().waitFor();
    await alex.close();
  },

  async 'without a microphone one writes and hears the answer'() {
    const mute = await somebody(await stage.browse(...REFUSING), { ownVoice: false });
    await mute.begin();
    await mute.page.getByText('Нет доступа к микрофону').waitFor();
    await mute.answer('Напиши мне');
    await mute.listen(true);
    await mute.type('Как дела?');
    const answer = await mute.answer('Напиши мне');
    await mute.heardWords(answer.text);
    await mute.close();
  },

  async 'a second window takes over'() {
    const first = await somebody();
    await first.button('Написать').click();
    await first.sees('Напиши мне', 'Говорю');
    const second = await stage.visitor(browser, visitors);
    await second.button('Написать').click();
    await first.sees('Разговор в другом окне');
    await second.sees('Напиши мне', 'Говорю');
    for (const one of [first, second]) await one.close();
  },

  async 'who is not signed, or signed too long ago, is told so'() {
    const id = ++visitors;
    for (const [data, words] of [
      [initData(id, { token: '110201543:another token of another bot' }), 'Telegram не узнал тебя'],
      [initData(id, { signedAt: Date.now() - 2 * DAY }), 'Окно устарело'],
    ]) {
      const stranger = await stage.visitor(browser, id, { data });
      await stranger.button('Написать').click();
      await stranger.sees(words);
      await stranger.close();
    }
  },

  async 'a network that is cut for five seconds comes back'() {
    if (!stage.wire) return;
    const alex = await somebody();
    await alex.begin();
    await alex.answer();
    await alex.listen();
    await alex.say('trading');
    await alex.hears(1_000);
    stage.wire.cut();
    await alex.page.waitForTimeout(5_000);
    assert.ok((await alex.page.evaluate(() => window.person.quietMs())) > 3_000, 'it was really cut');
    stage.wire.mend();
    await alex.listen();
    await alex.sees('Слушаю', 'Говорю');
    await alex.type('Как дела?');
    await alex.hears(500);
    await alex.close();
  },

  async 'an agent that dies in the middle of a sentence is missed, and comes back'() {
    const alex = await somebody();
    await alex.begin();
    await alex.answer();
    assert.ok(isAlex(await alex.asks('name', isAlex)));
    await alex.listen();
    await alex.say('trading');
    await alex.hears(1_500);
    await stage.house.kill();
    const died = Date.now();
    await alex.sees('Sfera пропала, жду её обратно…');
    console.log(`    said after ${Date.now() - died} ms`);
    await stage.house.start();
    await alex.sees('Слушаю', 'Говорю', 'Никто не подошёл');
    const again = alex.button('Попробовать снова');
    if (await again.isVisible()) await again.click();
    await alex.sees('Слушаю', 'Говорю');
    await alex.type('Как меня зовут?');
    await alex.reads('agent', 'Тебя зовут Алекс');
    await alex.close();
  },
};

await runAll(stage, checks, process.argv[2]);
