// How much script the page loads: fails above the budget. What comes later is shown beside it.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET = 400 * 1024;
const out = path.join(import.meta.dirname, '..', 'out');
const index = path.join(out, 'index.html');
if (!existsSync(index)) throw new Error('there is no out/: npm run build');

const html = readFileSync(index, 'utf8');
const tags = [...html.matchAll(/<(?:script|link)\b[^>]*>/g)].map(([tag]) => tag);
const first = new Set(
  tags
    // Browsers that know modules never load what is for those that do not.
    .filter((tag) => !/\bnomodule\b/i.test(tag))
    .flatMap((tag) => tag.match(/(?:src|href)="\/mini-app\/static\/([^"?]+\.js)/)?.[1] ?? []),
);
const folder = path.join(out, '_next/static/chunks');
const all = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.js'))
  .map((name) => path.posix.join('_next/static/chunks', name));
const polyfills = tags.filter((tag) => /\bnomodule\b/i.test(tag)).join();

const zipped = (name) => gzipSync(readFileSync(path.join(out, name)), { level: 9 }).length;
const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>(.*?)<\/script>/gs)]
  .map(([, text]) => text)
  .join('');
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

const sizes = [...first].map((name) => [name, zipped(name)]);
for (const [name, size] of sizes) console.log(`  ${kilobytes(size).padStart(9)}  ${path.basename(name)}`);
const inlined = gzipSync(inline, { level: 9 }).length;
const total = sizes.reduce((sum, [, size]) => sum + size, inlined);
const later = all
  .filter((name) => !first.has(name) && !polyfills.includes(path.basename(name)))
  .map(zipped)
  .reduce((sum, size) => sum + size, 0);
console.log(
  `first load ${kilobytes(total)} gzip of ${kilobytes(BUDGET)}; afterwards up to ${kilobytes(later)}`,
);
if (total > BUDGET) {
  console.error('the page loads more script than it may');
  process.exit(1);
}
