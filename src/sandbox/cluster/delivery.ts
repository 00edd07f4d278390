import { posix } from "node:path";
import type { Head, HeadSource } from "./head.ts";
import { ManifestError, objectsIn } from "./objects.ts";
import type { KubeObject } from "./objects.ts";

/** What one folder of the repository applied, or why it could not be: then the objects are still those of before. */
export type Application = { readonly objects: readonly KubeObject[]; readonly problem: string | undefined };

/** What the cluster should run, by folder. */
export type Applied = {
  readonly revision: string | undefined;
  readonly applications: ReadonlyMap<string, Application>;
};

/** What is applied, and why the last poll failed if it did. */
export type Delivered = Applied & { readonly unread: string | undefined };

export type Delivery = {
  /** Polls when a poll is due and gives what is applied at that time. */
  readonly at: (now: number) => Promise<Delivered>;
};

type Pending = { readonly head: Head; readonly dueAt: number };

type Pace = { readonly pollMs: number; readonly syncDelayMs: number };

/**
 * Follows a branch as Argo CD would: polls, and applies every revision that it saw `syncDelayMs` after it saw it, in order.
 * A branch that cannot be read is tried again at the next poll.
 */
export function deliveryFrom(source: HeadSource, { pollMs, syncDelayMs }: Pace): Delivery {
  let applied: Applied = { revision: undefined, applications: new Map() };
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
  };
}

/** One revision applied over the one before: folder by folder, whole or not at all; folders that are gone take their objects with them. */
export function sync(before: Applied, { sha, files }: Head): Applied {
  const texts = Map.groupBy(files, ([path]) => posix.dirname(path));
  const applications = [...texts].map(([folder, entries]) => {
    const old = before.applications.get(folder)?.objects ?? [];
    return [
      folder,
      apply(
        old,
        entries.map(([, text]) => text),
      ),
    ] as const;
  });
  return { revision: sha, applications: new Map(applications) };
}

function apply(old: readonly KubeObject[], texts: readonly string[]): Application {
  try {
    return { objects: texts.flatMap(objectsIn), problem: undefined };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { objects: old, problem: error.message };
  }
}
