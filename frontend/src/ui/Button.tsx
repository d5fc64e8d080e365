import type { ButtonHTMLAttributes } from 'react';
import styles from './Button.module.css';
import { Icon, type IconName } from './Icon';

type Kind = 'primary' | 'plain' | 'danger';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  icon?: IconName;
}

export function Button({ kind = 'plain', icon, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={`${styles.button} ${styles[kind]}`}>
      {icon ? <Icon name={icon} size={22} /> : null}
      <span>{children}</span>
    </button>
  );
}

interface RoundProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  label: string;
  look?: 'soft' | 'bare' | 'accent' | 'danger' | 'off';
}

/** A button that is an icon; its words are for those who hear the page, and for the pointer that rests. */
export function RoundButton({ icon, label, look = 'soft', ...rest }: RoundProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`${styles.round} ${styles[look]}`}
    >
      <Icon name={icon} size={icon === 'hangUp' ? 30 : 24} />
    </button>
  );
}
