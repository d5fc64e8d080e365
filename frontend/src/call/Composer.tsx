'use client';

import { type FormEvent, useState } from 'react';
import { useTexts } from '@/i18n/context';
import { RoundButton } from '@/ui/Button';
import styles from './Composer.module.css';

interface ComposerProps {
  ready: boolean;
  onSend: (text: string) => Promise<boolean>;
}

/** Writing instead of speaking. What could not be sent stays where it was. */
export function Composer({ ready, onSend }: ComposerProps) {
  const { composer, action } = useTexts();
  const [text, setText] = useState('');
  const [sending, setSending] = useState(false);
  const some = text.trim() !== '';

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!some || !ready || sending) return;
    setSending(true);
    const sent = await onSend(text);
    if (sent) setText((now) => (now === text ? '' : now));
    setSending(false);
  };

  return (
    <form className={styles.composer} onSubmit={submit}>
      <input
        className={styles.input}
        aria-label={composer.label}
        placeholder={ready ? composer.placeholder : composer.wait}
        value={text}
        onChange={(event) => setText(event.target.value)}
        maxLength={2000}
        enterKeyHint="send"
        autoComplete="off"
        autoCapitalize="sentences"
        dir="auto"
      />
      {some ? (
        <RoundButton type="submit" icon="send" look="accent" label={action.send} disabled={!ready} />
      ) : null}
    </form>
  );
}
