// Stands in for the bot's web server: the built page under its headers, and an API whose answers the
// caller chooses.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.woff2': 'font/woff2',
  '.ico': 'image/x-icon',
};

/** Nothing from elsewhere, and only those inline scripts that the page was built with. */
export function policy(html, livekit = '') {
  const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>(.*?)<\/script>/gs)].map(([, text]) => text);
  const hashes = inline.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self' blob: mediastream:",
    "worker-src 'self' blob:",
    `connect-src 'self' ${livekit}`,
    "base-uri 'none'",
    "object-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'self' https://web.telegram.org https://webk.telegram.org https://weba.telegram.org",
  ].join('; ');
}

/** Serves a folder at an address of its own. `api(method, path)` answers `[status, body]`. */
export async function serve(folder, { api = () => [404, {}], livekit = '' } = {}) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    if (pathname.startsWith('/api/')) {
      asked.push({ method: request.method, path: pathname, authorization: request.headers.authorization });
      const [status, body] = await api(request.method, pathname, request);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(status === 204 ? undefined : JSON.stringify(body));
      return;
    }
    const name = pathname.startsWith('/mini-app/static/')
      ? pathname.slice('/mini-app/static/'.length)
      : `${pathname === '/' ? 'index' : pathname.slice(1)}.html`;
    const file = path.join(folder, path.normalize(`/${decodeURIComponent(name)}`));
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const body = readFileSync(file);
    const headers = {
      'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'microphone=(self)',
    };
    if (file.endsWith('.html')) headers['content-security-policy'] = policy(body.toString(), livekit);
    response.writeHead(200, headers).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    asked,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
