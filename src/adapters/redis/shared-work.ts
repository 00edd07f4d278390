import type { Locks } from "../../ports/locks.ts";
import type { SharedBudget } from "../../ports/limits.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import { SPACING, type Spacing } from "../queue/spacing.ts";
import type { Timers } from "../queue/timers.ts";
import { redisBudgets } from "./budgets.ts";
import { askingConnection, waitingConnection } from "./connection.ts";
import { assureFit } from "./fitness.ts";
import { redisLocks } from "./locks.ts";
import { redisQueue, type Pace } from "./queue.ts";

export type SharedWorkOptions = {
  /** `redis:` or `rediss:`, with the password if there is one. */
  readonly url: string;
  readonly timers: Timers;
  readonly log: Log;
  /** Repositories that this process works on at once. */
  readonly concurrency: number;
  readonly pace?: Partial<Pace & Waits>;
  readonly spacing?: Spacing;
};

/** How long a lock lasts, how long one is waited for, and how long Redis may take to answer, milliseconds. */
type Waits = { readonly holdMs: number; readonly patienceMs: number; readonly answerMs: number };

/** What processes share; all ends with the queue. */
export type SharedWork = {
  readonly queue: Queue;
  readonly locks: Locks;
  /** The budget of each installation. */
  readonly budgets: (installation: number) => SharedBudget;
  /** Whether Redis takes work now, as far as is known without asking it. */
  readonly queueTakes: () => boolean;
};

const PREFIX = "tidegate";
// An answer: long enough for a busy Redis, and a webhook that waits so long can still be refused in time.
const PACE = {
  lockMs: 12_000,
  stalledMs: 6_000,
  ringMs: 250,
  holdMs: 15_000,
  patienceMs: 60_000,
  answerMs: 3_000,
} as const;

/** The queue and the locks on one Redis. A UserError says why it cannot be used; no message holds the password. */
export async function sharedWork({ url, timers, log, concurrency, ...chosen }: SharedWorkOptions): Promise<SharedWork> {
  const { pace, spacing = SPACING } = chosen;
  const { holdMs: ttlMs, patienceMs, answerMs, ...queuePace } = { ...PACE, ...pace };
  const asking = await askingConnection(url, log, answerMs);
  const waiting = waitingConnection(url);
  const here = { timers, log, prefix: PREFIX };
  try {
    await assureFit(asking, log);
    return {
      queue: await redisQueue({ ...here, asking, waiting, concurrency, pace: queuePace, spacing }),
      locks: redisLocks({ ...here, redis: asking, ttlMs, patienceMs }),
      budgets: redisBudgets({ ...here, redis: asking }),
      queueTakes: () => asking.status === "ready",
    };
  } catch (error) {
    asking.disconnect();
    waiting.disconnect();
    throw error;
  }
}
