'use client';

import { useTexts } from '@/i18n/context';
import type { Platform } from '@/telegram/launch';
import { Button } from '@/ui/Button';
import { Notice } from '@/ui/Notice';
import { type CallState, isActive, isMicTrouble } from './machine';

interface NoticesProps {
  state: CallState;
  platform: Platform;
  onUnlock: () => void;
}

/** What hinders the call and how to help it. */
export function Notices({ state, platform, onUnlock }: NoticesProps) {
  const { mic, sound, action } = useTexts();
  if (!isActive(state)) return null;
  return (
    <>
      {state.soundBlocked && state.phase === 'live' ? (
        <Notice icon="soundOff" title={sound.title} text={sound.text}>
          <Button kind="primary" onClick={onUnlock}>
            {action.sound}
          </Button>
        </Notice>
      ) : null}
      {state.mic === 'denied' ? (
        <Notice icon="micOff" title={mic.denied.title} text={`${mic.denied.text[platform]} ${mic.orWrite}`} />
      ) : isMicTrouble(state.mic) ? (
        <Notice icon="micOff" {...mic[state.mic]} />
      ) : null}
    </>
  );
}
