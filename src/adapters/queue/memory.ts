import { AsyncLocalStorage } from "node:async_hooks";
import type { Log } from "../../ports/log.ts";
import type { Because, NewsFrom, Queue, QueueState, RepoKey } from "../../ports/queue.ts";
import { errorFields } from "../log.ts";
import { freshLines, nextOf, stronger, type Lines } from "./lines.ts";
import { newsAt, restedAfter, SPACING, type Spacing } from "./spacing.ts";
import type { Timers } from "./timers.ts";

export type MemoryQueueOptions = {
  readonly timers: Timers;
  readonly log: Log;
  /** Repositories that are worked on at once. */
  readonly concurrency: number;
  /** Repositories known at once, waiting ones included; a look or wake for one more rejects. */
  readonly capacity: number;
  readonly spacing?: Spacing;
};

type Handler = Parameters<Queue["work"]>[0];

type Alarm = { readonly at: number; readonly cancel: () => void };

/** What is known of one repository; forgotten when nothing is left to do. */
type Entry = {
  key: RepoKey;
  /** Why a run is owed; undefined where none is. */
  due: Because | undefined;
  /** Since when, milliseconds. */
  dueSince: number;
  running: boolean;
  failures: number;
  wake: Alarm | undefined;
  retry: Alarm | undefined;
  /** Until when a look for news is put off. */
  putOff: Alarm | undefined;
};

type Room = Omit<MemoryQueueOptions, "spacing"> & {
  readonly spacing: Spacing;
  readonly entries: Map<string, Entry>;
  /** Entries that are due and not running. */
  readonly lines: Lines<Entry>;
  readonly runs: Set<Promise<void>>;
  /** How many looks of each installation run; of every one that there has been. */
  readonly busy: Map<number, number>;
  /** When each repository's looks for news will be made up for, milliseconds. */
  readonly rested: Map<string, number>;
  /** Runs work as a part of nothing: whatever asked for a look goes on by itself, and is not what the look belongs to. */
  readonly apart: (work: () => void) => void;
  begun: number;
  handler: Handler | undefined;
  newsFrom: NewsFrom;
  /** When an installation of those that wait has room for news. */
  roomy: Alarm | undefined;
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
    spacing: options.spacing ?? SPACING,
    lines: freshLines(),
    runs: new Set(),
    busy: new Map(),
    rested: new Map(),
    apart: AsyncLocalStorage.snapshot(),
    begun: 0,
    handler: undefined,
    newsFrom: () => 0,
    roomy: undefined,
    closed: false,
  };
  return {
    look: async (key, because) => {
      const entry = admit(room, key);
      entry.key = key;
      if (because === "news") hearNews(room, entry);
      else owe(room, entry, because);
    },
    wake: async (key, at) => {
      if (!Number.isFinite(at)) throw new RangeError(`A wake needs a time in milliseconds, not ${at}.`);
      wake(room, admit(room, key), at);
    },
    work: (handler, newsFrom) => {
      if (room.handler !== undefined) throw new Error("The queue is already being worked off.");
      room.handler = handler;
      room.newsFrom = newsFrom ?? room.newsFrom;
      pump(room);
    },
    state: async () => stateOf(room),
    close: (deadlineMs) => close(room, deadlineMs),
  };
}

// The name alone is the identity, in any case: an App that was installed anew has another installation for the same repository.
function admit(room: Room, key: RepoKey): Entry {
  if (room.closed) throw new Error("The queue is closed.");
  const id = idOf(key);
  const known = room.entries.get(id);
  if (known !== undefined) return known;
  if (room.entries.size >= room.capacity) throw new Error(`The queue is full: ${room.capacity} repositories.`);
  const none = { due: undefined, wake: undefined, retry: undefined, putOff: undefined } as const;
  const entry: Entry = { key, ...none, dueSince: 0, running: false, failures: 0 };
  room.entries.set(id, entry);
  addBusy(room, key.installation, 0);
  return entry;
}

function idOf({ repo }: RepoKey): string {
  return repo.toLowerCase();
}

/** A run is owed from now on; runs that are owed for several reasons are one run, for the strongest of them. */
function owe(room: Room, entry: Entry, because: Because): void {
  const { due } = entry;
  if (due === undefined) entry.dueSince = room.timers.now();
  entry.due = stronger(due, because);
  entry.retry?.cancel();
  entry.retry = undefined;
  if (entry.due === due) return;
  if (due !== undefined) room.lines[due].delete(entry);
  if (!entry.running) room.lines[entry.due].add(entry);
  pump(room);
}

/** A look is owed at once, or when the repository has rested; where one is owed or put off already, that one is it. */
function hearNews(room: Room, entry: Entry): void {
  if (entry.due !== undefined || entry.putOff !== undefined) return;
  const at = newsAt(room.rested.get(idOf(entry.key)) ?? 0, room.spacing);
  if (at <= room.timers.now()) return owe(room, entry, "news");
  entry.putOff = alarm(room, at, () => {
    entry.putOff = undefined;
    owe(room, entry, "news");
  });
}

function wake(room: Room, entry: Entry, at: number): void {
  if (entry.wake !== undefined && entry.wake.at <= at) return;
  entry.wake?.cancel();
  entry.wake = undefined;
  if (at <= room.timers.now()) return owe(room, entry, "own");
  entry.wake = alarm(room, at, () => {
    entry.wake = undefined;
    owe(room, entry, "own");
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
  const { handler } = room;
  if (room.closed || handler === undefined) return;
  for (let entry = nextIn(room); entry !== undefined; entry = nextIn(room)) begin(room, entry, handler);
  awaitRoom(room);
}

function nextIn(room: Room): Entry | undefined {
  const { lines, concurrency, runs, busy, begun } = room;
  return nextOf(lines, { concurrency, busy, begun, running: runs.size, hasRoom: roomIn(room) });
}

/** Asks once for each installation. */
function roomIn({ newsFrom, timers }: Pick<Room, "newsFrom" | "timers">): (installation: number) => boolean {
  const known = new Map<number, boolean>();
  return (installation) => {
    const hasRoom = known.get(installation) ?? newsFrom(installation) <= timers.now();
    known.set(installation, hasRoom);
    return hasRoom;
  };
}

/** Goes on when the first installation that had no room for what waits has some; where no place is free, the end of a look goes on. */
function awaitRoom(room: Room): void {
  const { lines, newsFrom, timers, runs, concurrency } = room;
  room.roomy?.cancel();
  room.roomy = undefined;
  if (runs.size >= concurrency) return;
  const installations = new Set([...lines.news].map(({ key }) => key.installation));
  const times = [...installations].map(newsFrom).filter((at) => at > timers.now());
  if (times.length > 0) room.roomy = alarm(room, Math.min(...times), () => pump(room));
}

function begin(room: Room, entry: Entry, handler: Handler): void {
  const because = entry.due ?? "own";
  room.lines[because].delete(entry);
  room.begun += 1;
  if (because === "news") noteNews(room, entry);
  room.apart(() => start(room, entry, { handler, because }));
}

function noteNews({ rested, spacing, timers, capacity }: Room, { key }: Entry): void {
  const now = timers.now();
  if (rested.size >= capacity) for (const [id, at] of rested) if (at <= now) rested.delete(id);
  rested.set(idOf(key), restedAfter(rested.get(idOf(key)) ?? 0, spacing, now));
}

type Run = { readonly handler: Handler; readonly because: Because };

function start(room: Room, entry: Entry, wanted: Run): void {
  entry.due = undefined;
  entry.putOff?.cancel();
  entry.putOff = undefined;
  entry.running = true;
  const { installation } = entry.key;
  addBusy(room, installation, 1);
  const run = attempt(room, entry, wanted).finally(() => {
    entry.running = false;
    addBusy(room, installation, -1);
    room.runs.delete(run);
    if (entry.due !== undefined) room.lines[entry.due].add(entry);
    forget(room, entry);
    pump(room);
  });
  room.runs.add(run);
}

function addBusy({ busy }: Room, installation: number, by: number): void {
  busy.set(installation, (busy.get(installation) ?? 0) + by);
}

async function attempt(room: Room, entry: Entry, { handler, because }: Run): Promise<void> {
  const { key } = entry;
  try {
    await handler(key, because);
    entry.failures = 0;
  } catch (error) {
    entry.failures += 1;
    retryLater(room, entry, { because, error });
  }
}

function retryLater(
  room: Room,
  entry: Entry,
  { because, error }: { readonly because: Because; readonly error: unknown },
): void {
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (entry.failures - 1), LAST_RETRY_MS);
  const { repo } = entry.key;
  room.log.warn("A look failed.", { repo, failures: entry.failures, retryInMs: delayMs, ...errorFields(error) });
  if (room.closed || entry.due !== undefined) return;
  entry.retry = alarm(room, room.timers.now() + delayMs, () => owe(room, entry, because));
}

function stateOf(room: Room): QueueState {
  const { entries, lines, runs, closed } = room;
  const hasRoom = roomIn(room);
  const news = [...lines.news].filter(({ key }) => hasRoom(key.installation));
  const waiting = [...lines.person, ...lines.own, ...news];
  const spaced = [...entries.values()].filter(({ putOff }) => putOff !== undefined);
  const [oldestDue] = waiting.map(({ dueSince }) => dueSince).toSorted((one, two) => one - two);
  const putOff = lines.news.size - news.length + spaced.length;
  return { isUp: !closed, waiting: waiting.length, putOff, running: runs.size, oldestDue, stalled: 0 };
}

function forget(room: Room, { key, due, wake: pending, retry, putOff }: Entry): void {
  const isIdle = [due, pending, retry, putOff].every((one) => one === undefined);
  if (isIdle) room.entries.delete(idOf(key));
}

async function close(room: Room, deadlineMs: number): Promise<void> {
  room.closed = true;
  room.roomy?.cancel();
  for (const { wake: pending, retry, putOff } of room.entries.values())
    for (const one of [pending, retry, putOff]) one?.cancel();
  const deadline = Promise.withResolvers<void>();
  const cancel = room.timers.after(deadlineMs, deadline.resolve);
  await Promise.race([Promise.all(room.runs), deadline.promise]);
  cancel();
  if (room.runs.size > 0) room.log.warn("The queue closed before every look had ended.", { running: room.runs.size });
}
