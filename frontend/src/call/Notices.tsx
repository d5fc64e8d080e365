'use client';

import { useTexts } from '@/i18n/context';
import type { Platform } from '@/telegram/launch';
import { Button } from '@/ui/Button';
import { Advice, Notice } from '@/ui/Notice';
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
  const help = mic.denied.text[platform];
  return (
    <>
      {state.soundBlocked && state.phase === 'live' ? (
        <Notice icon="soundOff" title={sound}>
          <Button kind="primary" onClick={onUnlock}>
            {action.sound}
          </Button>
        </Notice>
      ) : null}
      {isMicTrouble(state.mic) ? (
        <Advice icon="micOff" title={mic[state.mic].title}>
          {state.mic === 'denied' ? `${help} ${mic.orWrite}` : mic[state.mic].text}
        </Advice>
      ) : null}
    </>
  );
}
