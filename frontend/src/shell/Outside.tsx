'use client';

import { Sphere } from '@/call/Sphere';
import { useTexts } from '@/i18n/context';
import styles from './Outside.module.css';

/** For those who opened the page in a browser of their own. */
export function Outside() {
  const { outside } = useTexts();
  return (
    <main className={styles.outside}>
      <Sphere look="rest" source={null} />
      <h1>{outside.title}</h1>
      <p>{outside.text}</p>
    </main>
  );
}
