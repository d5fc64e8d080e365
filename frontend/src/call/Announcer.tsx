'use client';

import type { Book } from '@/captions/book';
import { useTexts } from '@/i18n/context';
import type { CallState } from './machine';
import { status } from './view';

/** For those who hear the page: what goes on, and the agent's words once a piece is whole. */
export function Announcer({ state, book }: { state: CallState; book: Book }) {
  const texts = useTexts();
  const now = status(state);
  // A tone of voice tells these three; naming each would talk over the conversation.
  const quiet = now === 'listening' || now === 'thinking' || now === 'speaking';
  const said = book.findLast(({ who, final }) => who === 'agent' && final);
  return (
    <div className="unseen">
      <p aria-live="assertive">{quiet || now === 'ready' ? '' : texts.status[now]}</p>
      <p aria-live="polite">{said ? said.text : ''}</p>
    </div>
  );
}
