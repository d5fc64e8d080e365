/** Who opened the page and where: what Telegram says at launch. */

import { retrieveLaunchParams, retrieveRawInitData } from '@tma.js/sdk-react';

export type Platform = 'ios' | 'android' | 'desktop' | 'web';

export interface Launch {
  /** Telegram's signed word for who this is, as it came. */
  initData: string;
  platform: Platform;
  firstName: string | null;
  languageCode: string | null;
}

const PLATFORMS: Record<string, Platform> = {
  ios: 'ios',
  android: 'android',
  android_x: 'android',
  macos: 'desktop',
  tdesktop: 'desktop',
  unigram: 'desktop',
};

export function platformOf(name: string): Platform {
  return PLATFORMS[name] ?? 'web';
}

/** The launch; `null` outside of Telegram, and where it was opened without saying by whom. */
export function readLaunch(): Launch | null {
  try {
    const initData = retrieveRawInitData();
    if (!initData) return null;
    const { tgWebAppPlatform, tgWebAppData } = retrieveLaunchParams();
    const user = tgWebAppData?.user;
    return {
      initData,
      platform: platformOf(String(tgWebAppPlatform)),
      firstName: user?.first_name.trim() || null,
      languageCode: user?.language_code ?? null,
    };
  } catch {
    return null;
  }
}

/** Whether whoever develops the page asks for it in a browser of their own. */
export function isDeveloper(hash: string): boolean {
  return hash === '#developer';
}

/** The same as a launch from Telegram. */
export function developerLaunch(initData: string): Launch {
  return { initData, platform: 'web', firstName: null, languageCode: null };
}
