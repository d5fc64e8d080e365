'use client';

import type { Conversation } from '@/api/types';
import { useTexts } from '@/i18n/context';
import { moment } from '@/i18n/format';
import { Icon } from '@/ui/Icon';
import styles from './Menu.module.css';

/** Past conversations, the newest first, each folded. */
export function History({ conversations }: { conversations: Conversation[] }) {
  const { menu, locale } = useTexts();
  if (!conversations.length) return <p className={styles.quiet}>{menu.historyEmpty}</p>;
  return (
    <ul className={styles.history}>
      {conversations.toReversed().map(({ place, began, lines }) => (
        <li key={`${place} ${began}`}>
          <details>
            <summary>
              <span className={styles.place}>
                <Icon name={place === 'voice' ? 'wave' : 'chat'} size={20} />
              </span>
              <span className={styles.about}>
                <span>{moment(began, locale)}</span>
                <small>
                  {menu.places[place]} · {menu.lines(lines.length)}
                </small>
              </span>
            </summary>
            <Lines lines={lines} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function Lines({ lines }: Pick<Conversation, 'lines'>) {
  const { captions } = useTexts();
  return (
    <div className={styles.lines}>
      {lines.map(({ at, question, answer }) => (
        <div key={`${at} ${question}`}>
          <p className={styles.question} dir="auto">
            <span className="unseen">{captions.you}: </span>
            {question}
          </p>
          <p dir="auto">
            <span className="unseen">{captions.agent}: </span>
            {answer}
          </p>
        </div>
      ))}
    </div>
  );
}
