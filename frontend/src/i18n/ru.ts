import type { MicTrouble, Problem } from '@/call/machine';
import type { Status } from '@/call/view';

type Platform = 'ios' | 'android' | 'desktop' | 'web';

/** All texts in Russian; the other languages have the same keys (`Texts`). */
export const ru = {
  /** For <html lang> and dates. */
  locale: 'ru',
  name: 'Русский',

  ready: {
    greeting: (name: string | null) => (name ? `Привет, ${name}!` : 'Привет!'),
    lead: 'Поговорим? Отвечаю голосом, помню прошлые разговоры, и меня можно перебивать.',
    start: 'Начать разговор',
    write: 'Написать',
  },

  status: {
    ready: 'Готова к разговору',
    askingMic: 'Разреши доступ к микрофону',
    connecting: 'Соединяю…',
    connectingHeard: 'Соединяю, уже можно говорить',
    calling: 'Sfera сейчас подойдёт…',
    agentLost: 'Sfera пропала, жду её обратно…',
    listening: 'Слушаю',
    listeningMuted: 'Микрофон выключен',
    reading: 'Напиши мне',
    thinking: 'Думаю…',
    speaking: 'Говорю',
    reconnecting: 'Связь прервалась, восстанавливаю…',
    ended: 'Разговор окончен',
    failed: 'Не получилось',
  } satisfies Record<Status, string>,

  hint: {
    interrupt: 'Коснись сферы, чтобы перебить',
    listening: 'Спроси о чём угодно',
    muted: 'Включи его, чтобы я услышала',
  },

  action: {
    mute: 'Выключить микрофон',
    unmute: 'Включить микрофон',
    hangUp: 'Завершить разговор',
    send: 'Отправить',
    again: 'Поговорить ещё',
    home: 'На главную',
    retry: 'Попробовать снова',
    takeBack: 'Продолжить здесь',
    close: 'Закрыть',
    menu: 'Меню',
    fullscreen: 'На весь экран',
    exitFullscreen: 'Свернуть с полного экрана',
    sound: 'Включить звук',
  },

  composer: {
    label: 'Сообщение',
    placeholder: 'Написать…',
    wait: 'Секунду…',
  },

  captions: {
    label: 'Разговор',
    you: 'Ты',
    agent: 'Sfera',
    sources: 'Источники',
    latest: 'К последним словам',
  },

  timer: (time: string) => `Длительность ${time}`,
  lasted: (time: string) => `Проговорили ${time}`,

  mic: {
    denied: {
      title: 'Нет доступа к микрофону',
      text: {
        ios: 'Открой «Настройки» → Telegram → «Микрофон», затем открой это окно заново.',
        android: 'Открой «Настройки» → «Приложения» → Telegram → «Разрешения», затем открой это окно заново.',
        desktop: 'Разреши Telegram микрофон в настройках системы и открой это окно заново.',
        web: 'Нажми на замок в адресной строке, разреши микрофон и обнови страницу.',
      } satisfies Record<Platform, string>,
    },
    missing: { title: 'Микрофон не найден', text: 'Подключи его или напиши: я отвечу голосом.' },
    busy: { title: 'Микрофон занят', text: 'Похоже, он нужен другой программе. Пока можно писать.' },
    orWrite: 'А пока можно писать, я отвечу голосом.',
  } satisfies Record<MicTrouble | 'orWrite', unknown>,

  problem: {
    network: { title: 'Нет связи', text: 'Проверь интернет и попробуй снова.' },
    unavailable: { title: 'Sfera отдыхает', text: 'Сервис сейчас недоступен. Загляни через пару минут.' },
    closed: {
      title: 'Sfera на паузе',
      text: 'Голосовые разговоры сейчас выключены. Загляни позже, а пока напиши мне в чат.',
    },
    agentMissing: { title: 'Никто не подошёл', text: 'Сейчас все заняты. Попробуй ещё раз через минуту.' },
    elsewhere: { title: 'Разговор в другом окне', text: 'Sfera открыта где-то ещё. Можно продолжить здесь.' },
    limit: {
      title: 'На сегодня всё',
      text: 'Время разговоров на сегодня закончилось. Напиши мне в чат, там я отвечу.',
    },
    expired: { title: 'Окно устарело', text: 'Закрой его и открой снова из чата с ботом.' },
    banned: { title: 'Доступ закрыт', text: 'Если это ошибка, напиши в поддержку: кнопка есть в меню бота.' },
    tooOften: { title: 'Слишком часто', text: 'Подожди минуту и попробуй снова.' },
    unsigned: { title: 'Telegram не узнал тебя', text: 'Закрой окно и открой его снова из чата с ботом.' },
    dropped: { title: 'Связь потеряна', text: 'Разговор оборвался. Я помню, на чём мы остановились.' },
    unknown: { title: 'Что-то пошло не так', text: 'Попробуй ещё раз.' },
  } satisfies Record<Problem, { title: string; text: string }>,

  sound: 'Браузер ждёт касания, чтобы включить звук',

  outside: {
    title: 'Открой Sfera в Telegram',
    text: 'Разговор начинается в чате с ботом: отправь ему /sfera или нажми «🤖 Sfera AI» и открой окно кнопкой под ответом.',
    developer:
      'Режим разработчика на этом сервере выключен: его включает SFERA_DEVELOPER, и только для этой машины.',
  },

  menu: {
    title: 'Меню',
    known: 'Что я о тебе знаю',
    learned: (day: string) => `узнала ${day}`,
    knownEmpty: 'Пока ничего. Расскажи о себе, и я запомню.',
    history: 'Прошлые разговоры',
    historyEmpty: 'Здесь появятся наши разговоры.',
    lines: (count: number) => `${count} ${plural(count, 'вопрос', 'вопроса', 'вопросов')}`,
    places: { voice: 'Голосом', chat: 'В чате' },
    left: (minutes: number) =>
      minutes > 0
        ? `Сегодня осталось ${minutes} ${plural(minutes, 'минута', 'минуты', 'минут')} разговора.`
        : 'Время разговоров на сегодня закончилось.',
    loading: 'Вспоминаю…',
    failed: 'Не получилось загрузить.',
    microphone: 'Микрофон',
    defaultDevice: 'Как в системе',
    language: 'Язык',
  },

  forget: {
    button: 'Забыть меня',
    title: 'Забыть всё?',
    text:
      'Я сотру всё, что ты мне говоришь и просишь хранить: разговоры голосом и в чате, с психологом тоже; ' +
      'память о тебе; напоминания и часовой пояс; успехи в обучении; обращения в поддержку. Вернуть это будет ' +
      'нельзя. Останутся имя и язык из Telegram, блокировки и лимиты на сегодня. Сообщения, которые ' +
      'администраторы уже получили в Telegram, отозвать нельзя.',
    confirm: 'Забыть',
    cancel: 'Не надо',
    done: 'Готово, я всё забыла.',
    failed: 'Не получилось. Попробуй ещё раз.',
  },
};

function plural(count: number, one: string, few: string, many: string): string {
  const rule = new Intl.PluralRules('ru').select(count);
  if (rule === 'one') return one;
  return rule === 'few' ? few : many;
}

/** What every language has to say. */
export type Texts = typeof ru;
