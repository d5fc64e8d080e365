/** Every state the page can be in, with words as people say them. */

import type { Session } from '@/api/types';
import { type CallState, IDLE, type Problem } from '@/call/machine';
import { type Book, type Heard, write } from '@/captions/book';
import type { Theme } from '@/telegram/colors';

const live: CallState = {
  ...IDLE,
  phase: 'live',
  mood: 'listening',
  mic: 'on',
  startedAt: Date.now() - 187_000,
};

const failed = (problem: Problem): CallState => ({ ...IDLE, phase: 'failed', problem });

const STATES = {
  ready: IDLE,
  askingMic: { ...IDLE, phase: 'connecting', mic: 'asking' },
  connecting: { ...IDLE, phase: 'connecting', mic: 'on' },
  calling: { ...IDLE, phase: 'waiting' },
  listening: live,
  userSpeaks: live,
  thinking: { ...live, mood: 'thinking' },
  speaking: { ...live, mood: 'speaking' },
  longTalk: live,
  muted: { ...live, mic: 'muted' },
  writing: { ...live, mic: 'off' },
  micDenied: { ...live, mic: 'denied' },
  noDevice: { ...live, mic: 'missing' },
  micBusy: { ...live, mic: 'busy' },
  soundBlocked: { ...live, mood: 'speaking', soundBlocked: true },
  reconnecting: { ...live, phase: 'reconnecting', mood: 'speaking' },
  agentLost: { ...live, phase: 'waiting', mood: null, agentLost: true },
  ended: { ...IDLE, phase: 'ended', startedAt: 0, endedAt: 187_000 },
  dropped: failed('dropped'),
  network: failed('network'),
  unavailable: failed('unavailable'),
  closed: failed('closed'),
  agentMissing: failed('agentMissing'),
  elsewhere: failed('elsewhere'),
  limit: failed('limit'),
  tooOften: failed('tooOften'),
  expired: failed('expired'),
  unsigned: failed('unsigned'),
  banned: failed('banned'),
  unknown: failed('unknown'),
} satisfies Record<string, CallState>;

export type StoryName =
  | keyof typeof STATES
  | 'outside'
  | 'developerRefused'
  | 'menu'
  | 'menuEmpty'
  | 'menuFailed'
  | 'menuForget'
  | 'menuHistory';

export const storyNames = [
  ...Object.keys(STATES),
  'outside',
  'developerRefused',
  'menu',
  'menuEmpty',
  'menuFailed',
  'menuForget',
  'menuHistory',
] as StoryName[];

export function storyState(name: StoryName): CallState {
  return (STATES as Record<string, CallState>)[name] ?? IDLE;
}

/** Telegram's own themes. */
export const THEMES: Record<string, Theme> = {
  'telegram-light': { bg: '#ffffff', text: '#000000', button: '#2481cc', buttonText: '#ffffff' },
  'telegram-dark': { bg: '#17212b', text: '#f5f5f5', button: '#5288c1', buttonText: '#ffffff' },
};

const SAID = {
  ru: {
    hello: 'Привет, Алекс! Рада слышать. О чём поговорим?',
    question: 'Какая погода в Казани завтра? И стоит ли брать зонт ☂️',
    answer: 'Завтра в Казани около плюс трёх, к вечеру дождь. Зонт лучше взять.',
    more: 'А ещё к ночи похолодает, так что пригодится шарф 🧣',
    book: 'Психология трейдинга: глава 3',
    interim: 'А в выходные можно будет поехать за гор…',
    thanks: 'Спасибо!',
    facts: ['Зовут Алекс', 'Живёт в Казани', 'Любит короткие ответы', 'Учится трейдингу'],
  },
  en: {
    hello: 'Hi Alex! Good to hear you. What shall we talk about?',
    question: 'What will the weather be like in Kazan tomorrow? Should I take an umbrella ☂️',
    answer: 'About three degrees in Kazan tomorrow, rain towards the evening. Better take one.',
    more: 'It gets colder at night too, so a scarf will come in handy 🧣',
    book: 'Psychology of trading: chapter 3',
    interim: 'And could we drive out of town at the week…',
    thanks: 'Thank you!',
    facts: ['Called Alex', 'Lives in Kazan', 'Likes short answers', 'Learns trading'],
  },
};

type Words = (typeof SAID)['ru'];

function lines({ hello, question, answer, more, book }: Words): Heard[] {
  return [
    { id: '1', who: 'agent', text: hello, final: true },
    { id: '2', who: 'you', text: question, final: true },
    {
      id: '3',
      who: 'agent',
      text: answer,
      final: true,
      sources: [{ title: 'Open-Meteo', url: 'https://open-meteo.com/' }],
    },
    { id: '4', who: 'agent', text: more, final: false, sources: [{ title: book }] },
  ];
}

export function bookIn(name: StoryName, language: 'ru' | 'en'): Book {
  const words = SAID[language];
  const all = lines(words);
  const heard: Partial<Record<StoryName, Heard[]>> = {
    listening: all.slice(0, 1),
    userSpeaks: [...all.slice(0, 3), { id: '5', who: 'you', text: words.interim, final: false }],
    thinking: all.slice(0, 2),
    speaking: all,
    longTalk: Array.from({ length: 6 }, (_, round) =>
      all.map((line) => ({ ...line, id: `${round}-${line.id}`, final: true })),
    ).flat(),
    muted: all.slice(0, 3),
    writing: all.slice(0, 1),
    micDenied: all.slice(0, 1),
    noDevice: all.slice(0, 1),
    micBusy: all.slice(0, 1),
    soundBlocked: all.slice(0, 1),
    reconnecting: all.slice(0, 3),
    agentLost: all.slice(0, 3),
    ended: [...all.slice(0, 3), { id: '6', who: 'you', text: words.thanks, final: true }],
    dropped: all.slice(0, 3),
  };
  return (heard[name] ?? []).reduce<Book>(write, []);
}

export function rememberedIn(name: StoryName, language: 'ru' | 'en'): Promise<Session> {
  if (name === 'menuFailed') return Promise.reject(new Error('story'));
  const { facts, question, answer, hello, thanks } = SAID[language];
  const empty = name === 'menuEmpty';
  const began = Date.UTC(2026, 10, 23, 17, 20);
  return Promise.resolve({
    name: 'Alex',
    language,
    voice_seconds_today: 600,
    voice_seconds_daily: empty ? null : 1800,
    conversations: empty
      ? []
      : [
          {
            place: 'chat',
            began: began - 90_000_000,
            lines: [{ at: began, question: thanks, answer: hello }],
          },
          { place: 'voice', began, lines: [{ at: began, question, answer }] },
        ],
    remembered: empty
      ? []
      : facts.map((text, number) => ({
          text,
          at: began - number * 90_000_000,
          place: number % 2 ? 'chat' : 'voice',
        })),
  });
}
