'use client';

import { lazy, Suspense, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { apiClient } from '@/api/client';
import { CallScreen } from '@/call/CallScreen';
import { Call } from '@/call/call';
import { isActive } from '@/call/machine';
import type { Language } from '@/i18n/language';
import type { Join, OpenMicrophone } from '@/room/ports';
import { Menu } from '@/session/Menu';
import { closeWindow } from '@/telegram/app';
import type { Launch } from '@/telegram/launch';
import { Header } from './Header';
import { useKeyboardRoom } from './useKeyboardRoom';
import { useTelegramManners } from './useTelegramManners';
import { useWakeLock } from './useWakeLock';

const Sounds = lazy(() => import('@/room/Sounds'));

// LiveKit is the larger half of the page and comes after what is seen first.
const join: Join = async (ticket, listener) => (await import('@/room/join')).join(ticket, listener);
const openMicrophone: OpenMicrophone = async () => (await import('@/room/microphone')).openMicrophone();
const fetchAhead = () =>
  Promise.all([import('@/room/join'), import('@/room/microphone'), import('@/room/Sounds')]);

interface HomeProps {
  launch: Launch;
  language: Language;
  onLanguage: (language: Language) => void;
}

/** The page within Telegram. */
export function Home({ launch, language, onLanguage }: HomeProps) {
  const api = useMemo(() => apiClient(launch.initData), [launch.initData]);
  const [call] = useState(() => new Call({ api, join, openMicrophone }));
  const { state, book, conversation, microphone } = useSyncExternalStore(
    call.subscribe,
    call.current,
    call.current,
  );
  const [menu, setMenu] = useState(false);
  const talking = isActive(state);
  useWakeLock(talking);
  useKeyboardRoom();
  useTelegramManners(state, menu ? () => setMenu(false) : isOver(state.phase) ? call.dismiss : null);

  useEffect(() => {
    const soon = setTimeout(() => fetchAhead().catch(() => {}), 300);
    return () => clearTimeout(soon);
  }, []);

  const level = useMemo(
    () => () =>
      (state.mood === 'speaking' ? conversation?.voice() : microphone?.track?.mediaStreamTrack) ?? null,
    [state.mood, conversation, microphone],
  );
  const actions = useMemo(
    () => ({
      start: call.start,
      again: call.again,
      dismiss: call.dismiss,
      hangUp: call.hangUp,
      toggleMicrophone: call.toggleMicrophone,
      say: call.say,
      interrupt: call.interrupt,
      unlockSound: call.unlockSound,
      closeWindow,
    }),
    [call],
  );

  return (
    <>
      <CallScreen
        state={state}
        book={book}
        name={launch.firstName}
        platform={launch.platform}
        level={talking ? level : null}
        actions={actions}
        header={<Header state={state} onMenu={() => setMenu(true)} />}
      />
      {conversation?.room ? (
        <Suspense>
          <Sounds room={conversation.room} />
        </Suspense>
      ) : null}
      {menu ? (
        <Menu
          api={api}
          conversation={conversation}
          language={language}
          onLanguage={onLanguage}
          onClose={() => setMenu(false)}
        />
      ) : null}
    </>
  );
}

function isOver(phase: string): boolean {
  return phase === 'ended' || phase === 'failed';
}
