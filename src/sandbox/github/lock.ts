/** Runs one piece of work at a time, in the order of asking. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>;

/** A lock of its own; a piece of work that fails does not hold up the next. */
export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
