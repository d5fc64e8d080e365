import type { Texts } from './ru';

/** All texts in English. */
export const en: Texts = {
  locale: 'en',
  name: 'English',

  ready: {
    greeting: (name) => (name ? `Hi, ${name}!` : 'Hi!'),
    lead: 'Shall we talk? I answer out loud, remember our conversations, and you can cut in any time.',
    start: 'Start talking',
    write: 'Write instead',
  },

  status: {
    ready: 'Ready to talk',
    askingMic: 'Allow the microphone',
    connecting: 'Connecting…',
    connectingHeard: 'Connecting, you can already speak',
    calling: 'Sfera will be right here…',
    agentLost: 'Sfera dropped out, waiting for her…',
    listening: 'Listening',
    listeningMuted: 'Microphone is off',
    reading: 'Write to me',
    thinking: 'Thinking…',
    speaking: 'Speaking',
    reconnecting: 'Connection lost, getting it back…',
    ended: 'Conversation over',
    failed: 'That did not work',
  },

  hint: {
    interrupt: 'Tap the sphere to cut in',
    listening: 'Ask me anything',
    muted: 'Turn it on so that I can hear you',
  },

  action: {
    mute: 'Turn microphone off',
    unmute: 'Turn microphone on',
    hangUp: 'End conversation',
    send: 'Send',
    again: 'Talk again',
    home: 'Back to start',
    retry: 'Try again',
    takeBack: 'Continue here',
    close: 'Close',
    menu: 'Menu',
    fullscreen: 'Full screen',
    exitFullscreen: 'Leave full screen',
    sound: 'Turn sound on',
  },

  composer: {
    label: 'Message',
    placeholder: 'Write…',
    wait: 'One moment…',
  },

  captions: {
    label: 'Conversation',
    you: 'You',
    agent: 'Sfera',
    sources: 'Sources',
    latest: 'To the latest words',
  },

  timer: (time) => `Duration ${time}`,
  lasted: (time) => `We talked for ${time}`,

  mic: {
    denied: {
      title: 'No access to the microphone',
      text: {
        ios: 'Open Settings → Telegram → Microphone, then open this window again.',
        android: 'Open Settings → Apps → Telegram → Permissions, then open this window again.',
        desktop: 'Allow Telegram the microphone in your system settings and open this window again.',
        web: 'Click the lock in the address bar, allow the microphone and reload the page.',
      },
    },
    missing: { title: 'No microphone found', text: 'Plug one in, or write: I answer out loud.' },
    busy: {
      title: 'The microphone is busy',
      text: 'Another program seems to be using it. You can write meanwhile.',
    },
    orWrite: 'You can write meanwhile, and I answer out loud.',
  },

  problem: {
    network: { title: 'No connection', text: 'Check your internet and try again.' },
    unavailable: {
      title: 'Sfera is resting',
      text: 'The service is down right now. Come back in a few minutes.',
    },
    closed: {
      title: 'Sfera is paused',
      text: 'Voice talks are switched off right now. Come back later; in the chat I answer.',
    },
    agentMissing: { title: 'Nobody picked up', text: 'Everyone is busy right now. Try again in a minute.' },
    elsewhere: {
      title: 'Open in another window',
      text: 'Sfera is open somewhere else. You can continue here.',
    },
    limit: {
      title: 'That is all for today',
      text: 'Today’s talking time is used up. Write to me in the chat, I answer there.',
    },
    expired: {
      title: 'This window is out of date',
      text: 'Close it and open it again from the chat with the bot.',
    },
    banned: {
      title: 'Access closed',
      text: 'If this is a mistake, write to support: there is a button in the bot’s menu.',
    },
    tooOften: { title: 'Too many tries', text: 'Wait a minute and try again.' },
    unsigned: {
      title: 'Telegram did not recognise you',
      text: 'Close the window and open it again from the chat with the bot.',
    },
    dropped: { title: 'Connection lost', text: 'The conversation broke off. I remember where we were.' },
    unknown: { title: 'Something went wrong', text: 'Please try again.' },
  },

  sound: 'The browser waits for a tap to play sound',

  outside: {
    title: 'Open Sfera in Telegram',
    text: 'Conversations start in the chat with the bot: send it /sfera or press “🤖 Sfera AI”, then open this window with the button under its answer.',
    developer:
      'Developer mode is off on this server: SFERA_DEVELOPER switches it on, and only for this machine.',
  },

  menu: {
    title: 'Menu',
    known: 'What I know about you',
    learned: (day) => `learned on ${day}`,
    knownEmpty: 'Nothing yet. Tell me about yourself and I will remember.',
    history: 'Past conversations',
    historyEmpty: 'Our conversations will appear here.',
    lines: (count) => `${count} ${count === 1 ? 'question' : 'questions'}`,
    places: { voice: 'By voice', chat: 'In chat' },
    left: (minutes) =>
      minutes > 0
        ? `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} of talking left today.`
        : 'Today’s talking time is used up.',
    loading: 'Remembering…',
    failed: 'Could not load this.',
    microphone: 'Microphone',
    defaultDevice: 'System default',
    language: 'Language',
  },

  forget: {
    button: 'Forget me',
    title: 'Forget everything?',
    text:
      'I will erase all you tell me and ask me to keep: conversations by voice and in chat, with the ' +
      'psychologist too; what I remember about you; reminders and your time zone; course progress; requests ' +
      'for support. This cannot be undone. Your name and language in Telegram, bans and today’s limits stay. ' +
      'Messages that administrators already got in Telegram cannot be recalled.',
    confirm: 'Forget',
    cancel: 'Keep it',
    done: 'Done, I have forgotten everything.',
    failed: 'That did not work. Please try again.',
  },
};
