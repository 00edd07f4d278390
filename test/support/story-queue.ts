import { setTimeout as sleep } from "node:timers/promises";
import { memoryQueue } from "../../src/adapters/queue/memory.ts";
import type { Spacing } from "../../src/adapters/queue/spacing.ts";
import { SYSTEM_TIMERS } from "../../src/adapters/queue/timers.ts";
import { sharedWork } from "../../src/adapters/redis/shared-work.ts";
import type { TidegateParts } from "../../src/server/bot.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Queue } from "../../src/ports/queue.ts";
import { redisServer } from "../../src/sandbox/redis.ts";
import type { StoryTime } from "./story-time.ts";
import type { StoryQueueKind } from "./story-world.ts";

/** Real time after which whatever was set off is taken to hang; the machine may have much else to do. */
const PATIENCE_MS = 600_000;
/** Redis's machinery runs in real time, only what is due when is the story's: nothing is taken from a bot, however long the machine keeps it waiting. */
const PACE = {
  lockMs: 600_000,
  stalledMs: 60_000,
  ringMs: 10,
  holdMs: 600_000,
  patienceMs: 600_000,
  answerMs: 600_000,
} as const;

/** Time stands still between what people do in a story: of nobody's acts is one too soon after the other. */
const UNSPACED: Spacing = { atOnce: 1_000, everyMs: 1 };

/** What a bot is given of what it shares with others. */
type Work = Pick<TidegateParts, "queue" | "locks">;

/** What the bots of a story have to do. */
export type StoryQueue = {
  /** For a bot that starts. `expectLook`: a look will come of what it began; until then there is something to do. */
  readonly open: (log: Log) => Promise<{ readonly work: Work; readonly expectLook: () => void }>;
  /** Resolves when no look runs and none is due. */
  readonly idle: () => Promise<void>;
  readonly isBusy: () => Promise<boolean>;
  /** Whether something may come due without an alarm of the story's. */
  readonly isSilent: boolean;
  /** How many looks each bot has begun, in the order in which they started. */
  readonly looks: () => readonly number[];
  readonly close: () => Promise<void>;
};

/** Which queue stories have that do not say: TIDEGATE_STORIES_QUEUE=redis tells all of them over a real Redis. */
export function usualQueue(): StoryQueueKind {
  return process.env["TIDEGATE_STORIES_QUEUE"] === "redis" ? "redis" : "memory";
}

/** Where the work of bots comes from. */
type Source = Pick<StoryQueue, "isSilent" | "close"> & {
  readonly open: (log: Log) => Promise<Work>;
  readonly isDue: () => Promise<boolean>;
};

type Seen = { looks: number; running: number; isExpected: boolean };

/** The work of a story's bots, and when there is none. */
export async function storyQueue(
  kind: StoryQueueKind,
  time: StoryTime,
  spacing: Spacing = UNSPACED,
): Promise<StoryQueue> {
  const source = kind === "redis" ? await onRedis(time, spacing) : inside(time, spacing);
  const bots: Seen[] = [];
  const isBusy = async () =>
    bots.some(({ running, isExpected }) => running > 0 || isExpected) || (await source.isDue());
  return {
    ...source,
    open: async (log) => {
      const work = await source.open(log);
      const seen: Seen = { looks: 0, running: 0, isExpected: false };
      bots.push(seen);
      const expectLook = () => {
        seen.isExpected = true;
      };
      return { work: { ...work, queue: watched(work.queue, seen) }, expectLook };
    },
    isBusy,
    looks: () => bots.map(({ looks }) => looks),
    idle: async () => {
      const patience = Date.now() + PATIENCE_MS;
      do {
        if (Date.now() > patience) throw new Error(`The bot does not come to rest: ${JSON.stringify(bots)}`);
        await sleep(1);
      } while (await isBusy());
    },
  };
}

function watched(queue: Queue, seen: Seen): Queue {
  return {
    ...queue,
    look: async (key, because) => {
      await queue.look(key, because);
      seen.isExpected = false;
    },
    work: (handler, newsFrom) =>
      queue.work(async (key, because) => {
        seen.running += 1;
        seen.looks += 1;
        try {
          await handler(key, because);
        } finally {
          seen.running -= 1;
        }
      }, newsFrom),
  };
}

function inside(timers: StoryTime, spacing: Spacing): Source {
  return {
    isSilent: false,
    open: async (log) => ({ queue: memoryQueue({ timers, log, concurrency: 4, capacity: 100, spacing }) }),
    isDue: async () => false,
    close: async () => undefined,
  };
}

async function onRedis(time: StoryTime, spacing: Spacing): Promise<Source> {
  const server = await redisServer();
  const timers = { now: time.now, after: SYSTEM_TIMERS.after };
  let workers = 0;
  return {
    // Of failed looks nobody is told when they come due again.
    isSilent: true,
    open: async (log) => {
      // Of each bot's requests every one is counted by itself: a story's minutes are not the machine's.
      const options = { url: server.url, timers, log, concurrency: 4, pace: PACE, spacing };
      const { queue, locks, queueTakes } = await sharedWork(options);
      workers += 1;
      return {
        locks,
        queueTakes,
        queue: {
          ...queue,
          // Time stops at each wake, as it does at alarms of its own.
          wake: async (key, at) => {
            await queue.wake(key, at);
            time.after(Math.max(0, Math.ceil(at) - time.now()), () => undefined);
          },
          close: async (deadlineMs) => {
            workers -= 1;
            await queue.close(deadlineMs);
          },
        },
      };
    },
    isDue: async () => workers > 0 && (await dueIn(server.client, time.now())) > 0,
    close: server.close,
  };
}

type Client = Awaited<ReturnType<typeof redisServer>>["client"];

async function dueIn(client: Client, now: number): Promise<number> {
  const counts = await Promise.all([
    client.llen("tidegate:looks:wait"),
    client.zcard("tidegate:looks:prioritized"),
    client.llen("tidegate:looks:active"),
    client.zcount("tidegate:wakes", "-inf", now),
    client.zcount("tidegate:retries", "-inf", now),
    client.zcount("tidegate:put-off", "-inf", now),
    client.zcard("tidegate:ringing"),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}
