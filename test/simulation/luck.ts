import { FAULTS, type FaultName } from "../../src/sandbox/github/fault-catalogue.ts";
import { READERS, seenAs, WRITERS } from "../contract/fault-outcomes.ts";
import { rolled } from "./random.ts";

/** Calls of git that leave this machine. */
export const GIT_CALLS = ["fetch", "push", "remove"] as const;
export type GitCall = (typeof GIT_CALLS)[number];

/** What can go wrong with one call: the process dies, or the forge, or git, misbehaves. */
export type Trouble = FaultName | "crashBefore" | "crashAfter" | "unheardBefore" | "unheardAfter" | "moved";

/** One thing that goes wrong in a story. Times are milliseconds since its beginning; `nth` counts from 1. */
export type Misfortune =
  | {
      readonly kind: "strike";
      readonly call: string;
      readonly nth: number;
      readonly trouble: Trouble;
      /** Every request of the call meets it, not only the first. */
      readonly isLasting: boolean;
    }
  /** GitHub as a whole: every call in this span sees it. */
  | { readonly kind: "burst"; readonly from: number; readonly to: number; readonly fault: BurstFault }
  | { readonly kind: "webhook"; readonly nth: number; readonly fate: "lost" | "late" | "twice"; readonly ms: number }
  /** What the tool that delivers posts on a commit. */
  | { readonly kind: "status"; readonly nth: number; readonly fate: "lost" | "late"; readonly ms: number }
  /** Somebody is quicker: something lands in the very moment before the nth merge. */
  | { readonly kind: "race"; readonly nth: number; readonly what: Racer }
  /** The metrics provider does not answer. */
  | { readonly kind: "outage"; readonly from: number; readonly to: number };

/** Another version, something beside, a commit on the step's branch, or its pull request closed. */
export type Racer = "bump" | "unrelated" | "push" | "close";

export type BurstFault = "errorBefore" | "errorAfter" | "expiredToken" | "primaryLimit" | "secondaryLimit";

type Of<Kind extends Misfortune["kind"]> = Extract<Misfortune, { readonly kind: Kind }>;

/** The misfortunes of a story, by what they strike. */
export type Luck = {
  readonly strike: (call: string, nth: number) => Of<"strike"> | undefined;
  readonly webhook: (nth: number) => Of<"webhook"> | undefined;
  readonly status: (nth: number) => Of<"status"> | undefined;
  readonly race: (nth: number) => Of<"race"> | undefined;
  readonly spans: readonly (Of<"burst"> | Of<"outage">)[];
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Misfortunes that are given: exactly these. */
export function listed(list: readonly Misfortune[]): Luck {
  const strikes = new Map<string, Of<"strike">>();
  const webhooks = new Map<number, Of<"webhook">>();
  const statuses = new Map<number, Of<"status">>();
  const races = new Map<number, Of<"race">>();
  for (const one of list) {
    if (one.kind === "strike") strikes.set(`${one.call}#${one.nth}`, one);
    if (one.kind === "webhook") webhooks.set(one.nth, one);
    if (one.kind === "status") statuses.set(one.nth, one);
    if (one.kind === "race") races.set(one.nth, one);
  }
  return {
    strike: (call, nth) => strikes.get(`${call}#${nth}`),
    webhook: (nth) => webhooks.get(nth),
    status: (nth) => statuses.get(nth),
    race: (nth) => races.get(nth),
    spans: list.filter((one) => one.kind === "burst" || one.kind === "outage"),
  };
}

export const NO_MISFORTUNE: Luck = listed([]);

/** Misfortunes drawn from a seed, each by its own name. */
export function drawn(seed: number, racers: readonly Racer[] = ["bump", "unrelated"]): Luck {
  const roll = (name: string) => rolled(seed, name);
  return {
    strike: (call, nth) => {
      const chance = CHANCES.get(call) ?? 0;
      if (roll(`${call}#${nth}`) >= chance) return undefined;
      const trouble = troubleOf(call, roll(`trouble ${call}#${nth}`));
      return { kind: "strike", call, nth, trouble, isLasting: roll(`lasting ${call}#${nth}`) < 0.5 };
    },
    webhook: (nth) => webhookAt(nth, roll),
    status: (nth) => statusAt(nth, roll),
    race: (nth) => {
      if (roll(`race#${nth}`) >= 0.1) return undefined;
      const what = racers[Math.floor(roll(`racer#${nth}`) * racers.length)];
      return what && { kind: "race", nth, what };
    },
    spans: spansOf(roll),
  };
}

type Roll = (name: string) => number;

function webhookAt(nth: number, roll: Roll): Of<"webhook"> | undefined {
  const fate = roll(`webhook#${nth}`);
  if (fate < 0.3) return { kind: "webhook", nth, fate: "lost", ms: 0 };
  if (fate < 0.45)
    return { kind: "webhook", nth, fate: "late", ms: SECOND * (1 + Math.floor(90 * roll(`late#${nth}`))) };
  if (fate < 0.6) return { kind: "webhook", nth, fate: "twice", ms: SECOND };
  return undefined;
}

function statusAt(nth: number, roll: Roll): Of<"status"> | undefined {
  const fate = roll(`status#${nth}`);
  if (fate < 0.15) return { kind: "status", nth, fate: "lost", ms: 0 };
  const ms = SECOND * (1 + Math.floor(180 * roll(`late status#${nth}`)));
  return fate < 0.4 ? { kind: "status", nth, fate: "late", ms } : undefined;
}

function spansOf(roll: Roll): Luck["spans"] {
  const outage = roll("outage") < 0.3 ? [spanOf("outage", { first: [2, 6], lasts: [1, 6] }, roll)] : [];
  const bursts = BURSTS.flatMap(([fault, chance, lasts]) => {
    if (roll(`burst ${fault}`) >= chance) return [];
    return [{ ...spanOf(`burst ${fault}`, { first: [1, 14], lasts }, roll), kind: "burst" as const, fault }];
  });
  return [...outage.map((span) => ({ ...span, kind: "outage" as const })), ...bursts];
}

// How likely in a story, and how many minutes long: an incident, a token that is not renewed, an hour's requests used up.
const BURSTS: readonly (readonly [BurstFault, number, readonly [number, number]])[] = [
  ["errorBefore", 0.08, [1, 3]],
  ["errorAfter", 0.08, [0.5, 2]],
  ["expiredToken", 0.06, [0.5, 2]],
  ["primaryLimit", 0.05, [1, 5]],
  ["secondaryLimit", 0.05, [1, 2]],
];

type Minutes = readonly [least: number, most: number];

function spanOf(
  name: string,
  { first, lasts }: { readonly first: Minutes; readonly lasts: Minutes },
  roll: Roll,
): { readonly from: number; readonly to: number } {
  const within = ([least, most]: Minutes, part: string) =>
    Math.round((least + (most - least) * roll(`${name} ${part}`)) * 60) * SECOND;
  const from = within(first, "from");
  return { from, to: from + within(lasts, "lasts") };
}

/** Of every call, which part is struck: what is called seldom is struck more often, so that every pair is met. */
const CHANCES: ReadonlyMap<string, number> = new Map([
  ...["repository", "openPulls", "fetch", "comments", "rules"].map((call) => [call, 0.006] as const),
  ["report", 0.012],
  ...["answered", "closedPulls"].map((call) => [call, 0.03] as const),
  ...["openPull", "mergePull", "push", "remove", "say"].map((call) => [call, 0.06] as const),
  ["pullsOf", 0.1],
  ...["inTeam", "standing"].map((call) => [call, 0.25] as const),
  ["mergedBy", 0.3],
  ["closePull", 0.3],
  ...["closedBy", "noteAsked"].map((call) => [call, 0.6] as const),
  ["react", 0.5],
]);

const CRASHES = 0.25;

function troubleOf(call: string, roll: number): Trouble {
  if (roll < CRASHES) return roll < CRASHES / 2 ? "crashBefore" : "crashAfter";
  const troubles = troublesOf(call);
  return troubles[Math.floor(((roll - CRASHES) / (1 - CRASHES)) * troubles.length)] ?? "errorBefore";
}

const GIT_TROUBLES: Readonly<Record<GitCall, readonly Trouble[]>> = {
  fetch: ["unheardBefore"],
  push: ["unheardBefore", "unheardAfter", "moved"],
  remove: ["unheardBefore", "unheardAfter"],
};

function isGitCall(call: string): call is GitCall {
  return GIT_CALLS.some((one) => one === call);
}

const FORGE_TROUBLES: ReadonlyMap<string, readonly FaultName[]> = new Map(
  [...READERS, ...WRITERS].map((call) => [
    call,
    FAULTS.map(({ name }) => name).filter((fault) => seenAs(call, fault) !== undefined),
  ]),
);

/** All that can go wrong with a call, but for the death of the process. */
export function troublesOf(call: string): readonly Trouble[] {
  return isGitCall(call) ? GIT_TROUBLES[call] : (FORGE_TROUBLES.get(call) ?? []);
}

// The bot reports to checks and never asks for one; the tests of the ports do.
const ASKED = READERS.filter((call) => call !== "check");

/** Every pair of a call that the bot makes and a trouble, which a run counts. */
export const PAIRS: readonly (readonly [call: string, trouble: Trouble])[] = [
  ...ASKED,
  ...WRITERS,
  ...GIT_CALLS,
].flatMap((call) =>
  [...troublesOf(call), "crashBefore" as const, "crashAfter" as const].map((trouble) => [call, trouble] as const),
);

/** How long a pull request that GitHub cannot tell mergeable stays so, milliseconds. */
export const UNTOLD_MS = 3 * MINUTE;
