import { describe, expect, it } from 'vitest';
import { ApiError, apiClient, developerData, refusalCode } from './client';

function answering(status: number, body: string) {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  const fetcher = (async (url: string | URL | Request, init?: RequestInit) => {
    asked.push({ url: String(url), init });
    return new Response(status === 204 ? null : body, { status });
  }) as typeof fetch;
  return { fetcher, asked };
}

describe('the client of the server', () => {
  it('says who asks, and asks only its own server', async () => {
    const { fetcher, asked } = answering(201, '{"server_url":"wss://x","participant_token":"t"}');
    await expect(apiClient('a=1&hash=2', fetcher).ticket()).resolves.toEqual({
      server_url: 'wss://x',
      participant_token: 't',
    });
    expect(asked[0]?.url).toBe('/api/sfera/token');
    expect(asked[0]?.init?.method).toBe('POST');
    expect(new Headers(asked[0]?.init?.headers).get('authorization')).toBe('tma a=1&hash=2');
  });

  it('forgets with an empty answer', async () => {
    const { fetcher, asked } = answering(204, '');
    await expect(apiClient('', fetcher).forget()).resolves.toBeUndefined();
    expect(asked[0]?.init?.method).toBe('DELETE');
  });

  it('gives a refusal its code', async () => {
    const { fetcher } = answering(403, '{"error":"banned","message":"…"}');
    await expect(apiClient('', fetcher).ticket()).rejects.toMatchObject({ code: 'banned' });
  });

  it('calls an unreachable server the network', async () => {
    const fetcher = (async () => {
      throw new TypeError('Failed to fetch');
    }) as typeof fetch;
    await expect(apiClient('', fetcher).ticket()).rejects.toMatchObject({ code: 'network' });
  });

  it('does not trust what is no JSON', async () => {
    const { fetcher } = answering(200, '<html>');
    await expect(apiClient('', fetcher).session()).rejects.toBeInstanceOf(ApiError);
  });

  it.each([
    [401, null, 'unsigned'],
    [401, { error: 'expired' }, 'expired'],
    [403, '<html>', 'banned'],
    [429, {}, 'tooOften'],
    [429, { error: 'minutes_spent' }, 'limit'],
    [502, undefined, 'unavailable'],
    [503, { error: 'no_livekit' }, 'unavailable'],
    [503, { error: 'closed' }, 'closed'],
    [404, { error: 'toString' }, 'unknown'],
    [401, { error: 12 }, 'unsigned'],
  ])('%i with %o is %s', (status, body, code) => {
    expect(refusalCode(status, body)).toBe(code);
  });
});

describe('whoever develops the page', () => {
  it('is let in only where the server says as whom', async () => {
    const allowing = answering(200, '{"init_data":"user=1&hash=2"}');
    await expect(developerData(allowing.fetcher)).resolves.toBe('user=1&hash=2');
    expect(allowing.asked[0]?.url).toBe('/api/sfera/developer');
    const refusing = answering(403, '{"error":"no_developer","message":"…"}');
    await expect(developerData(refusing.fetcher)).resolves.toBeNull();
    await expect(developerData(answering(200, '<html>').fetcher)).resolves.toBeNull();
  });
});
