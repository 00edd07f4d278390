/** Begins to wait; gives what calls it off. */
export type Deadline = (expire: () => void) => () => void;

type Waiting = { readonly at: number; readonly expire: () => void };

/** A time that is the same for many, milliseconds: one timer for all that wait, since nearly each of them is called off. It keeps no process from ending. */
export function deadlineOf(afterMs: number): Deadline {
  // In the order in which they began, which is the one in which they end.
  const waiting = new Set<Waiting>();
  let isSet = false;
  const set = (inMs: number): void => {
    isSet = true;
    setTimeout(ring, inMs).unref();
  };
  const ring = (): void => {
    isSet = false;
    const now = performance.now();
    for (const one of waiting) {
      if (one.at > now) return set(one.at - now);
      waiting.delete(one);
      one.expire();
    }
  };
  return (expire) => {
    const one = { at: performance.now() + afterMs, expire };
    waiting.add(one);
    if (!isSet) set(afterMs);
    return () => void waiting.delete(one);
  };
}
