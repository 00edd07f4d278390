import type { Timers } from "../../src/adapters/queue/timers.ts";

type Timer = { readonly at: number; readonly run: () => void };

/** Timers whose time passes only when asked, and the asking. */
export type VirtualTime = Timers & { readonly pass: (ms: number) => Promise<void>; readonly pending: () => number };

export function virtualTime(start: number): VirtualTime {
  let now = start;
  const timers = new Set<Timer>();
  const next = (until: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    pending: () => timers.size,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass: async (ms) => {
      const until = now + ms;
      await settle();
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        timers.delete(timer);
        now = timer.at;
        timer.run();
        await settle();
      }
      now = until;
    },
  };
}

// One turn of the event loop: every promise that can go on has gone on.
async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
