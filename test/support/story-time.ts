import type { Timers } from "../../src/adapters/queue/timers.ts";

const SECOND = 1_000;

export type StoryTime = Timers & {
  readonly sleep: (ms: number) => Promise<void>;
  readonly advance: (ms: number) => void;
  readonly nextAlarm: () => number | undefined;
  /** Runs the alarms that are due; tells whether there were any. */
  readonly ring: () => boolean;
};

/** One clock for the bot, GitHub and the cluster. It begins near the machine's. */
export function storyTime(): StoryTime {
  const start = Math.floor(Date.now() / (10 * SECOND)) * 10 * SECOND;
  let now = start - 10 * SECOND;
  const alarms = new Set<{ readonly at: number; readonly run: () => void }>();
  const due = () => [...alarms].filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
  return {
    now: () => now,
    // Whoever sleeps in the middle of something finds the time passed: nothing else happens meanwhile.
    sleep: async (ms) => {
      now += Math.max(0, ms);
    },
    after: (ms, run) => {
      const alarm = { at: now + ms, run };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance: (ms) => {
      now += ms;
    },
    nextAlarm: () => (alarms.size === 0 ? undefined : Math.min(...[...alarms].map(({ at }) => at))),
    ring: () => {
      const rung = due();
      for (const alarm of rung) if (alarms.delete(alarm)) alarm.run();
      return rung.length > 0;
    },
  };
}
