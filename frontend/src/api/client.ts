import type { CallNow, Developer, Refusal, Session, Ticket } from './types';

/** Why the server, or the way to it, said no. */
export type RefusalCode =
  | 'expired'
  | 'unsigned'
  | 'banned'
  | 'tooOften'
  | 'limit'
  | 'unavailable'
  | 'closed'
  | 'network'
  | 'unknown';

export class ApiError extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
  }
}

export interface Api {
  ticket(): Promise<Ticket>;
  call(): Promise<CallNow>;
  session(): Promise<Session>;
  forget(): Promise<void>;
}

/** How long an answer may take. */
const PATIENCE_MS = 15_000;

/** The codes the server names; others are judged by their status. */
const NAMED: Record<string, RefusalCode> = {
  expired: 'expired',
  unsigned: 'unsigned',
  banned: 'banned',
  too_often: 'tooOften',
  minutes_spent: 'limit',
  closed: 'closed',
  no_livekit: 'unavailable',
  livekit_unreachable: 'unavailable',
  storage: 'unavailable',
};

/** What a refusal means; its body may be anything, also a proxy's page. */
export function refusalCode(status: number, body: unknown): RefusalCode {
  const error = (body as Partial<Refusal> | null)?.error;
  const named = typeof error === 'string' && Object.hasOwn(NAMED, error) ? NAMED[error] : undefined;
  if (named) return named;
  if (status === 401) return 'unsigned';
  if (status === 403) return 'banned';
  if (status === 429) return 'tooOften';
  if (status >= 500) return 'unavailable';
  return 'unknown';
}

/** The server's endpoints for whoever opened the page; `initData` is Telegram's word for who that is. */
export function apiClient(initData: string, fetcher: typeof fetch = fetch): Api {
  async function ask(method: string, path: string): Promise<Response> {
    let response: Response;
    try {
      response = await fetcher(`/api/sfera/${path}`, {
        method,
        headers: { authorization: `tma ${initData}` },
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (error) {
      throw new ApiError('network', String(error));
    }
    if (response.ok) return response;
    const body: unknown = await response.json().catch(() => null);
    throw new ApiError(refusalCode(response.status, body), `${method} ${path}: ${response.status}`);
  }

  async function read<T>(method: string, path: string): Promise<T> {
    const response = await ask(method, path);
    try {
      return (await response.json()) as T;
    } catch (error) {
      throw new ApiError('unknown', String(error));
    }
  }

  return {
    ticket: () => read<Ticket>('POST', 'token'),
    call: () => read<CallNow>('GET', 'call'),
    session: () => read<Session>('GET', 'session'),
    forget: async () => {
      await ask('DELETE', 'session');
    },
  };
}

/** As whom the page may be opened outside of Telegram; `null` where the server allows nobody. */
export async function developerData(fetcher: typeof fetch = fetch): Promise<string | null> {
  try {
    const response = await fetcher('/api/sfera/developer', {
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) return null;
    const { init_data } = (await response.json()) as Developer;
    return init_data;
  } catch {
    return null;
  }
}
