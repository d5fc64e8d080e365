// What takes too long for every run: a network that is gone for half a minute, and a long conversation
// whose page must not grow. `node scripts/long.mjs 20` makes it last twenty minutes; five without.
// Any other argument chooses the checks whose names contain it.

import assert from 'node:assert/strict';
import { openStage, runAll } from './chain/stage.mjs';

const minutes = Number(process.argv.find((one) => /^\d+$/.test(one)) ?? 5);
const wanted = process.argv.slice(2).find((one) => !/^\d+$/.test(one));
/** A page may keep captions and little else. */
const MAY_GROW = 4 * 1024 * 1024;

const stage = await openStage({ SFERA_VOICE_MINUTES: '0' });
const browser = await stage.browse('--js-flags=--expose-gc');
let visitors = 800;

/** Comes back by itself, or says so and a retry works. */
async function comesBack(visitor) {
  await visitor.sees('Слушаю', 'Говорю', 'Связь потеряна', 'Никто не подошёл');
  const again = visitor.button('Попробовать снова');
  if (await again.isVisible()) {
    console.log('    a retry was needed');
    await again.click();
  }
  await visitor.sees('Слушаю', 'Говорю');
  await visitor.listen();
  await visitor.type('Как дела?');
  await visitor.hears(500);
}

const checks = {
  async 'a network that is cut for thirty seconds comes back'() {
    if (!stage.wire) return;
    const alex = await stage.visitor(browser, ++visitors);
    await alex.begin();
    await alex.answer();
    stage.wire.cut();
    await alex.sees('Связь прервалась, восстанавливаю…');
    await alex.page.waitForTimeout(20_000);
    stage.wire.mend();
    await comesBack(alex);
    await alex.close();
  },

  async 'a media server that is restarted comes back'() {
    const alex = await stage.visitor(browser, ++visitors);
    await alex.begin();
    await alex.answer();
    await stage.livekit.kill();
    await alex.sees('Связь прервалась, восстанавливаю…', 'Связь потеряна');
    await stage.livekit.start();
    await comesBack(alex);
    await alex.close();
  },

  async [`${minutes} minutes of conversation do not make the page grow`]() {
    const alex = await stage.visitor(browser, ++visitors);
    const devtools = await alex.page.context().newCDPSession(alex.page);
    const heap = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await devtools.send('Runtime.getHeapUsage');
      return usedSize;
    };
    await alex.begin();
    await alex.answer();
    const ends = Date.now() + minutes * 60_000;
    let rounds = 0;
    let before = 0;
    while (Date.now() < ends) {
      await alex.listen();
      if (rounds % 2) await alex.type('Как дела?');
      else await alex.say('hello');
      await alex.answer();
      rounds += 1;
      // What is loaded and made once is there by now.
      if (rounds === 6) before = await heap();
    }
    const after = await heap();
    const mega = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
    console.log(`    ${rounds} rounds, the heap from ${mega(before)} to ${mega(after)}`);
    assert.ok(after - before < MAY_GROW, `${mega(before)} became ${mega(after)}`);
    await alex.close();
  },
};

await runAll(stage, checks, wanted);
