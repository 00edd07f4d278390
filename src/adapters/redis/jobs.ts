import { randomUUID } from "node:crypto";
import { Queue as Jobs } from "bullmq";
import type { Redis } from "ioredis";
import type { Because, RepoKey } from "../../ports/queue.ts";
import { idOf } from "./keys.ts";

/** Looks that are due, as jobs of BullMQ that carry only the key. */
export type LookJobs = {
  /** Adds one; where one waits already, that one is it, and takes the place of the stronger reason. */
  readonly add: (key: RepoKey, because: Because) => Promise<void>;
  /** How many wait, and when one of the first came, milliseconds. */
  readonly waiting: () => Promise<{ readonly count: number; readonly since: number | undefined }>;
  readonly close: () => Promise<void>;
};

export const JOBS = "looks";

/** What persons ask for goes to the head of the list that is worked off first, Tidegate's own to its end, and news into the one after it. */
const PLACES = {
  person: { priority: 0, lifo: true },
  own: { priority: 0, lifo: false },
  news: { priority: 1, lifo: false },
} as const satisfies Readonly<Record<Because, object>>;

const NO_SUCH_JOB = -1;

/** The jobs under a prefix; `tell` is told of errors that nobody asked for. */
export async function lookJobs(redis: Redis, prefix: string, tell: (error: Error) => void): Promise<LookJobs> {
  const jobs = new Jobs(JOBS, { connection: redis, prefix, streams: { events: { maxLen: 100 } } });
  // Its connection tells when Redis is away; what else fails rejects where it was asked for.
  jobs.on("error", tell);
  // BullMQ asks Redis once what it is; without an answer it would refuse every job from then on.
  await jobs.waitUntilReady();
  return {
    add: (key, because) => add(jobs, key, because),
    waiting: async () => {
      const [counts, oldest] = await Promise.all([
        Promise.all([jobs.getWaitingCount(), jobs.getPrioritizedCount()]),
        Promise.all([jobs.getJobs(["wait"], 0, 0, true), jobs.getJobs(["prioritized"], 0, 0, true)]),
      ]);
      const since = oldest.flatMap((found) => found.slice(0, 1)).map(({ timestamp }) => timestamp);
      return { count: counts[0] + counts[1], since: since.length === 0 ? undefined : Math.min(...since) };
    },
    close: () => jobs.close(),
  };
}

// While the job waits, another look is the same look; while it is active, BullMQ keeps one more for afterwards. BullMQ would count jobs, and begin anew after a flush:
// a worker that still runs the old job of a number would stop renewing the new one when the old one ends.
async function add(jobs: Jobs, { installation, repo }: RepoKey, because: Because): Promise<void> {
  const deduplication = { id: idOf({ installation, repo }), keepLastIfActive: true };
  const jobId = randomUUID();
  const place = PLACES[because];
  const ends = { removeOnComplete: true, removeOnFail: true };
  const job = await jobs.add("look", { installation, repo }, { jobId, deduplication, ...place, ...ends });
  if (job.id === jobId || because === "news") return;
  // One that has begun meanwhile is the look, or has another one after it.
  await job.changePriority(place).catch((error: unknown) => {
    if (!isGone(error)) throw error;
  });
}

function isGone(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === NO_SUCH_JOB;
}
