import type { Timers } from "../adapters/queue/timers.ts";
import { isSameRepo } from "../config/extended.ts";
import { SHARED_PATH } from "../config/shared-config.ts";
import { isRepoName, type RepoName } from "../core/names.ts";
import type { Clock } from "../ports/clock.ts";
import type { ForgeReader } from "../ports/forge.ts";
import type { GitReader } from "../ports/git.ts";
import type { Log } from "../ports/log.ts";
import type { RepoKey } from "../ports/queue.ts";
import type { Base, BaseOf } from "../ports/shared.ts";

/** A repository that others extend, as it is read. */
export type SharedReader = {
  readonly git: Pick<GitReader, "fetch" | "history" | "read">;
  readonly forge: Pick<ForgeReader, "repository">;
};

export type SharedParts = {
  /** The repositories that the operator has all of their owners' repositories extend. */
  readonly everywhere: readonly string[];
  readonly readerOf: (key: RepoKey) => Promise<SharedReader>;
  readonly clock: Pick<Clock, "now">;
  readonly timers: Pick<Timers, "after">;
  readonly log: Log;
  /** Has a repository looked at, at a time in milliseconds. */
  readonly wake: (key: RepoKey, at: number) => Promise<void>;
};

export type SharedSources = {
  /** What the configuration of a repository is laid over. */
  readonly baseOf: (key: RepoKey) => BaseOf;
  /** A repository is being looked at: where others extend it, they are looked at as well as soon as it says something else. */
  readonly looked: (key: RepoKey) => Promise<void>;
  /** Those that extend a repository, as far as this process has looked at them; and what they have extended last, where that was read. */
  readonly extending: (key: RepoKey) => { readonly keys: readonly RepoKey[]; readonly now: Base | undefined };
};

/** For so long what was read goes without being read again, milliseconds; a push to what is extended is seen at once by the process that hears of it. */
const FRESH_MS = 30_000;
/** So long the first reading is waited for, milliseconds: until then nothing is known, and nothing rises. */
const PATIENCE_MS = 10_000;
/** Between the looks at two repositories that extend what has changed, milliseconds. */
const APART_MS = 250;
/** As far back as a version that can be read is looked for, in changes of the file. */
const VERSIONS = 10;

/**
 * Reads shared configuration from the default branches of what is extended, each once for all that extend it. What was read last goes while it is read again, so that no
 * abort ever waits for another repository than its own; while it cannot be read, that goes on.
 */
export function sharedSources(parts: SharedParts): SharedSources {
  const known = new Map<string, Known>();
  return {
    baseOf: (key) => async (named) => {
      const owner = ownerOf(key.repo);
      const repo = parts.everywhere.find((one) => isSameRepo(ownerOf(one), owner)) ?? named;
      if (repo === undefined) return { kind: "none" };
      if (!isRepoName(repo) || !isSameRepo(ownerOf(repo), owner))
        return { kind: "unread", repo, why: `is not one of ${owner}'s: no others are read` };
      const above = { installation: key.installation, repo };
      const entry = known.get(idOf(above)) ?? { extending: new Map() };
      known.set(idOf(above), entry);
      entry.extending.set(key.repo, key);
      return current(parts, above, entry);
    },
    looked: async (key) => {
      const entry = known.get(idOf(key));
      if (entry !== undefined) await renew(parts, key, entry);
    },
    extending: (key) => {
      const entry = known.get(idOf(key));
      return { keys: [...(entry?.extending.values() ?? [])], now: entry?.good };
    },
  };
}

type Read = Extract<Base, { readonly kind: "read" }>;
type Unread = Extract<Base, { readonly kind: "unread" }>;

/** `at`: when it was last begun to be read, milliseconds. `good`: what was read last. `last`: what reading came to, by the file's id. */
type Known = {
  at?: number;
  renewal?: Promise<Read | Unread>;
  good?: Read;
  last?: string;
  readonly extending: Map<RepoName, RepoKey>;
};

async function current(parts: SharedParts, key: RepoKey, entry: Known): Promise<Base> {
  const { at, renewal } = entry;
  const isFresh = at !== undefined && parts.clock.now() - at < FRESH_MS;
  const renewed = isFresh && renewal !== undefined ? renewal : renew(parts, key, entry);
  return entry.good ?? within(parts, key, { entry, renewed });
}

/** What is read, or that it takes too long. */
function within(parts: SharedParts, { repo }: RepoKey, { entry, renewed }: Awaited): Promise<Base> {
  return new Promise((resolve) => {
    const cancel = parts.timers.after(PATIENCE_MS, () => {
      entry.last ??= LATE;
      resolve({ kind: "unread", repo, why: "has not been read yet" });
    });
    void renewed.then((base) => {
      cancel();
      resolve(base);
    });
  });
}

type Awaited = { readonly entry: Known; readonly renewed: Promise<Read | Unread> };

/** Reads now; never rejects. */
function renew(parts: SharedParts, key: RepoKey, entry: Known): Promise<Read | Unread> {
  entry.at = parts.clock.now();
  entry.renewal = renewed(parts, key, entry);
  return entry.renewal;
}

async function renewed(parts: SharedParts, key: RepoKey, entry: Known): Promise<Read | Unread> {
  const base = await readOr(parts, key, entry);
  const { last } = entry;
  entry.last = base.kind === "read" ? (base.now?.id ?? NOTHING) : UNREAD;
  if (last !== undefined && last !== entry.last) await tell(parts, entry);
  return base;
}

const NOTHING = "nothing";
const UNREAD = "unread";
const LATE = "late";

async function readOr(parts: SharedParts, key: RepoKey, entry: Known): Promise<Read | Unread> {
  try {
    entry.good = await readNow(parts, key);
    return entry.good;
  } catch (error) {
    parts.log.warn("What other repositories extend cannot be read.", { repo: key.repo, reason: reasonOf(error) });
    return entry.good ?? { kind: "unread", repo: key.repo, why: "cannot be read: install the App on it" };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One after the other: a change for a thousand repositories is no reason to look at all of them at once. */
async function tell({ clock, wake, log }: SharedParts, { extending }: Known): Promise<void> {
  const now = clock.now();
  const woken = [...extending.values()].map((key, index) => wake(key, now + index * APART_MS));
  const failed = (await Promise.allSettled(woken)).find(({ status }) => status === "rejected");
  if (failed !== undefined) log.warn("Not all are woken that extend what has changed; the next sweep looks at them.");
}

async function readNow({ readerOf }: SharedParts, key: RepoKey): Promise<Read> {
  const { git, forge } = await readerOf(key);
  const { defaultBranch } = await forge.repository();
  const head = (await git.fetch()).get(`refs/heads/${defaultBranch}`);
  if (head === undefined) throw new Error(`The repository has no branch ${defaultBranch}.`);
  const commits = await git.history(head, SHARED_PATH, VERSIONS);
  const versions = await Promise.all(
    commits.map(async ({ sha }) => (await git.read(sha, [SHARED_PATH])).get(SHARED_PATH)),
  );
  const now = (await git.read(head, [SHARED_PATH])).get(SHARED_PATH);
  return { kind: "read", repo: key.repo, now, before: versions.flatMap((blob) => blob ?? []) };
}

function ownerOf(repo: string): string {
  return repo.split("/")[0] ?? "";
}

function idOf({ installation, repo }: RepoKey): string {
  return `${installation}/${repo.toLowerCase()}`;
}
