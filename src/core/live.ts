import type { EvidenceKind } from "./plan.ts";
import { unreachable } from "./unreachable.ts";
import type { Weight } from "./weight.ts";
import type { Pods, Window } from "./window.ts";

/** What a landed change must look like in the cluster. */
export type Expected = {
  readonly from: Weight;
  readonly weight: Weight;
  /** Pods that the canary must have ready, on `canaryImage`; with 0 it must have none left. Undefined on a way back, which a broken canary must not stop. */
  readonly canaryReplicas: number | undefined;
  readonly canaryImage: string;
  /** Stable must run nothing but this image, with this many ready; undefined where the change does not touch stable. */
  readonly stable: { readonly image: string; readonly replicas: number } | undefined;
  /** What the target's steps are judged on, and so how much traffic there is to see a share in. */
  readonly evidence: EvidenceKind;
};

/** Why a change is not seen live yet. Shares are fractions of 1. */
export type Unseen =
  | { readonly kind: "noWindow" }
  | { readonly kind: "noCounts" }
  | { readonly kind: "noPods"; readonly arm: "canary" | "stable" }
  | { readonly kind: "share"; readonly observed: number; readonly wanted: number; readonly requests: number }
  | { readonly kind: "draining"; readonly requests: number }
  | {
      readonly kind: "pods";
      readonly arm: "canary" | "stable";
      readonly ready: number;
      readonly wanted: number;
      readonly image: string;
    }
  | { readonly kind: "leaving"; readonly arm: "canary" | "stable"; readonly pods: number };

/** In what a change was seen. */
export type SeenIn =
  /** The canary's share of the requests. */
  | "share"
  /** That the canary was sent no request. */
  | "quiet"
  /** Versions and ready replicas alone. */
  | "pods";

/** `since` is the start of the first window that shows the change, milliseconds. */
export type Liveness =
  | {
      readonly kind: "live";
      readonly since: number;
      readonly by: SeenIn;
      readonly share: number | undefined;
      readonly deviates: boolean;
    }
  | { readonly kind: "unseen"; readonly why: Unseen };

/** Probability of calling a share live that has not passed the midpoint. */
const ALPHA = 0.01;
/** The evidence that a share has passed the midpoint, natural log. */
const PASSED = Math.log(1 / ALPHA);
/** A lasting deviation from the committed share beyond this fraction of it is not live while it is also beyond chance. */
const BAND = 0.2;
const BEYOND_CHANCE = 3;
const QUIET_WINDOWS = 2;

/**
 * Whether a change that landed is what runs, by the windows that began after it landed, oldest first.
 * A share: it has passed the midpoint between old and new with evidence 1/ALPHA, counted from where it last looked unmoved, and lies within BAND since then,
 * or since it came right again after somebody had moved it.
 * Weight 0: no canary request in two whole windows. Versions and replicas: as the last window's pods say.
 * Where nothing is compared, the pods must have been so without a break, and where requests are too few or not counted, they alone show the change.
 */
export function livenessOf(expected: Expected, all: readonly Window[]): Liveness {
  const windows = expected.evidence === "compare" ? all : unbroken(all);
  const last = windows.at(-1);
  if (last === undefined) return unseen({ kind: "noWindow" });
  const pods = podsUnseen(expected, last);
  if (pods !== undefined) return unseen(pods);
  const since = podsSince(expected, windows);
  if (expected.weight === expected.from && expected.weight > 0) return live(since, "pods");
  if (expected.weight === 0) return quiet(expected, windows, since);
  return shifted(expected, windows, since);
}

function shifted(expected: Expected, windows: readonly Window[], podsAsExpected: number): Liveness {
  switch (expected.evidence) {
    case "compare":
      return moved(expected, windows);
    case "health":
      return movedAsFarAsTold(expected, windows, podsAsExpected);
    case "bake":
      return live(podsAsExpected, "pods");
    default:
      return unreachable(expected.evidence);
  }
}

function live(since: number, by: SeenIn): Liveness {
  return { kind: "live", since, by, share: undefined, deviates: false };
}

/** The windows after the last one that is missing: what nobody has read shows nothing. */
function unbroken(windows: readonly Window[]): readonly Window[] {
  const hole = windows.findLastIndex(({ start }, index) => start !== (windows[index - 1]?.end ?? start));
  return windows.slice(Math.max(0, hole));
}

function unseen(why: Unseen): Liveness {
  return { kind: "unseen", why };
}

function podsUnseen(expected: Expected, window: Window): Unseen | undefined {
  return canaryUnseen(expected, window.pods.canary) ?? stableUnseen(expected, window.pods.stable);
}

function canaryUnseen(
  { canaryImage, canaryReplicas }: Expected,
  pods: readonly Pods[] | undefined,
): Unseen | undefined {
  if (canaryReplicas === undefined) return undefined;
  if (pods === undefined) return { kind: "noPods", arm: "canary" };
  if (canaryReplicas === 0) {
    const left = total(pods);
    return left > 0 ? { kind: "leaving", arm: "canary", pods: left } : undefined;
  }
  return notReady("canary", { image: canaryImage, replicas: canaryReplicas }, pods);
}

function stableUnseen({ stable }: Expected, pods: readonly Pods[] | undefined): Unseen | undefined {
  if (stable === undefined) return undefined;
  if (pods === undefined) return { kind: "noPods", arm: "stable" };
  return notReady("stable", stable, pods);
}

/** An old pod that is still there may still answer: the change is live when only the wanted version is left. */
function notReady(
  arm: "canary" | "stable",
  { image, replicas }: { readonly image: string; readonly replicas: number },
  pods: readonly Pods[],
): Unseen | undefined {
  const ready = pods.filter((pod) => pod.image === image).reduce((sum, pod) => sum + pod.ready, 0);
  if (ready < replicas) return { kind: "pods", arm, ready, wanted: replicas, image };
  const others = total(pods.filter((pod) => pod.image !== image));
  return others > 0 ? { kind: "leaving", arm, pods: others } : undefined;
}

function total(pods: readonly Pods[]): number {
  return pods.reduce((sum, pod) => sum + pod.total, 0);
}

/** Start of the first window of the unbroken run up to now whose pods are as expected. */
function podsSince(expected: Expected, windows: readonly Window[]): number {
  const broken = windows.findLastIndex((window) => podsUnseen(expected, window) !== undefined);
  return windows[broken + 1]?.start ?? Number.POSITIVE_INFINITY;
}

function quiet({ evidence }: Expected, windows: readonly Window[], podsAsExpected: number): Liveness {
  const tail = windows.slice(-QUIET_WINDOWS);
  const requests = tail.reduce((sum, { counts }) => sum + (counts.canary?.requests ?? 0), 0);
  if (requests > 0) return unseen({ kind: "draining", requests });
  if (tail.length < QUIET_WINDOWS) return unseen({ kind: "noWindow" });
  const isCounted = tail.every(({ counts }) => counts.canary !== undefined);
  if (!isCounted && evidence === "compare") return unseen({ kind: "noCounts" });
  const isQuiet = evidence === "compare" ? isCountedQuiet : isToldQuiet;
  if (!tail.every(isQuiet)) return unseen({ kind: "noPods", arm: "canary" });
  const busy = windows.findLastIndex((window) => !isQuiet(window));
  return live(Math.max(podsAsExpected, windows[busy + 1]?.start ?? 0), isCounted ? "quiet" : "pods");
}

function isCountedQuiet({ counts }: Window): boolean {
  return counts.canary?.requests === 0;
}

/** Where no request may be counted at all, a provider that knows the pods and no request of theirs says so. */
function isToldQuiet({ counts, pods }: Window): boolean {
  return counts.canary === undefined ? pods.canary !== undefined : counts.canary.requests === 0;
}

/** The share, where there are requests enough for a deviation of BAND to be beyond chance; with fewer, the pods alone. */
function movedAsFarAsTold(expected: Expected, windows: readonly Window[], podsAsExpected: number): Liveness {
  const counted = windows.filter(({ counts }) => counts.canary !== undefined && counts.stable !== undefined);
  const seen = moved(expected, counted);
  if (seen.kind === "live") return { ...seen, since: Math.max(seen.since, podsAsExpected) };
  const wanted = expected.weight / 100;
  return tells(traffic(counted), wanted) ? seen : live(podsAsExpected, "pods");
}

function moved({ from, weight }: Expected, windows: readonly Window[]): Liveness {
  const wanted = weight / 100;
  const odds = oddsOf(wanted, (weight + from) / 200);
  const { evidence, begin } = evidenceOfMove(odds, windows);
  const run = evidence > 0 ? windows.slice(begin) : windows;
  const whole = traffic(run);
  if (whole.requests === 0) return unseen({ kind: "noCounts" });
  if (evidence >= PASSED && !isOff(whole, wanted)) return seenAs(run, whole, wanted);
  const tail = evidence < PASSED ? [] : cameRight(run, { wanted, odds });
  if (tail.length > 0) return seenAs(tail, traffic(tail), wanted);
  return unseen({ kind: "share", observed: shareOf(whole), wanted, requests: whole.requests });
}

function seenAs([first]: readonly Window[], seen: Traffic, wanted: number): Liveness {
  const since = first?.start ?? Number.POSITIVE_INFINITY;
  const deviates = deviationOf(seen, wanted) > chanceOf(seen, wanted);
  return { kind: "live", since, by: "share", share: shareOf(seen), deviates };
}

type Traffic = { readonly canary: number; readonly requests: number };

function shareOf({ canary, requests }: Traffic): number {
  return canary / requests;
}

function deviationOf(seen: Traffic, wanted: number): number {
  return Math.abs(shareOf(seen) - wanted);
}

/** A deviation of the share that so many requests can show by chance. */
function chanceOf({ requests }: Pick<Traffic, "requests">, wanted: number): number {
  return BEYOND_CHANCE * Math.sqrt((wanted * (1 - wanted)) / requests);
}

/** Whether there are requests enough for a deviation of BAND to be beyond chance. */
function tells(seen: Traffic, wanted: number): boolean {
  return seen.requests > 0 && chanceOf(seen, wanted) < BAND * wanted;
}

function isOff(seen: Traffic, wanted: number): boolean {
  const deviation = deviationOf(seen, wanted);
  return deviation > BAND * wanted && deviation > chanceOf(seen, wanted);
}

type Move = { readonly wanted: number; readonly odds: Odds };

/**
 * The windows since the share came right, where the whole run is off: somebody moved it meanwhile and put it back. Counted from the end, every stretch that has
 * requests enough for a deviation of BAND to be beyond chance lies within BAND; the longest of them shows by itself that the midpoint is passed,
 * and differs from what was before it beyond chance: a share that has been off all the time never comes right by luck. None: it has not.
 */
function cameRight(run: readonly Window[], { wanted, odds }: Move): readonly Window[] {
  const whole = traffic(run);
  let tail: Traffic = { canary: 0, requests: 0 };
  let begin: number | undefined;
  for (const [index, window] of [...run.entries()].toReversed()) {
    tail = together(tail, trafficIn(window));
    if (!tells(tail, wanted)) continue;
    if (deviationOf(tail, wanted) > BAND * wanted) break;
    if (isApart(tail, whole, wanted)) begin = index;
  }
  const right = begin === undefined ? [] : run.slice(begin);
  return right.length > 0 && evidenceOf(traffic(right), odds) >= PASSED ? right : [];
}

/** Whether a part of the traffic differs in its share from the rest of it, beyond chance. */
function isApart(part: Traffic, whole: Traffic, wanted: number): boolean {
  const rest = { canary: whole.canary - part.canary, requests: whole.requests - part.requests };
  if (rest.requests === 0) return false;
  const between = { requests: 1 / (1 / part.requests + 1 / rest.requests) };
  return Math.abs(shareOf(part) - shareOf(rest)) > chanceOf(between, wanted);
}

/** Log-likelihood ratio of "the share is the new one" against "it is the midpoint", per request of each arm. */
type Odds = { readonly canary: number; readonly stable: number };

function oddsOf(wanted: number, midpoint: number): Odds {
  return { canary: Math.log(wanted / midpoint), stable: Math.log((1 - wanted) / (1 - midpoint)) };
}

function evidenceOf({ canary, requests }: Traffic, odds: Odds): number {
  return canary * odds.canary + (requests - canary) * odds.stable;
}

/** Page's cumulative sum of that ratio, reset where it would be negative, and the index of the first window since the last reset. */
function evidenceOfMove(odds: Odds, windows: readonly Window[]): { readonly evidence: number; readonly begin: number } {
  let evidence = 0;
  let begin = 0;
  for (const [index, window] of windows.entries()) {
    evidence += evidenceOf(trafficIn(window), odds);
    if (evidence > 0) continue;
    evidence = 0;
    begin = index + 1;
  }
  return { evidence, begin };
}

function traffic(windows: readonly Window[]): Traffic {
  return windows.map(trafficIn).reduce(together, { canary: 0, requests: 0 });
}

function trafficIn({ counts }: Window): Traffic {
  const canary = counts.canary?.requests ?? 0;
  return { canary, requests: canary + (counts.stable?.requests ?? 0) };
}

function together(one: Traffic, two: Traffic): Traffic {
  return { canary: one.canary + two.canary, requests: one.requests + two.requests };
}
