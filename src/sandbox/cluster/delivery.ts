import { posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Head, HeadSource } from "./head.ts";
import { ManifestError } from "./kinds/manifest.ts";
import { objectsIn } from "./objects.ts";
import type { Written } from "./objects.ts";

/** What one folder of the repository says, or why it could not be read: then the objects are those of before. */
export type Wanted = {
  readonly revision: string;
  readonly texts: readonly string[];
  readonly objects: readonly Written[];
  readonly problem: string | undefined;
};

/** What the cluster should run, by folder. */
export type Applied = {
  readonly revision: string | undefined;
  readonly applications: ReadonlyMap<string, Wanted>;
};

/** What is delivered, and why the last poll failed if it did. */
export type Delivered = Applied & { readonly unread: string | undefined };

export type Delivery = {
  /** Polls when a poll is due and gives what the branch says at that time. */
  readonly at: (now: number) => Promise<Delivered>;
  /** Lets the next look poll, whatever time it is. */
  readonly refresh: () => void;
  /** What one commit says; undefined where it cannot be read. */
  readonly pinned: (sha: string) => Promise<Applied | undefined>;
};

type Pending = { readonly head: Head; readonly dueAt: number };

type Pace = { readonly pollMs: number; readonly syncDelayMs: number };

const NOTHING: Applied = { revision: undefined, applications: new Map() };

/**
 * Follows a branch as Argo CD would: polls, and delivers every revision that it saw `syncDelayMs` after it saw it, in order.
 * A branch that cannot be read is tried again at the next poll.
 */
export function deliveryFrom(source: HeadSource, { pollMs, syncDelayMs }: Pace): Delivery {
  const pins = new Map<string, Applied>();
  let applied = NOTHING;
  let pending: readonly Pending[] = [];
  let seen: string | undefined;
  let nextPoll = -Infinity;
  let unread: string | undefined;

  const poll = async (now: number) => {
    nextPoll = now + pollMs;
    const head = await source();
    unread = undefined;
    if (head.sha === seen) return;
    seen = head.sha;
    pending = [...pending, { head, dueAt: now + syncDelayMs }];
  };

  return {
    at: async (now) => {
      if (now >= nextPoll) await poll(now).catch((error: unknown) => (unread = String(error)));
      for (const { head } of pending.filter(({ dueAt }) => dueAt <= now)) applied = sync(applied, head);
      pending = pending.filter(({ dueAt }) => dueAt > now);
      return { ...applied, unread };
    },
    refresh: () => {
      nextPoll = -Infinity;
    },
    pinned: async (sha) => {
      const head = pins.has(sha) ? undefined : await source(sha).catch(() => undefined);
      if (head?.sha === sha) pins.set(sha, sync(NOTHING, head));
      return pins.get(sha);
    },
  };
}

/** One revision after the one before: folder by folder, whole or not at all; folders that are gone take their objects with them. */
export function sync(before: Applied, { sha, files, broken = new Map() }: Head): Applied {
  const folders = Map.groupBy(files, ([path]) => posix.dirname(path));
  const applications = [...folders].map(([folder, entries]) => {
    const texts = entries.map(([, text]) => text);
    return [folder, { ...read(before.applications.get(folder), texts), revision: sha }] as const;
  });
  const kept = [...broken].map(([folder, problem]) => {
    const objects = before.applications.get(folder)?.objects ?? [];
    return [folder, { revision: sha, texts: [], objects, problem }] as const;
  });
  return { revision: sha, applications: new Map([...applications, ...kept]) };
}

function read(old: Wanted | undefined, texts: readonly string[]): Omit<Wanted, "revision"> {
  if (old !== undefined && isDeepStrictEqual(old.texts, texts)) return old;
  try {
    return { texts, objects: texts.flatMap(objectsIn), problem: undefined };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { texts, objects: old?.objects ?? [], problem: error.message };
  }
}
