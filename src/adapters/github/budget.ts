import type { Lane } from "../../ports/forge.ts";
import { isThrottle, type Answer } from "./error.ts";

/** `content` creates something people are told of, which GitHub counts apart. */
export type Cost = {
  readonly lane: Lane;
  readonly kind: "read" | "write" | "content";
  /** Nobody would send it again: it waits longer than a look may. */
  readonly once?: boolean;
};

/** What an installation may do, and how much of it is kept for aborts. */
export type Limits = {
  /** Between the starts of two writes. GitHub advises a second. */
  readonly minWriteGapMs: number;
  /** A read is 1 point, a write 5. */
  readonly pointsPerMinute: number;
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
  /** Share of each limit, hourly requests included, that all others leave alone. Reads leave half of it alone: an abort must be seen to be made. */
  readonly reserve: number;
  /** Share of a minute that progress leaves alone: it never keeps a step from its merge, nor a person from an answer. */
  readonly progressReserve: number;
  readonly concurrent: number;
};

/** GitHub's documented limits (platform facts: rate limits of REST). */
export const GITHUB_LIMITS: Limits = {
  minWriteGapMs: 1_000,
  pointsPerMinute: 900,
  contentPerMinute: 80,
  contentPerHour: 500,
  reserve: 0.1,
  progressReserve: 0.5,
  concurrent: 50,
};

type Spent = { readonly at: number; readonly amount: number };

/** What one installation has used, and what GitHub has said about it. Times are milliseconds since the epoch. */
export type Budget = {
  readonly points: readonly Spent[];
  readonly content: readonly Spent[];
  readonly lastWrite: number;
  /** GitHub's own hourly count, as last heard. */
  readonly hour: { readonly left: number; readonly limit: number; readonly resetAt: number } | undefined;
  /** Nothing is sent before; without GitHub's word on how long, aborts try again sooner. */
  readonly blockedUntil: { readonly ordinary: number; readonly abort: number };
  /** Refusals without a word on how long, in a row. */
  readonly refusals: number;
};

export const FRESH_BUDGET: Budget = {
  points: [],
  content: [],
  lastWrite: Number.NEGATIVE_INFINITY,
  hour: undefined,
  blockedUntil: { ordinary: 0, abort: 0 },
  refusals: 0,
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** When a request may be sent: now, or later. An abort waits for nothing but what GitHub has said. */
export function readyAt(budget: Budget, limits: Limits, cost: Cost, now: number): number {
  if (cost.lane === "abort") return Math.max(now, budget.blockedUntil.abort);
  const reserved = cost.kind === "read" ? limits.reserve / 2 : limits.reserve;
  const share = 1 - reserved;
  const minutely = cost.lane === "progress" ? 1 - limits.progressReserve : share;
  const points = { limit: limits.pointsPerMinute * minutely, amount: pointsOf(cost), lengthMs: MINUTE };
  const counts = [hourAt(budget, reserved, now), windowAt(budget.points, points, now)];
  if (cost.kind !== "read") counts.push(budget.lastWrite + limits.minWriteGapMs);
  if (cost.kind === "content") {
    counts.push(
      windowAt(budget.content, { limit: limits.contentPerMinute * minutely, amount: 1, lengthMs: MINUTE }, now),
    );
    counts.push(windowAt(budget.content, { limit: limits.contentPerHour * share, amount: 1, lengthMs: HOUR }, now));
  }
  return Math.max(now, budget.blockedUntil.ordinary, ...counts);
}

/** The budget after a request was sent. */
export function spend(budget: Budget, cost: Cost, now: number): Budget {
  const points = [...since(budget.points, now - MINUTE), { at: now, amount: pointsOf(cost) }];
  const content = since(budget.content, now - HOUR);
  return {
    ...budget,
    points,
    content: cost.kind === "content" ? [...content, { at: now, amount: 1 }] : content,
    lastWrite: cost.kind === "read" ? budget.lastWrite : now,
  };
}

/** The budget after an answer: its headers, and a refusal for the rate, which holds back what would be refused as well. */
export function heard(budget: Budget, answer: Answer, now: number): Budget {
  const hour = hourOf(answer) ?? budget.hour;
  if (!isThrottle(answer)) return { ...budget, hour, refusals: answer.status < 400 ? 0 : budget.refusals };
  const said = retryTime(answer, now);
  if (said !== undefined)
    return { ...budget, hour, blockedUntil: later(budget.blockedUntil, { ordinary: said, abort: said }) };
  const growth = 2 ** Math.min(budget.refusals, 4);
  const blocked = { ordinary: now + MINUTE * growth, abort: now + 5 * SECOND * growth };
  return { ...budget, hour, refusals: budget.refusals + 1, blockedUntil: later(budget.blockedUntil, blocked) };
}

/** What GitHub itself says about when to come back: `retry-after`, else the reset of an hour of which nothing remains. At least a second from now. */
function retryTime({ headers }: Answer, now: number): number | undefined {
  const seconds = numeric(headers["retry-after"]);
  if (seconds !== undefined) return now + Math.max(SECOND, seconds * SECOND);
  const reset = numeric(headers["x-ratelimit-reset"]);
  if (headers["x-ratelimit-remaining"] !== "0" || reset === undefined) return undefined;
  return Math.max(now + SECOND, reset * SECOND);
}

function hourOf({ headers }: Answer): Budget["hour"] {
  const left = numeric(headers["x-ratelimit-remaining"]);
  const limit = numeric(headers["x-ratelimit-limit"]);
  const reset = numeric(headers["x-ratelimit-reset"]);
  if ((headers["x-ratelimit-resource"] ?? "core") !== "core") return undefined;
  if (left === undefined || limit === undefined || reset === undefined) return undefined;
  return { left, limit, resetAt: reset * SECOND };
}

function hourAt({ hour }: Budget, reserved: number, now: number): number {
  if (hour === undefined || now >= hour.resetAt) return now;
  return hour.left > hour.limit * reserved ? now : hour.resetAt;
}

/** When `amount` more fits into a sliding window. */
function windowAt(
  spent: readonly Spent[],
  { limit, amount, lengthMs }: { readonly limit: number; readonly amount: number; readonly lengthMs: number },
  now: number,
): number {
  const inside = since(spent, now - lengthMs);
  let total = inside.reduce((sum, one) => sum + one.amount, amount);
  let at = now;
  for (const one of inside) {
    if (total <= limit) break;
    total -= one.amount;
    at = one.at + lengthMs;
  }
  return at;
}

function since(spent: readonly Spent[], start: number): readonly Spent[] {
  return spent.filter(({ at }) => at > start);
}

function pointsOf({ kind }: Cost): number {
  return kind === "read" ? 1 : 5;
}

function later(one: Budget["blockedUntil"], two: Budget["blockedUntil"]): Budget["blockedUntil"] {
  return { ordinary: Math.max(one.ordinary, two.ordinary), abort: Math.max(one.abort, two.abort) };
}

function numeric(value: unknown): number | undefined {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
