import { Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Log } from "../../ports/log.ts";
import type { Because, NewsFrom, Queue, QueueState, RepoKey } from "../../ports/queue.ts";
import { errorFields } from "../log.ts";
import type { Spacing } from "../queue/spacing.ts";
import type { Timers } from "../queue/timers.ts";
import { asksIn, type Asks } from "./asks.ts";
import { JOBS, lookJobs, type LookJobs } from "./jobs.ts";
import { idOf, keyFrom, keyIn } from "./keys.ts";
import { lossesOf, type Losses } from "./losses.ts";
import { tellOnce, type Tell } from "./tell.ts";
import { wakesIn, wakeSets, type Wakes, type WakeSets } from "./wakes.ts";

export type RedisQueueOptions = {
  /** For what somebody waits for: rejects at once while Redis is away. */
  readonly asking: Redis;
  /** For what must be done some time: waits for Redis. */
  readonly waiting: Redis;
  readonly timers: Timers;
  readonly log: Log;
  /** What every name in Redis begins with; without a colon. */
  readonly prefix: string;
  /** Repositories that this process works on at once. */
  readonly concurrency: number;
  readonly pace: Pace;
  readonly spacing: Spacing;
};

/** How soon what is noticed, milliseconds. */
export type Pace = {
  /** A job whose worker does not renew it for so long is free. */
  readonly lockMs: number;
  /** How often free jobs are looked for; at most `lockMs` and this later another worker runs them. */
  readonly stalledMs: number;
  /** How often due wakes are looked for. */
  readonly ringMs: number;
};

type Handler = Parameters<Queue["work"]>[0];

type Room = RedisQueueOptions & {
  readonly sets: WakeSets;
  readonly failures: string;
  readonly jobs: LookJobs;
  /** What is asked for, by the connection that rejects at once, and what becomes of it. */
  readonly asks: Pick<Asks, "note" | "postpone">;
  readonly begun: Pick<Asks, "note" | "take" | "putOff" | "count">;
  readonly wakes: Wakes;
  readonly losses: Losses;
  /** What is or was looked at here, unless the last look failed. */
  readonly familiar: Map<string, RepoKey>;
  readonly tell: Tell;
  /** What runs here, by repository. */
  readonly runs: Map<string, Promise<void>>;
  worker: Worker | undefined;
  newsFrom: NewsFrom;
  /** Looks of dead workers that were given to others. */
  stalled: number;
  ringing: Promise<void>;
  stopRinging: () => void;
  closed: boolean;
};

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 5 * 60_000;
const PAUSE_MS = 1_000;

/**
 * A queue that processes share. *Look* is a BullMQ job that carries only the key, *wake* an entry of a sorted set; a failure becomes a wake, never a retry of the
 * job, in whose delay looks would be lost. Everything in it may be lost at any time: a sweep brings it back.
 */
export async function redisQueue(options: RedisQueueOptions): Promise<Queue> {
  const room = await roomOf(options);
  await room.losses(nothing);
  return {
    look: async (key, because) => {
      refuseClosed(room);
      await room.wakes.know(key);
      const isPutOff = because === "news" && (await room.asks.postpone(key, room.timers.now()));
      if (!isPutOff) await addLook(room, key, because);
    },
    wake: async (key, at) => {
      if (!Number.isFinite(at)) throw new RangeError(`A wake needs a time in milliseconds, not ${at}.`);
      refuseClosed(room);
      await room.wakes.set(key, at);
    },
    work: (handler, newsFrom) => {
      if (room.worker !== undefined) throw new Error("The queue is already being worked off.");
      room.newsFrom = newsFrom ?? room.newsFrom;
      room.worker = workerOf(room, handler);
      ringSoon(room);
    },
    state: () => stateOf(room),
    close: (deadlineMs) => close(room, deadlineMs),
  };
}

async function roomOf(options: RedisQueueOptions): Promise<Room> {
  const { asking, waiting, prefix, log, timers, spacing } = options;
  const tell = tellOnce(log, timers);
  const sets = wakeSets(prefix);
  const asks = { reasons: `${prefix}:reasons`, putOff: sets.putOff, rested: `${prefix}:rested` };
  return {
    ...options,
    sets,
    tell,
    failures: `${prefix}:failures`,
    jobs: await lookJobs(asking, prefix, (error) => tell(asking, error)),
    asks: asksIn(asking, asks, spacing),
    begun: asksIn(waiting, asks, spacing),
    wakes: wakesIn(asking, sets),
    losses: lossesOf(asking, `${prefix}:mark`),
    familiar: new Map(),
    runs: new Map(),
    worker: undefined,
    newsFrom: () => 0,
    stalled: 0,
    ringing: Promise.resolve(),
    stopRinging: () => undefined,
    closed: false,
  };
}

function refuseClosed({ closed }: Room): void {
  if (closed) throw new Error("The queue is closed.");
}

async function addLook({ asks, jobs }: Room, key: RepoKey, because: Because): Promise<void> {
  await jobs.add(key, await asks.note(key, because));
}

function workerOf(room: Room, handler: Handler): Worker {
  const { waiting, prefix, concurrency } = room;
  const { lockMs, stalledMs } = room.pace;
  const worker = new Worker(JOBS, (job: { readonly data: unknown }) => run(room, job.data, handler), {
    connection: waiting,
    prefix,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledMs,
    // A job whose workers were killed again and again is still to be run.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: PAUSE_MS,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  worker.on("error", (error) => room.tell(waiting, error));
  worker.on("stalled", () => {
    room.stalled += 1;
  });
  return worker;
}

/** Runs a job; one that runs here already, because Redis forgot that it does, is waited for. Never rejects: BullMQ would forget the look. */
async function run(room: Room, data: unknown, handler: Handler): Promise<void> {
  const key = keyIn(data);
  if (key === undefined) return room.log.warn("A job on Redis names no repository.");
  const id = idOf(key);
  const before = room.runs.get(id) ?? Promise.resolve();
  const mine = before.then(() => attempt(room, key, handler));
  room.runs.set(id, mine);
  await mine;
  if (room.runs.get(id) === mine) room.runs.delete(id);
}

async function attempt(room: Room, known: RepoKey, handler: Handler): Promise<void> {
  const { waiting, sets, failures, begun, timers } = room;
  const id = idOf(known);
  const { key, because } = await newest(room, known);
  if (because === "news") {
    const from = room.newsFrom(key.installation);
    if (from > timers.now()) return insist(room, () => begun.putOff(key, from));
    await insist(room, () => begun.count(key, timers.now()));
  }
  room.familiar.set(id, key);
  try {
    await handler(key, because);
    await insist(room, () => waiting.hdel(failures, id));
  } catch (error) {
    room.familiar.delete(id);
    await insist(room, async () => {
      const count = await waiting.hincrby(failures, id, 1);
      const delayMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(count - 1, 30), LAST_RETRY_MS);
      await begun.note(key, because);
      await waiting.zadd(sets.retries, timers.now() + delayMs, id);
      const { repo } = key;
      room.log.warn("A look failed.", { repo, failures: count, retryInMs: delayMs, ...errorFields(error) });
    });
  }
}

/** The key as it was last said, which may be later than the job, and why it is looked at. This look is the one that a failure or news asked for. */
async function newest(
  { waiting, sets, log, begun }: Room,
  key: RepoKey,
): Promise<{ readonly key: RepoKey; readonly because: Because }> {
  try {
    await waiting.zrem(sets.retries, idOf(key));
    const because = await begun.take(key);
    return { key: keyFrom(await waiting.hget(sets.known, idOf(key))) ?? key, because: because ?? "own" };
  } catch (error) {
    log.warn("Redis did not say how a repository is called now.", { repo: key.repo, ...errorFields(error) });
    return { key, because: "own" };
  }
}

/** Tries until Redis takes it, or the queue is closed: the job stays active until then, and whoever is killed leaves it to others. */
async function insist(room: Room, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (room.closed) return;
    room.tell(room.waiting, error);
    await new Promise<void>((resolve) => {
      room.timers.after(PAUSE_MS, resolve);
    });
    return insist(room, write);
  }
}

function ringSoon(room: Room): void {
  room.stopRinging = room.timers.after(room.pace.ringMs, () => {
    room.ringing = ring(room);
  });
}

async function ring(room: Room): Promise<void> {
  try {
    await room.losses(() => lookAtFamiliar(room));
    await room.wakes.ring(room.timers.now(), (key, because) => addLook(room, key, because));
  } catch (error) {
    room.tell(room.asking, error);
  }
  if (!room.closed) ringSoon(room);
}

async function nothing(): Promise<void> {}

/** Looks and wakes are gone, or webhooks were refused: what is known here need not wait for a sweep. */
async function lookAtFamiliar(room: Room): Promise<void> {
  const keys = [...room.familiar.values()];
  room.log.info("Redis was away or has lost what it held: all that was looked at here is looked at again.", {
    repositories: keys.length,
  });
  await Promise.all(
    keys.map(async (key) => {
      await room.wakes.know(key);
      await addLook(room, key, "news");
    }),
  );
}

async function stateOf({ asking, jobs, wakes, runs, stalled, timers }: Room): Promise<QueueState> {
  const [waiting, due] = await Promise.all([jobs.waiting(), wakes.due(timers.now())]);
  const since = [waiting.since, due.since].filter((at) => at !== undefined);
  return {
    isUp: asking.status === "ready",
    waiting: waiting.count + due.count,
    putOff: due.putOff,
    running: runs.size,
    oldestDue: since.length === 0 ? undefined : Math.min(...since),
    stalled,
  };
}

async function close(room: Room, deadlineMs: number): Promise<void> {
  const { worker, timers, log, runs } = room;
  room.closed = true;
  room.stopRinging();
  const deadline = Promise.withResolvers<void>();
  const cancel = timers.after(deadlineMs, deadline.resolve);
  // Told at once: a worker that were not, and found its connection cut, would try for ever without a pause.
  const workerEnds = worker?.close();
  await Promise.race([ended(room, workerEnds), deadline.promise]);
  cancel();
  if (runs.size > 0) log.warn("The queue closed before every look had ended.", { running: runs.size });
  room.waiting.disconnect();
  room.asking.disconnect();
  // The one that it made for itself.
  worker
    ?.getBackend()
    .disconnectBlocking(false)
    .catch(() => undefined);
}

// BullMQ waits for what runs, for ever if need be, and for Redis too: while that is away there is nothing to tell it.
async function ended({ ringing, waiting, jobs, runs }: Room, workerEnds: Promise<void> | undefined): Promise<void> {
  await ringing;
  if (waiting.status === "ready") await workerEnds;
  await Promise.all(runs.values());
  await jobs.close();
}
