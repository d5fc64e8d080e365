'use client';

import { useState } from 'react';
import { useTexts } from '@/i18n/context';
import { Button } from '@/ui/Button';
import { Question } from '@/ui/Sheet';
import styles from './Menu.module.css';

/** "Forget me", asked once more before it is done. */
export function Forget({ forget }: { forget: () => Promise<boolean> }) {
  const texts = useTexts().forget;
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<'done' | 'failed' | null>(null);

  const confirm = async () => {
    setBusy(true);
    setOutcome((await forget()) ? 'done' : 'failed');
    setBusy(false);
    setAsking(false);
  };

  return (
    <section className={styles.part}>
      <p role="status" className={outcome ? styles.outcome : 'unseen'}>
        {outcome ? texts[outcome] : ''}
      </p>
      <button type="button" className={styles.forget} onClick={() => setAsking(true)}>
        {texts.button}
      </button>
      {asking ? (
        <Question title={texts.title} text={texts.text} onClose={() => setAsking(false)}>
          <Button onClick={() => setAsking(false)}>{texts.cancel}</Button>
          <Button kind="danger" disabled={busy} onClick={confirm}>
            {texts.confirm}
          </Button>
        </Question>
      ) : null}
    </section>
  );
}
