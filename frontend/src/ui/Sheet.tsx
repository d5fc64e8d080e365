'use client';

import { type ReactNode, useEffect, useId, useRef } from 'react';
import { RoundButton } from './Button';
import styles from './Sheet.module.css';

interface SheetProps {
  title: string;
  closeLabel: string;
  onClose: () => void;
  children: ReactNode;
}

/** A modal sheet: from below on a phone, at the side on a desktop. The browser keeps the focus in it. */
export function Sheet({ title, closeLabel, onClose, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const top = useRef<HTMLHeadingElement>(null);
  const heading = useId();
  useEffect(() => {
    dialog.current?.showModal();
    top.current?.focus();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself.
    <dialog
      ref={dialog}
      className={styles.sheet}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className={styles.inner}>
        <header className={styles.head}>
          <h2 id={heading} ref={top} tabIndex={-1}>
            {title}
          </h2>
          <RoundButton icon="close" look="bare" label={closeLabel} onClick={() => dialog.current?.close()} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface QuestionProps {
  title: string;
  text: string;
  children: ReactNode;
  onClose: () => void;
}

/** A question that has to be answered before anything else. */
export function Question({ title, text, children, onClose }: QuestionProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const body = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      className={styles.question}
      aria-labelledby={heading}
      aria-describedby={body}
      onClose={onClose}
    >
      <h2 id={heading}>{title}</h2>
      <p id={body}>{text}</p>
      <div className={styles.answers}>{children}</div>
    </dialog>
  );
}
