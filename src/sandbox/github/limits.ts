import { HttpError } from "./http-error.ts";

/** What one installation may do; GitHub's values, which its documentation gives as general guidance. */
export type Limits = {
  readonly primaryPerHour: number;
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
  readonly pointsPerMinute: number;
  readonly concurrent: number;
};

/** GitHub's documented limits of an installation on REST. */
export const GITHUB_LIMITS: Limits = {
  primaryPerHour: 5000,
  contentPerMinute: 80,
  contentPerHour: 500,
  pointsPerMinute: 900,
  concurrent: 100,
};

type Spent = { readonly at: number; readonly cost: number };

/** What one installation has used; mutable, one per token holder. */
export type Budget = {
  windowStart: number;
  used: number;
  running: number;
  content: readonly Spent[];
  points: readonly Spent[];
};

export type Charge = { readonly method: string; readonly contentCreating: boolean };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A budget from which nothing is spent, its hour starting now. */
export function newBudget(now: number): Budget {
  return { windowStart: now, used: 0, running: 0, content: [], points: [] };
}

/** Books a request against the secondary limits, or throws GitHub's refusal with `retry-after`. The primary limit is only looked at here: see `spend`. */
export function admit(budget: Budget, limits: Limits, charge: Charge, now: number): void {
  if (now >= budget.windowStart + HOUR) Object.assign(budget, { windowStart: now, used: 0 });
  if (budget.used >= limits.primaryPerHour) throw primaryRefusal();
  budget.points = budget.points.filter(({ at }) => at > now - MINUTE);
  budget.content = budget.content.filter(({ at }) => at > now - HOUR);
  const cost = charge.method === "GET" || charge.method === "HEAD" ? 1 : 5;
  const wait = Math.max(
    budget.running >= limits.concurrent ? 1000 : 0,
    waitFor(budget.points, cost, limits.pointsPerMinute, now - MINUTE),
    charge.contentCreating ? contentWait(budget.content, limits, now) : 0,
  );
  if (wait > 0) throw secondaryRefusal(wait);
  budget.points = [...budget.points, { at: now, cost }];
  if (charge.contentCreating) budget.content = [...budget.content, { at: now, cost: 1 }];
}

/** Counts one request against the primary limit, which a refused one does not exceed; a 304 is never given here. */
export function spend(budget: Budget, { primaryPerHour }: Limits): void {
  budget.used = Math.min(budget.used + 1, primaryPerHour);
}

/** The `x-ratelimit-*` headers of an answer. */
export function limitHeaders({ used, windowStart }: Budget, { primaryPerHour }: Limits): Record<string, string> {
  return limitHeadersOf(primaryPerHour, used, windowStart + HOUR);
}

/** The same headers when nothing remains until a moment, in milliseconds. */
export function exhaustedHeaders({ primaryPerHour }: Limits, resetAt: number): Record<string, string> {
  return limitHeadersOf(primaryPerHour, primaryPerHour, resetAt);
}

function limitHeadersOf(limit: number, used: number, resetAt: number): Record<string, string> {
  return {
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(Math.max(0, limit - used)),
    "x-ratelimit-used": String(used),
    "x-ratelimit-reset": String(Math.ceil(resetAt / 1000)),
    "x-ratelimit-resource": "core",
  };
}

function contentWait(content: readonly Spent[], limits: Limits, now: number): number {
  const lastMinute = content.filter(({ at }) => at > now - MINUTE);
  return Math.max(
    waitFor(lastMinute, 1, limits.contentPerMinute, now - MINUTE),
    waitFor(content, 1, limits.contentPerHour, now - HOUR),
  );
}

// how long until enough of what was spent has left the window that starts at `start`
function waitFor(spent: readonly Spent[], cost: number, limit: number, start: number): number {
  let total = spent.reduce((sum, one) => sum + one.cost, 0) + cost;
  if (total <= limit) return 0;
  for (const one of spent) {
    total -= one.cost;
    if (total <= limit) return one.at - start;
  }
  return MINUTE;
}

function primaryRefusal(): HttpError {
  return new HttpError(403, "API rate limit exceeded for installation.", {
    docs: "rest/overview/resources-in-the-rest-api#rate-limiting",
  });
}

function secondaryRefusal(waitMs: number): HttpError {
  return new HttpError(
    403,
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    {
      docs: "rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits",
      headers: { "retry-after": String(Math.max(1, Math.ceil(waitMs / 1000))) },
    },
  );
}
