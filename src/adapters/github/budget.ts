import type { RepoName } from "../../core/names.ts";
import { longest, type Held, type HeldBy, type Rate } from "../../core/pacing.ts";
import type { Lane } from "../../ports/forge.ts";
import { isThrottle, type Answer } from "./error.ts";

/** `content` creates something people are told of, which GitHub counts apart, as a `merge` does; a `push` is git's, and no request of the API. */
export type Cost = {
  readonly lane: Lane;
  readonly kind: "read" | "write" | "content" | "merge" | "push";
  /** Whose it is; undefined where it is of no repository. */
  readonly repo?: RepoName | undefined;
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
  /** Of each repository. GitHub advises both and enforces neither, so aborts count and are never held. */
  readonly pushes: Rate;
  readonly merges: Rate;
  /**
   * Share of each limit, hourly requests included, that all others leave alone. Of the hour's requests reads leave half of it alone, of a minute's points those for what a
   * person asks: an abort must be seen to be made.
   */
  readonly reserve: number;
  /** Share of a minute and of an hour that looks for news leave to all else, by not beginning. */
  readonly newsReserve: number;
  /** Share of a minute that progress leaves alone: it never keeps a step from its merge, nor a person from an answer. */
  readonly progressReserve: number;
  /** Share of each window that a repository which has had its equal part of it leaves to the others. */
  readonly othersReserve: number;
  readonly concurrent: number;
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** GitHub's documented limits (platform facts: rate limits of REST) and advice for repositories: six pushes and one merge a minute. */
export const GITHUB_LIMITS: Limits = {
  minWriteGapMs: 1_000,
  pointsPerMinute: 900,
  contentPerMinute: 80,
  contentPerHour: 500,
  pushes: pushesOf(6),
  merges: mergesOf(1),
  reserve: 0.1,
  newsReserve: 0.25,
  progressReserve: 0.5,
  othersReserve: 0.2,
  concurrent: 50,
};

/** A pace of pushes: a minute's at once. */
export function pushesOf(perMinute: number): Rate {
  return { most: perMinute, perMs: MINUTE };
}

/** A pace of merges: five minutes' at once, for a few that come together after a calm hold nothing up that GitHub would mind. */
export function mergesOf(perMinute: number): Rate {
  return { most: 5 * perMinute, perMs: 5 * MINUTE };
}

/** Something that was sent. */
export type Spent = { readonly at: number; readonly amount: number; readonly repo: RepoName | undefined };

/** What one installation has used, and what GitHub has said about it. Times are milliseconds since the epoch. */
export type Budget = {
  readonly points: readonly Spent[];
  readonly content: readonly Spent[];
  readonly pushes: readonly Spent[];
  readonly merges: readonly Spent[];
  /** Points of looks for news. */
  readonly news: readonly Spent[];
  /** When each repository sent something, to within a minute; of the last hour. */
  readonly repositories: ReadonlyMap<RepoName, number>;
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
  pushes: [],
  merges: [],
  news: [],
  repositories: new Map(),
  lastWrite: Number.NEGATIVE_INFINITY,
  hour: undefined,
  blockedUntil: { ordinary: 0, abort: 0 },
  refusals: 0,
};

/** When a request may be sent: now, or later. */
export function readyAt(budget: Budget, limits: Limits, cost: Cost, now: number): number {
  return holdOf(budget, limits, cost, now).until;
}

/** When a request may be sent, now or later, and what it waits for longest. An abort waits for nothing but what GitHub has said, and its push not for that. */
export function holdOf(budget: Budget, limits: Limits, cost: Cost, now: number): Held {
  const { ordinary, abort } = budget.blockedUntil;
  const until = cost.lane !== "abort" ? ordinary : cost.kind === "push" ? now : abort;
  const said: Held = { until: Math.max(now, until), by: { kind: "refused" } };
  if (cost.lane === "abort") return said;
  const ofRepository = repositoryHolds(budget, limits, cost, now);
  return longest(
    said,
    cost.kind === "push" ? ofRepository : [...ofRepository, ...requestHolds(budget, limits, cost, now)],
  );
}

/** A look at a repository in which nothing happens reads four times. */
const LOOK_POINTS = 5;

/**
 * When a look for news may begin, now or later: what remains of each window is for persons, gates and steps. Of what such looks may use of a minute they use a quarter in
 * a quarter of it, so that a storm makes each repository wait for seconds, not the last of them for the next minute.
 */
export function newsFrom(budget: Budget, { pointsPerMinute, newsReserve }: Limits, now: number): number {
  const most = pointsPerMinute * (1 - newsReserve);
  return Math.max(
    now,
    budget.blockedUntil.ordinary,
    requestsHold(budget, newsReserve, now).until,
    windowAt(budget.points, { most, perMs: MINUTE, amount: LOOK_POINTS }, now),
    windowAt(budget.news, { most: most / 4, perMs: MINUTE / 4, amount: LOOK_POINTS }, now),
  );
}

function repositoryHolds(budget: Budget, limits: Limits, { lane, kind, repo }: Cost, now: number): readonly Held[] {
  if (kind !== "push" && kind !== "merge") return [];
  const [name, spent] = kind === "push" ? (["pushes", budget.pushes] as const) : (["merges", budget.merges] as const);
  const { most: all, perMs } = limits[name];
  const most = lane === "progress" ? Math.max(1, Math.floor(all * (1 - limits.progressReserve))) : all;
  const own = spent.filter((one) => one.repo === repo);
  return [{ until: windowAt(own, { most, perMs, amount: 1 }, now), by: { kind: name, most, perMs } }];
}

function requestHolds(budget: Budget, limits: Limits, cost: Cost, now: number): readonly Held[] {
  const share = 1 - limits.reserve;
  const minutely = cost.lane === "progress" ? 1 - limits.progressReserve : 1 - minuteReserve(limits, cost);
  const amount = POINTS[cost.kind];
  const fits = (kind: "points" | "content", { most, perMs }: Rate, of: number): Held => ({
    until: fairAt(budget, limits, { spent: budget[kind], most, perMs, amount: of, ...cost }, now),
    by: { kind, most: Math.floor(most), perMs },
  });
  return [
    requestsHold(budget, cost.kind === "read" ? limits.reserve / 2 : limits.reserve, now),
    fits("points", { most: limits.pointsPerMinute * minutely, perMs: MINUTE }, amount),
    ...(cost.kind === "read" ? [] : [gapHold(budget, limits)]),
    ...(isContent(cost)
      ? [
          fits("content", { most: limits.contentPerMinute * minutely, perMs: MINUTE }, 1),
          fits("content", { most: limits.contentPerHour * share, perMs: HOUR }, 1),
        ]
      : []),
  ];
}

/** Share of a minute's points that is left to aborts. */
export function minuteReserve({ reserve }: Limits, { lane }: Pick<Cost, "lane">): number {
  return lane === "person" ? reserve / 2 : reserve;
}

/** The budget after a request was sent. */
export function spend(budget: Budget, cost: Cost, now: number): Budget {
  const add = (spent: readonly Spent[], ms: number, amount: number) =>
    amount === 0 ? since(spent, now - ms) : [...since(spent, now - ms), { at: now, amount, repo: cost.repo }];
  const isRequestWrite = cost.kind !== "read" && cost.kind !== "push";
  return {
    ...budget,
    points: add(budget.points, MINUTE, POINTS[cost.kind]),
    content: add(budget.content, HOUR, isContent(cost) ? 1 : 0),
    pushes: add(budget.pushes, HOUR, cost.kind === "push" ? 1 : 0),
    merges: add(budget.merges, HOUR, cost.kind === "merge" ? 1 : 0),
    news: add(budget.news, MINUTE, cost.lane === "news" ? POINTS[cost.kind] : 0),
    repositories: withRepository(budget.repositories, cost, now),
    lastWrite: isRequestWrite ? now : budget.lastWrite,
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

function requestsHold({ hour }: Budget, reserved: number, now: number): Held {
  const by: HeldBy = { kind: "requests", most: hour?.limit ?? 0 };
  if (hour === undefined || now >= hour.resetAt) return { until: now, by };
  return { until: hour.left > hour.limit * reserved ? now : hour.resetAt, by };
}

function gapHold({ lastWrite }: Budget, { minWriteGapMs }: Limits): Held {
  return { until: lastWrite + minWriteGapMs, by: { kind: "writes", most: 1, perMs: minWriteGapMs } };
}

type Wanted = Rate & { readonly amount: number };

/** When more fits into a window. Whoever has had an equal part of it, of several repositories, leaves the last of it to the others, unless a person asks. */
function fairAt(
  { repositories }: Budget,
  { othersReserve }: Limits,
  { spent, repo, lane, ...wanted }: Wanted & Pick<Cost, "repo" | "lane"> & { readonly spent: readonly Spent[] },
  now: number,
): number {
  const fits = windowAt(spent, wanted, now);
  if (repo === undefined || repositories.size < 2 || lane === "person") return fits;
  const part = Math.max(wanted.amount, wanted.most / repositories.size);
  const own = spent.filter((one) => one.repo === repo);
  const within = Math.max(fits, windowAt(own, { ...wanted, most: part }, now));
  return Math.min(within, windowAt(spent, { ...wanted, most: wanted.most * (1 - othersReserve) }, now));
}

/** When `amount` more fits into a sliding window. */
function windowAt(spent: readonly Spent[], { most, amount, perMs }: Wanted, now: number): number {
  const inside = since(spent, now - perMs);
  let total = inside.reduce((sum, one) => sum + one.amount, amount);
  let at = now;
  for (const one of inside) {
    if (total <= most) break;
    total -= one.amount;
    at = one.at + perMs;
  }
  return at;
}

/** What was sent after a moment, milliseconds. */
export function since(spent: readonly Spent[], start: number): readonly Spent[] {
  return spent.filter(({ at }) => at > start);
}

function withRepository(known: Budget["repositories"], { repo }: Cost, now: number): Budget["repositories"] {
  if (repo === undefined || (known.get(repo) ?? Number.NEGATIVE_INFINITY) > now - MINUTE) return known;
  return new Map([...[...known].filter(([, at]) => at > now - HOUR), [repo, now]]);
}

const POINTS: Readonly<Record<Cost["kind"], number>> = { read: 1, write: 5, content: 5, merge: 5, push: 0 };

function isContent({ kind }: Cost): boolean {
  return kind === "content" || kind === "merge";
}

function later(one: Budget["blockedUntil"], two: Budget["blockedUntil"]): Budget["blockedUntil"] {
  return { ordinary: Math.max(one.ordinary, two.ordinary), abort: Math.max(one.abort, two.abort) };
}

function numeric(value: unknown): number | undefined {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
