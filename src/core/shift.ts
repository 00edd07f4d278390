import { logApart } from "./gate/split.ts";
import type { Window } from "./window.ts";

/** The canary's shares before and after a change in per cent, the new one above 0. */
export type Weights = { readonly from: number; readonly weight: number };

/** What the requests say of a change of the weight; shares are fractions of 1, `since` the start of the first window that shows it, milliseconds. */
export type Shift =
  | { readonly kind: "moved"; readonly since: number; readonly share: number; readonly deviates: boolean }
  | {
      readonly kind: "unmoved";
      readonly share: number;
      readonly wanted: number;
      readonly requests: number;
      readonly split: Split;
    }
  | { readonly kind: "uncounted" };

/** How requests are split that are not as committed: `elsewhere` is proven to be at neither weight, `pending` may still be at the old one or on the way. */
export type Split = "pending" | "elsewhere";

/** Probability of calling a share live that has not passed the midpoint. */
const ALPHA = 0.01;
/** The evidence that a share has passed the midpoint, natural log. */
const PASSED = Math.log(1 / ALPHA);
/** A lasting deviation from the committed share beyond this fraction of it is not live while it is also beyond chance. */
const BAND = 0.2;
const BEYOND_CHANCE = 3;
/** Where all of the traffic is to move, one request in a hundred may still go where it went: connections stay open, and others than the route send some. */
const MOST = 0.99;

/** By how much an observed share may differ for good. */
function tolerated(wanted: number): number {
  return wanted > MOST ? 1 - MOST : BAND * wanted;
}

/**
 * Whether the canary's share of the requests has gone from one weight to the other: it has passed the midpoint with
 * evidence 1/ALPHA, counted from where it last looked unmoved, and lies within BAND since then, or since it came right again after somebody had moved it.
 * The split check (gate/split.ts) is a part of it: what that proves to be split otherwise is not live.
 */
export function shiftOf({ from, weight }: Weights, windows: readonly Window[]): Shift {
  const wanted = weight / 100;
  const odds = oddsOf(Math.min(wanted, MOST), (weight + from) / 200);
  const { evidence, begin } = evidenceOfMove(odds, windows);
  const run = evidence > 0 ? windows.slice(begin) : windows;
  const whole = traffic(run);
  if (whole.requests === 0) return { kind: "uncounted" };
  if (evidence >= PASSED && !isOff(whole, wanted)) return movedBy(run, whole, wanted);
  const tail = evidence < PASSED ? [] : cameRight(run, { wanted, odds });
  if (tail.length > 0) return movedBy(tail, traffic(tail), wanted);
  const split = isElsewhere(whole, from / 100) && isElsewhere(whole, wanted) ? "elsewhere" : "pending";
  return { kind: "unmoved", share: shareOf(whole), wanted, requests: whole.requests, split };
}

/** Proven by the split check not to be within BAND of a share; of none, where there is any request. */
function isElsewhere({ canary, requests }: Traffic, weight: number): boolean {
  if (weight === 0) return canary > 0;
  return logApart({ weight, canary, stable: requests - canary }, BAND) >= PASSED;
}

/** Whether the windows have requests enough for a deviation of BAND from a weight to be beyond chance. */
export function tellsShare({ weight }: Pick<Weights, "weight">, windows: readonly Window[]): boolean {
  return tells(traffic(windows), weight / 100);
}

/** Requests of both arms in all windows together. */
export function requestsIn(windows: readonly Window[]): number {
  return traffic(windows).requests;
}

function movedBy([first]: readonly Window[], seen: Traffic, wanted: number): Shift {
  const since = first?.start ?? Number.POSITIVE_INFINITY;
  const deviates = deviationOf(seen, wanted) > chanceOf(seen, wanted);
  return { kind: "moved", since, share: shareOf(seen), deviates };
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

function tells(seen: Traffic, wanted: number): boolean {
  return seen.requests > 0 && chanceOf(seen, wanted) < BAND * wanted;
}

function isOff(seen: Traffic, wanted: number): boolean {
  const deviation = deviationOf(seen, wanted);
  const isBeyond = deviation > tolerated(wanted) && deviation > chanceOf(seen, wanted);
  return isBeyond || isElsewhere(seen, wanted);
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
    if (deviationOf(tail, wanted) > tolerated(wanted)) break;
    if (isApart(tail, whole, wanted)) begin = index;
  }
  const right = begin === undefined ? [] : run.slice(begin);
  const seen = traffic(right);
  return right.length > 0 && evidenceOf(seen, odds) >= PASSED && !isOff(seen, wanted) ? right : [];
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
