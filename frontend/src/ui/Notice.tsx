import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';
import styles from './Notice.module.css';

interface NoticeProps {
  icon: IconName;
  title: string;
  children: ReactNode;
}

/** Something that hinders and does not end the call. */
export function Notice({ icon, title, children }: NoticeProps) {
  return (
    <div className={styles.notice} role="status">
      <p className={styles.title}>
        <Icon name={icon} size={22} />
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}

/** The same, with what helps folded away: it takes no room from the conversation. */
export function Advice({ icon, title, children }: NoticeProps) {
  return (
    <details className={styles.notice}>
      <summary className={styles.title}>
        <Icon name={icon} size={22} />
        <strong>{title}</strong>
      </summary>
      <p className={styles.text}>{children}</p>
    </details>
  );
}
