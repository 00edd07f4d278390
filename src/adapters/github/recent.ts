/** The most recently used values, by key. */
export type Recent<T> = {
  readonly get: (key: string) => T | undefined;
  readonly keep: (key: string, value: T) => void;
  readonly drop: (key: string) => void;
};

/** Keeps at most `most` values; the one that was not asked for the longest goes first. */
export function recent<T>(most: number): Recent<T> {
  // A map keeps the order of insertion: the first key is the oldest.
  const kept = new Map<string, T>();
  const put = (key: string, value: T) => {
    kept.delete(key);
    kept.set(key, value);
  };
  return {
    get: (key) => {
      const found = kept.get(key);
      if (found !== undefined) put(key, found);
      return found;
    },
    keep: (key, value) => {
      put(key, value);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
    drop: (key) => void kept.delete(key),
  };
}
