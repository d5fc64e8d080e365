import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';
import styles from './Notice.module.css';

interface NoticeProps {
  icon: IconName;
  title: string;
  text: string;
  children?: ReactNode;
}

/** Something that hinders and does not end the call. */
export function Notice({ icon, title, text, children }: NoticeProps) {
  return (
    <div className={styles.notice} role="status">
      <span className={styles.icon}>
        <Icon name={icon} size={22} />
      </span>
      <p>
        <strong>{title}.</strong> {text}
      </p>
      {children}
    </div>
  );
}
