import { SYSTEM_TIMERS, type Timers } from "../../src/adapters/queue/timers.ts";
import { sharedWork, type SharedWork, type SharedWorkOptions } from "../../src/adapters/redis/shared-work.ts";
import type { Fields, Log } from "../../src/ports/log.ts";
import type { Queue } from "../../src/ports/queue.ts";
import type { RedisServer } from "../../src/sandbox/redis.ts";
import { until } from "./until.ts";

/** Nothing is taken from a process, however long the machine keeps it waiting. */
const STEADY = {
  lockMs: 300_000,
  stalledMs: 500,
  ringMs: 20,
  holdMs: 300_000,
  patienceMs: 60_000,
  answerMs: 60_000,
} as const;
/** What a process held that is no more is taken over soon. */
export const QUICK = { ...STEADY, lockMs: 1_500, holdMs: 2_500 } as const;

/** What was logged, and the log. */
export function listeningLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const add = (message: string, fields: Fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { lines, info: add, warn: add };
}

export type Shared = SharedWork & {
  readonly log: ReturnType<typeof listeningLog>;
  /** Handlers that run here. */
  readonly running: () => number;
};

/** The work that processes share on a server, as one of them sees it. */
export async function shared(
  server: Pick<RedisServer, "url">,
  timers: Timers = SYSTEM_TIMERS,
  pace: NonNullable<SharedWorkOptions["pace"]> = STEADY,
): Promise<Shared> {
  const log = listeningLog();
  const work = await sharedWork({ url: server.url, timers, log, concurrency: 2, pace });
  let running = 0;
  const queue: Queue = {
    ...work.queue,
    work: (handler, newsFrom) =>
      work.queue.work(async (key, because) => {
        running += 1;
        try {
          await handler(key, because);
        } finally {
          running -= 1;
        }
      }, newsFrom),
  };
  return { ...work, queue, log, running: () => running };
}

/** Resolves when nothing is due in Redis at that time and what is active there runs in the handlers that are counted. */
export async function settled({ client }: RedisServer, now: () => number, running: () => number): Promise<void> {
  await until("the queue is at rest", async () => {
    const counts = await Promise.all([
      client.llen("tidegate:looks:wait"),
      client.zcard("tidegate:looks:prioritized"),
      client.zcount("tidegate:wakes", "-inf", now()),
      client.zcount("tidegate:retries", "-inf", now()),
      client.zcount("tidegate:put-off", "-inf", now()),
      client.zcard("tidegate:ringing"),
    ]);
    const active = await client.llen("tidegate:looks:active");
    return counts.every((count) => count === 0) && active === running();
  });
}
