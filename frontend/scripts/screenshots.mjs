// Every state as a picture, in both languages, light and dark, on a small phone, a phone and a desktop,
// and axe-core's opinion of each. Needs `npm run stories`. Arguments are names of states; none means all.

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { launch } from './chromium.mjs';
import { serve } from './server.mjs';

const here = path.join(import.meta.dirname, '..');
const pictures = path.join(here, 'screenshots');
const SIZES = { 320: [320, 568], 390: [390, 844], 1280: [1280, 800], landscape: [740, 360] };
/** What is touched before the picture is taken. */
const TOUCHED = { menuForget: 'section > button', menuHistory: 'summary' };
const SCHEMES = { light: '', dark: '', 'telegram-light': 'telegram-light', 'telegram-dark': 'telegram-dark' };

const only = process.argv.slice(2).filter((name) => !name.includes('='));
const options = Object.fromEntries(
  process.argv.slice(2).flatMap((one) => (one.includes('=') ? [one.split('=')] : [])),
);
const pick = (all, wanted) => (wanted ? all.filter((one) => wanted.split('+').includes(one)) : all);

const site = await serve(path.join(here, 'out-stories'));
const browser = await launch();
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
mkdirSync(pictures, { recursive: true });

async function storyNames() {
  const page = await browser.newPage();
  await page.goto(`${site.address}/stories`);
  const names = await page.locator('a').allTextContents();
  await page.close();
  return names;
}

const names = only.length ? only : await storyNames();
let violations = 0;
let problems = 0;
let taken = 0;
for (const scheme of pick(Object.keys(SCHEMES), options.scheme)) {
  for (const size of pick(Object.keys(SIZES), options.size)) {
    const [width, height] = SIZES[size];
    const context = await browser.newContext({
      viewport: { width, height },
      deviceScaleFactor: width < 500 ? 2 : 1,
      colorScheme: scheme.endsWith('dark') ? 'dark' : 'light',
      reducedMotion: 'reduce',
      // axe-core is put in from outside, past the page's policy.
      bypassCSP: true,
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => {
      problems += 1;
      console.error(`  ${error}`);
    });
    for (const language of pick(['ru', 'en'], options.lang)) {
      for (const name of names) {
        await page.goto('about:blank');
        await page.goto(`${site.address}/stories#${name},${language},${SCHEMES[scheme]}`);
        await page.locator('h1').first().waitFor();
        // Larger letters, as a person may have set them: zoom=2.
        if (options.zoom)
          await page.evaluate(
            (zoom) => document.documentElement.style.setProperty('font-size', `${zoom}00%`),
            options.zoom,
          );
        if (TOUCHED[name]) await page.locator(TOUCHED[name]).last().click();
        // Two frames: drawn, and scrolled to where it belongs.
        await page.evaluate(
          () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
        );
        const label = `${name}-${language}-${scheme}-${size}`;
        await page.screenshot({ path: path.join(pictures, `${label}.png`) });
        taken += 1;
        violations += await judge(page, label);
        problems += await measure(page, label);
      }
    }
    await context.close();
  }
}
await browser.close();
await site.close();
console.log(`${taken} pictures, ${violations} violations by axe-core, ${problems} other problems`);
process.exit(violations || problems ? 1 : 0);

async function judge(page, label) {
  if (options.axe === 'no') return 0;
  await page.addScriptTag({ path: axe });
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const { id, nodes } of found.violations) {
    console.error(
      `${label}: ${id}: ${nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`).join(' | ')}`,
    );
  }
  return found.violations.length;
}

/** What axe-core does not look for: targets under 44 px, and a page that scrolls sideways. */
async function measure(page, label) {
  const found = await page.evaluate(() => {
    const wrong = [];
    if (document.documentElement.scrollWidth > innerWidth)
      wrong.push(`wider than the window: ${document.documentElement.scrollWidth}`);
    for (const element of document.querySelectorAll(
      'button, a, input:not([type=radio]), select, summary, label:not(.unseen)',
    )) {
      const { width, height } = element.getBoundingClientRect();
      if (width < 44 || height < 44)
        wrong.push(`${element.tagName} ${element.ariaLabel ?? element.textContent}: ${width}×${height}`);
    }
    return wrong;
  });
  for (const one of found) console.error(`${label}: ${one}`);
  return found.length;
}
