// Debian's Chromium, and Telegram's place in it.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

/** `wrap` may put another program before the browser. */
export function launch(flags = [], wrap = (program) => program) {
  if (!executablePath)
    throw new Error('there is no Chromium: apt-get install chromium fonts-noto-color-emoji');
  return chromium.launch({
    executablePath: wrap(executablePath),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--mute-audio', ...flags],
  });
}

/** Runs in the page before its own scripts: a client that notes what it is asked. */
export function telegram() {
  window.telegramWasAsked = [];
  window.TelegramWebviewProxy = {
    postEvent(name, data) {
      const details = data ? JSON.parse(data) : null;
      window.telegramWasAsked.push({ name, details });
      const answer = (event, body) =>
        setTimeout(() => window.Telegram?.WebView?.receiveEvent?.(event, body), 0);
      if (name === 'web_app_request_viewport') {
        answer('viewport_changed', {
          width: innerWidth,
          height: innerHeight,
          is_expanded: true,
          is_state_stable: true,
        });
      }
      if (name === 'web_app_request_safe_area')
        answer('safe_area_changed', { top: 0, right: 0, bottom: 0, left: 0 });
      if (name === 'web_app_request_content_safe_area') {
        answer('content_safe_area_changed', { top: 0, right: 0, bottom: 0, left: 0 });
      }
    },
  };
}

export const LIGHT = {
  bg_color: '#ffffff',
  text_color: '#000000',
  button_color: '#2481cc',
  button_text_color: '#ffffff',
};
export const DARK = {
  bg_color: '#17212b',
  text_color: '#f5f5f5',
  button_color: '#5288c1',
  button_text_color: '#ffffff',
};

/** What Telegram says of a person, with no real signature. */
function unsigned(language, name) {
  const user = { id: 42, first_name: name, language_code: language };
  return new URLSearchParams({
    user: JSON.stringify(user),
    auth_date: '1764000000',
    signature: 'none',
    hash: 'none',
  }).toString();
}

/** The part of an address that tells the page who opened it; `data` where it is really signed. */
export function launchHash({ language = 'ru', theme = LIGHT, platform = 'ios', name = 'Алекс', data } = {}) {
  return `#${new URLSearchParams({
    tgWebAppData: data ?? unsigned(language, name),
    tgWebAppVersion: '9.1',
    tgWebAppPlatform: platform,
    tgWebAppThemeParams: JSON.stringify(theme),
  })}`;
}
