import type { Trail } from "../analysis/trail.ts";
import type { SeasonalPlacebos } from "../core/gate/seasonal.ts";
import type { Sha } from "../core/names.ts";
import type { Brought } from "../core/policy.ts";
import type { Offered, OptChange } from "../core/opting.ts";
import type { Report } from "../core/report.ts";
import type { Result } from "../core/result.ts";
import type { SeasonalFacts } from "../core/season.ts";
import type { Beyond, Refusal } from "../core/snapshot.ts";
import type { Linted } from "../lint/lint.ts";
import type { ImageBump } from "../manifest/images/compare.ts";
import type { Around } from "../manifest/services/around.ts";
import type { Inventory } from "../manifest/services/inventory.ts";
import type { Library } from "../template/library.ts";
import type { Login } from "../ports/forge.ts";

/** What the process remembers of one repository from look to look, to ask less. All of it may be lost at any time. */
export type Memory = {
  /** Merges that GitHub refused, by the head and the tracked branch that it was asked for. */
  readonly refusals: Map<string, Refusal>;
  /** How often GitHub has refused each head. */
  readonly refused: Map<Sha, number>;
  /** Since when GitHub has left open whether a head can be merged, milliseconds. */
  readonly doubts: Map<Sha, number>;
  /** Who closed pull requests of ours, by their numbers and the times of closing. */
  readonly closers: Map<string, Login>;
  /** The pull request of ours that was open last, by its branch; `seen`: when last; `gone`: since when it is neither open nor known to be closed; milliseconds. */
  readonly opened: Map<string, { readonly number: number; readonly seen: number; readonly gone: number | undefined }>;
  /** When this process closed pull requests, by their numbers, milliseconds. */
  readonly closedHere: Map<number, number>;
  /** What repositories delivered at a few commits, the newest last. */
  readonly inventories: Map<Sha, Inventory>;
  /** Inventories that are being made. */
  readonly making: Map<Sha, Promise<Inventory | undefined>>;
  /** Around which members DestinationRules lie, by what is delivered. */
  readonly rules: WeakMap<Inventory, (files: readonly string[]) => Around>;
  /** What pull requests do beyond bumping members, by the tracked branch's head and theirs. */
  readonly beyond: Map<string, Beyond>;
  /** What pull requests bring that policy is about, by where they left the tracked branch and their heads. */
  readonly brought: Map<string, Brought>;
  /** What a linter finds in the whole of a repository. */
  readonly linted: WeakMap<Inventory, Linted>;
  /** Whether policy has said anything on a pull request, by its number. */
  readonly policed: Map<number, boolean>;
  /** Reports of success, by who gave them where and the newest commit that they had to carry; they are not asked for again. */
  readonly reports: Map<string, Report>;
  /** What has been measured of metrics of templates, by all that it follows from. */
  readonly trails: Map<string, Trail>;
  /** What has been read of metrics that are held against their own past, by all that it follows from. */
  readonly seasons: Map<string, KeptSeason>;
  /** What opting services in and out has come to, by all that it follows from. */
  readonly opting: OptMemory;
  /** Every command written before then has been answered; milliseconds. */
  answeredUntil: number;
};

/** A metric's past, the readings since, and what stretches of that past say, by their length and gap (ms) and by alpha. */
export type KeptSeason = {
  readonly facts: SeasonalFacts;
  readonly placebos: Map<string, SeasonalPlacebos>;
};

export type OptMemory = {
  readonly libraries: Map<string, Library>;
  readonly written: Map<string, Result<OptChange, readonly string[]>>;
  /** At which heads of the tracked branch and its own a pull request was looked into last, by its number; who was so longest ago comes first. */
  readonly looked: Map<number, string>;
  /** At which head a branch of such a pull request that nothing has open was looked into last; in the same order. */
  readonly idled: Map<string, Sha>;
  readonly offers: Map<string, Offered["offer"]>;
  readonly bumps: Map<string, readonly ImageBump[]>;
  /** Pushes that the repository's rules declined, by their branches. */
  readonly declined: Map<string, DeclinedPush>;
};

/** `until`: when it is tried again, milliseconds. `told`: the comments that were answered with it. */
type DeclinedPush = { readonly why: string; readonly until: number; readonly told: Set<number> };

export function freshMemory(): Memory {
  return {
    refusals: new Map(),
    refused: new Map(),
    doubts: new Map(),
    closers: new Map(),
    opened: new Map(),
    closedHere: new Map(),
    inventories: new Map(),
    making: new Map(),
    rules: new WeakMap(),
    beyond: new Map(),
    brought: new Map(),
    linted: new WeakMap(),
    policed: new Map(),
    reports: new Map(),
    trails: new Map(),
    seasons: new Map(),
    opting: {
      libraries: new Map(),
      written: new Map(),
      looked: new Map(),
      idled: new Map(),
      offers: new Map(),
      bumps: new Map(),
      declined: new Map(),
    },
    answeredUntil: 0,
  };
}

/** A head that is to be merged into the tracked branch as it is: another head, or another base, may be merged after all. */
export type Ends = { readonly headSha: Sha; readonly base: Sha };

/** GitHub's refusal to merge a head; it may be old. */
export function refusalOf({ refusals }: Memory, ends: Ends): Refusal | undefined {
  return refusals.get(keyOf(ends));
}

/** After the first refusal a head is asked for again so soon, after each further one in twice the time. */
const ASK_AGAIN_MS = 30_000;

/** A no of GitHub's, and the longest that a head is left alone for it, milliseconds. */
export type No = { readonly reason: string; readonly mostMs: number };

/** Keeps a refusal until the head is to be asked for again, and forgets those whose time is over. `now` is in milliseconds. */
export function keepRefusal(memory: Memory, ends: Ends, { reason, mostMs }: No, now: number): Refusal {
  const { refusals, refused } = memory;
  for (const [key, { until }] of refusals) if (until <= now) refusals.delete(key);
  const times = refused.get(ends.headSha) ?? 0;
  keep(refused, ends.headSha, times + 1);
  const refusal = { reason, until: now + Math.min(mostMs, ASK_AGAIN_MS * 2 ** times) };
  refusals.set(keyOf(ends), refusal);
  return refusal;
}

/** Since when GitHub has left open whether a head can be merged, milliseconds; from now on, if it has not before. */
export function doubtedSince({ doubts }: Memory, headSha: Sha, now: number): number {
  const since = doubts.get(headSha) ?? now;
  keep(doubts, headSha, since);
  return since;
}

const MOST_KEPT = 1_000;
/** Of what is large. */
const FEW_KEPT = 100;

/** The newest stay. */
export function keep<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  keepSome(map, [key, value], MOST_KEPT);
}

/** The same of large values: fewer stay. */
export function keepFew<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  keepSome(map, [key, value], FEW_KEPT);
}

function keepSome<Key, Value>(map: Map<Key, Value>, [key, value]: readonly [Key, Value], most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

/** Forgets that GitHub refused: a review has come. */
export function forgetRefusals({ refusals, refused }: Memory): void {
  refusals.clear();
  refused.clear();
}

function keyOf({ headSha, base }: Ends): string {
  return `${headSha} ${base}`;
}
