import { describe, expect, it } from 'vitest';
import { type Api, ApiError } from '@/api/client';
import { type Conversation, type Listener, type Microphone, MicrophoneError } from '@/room/ports';
import { Call } from './call';

/** Everything a call needs, each of it in the test's hands. */
function stage(change: Partial<Api> = {}) {
  const log: string[] = [];
  const listeners: Listener[] = [];
  const waiting: (() => void)[] = [];
  const api: Api = {
    ticket: async () => ({ server_url: 'ws://x', participant_token: 't' }),
    call: async () => ({ state: 'waiting' }),
    session: () => Promise.reject(new ApiError('unknown', '')),
    forget: async () => {},
    ...change,
  };
  const microphone: Microphone = {
    track: null,
    mute: async () => void log.push('mute'),
    unmute: async () => void log.push('unmute'),
    remember: () => void log.push('remember'),
    onLost: (told) => void lost.push(told),
  };
  const lost: (() => void)[] = [];
  const conversation: Conversation = {
    room: null,
    speakWith: async () => void log.push('publish'),
    say: async (text) => void log.push(`say ${text}`),
    interrupt: () => void log.push('interrupt'),
    unlockSound: async () => void log.push('unlock'),
    voice: () => null,
    leave: async () => void log.push('leave'),
  };
  const openMicrophone = { as: async (): Promise<Microphone> => microphone, times: 0 };
  const call = new Call({
    api,
    join: async (_, listener) => {
      listeners.push(listener);
      listener.happened({ type: 'joined' });
      return conversation;
    },
    openMicrophone: () => {
      openMicrophone.times += 1;
      return openMicrophone.as();
    },
    now: () => 0,
    wait: () => new Promise((resolve) => waiting.push(resolve)),
  });
  /** Lets everything that is under way come to rest. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return {
    call,
    log,
    lost,
    openMicrophone,
    settle,
    state: () => call.current().state,
    tell: (event: Parameters<Listener['happened']>[0], at = -1) => listeners.at(at)?.happened(event),
    hear: (line: Parameters<Listener['heard']>[0], at = -1) => listeners.at(at)?.heard(line),
    async pass() {
      waiting.shift()?.();
      await settle();
    },
  };
}

const listening = { type: 'agentMood', mood: 'listening' } as const;

describe('a call', () => {
  it('asks for the microphone beside the token, and keeps what is said meanwhile', async () => {
    const { call, log, state, tell } = stage();
    await call.start(true);
    tell(listening);
    expect(state()).toMatchObject({ phase: 'live', mic: 'on' });
    expect(log).toEqual(['unmute', 'remember', 'publish']);
  });

  it('asks for the microphone once a launch', async () => {
    const { call, openMicrophone, log } = stage();
    await call.start(true);
    call.hangUp();
    await call.start(true);
    expect(openMicrophone.times).toBe(1);
    expect(log).toEqual(['unmute', 'remember', 'publish', 'leave', 'mute', 'unmute', 'remember', 'publish']);
  });

  it('in writing does not ask for it, until it is wanted', async () => {
    const { call, openMicrophone, state, tell } = stage();
    await call.start(false);
    tell(listening);
    expect(openMicrophone.times).toBe(0);
    expect(state().mic).toBe('off');
    await call.toggleMicrophone();
    expect(openMicrophone.times).toBe(1);
    expect(state().mic).toBe('on');
  });

  it('goes on in writing where the microphone is refused', async () => {
    const { call, openMicrophone, log, state, tell } = stage();
    openMicrophone.as = () => Promise.reject(new MicrophoneError('denied'));
    await call.start(true);
    tell(listening);
    expect(state()).toMatchObject({ phase: 'live', mic: 'denied' });
    expect(await call.say(' Привет ')).toBe(true);
    expect(log).toEqual(['say Привет']);
  });

  it('mutes without giving the microphone back', async () => {
    const { call, log, state } = stage();
    await call.start(true);
    await call.toggleMicrophone();
    expect(state().mic).toBe('muted');
    await call.toggleMicrophone();
    expect(state().mic).toBe('on');
    expect(log.slice(3)).toEqual(['mute', 'unmute']);
  });

  it('says when the microphone is unplugged, and may ask for the next one', async () => {
    const { call, lost, openMicrophone, state } = stage();
    await call.start(true);
    lost[0]?.();
    expect(state().mic).toBe('missing');
    await call.toggleMicrophone();
    expect(openMicrophone.times).toBe(2);
    expect(state().mic).toBe('on');
  });

  it('sends nothing empty and nothing before somebody reads it', async () => {
    const { call, log, tell } = stage();
    expect(await call.say('a')).toBe(false);
    await call.start(false);
    expect(await call.say('a')).toBe(false);
    tell(listening);
    expect(await call.say('   ')).toBe(false);
    expect(log).toEqual([]);
  });

  it('interrupts at once', async () => {
    const { call, log, state, tell } = stage();
    await call.start(false);
    tell({ type: 'agentMood', mood: 'speaking' });
    call.interrupt();
    expect(state().mood).toBe('listening');
    expect(log).toEqual(['interrupt']);
  });
});

describe('a call that fails', () => {
  it.each(['expired', 'banned', 'limit', 'unavailable', 'network'] as const)(
    'says that it is %s',
    async (code) => {
      const { call, state } = stage({ ticket: () => Promise.reject(new ApiError(code, '')) });
      await call.start(true);
      expect(state()).toMatchObject({ phase: 'failed', problem: code, mic: 'off' });
    },
  );

  it('can be tried again', async () => {
    let refused = true;
    const { call, state } = stage({
      ticket: async () => {
        if (refused) throw new ApiError('network', '');
        return { server_url: '', participant_token: '' };
      },
    });
    await call.start(false);
    refused = false;
    await call.start(false);
    expect(state().phase).toBe('waiting');
  });

  it('hung up while the token is on its way is never joined', async () => {
    let give: (ticket: { server_url: string; participant_token: string }) => void = () => {};
    const { call, log, state } = stage({ ticket: () => new Promise((resolve) => (give = resolve)) });
    const started = call.start(false);
    call.hangUp();
    give({ server_url: '', participant_token: '' });
    await started;
    expect(state().phase).toBe('ended');
    expect(log).toEqual([]);
  });

  it('does not hear what an earlier attempt still tells', async () => {
    const { call, state, tell, hear } = stage();
    await call.start(false);
    call.hangUp();
    await call.start(false);
    tell({ type: 'closed', problem: 'dropped' }, 0);
    hear({ id: '1', who: 'agent', text: 'alt', final: true }, 0);
    expect(state().phase).toBe('waiting');
    expect(call.current().book).toEqual([]);
  });
});

describe('an agent that does not come', () => {
  it('is noticed when the server says so', async () => {
    const { call, state, pass } = stage({ call: async () => ({ state: 'no_agent' }) });
    await call.start(false);
    await pass();
    expect(state()).toMatchObject({ phase: 'failed', problem: 'agentMissing' });
  });

  it('is given up after a while in any case', async () => {
    const { call, state, pass } = stage({ call: () => Promise.reject(new ApiError('network', '')) });
    await call.start(false);
    for (let passed = 0; passed < 20; passed += 1) await pass();
    expect(state().problem).toBe('agentMissing');
  });

  it('because the minutes are spent is told so', async () => {
    const { call, state, pass } = stage({ call: async () => ({ state: 'spent' }) });
    await call.start(false);
    await pass();
    expect(state().problem).toBe('limit');
  });

  it('but comes in time is not', async () => {
    const { call, state, tell, pass } = stage({ call: async () => ({ state: 'no_agent' }) });
    await call.start(false);
    tell(listening);
    await pass();
    expect(state().phase).toBe('live');
  });

  it('was there and was lost is asked for again, and given up only then', async () => {
    let tickets = 0;
    const { call, state, tell, pass } = stage({
      ticket: async () => ({ server_url: 'ws://x', participant_token: String(++tickets) }),
      call: async () => ({ state: 'no_agent' }),
    });
    await call.start(false);
    tell(listening);
    await pass();
    tell({ type: 'agentLeft' });
    for (let passed = 0; passed < 6; passed += 1) await pass();
    expect([tickets, state().phase]).toEqual([3, 'waiting']);
    for (let passed = 0; passed < 10; passed += 1) await pass();
    expect([tickets, state().problem]).toEqual([4, 'agentMissing']);
  });

  it('is waited for anew in a new call', async () => {
    const { call, state, pass } = stage({ call: async () => ({ state: 'no_agent' }) });
    await call.start(false);
    call.hangUp();
    await call.start(false);
    await pass();
    expect(state().phase).toBe('waiting');
    await pass();
    expect(state().problem).toBe('agentMissing');
  });
});

describe('a room that is closed', () => {
  it('because the minutes are spent says so', async () => {
    const { call, state, tell, settle } = stage({ call: async () => ({ state: 'spent' }) });
    await call.start(false);
    tell(listening);
    tell({ type: 'closed', problem: null });
    expect(state().phase).toBe('ended');
    await settle();
    expect(state().problem).toBe('limit');
  });

  it('because it is over is over', async () => {
    const { call, state, tell, settle } = stage({ call: async () => ({ state: 'over' }) });
    await call.start(false);
    tell(listening);
    tell({ type: 'closed', problem: null });
    await settle();
    expect(state().phase).toBe('ended');
  });
});

describe('captions of a call', () => {
  it('are there after it, and gone with the next', async () => {
    const { call, hear } = stage();
    await call.start(false);
    hear({ id: '1', who: 'agent', text: 'Здравств', final: false });
    call.hangUp();
    expect(call.current().book).toMatchObject([{ text: 'Здравств', final: true }]);
    await call.start(false);
    expect(call.current().book).toEqual([]);
  });
});
