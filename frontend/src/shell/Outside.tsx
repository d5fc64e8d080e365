'use client';

import { Sphere } from '@/call/Sphere';
import { useTexts } from '@/i18n/context';
import styles from './Outside.module.css';

/** For those who opened the page in a browser of their own. */
export function Outside({ refused = false }: { refused?: boolean | undefined }) {
  const { outside } = useTexts();
  return (
    <main className={styles.outside}>
      <Sphere look="rest" source={null} />
      <h1>{outside.title}</h1>
      <p>{refused ? outside.developer : outside.text}</p>
    </main>
  );
}
