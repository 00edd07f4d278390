/** Answers kept; the oldest go first. */
const MOST = 50_000;

/** The answer that is known under a key, or the one that is made now and kept. */
export function once<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const value = make();
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  return value;
}
