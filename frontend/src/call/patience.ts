/** How long a page waits for an agent, and whom it asks meanwhile. */

/** The server is asked so often, and so many times before nobody is expected any more. */
const ASK_EVERY_MS = 1_000;
const ASK_TIMES = 20;
/** One that was killed is in the room for the server for another 20 s. */
const ASK_TIMES_LOST = 40;
/** An agent that was lost is asked for again so often: every so many questions, and so many times. */
const RECALL_EVERY = 5;
const RECALLS = 3;

export interface Patience {
  /** Whether this call still waits. */
  waits: () => boolean;
  /** How the call goes, as the server knows it. */
  says: () => Promise<string | null>;
  /** Asks for another agent, where there was one before. */
  recall?: (() => Promise<void>) | undefined;
  wait: (ms: number) => Promise<void>;
}

/** Ends when nothing is waited for any more, or when waiting makes no sense. */
export async function awaitAgent(patience: Patience): Promise<'done' | 'missing' | 'spent'> {
  const { waits, says, recall, wait } = patience;
  const times = recall ? ASK_TIMES_LOST : ASK_TIMES;
  let recalled = 0;
  for (let asked = 0; asked < times; asked += 1) {
    await wait(ASK_EVERY_MS);
    const said = waits() ? await says() : null;
    if (!waits()) return 'done';
    if (said === 'spent') return 'spent';
    if (said !== 'no_agent') continue;
    if (!recall) return 'missing';
    if (asked % RECALL_EVERY) continue;
    if (recalled === RECALLS) return 'missing';
    recalled += 1;
    await recall();
  }
  return 'missing';
}
