import { AsyncLocalStorage } from "node:async_hooks";
import type { Log } from "../../ports/log.ts";
import type { Queue, QueueState, RepoKey } from "../../ports/queue.ts";
import { errorFields } from "../log.ts";
import type { Timers } from "./timers.ts";

export type MemoryQueueOptions = {
  readonly timers: Timers;
  readonly log: Log;
  /** Repositories that are worked on at once. */
  readonly concurrency: number;
  /** Repositories known at once, waiting ones included; a look or wake for one more rejects. */
  readonly capacity: number;
};

type Handler = (key: RepoKey) => Promise<void>;

type Alarm = { readonly at: number; readonly cancel: () => void };

/** What is known of one repository; forgotten when nothing is left to do. */
type Entry = {
  key: RepoKey;
  /** A run is owed: a look came, a wake fired, or a failed run is to be repeated. */
  due: boolean;
  /** Since when, milliseconds. */
  dueSince: number;
  running: boolean;
  failures: number;
  wake: Alarm | undefined;
  retry: Alarm | undefined;
};

type Room = MemoryQueueOptions & {
  readonly entries: Map<string, Entry>;
  /** Entries that are due and not running, longest waiting first. */
  readonly ready: Set<Entry>;
  readonly runs: Set<Promise<void>>;
  /** How many looks of each installation run; of every one that there has been. */
  readonly busy: Map<number, number>;
  /** Runs work as a part of nothing: whatever asked for a look goes on by itself, and is not what the look belongs to. */
  readonly apart: (work: () => void) => void;
  handler: Handler | undefined;
  closed: boolean;
};

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 5 * 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A queue inside the process. What waits in it is lost with the process; a sweep at the start brings everything back. */
export function memoryQueue(options: MemoryQueueOptions): Queue {
  const room: Room = {
    ...options,
    entries: new Map(),
    ready: new Set(),
    runs: new Set(),
    busy: new Map(),
    apart: AsyncLocalStorage.snapshot(),
    handler: undefined,
    closed: false,
  };
  return {
    look: async (key) => {
      const entry = admit(room, key);
      entry.key = key;
      owe(room, entry);
    },
    wake: async (key, at) => {
      if (!Number.isFinite(at)) throw new RangeError(`A wake needs a time in milliseconds, not ${at}.`);
      wake(room, admit(room, key), at);
    },
    work: (handler) => {
      if (room.handler !== undefined) throw new Error("The queue is already being worked off.");
      room.handler = handler;
      pump(room);
    },
    state: async () => stateOf(room),
    close: (deadlineMs) => close(room, deadlineMs),
  };
}

// The name alone is the identity, in any case: an App that was installed anew has another installation for the same repository.
function admit(room: Room, key: RepoKey): Entry {
  if (room.closed) throw new Error("The queue is closed.");
  const id = key.repo.toLowerCase();
  const known = room.entries.get(id);
  if (known !== undefined) return known;
  if (room.entries.size >= room.capacity) throw new Error(`The queue is full: ${room.capacity} repositories.`);
  const entry: Entry = { key, due: false, dueSince: 0, running: false, failures: 0, wake: undefined, retry: undefined };
  room.entries.set(id, entry);
  addBusy(room, key.installation, 0);
  return entry;
}

/** A run is owed from now on; runs that are owed for several reasons are one run. */
function owe(room: Room, entry: Entry): void {
  if (!entry.due) entry.dueSince = room.timers.now();
  entry.due = true;
  entry.retry?.cancel();
  entry.retry = undefined;
  if (!entry.running) room.ready.add(entry);
  pump(room);
}

function wake(room: Room, entry: Entry, at: number): void {
  if (entry.wake !== undefined && entry.wake.at <= at) return;
  entry.wake?.cancel();
  entry.wake = undefined;
  if (at <= room.timers.now()) return owe(room, entry);
  entry.wake = alarm(room, at, () => {
    entry.wake = undefined;
    owe(room, entry);
  });
}

// Timers may fire a little early, and none is longer than 24 days: only the clock says that it is time.
function alarm(room: Room, at: number, ring: () => void): Alarm {
  const wait = (): (() => void) =>
    room.timers.after(Math.min(Math.max(at - room.timers.now(), 0), LONGEST_TIMER_MS), check);
  const check = (): void => {
    if (room.timers.now() >= at) return ring();
    stop = wait();
  };
  let stop = wait();
  return { at, cancel: () => stop() };
}

function pump(room: Room): void {
  while (!room.closed && room.handler !== undefined && room.runs.size < room.concurrency) {
    const entry = nextOf(room);
    if (entry === undefined) return;
    room.ready.delete(entry);
    const { handler } = room;
    room.apart(() => start(room, entry, handler));
  }
}

/**
 * The longest waiting one of the installation that has fewest running. Where there are several, none has more than half of the places: neither the
 * thousand repositories of one, nor a GitHub that lets one wait, keep another from its turn.
 */
function nextOf({ ready, busy, concurrency }: Room): Entry | undefined {
  const most = busy.size > 1 ? Math.max(1, Math.floor(concurrency / 2)) : concurrency;
  let next: Entry | undefined;
  let fewest = most;
  for (const entry of ready) {
    const running = busy.get(entry.key.installation) ?? 0;
    if (running < fewest) [next, fewest] = [entry, running];
    if (fewest === 0) break;
  }
  return next;
}

function start(room: Room, entry: Entry, handler: Handler): void {
  entry.due = false;
  entry.running = true;
  const { installation } = entry.key;
  addBusy(room, installation, 1);
  const run = attempt(room, entry, handler).finally(() => {
    entry.running = false;
    addBusy(room, installation, -1);
    room.runs.delete(run);
    if (entry.due) room.ready.add(entry);
    forget(room, entry);
    pump(room);
  });
  room.runs.add(run);
}

function addBusy({ busy }: Room, installation: number, by: number): void {
  busy.set(installation, (busy.get(installation) ?? 0) + by);
}

async function attempt(room: Room, entry: Entry, handler: Handler): Promise<void> {
  const { key } = entry;
  try {
    await handler(key);
    entry.failures = 0;
  } catch (error) {
    entry.failures += 1;
    retryLater(room, entry, error);
  }
}

function retryLater(room: Room, entry: Entry, error: unknown): void {
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (entry.failures - 1), LAST_RETRY_MS);
  const { repo } = entry.key;
  room.log.warn("A look failed.", { repo, failures: entry.failures, retryInMs: delayMs, ...errorFields(error) });
  if (room.closed || entry.due) return;
  entry.retry = alarm(room, room.timers.now() + delayMs, () => owe(room, entry));
}

function stateOf({ ready, runs, closed }: Room): QueueState {
  const [oldest] = [...ready].map(({ dueSince }) => dueSince).toSorted((one, two) => one - two);
  return { isUp: !closed, waiting: ready.size, running: runs.size, oldestDue: oldest, stalled: 0 };
}

function forget(room: Room, entry: Entry): void {
  const idle = !entry.due && entry.wake === undefined && entry.retry === undefined;
  if (idle) room.entries.delete(entry.key.repo.toLowerCase());
}

async function close(room: Room, deadlineMs: number): Promise<void> {
  room.closed = true;
  for (const { wake: pending, retry } of room.entries.values()) {
    pending?.cancel();
    retry?.cancel();
  }
  const deadline = Promise.withResolvers<void>();
  const cancel = room.timers.after(deadlineMs, deadline.resolve);
  await Promise.race([Promise.all(room.runs), deadline.promise]);
  cancel();
  if (room.runs.size > 0) room.log.warn("The queue closed before every look had ended.", { running: room.runs.size });
}
