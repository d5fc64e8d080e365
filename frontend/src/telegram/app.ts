/** The page as a guest of Telegram: everything it asks of the client. Clients lack this or that of it. */

import {
  backButton,
  closingBehavior,
  hapticFeedback,
  init,
  miniApp,
  swipeBehavior,
  themeParams,
  viewport,
} from '@tma.js/sdk-react';
import { palette } from './colors';

/** What the client cannot do is left out. */
function attempt(what: () => unknown): void {
  try {
    const done = what();
    if (done instanceof Promise) done.catch(() => {});
  } catch {
    // An older client.
  }
}

/** Introduces the page to the client. What it gives back undoes it. */
export function enterTelegram(): () => void {
  let leave: (() => void) | undefined;
  attempt(() => {
    leave = init();
  });
  attempt(() => themeParams.mount());
  attempt(() => themeParams.bindCssVars());
  attempt(() => miniApp.mount());
  attempt(() => backButton.mount());
  attempt(() => closingBehavior.mount());
  attempt(() => swipeBehavior.mount());
  // A drag over the captions must not close the page.
  attempt(() => swipeBehavior.disableVertical());
  attempt(paint);
  const stop = watchTheme();
  attempt(openWide);
  attempt(() => miniApp.ready());
  return () => {
    stop();
    attempt(() => leave?.());
  };
}

async function openWide(): Promise<void> {
  attempt(() => viewport.expand());
  await viewport.mount();
  viewport.bindCssVars();
}

function watchTheme(): () => void {
  try {
    return themeParams.state.sub(() => attempt(paint));
  } catch {
    return () => {};
  }
}

/** The theme's colours, made readable, on the page and on Telegram's own bars around it. */
function paint(): void {
  // The whole state: what is derived from it is a change behind while the change is told.
  const { bg_color, text_color, button_color, button_text_color } = themeParams.state();
  const made = palette({
    bg: bg_color,
    text: text_color,
    button: button_color,
    buttonText: button_text_color,
  });
  if (!made || !bg_color) return;
  const page = document.documentElement;
  page.dataset.theme = made.scheme;
  for (const [name, value] of Object.entries(made.variables)) page.style.setProperty(name, value);
  attempt(() => miniApp.setHeaderColor('bg_color'));
  attempt(() => miniApp.setBgColor(bg_color));
  attempt(() => miniApp.setBottomBarColor('bg_color'));
}

/** Asks before the window is closed. */
export function confirmClosing(wanted: boolean): void {
  attempt(() => (wanted ? closingBehavior.enableConfirmation() : closingBehavior.disableConfirmation()));
}

/** Shows the back button; what it gives back hides it. */
export function onBack(act: () => void): () => void {
  let off: (() => void) | undefined;
  attempt(() => {
    off = backButton.onClick(act);
    backButton.show();
  });
  return () => {
    attempt(() => off?.());
    attempt(() => backButton.hide());
  };
}

export type Touch = 'tap' | 'success' | 'error';

export function buzz(touch: Touch): void {
  attempt(() =>
    touch === 'tap' ? hapticFeedback.impactOccurred('light') : hapticFeedback.notificationOccurred(touch),
  );
}

export function closeWindow(): void {
  attempt(() => miniApp.close());
}

/** Whether the client can give the page the whole screen. */
export function hasFullscreen(): boolean {
  try {
    return viewport.requestFullscreen.isAvailable();
  } catch {
    return false;
  }
}

export function isFullscreen(): boolean {
  try {
    return viewport.state().isFullscreen;
  } catch {
    return false;
  }
}

export function toggleFullscreen(): void {
  attempt(() => (isFullscreen() ? viewport.exitFullscreen() : viewport.requestFullscreen()));
}

/** Tells when full screen, or whether it can be had, changes. */
export function onViewport(told: () => void): () => void {
  try {
    return viewport.state.sub(told);
  } catch {
    return () => {};
  }
}
