/** The time, as a thing one is given. */
export type Clock = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};
