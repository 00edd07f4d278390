/** An answer that may be used again while GitHub says that nothing changed. */
export type Kept<T> = { readonly etag: string; readonly answer: T };

/** The most recently used answers to reads, by address. */
export type Etags<T> = {
  readonly get: (address: string) => Kept<T> | undefined;
  readonly keep: (address: string, kept: Kept<T>) => void;
};

/** Keeps at most `most` answers; the one that was not asked for the longest goes first. */
export function etags<T>(most: number): Etags<T> {
  // A map keeps the order of insertion: the first key is the oldest.
  const kept = new Map<string, Kept<T>>();
  const put = (address: string, answer: Kept<T>) => {
    kept.delete(address);
    kept.set(address, answer);
  };
  return {
    get: (address) => {
      const found = kept.get(address);
      if (found !== undefined) put(address, found);
      return found;
    },
    keep: (address, answer) => {
      put(address, answer);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
  };
}
