/** How long a page waits for an agent, and whom it asks meanwhile. */

/** The server is asked so often, and so many times before nobody is expected any more. */
const ASK_EVERY_MS = 1_000;
const ASK_TIMES = 20;

export interface Patience {
  /** Whether this call still waits. */
  waits: () => boolean;
  /** How the call goes, as the server knows it. */
  says: () => Promise<string | null>;
  wait: (ms: number) => Promise<void>;
}

/** Ends when nothing is waited for any more, or when waiting makes no sense. */
export async function awaitAgent({ waits, says, wait }: Patience): Promise<'done' | 'missing' | 'spent'> {
  for (let asked = 0; asked < ASK_TIMES; asked += 1) {
    await wait(ASK_EVERY_MS);
    const said = waits() ? await says() : null;
    if (!waits()) return 'done';
    if (said === 'no_agent') return 'missing';
    if (said === 'spent') return 'spent';
  }
  return 'missing';
}
