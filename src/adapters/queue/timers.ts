/** Time to read and to wait for, as a thing one is given: real in a process, virtual in a test. */
export type Timers = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs something once after so many milliseconds, at most 2^31 - 1; what it returns calls it off. */
  readonly after: (ms: number, run: () => void) => () => void;
};

export const SYSTEM_TIMERS: Timers = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
