import type { Clock } from "../../src/ports/clock.ts";

/** A clock that goes on only when asked. */
export type FakeClock = Clock & {
  readonly pass: (ms: number) => Promise<void>;
  /** How long each sleep was asked to be, in order. */
  readonly sleeps: readonly number[];
};

export function fakeClock(start: number): FakeClock {
  let now = start;
  const sleeps: number[] = [];
  let sleepers: readonly { readonly at: number; readonly wake: () => void }[] = [];
  const next = (until: number) => sleepers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
  return {
    sleeps,
    now: () => now,
    sleep: (ms) => {
      sleeps.push(ms);
      return new Promise((resolve) => {
        sleepers = [...sleepers, { at: now + ms, wake: resolve }];
      });
    },
    pass: async (ms) => {
      const until = now + ms;
      await settle();
      for (let sleeper = next(until); sleeper !== undefined; sleeper = next(until)) {
        const due = sleeper;
        sleepers = sleepers.filter((other) => other !== due);
        now = Math.max(now, due.at);
        due.wake();
        await settle();
      }
      now = until;
    },
  };
}

/** A clock whose sleeps pass at once; `sleeps` tells how long they were to be. */
export function hastyClock(start: number): Clock & { readonly sleeps: readonly number[] } {
  let now = start;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    sleep: async (ms) => {
      sleeps.push(ms);
      now += ms;
    },
  };
}

// One turn of the event loop: every promise that can go on has gone on.
async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
