/** Seconds without a single packet after which an agent is missed. */
const MISSED = 4;

/**
 * Whether the agent lives, by what comes of its sound: silence is sent too, so where nothing comes at all, it
 * was killed or is cut off. The server says so only after 14 s, and takes it out of the room after 20.
 */
export class Pulse {
  private beaten = false;
  private missed = 0;

  /** Once a second: the bits a second that came last, if there is a track. */
  beat(rate: number | undefined): 'lost' | 'back' | null {
    if (rate) {
      const back = this.missed >= MISSED;
      this.beaten = true;
      this.missed = 0;
      return back ? 'back' : null;
    }
    // Of a track that is new, or gone, nothing is known.
    if (rate === undefined || !this.beaten) return this.forget();
    this.missed += 1;
    return this.missed === MISSED ? 'lost' : null;
  }

  private forget(): null {
    this.beaten = false;
    this.missed = 0;
    return null;
  }
}
