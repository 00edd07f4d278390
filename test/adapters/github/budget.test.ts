import { describe, expect, it } from "vitest";

import {
  FRESH_BUDGET,
  GITHUB_LIMITS,
  heard,
  readyAt,
  spend,
  type Budget,
  type Cost,
} from "../../../src/adapters/github/budget.ts";
import type { Answer } from "../../../src/adapters/github/error.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const READ: Cost = { lane: "step", kind: "read" };
const STEP: Cost = { lane: "step", kind: "write" };
const CONTENT: Cost = { lane: "step", kind: "content" };
const TALK: Cost = { lane: "talk", kind: "content" };
const PROGRESS: Cost = { lane: "progress", kind: "write" };
const ABORT: Cost = { lane: "abort", kind: "content" };
const ABORT_READ: Cost = { lane: "abort", kind: "read" };

const answer = (status: number, headers: Record<string, string> = {}, said = ""): Answer => ({ status, headers, said });
const hour = (left: number, resetAt = NOON + HOUR) => ({
  "x-ratelimit-remaining": String(left),
  "x-ratelimit-limit": "5000",
  "x-ratelimit-reset": String(resetAt / SECOND),
});
/** A budget after `count` requests, one every `every` milliseconds up to noon. */
const after = (count: number, cost: Cost, every: number): Budget =>
  Array.from({ length: count }, (_, n) => NOON - (count - 1 - n) * every).reduce(
    (budget, at) => spend(budget, cost, at),
    FRESH_BUDGET,
  );
const wait = (budget: Budget, cost: Cost, now = NOON) => readyAt(budget, GITHUB_LIMITS, cost, now) - now;

describe("our own count", () => {
  it.each<[string, Budget, Cost, number]>([
    ["lets the first of each go", FRESH_BUDGET, CONTENT, 0],
    ["keeps a second between writes", spend(FRESH_BUDGET, STEP, NOON - 400), CONTENT, 600],
    ["keeps no distance after a read", spend(FRESH_BUDGET, READ, NOON), STEP, 0],
    ["keeps reads no distance from writes", spend(FRESH_BUDGET, STEP, NOON), READ, 0],
    ["lets an abort go right behind a write", spend(FRESH_BUDGET, STEP, NOON), ABORT, 0],
    ["counts an abort as a write to others", spend(FRESH_BUDGET, ABORT, NOON), STEP, 1_000],
    ["lets 855 points of reads into a minute", after(854, READ, 10), READ, 0],
    ["lets no 856th in before the first is a minute old", after(855, READ, 10), READ, MINUTE - 854 * 10],
    ["lets 810 points of steps into a minute", after(806, READ, 10), STEP, MINUTE - 805 * 10],
    ["counts no points against an abort", after(900, READ, 10), ABORT, 0],
    ["lets 72 pieces of content into a minute", after(72, CONTENT, 100), CONTENT, MINUTE - 71 * 100],
    ["lets progress into half of a minute's points", after(446, READ, 10), PROGRESS, MINUTE - 445 * 10],
    ["leaves the other half to steps and talk", after(446, READ, 10), { ...TALK, kind: "write" }, 0],
    ["counts no content against a check run", after(72, CONTENT, 100), STEP, 1_000],
    ["lets 450 pieces of content into an hour", after(450, CONTENT, 7_000), CONTENT, HOUR - 449 * 7_000],
    ["counts no content against an abort", after(500, CONTENT, 7_000), ABORT, 0],
  ])("%s", (_, budget, cost, ms) => {
    expect(wait(budget, cost)).toBe(ms);
  });

  it("forgets what is an hour old", () => {
    const budget = spend(after(450, CONTENT, 1), READ, NOON + HOUR + 1);
    expect(budget.content).toEqual([]);
    expect(budget.points).toHaveLength(1);
  });
});

describe("GitHub's hourly count", () => {
  it.each<[string, number, Cost, number]>([
    ["leaves steps the share above a tenth", 501, STEP, 0],
    ["keeps the last tenth from steps", 500, STEP, HOUR],
    ["keeps the last tenth from talk", 500, TALK, HOUR],
    ["lets reads into half of the reserve: an abort must be seen to be made", 251, READ, 0],
    ["keeps the last twentieth from reads", 250, READ, HOUR],
    ["lets the reads of an abort into all of it", 1, ABORT_READ, 0],
    ["lets aborts into all of it", 1, ABORT, 0],
  ])("%s", (_, left, cost, ms) => {
    expect(wait(heard(FRESH_BUDGET, answer(200, hour(left)), NOON), cost)).toBe(ms);
  });

  it("is another count after its reset", () => {
    const budget = heard(FRESH_BUDGET, answer(200, hour(0)), NOON);
    expect(wait(budget, STEP, NOON + HOUR)).toBe(0);
  });

  it("is not that of another resource", () => {
    const search = { ...hour(0), "x-ratelimit-resource": "search" };
    expect(wait(heard(FRESH_BUDGET, answer(200, search), NOON), STEP)).toBe(0);
  });

  it("goes by what was heard last, up as well as down", () => {
    const budget = heard(heard(FRESH_BUDGET, answer(200, hour(100)), NOON), answer(200, hour(4_000)), NOON);
    expect(wait(budget, STEP)).toBe(0);
  });
});

describe("a refusal for the rate", () => {
  const secondary = "You have exceeded a secondary rate limit.";
  it.each<[string, Answer, number, number]>([
    [
      "403 with retry-after holds back all for as long",
      answer(403, { "retry-after": "30" }, secondary),
      30 * SECOND,
      30 * SECOND,
    ],
    ["429 with retry-after as well", answer(429, { "retry-after": "7" }), 7 * SECOND, 7 * SECOND],
    ["retry-after 0 is a second", answer(429, { "retry-after": "0" }), SECOND, SECOND],
    [
      "an hour used up holds back all until its reset",
      answer(403, hour(0, NOON + 10 * MINUTE)),
      10 * MINUTE,
      10 * MINUTE,
    ],
    ["a reset in the past is a second", answer(403, hour(0, NOON - MINUTE)), SECOND, SECOND],
    ["retry-after goes before the reset", answer(403, { ...hour(0), "retry-after": "5" }), 5 * SECOND, 5 * SECOND],
    ["without a word it is a minute, for an abort five seconds", answer(403, {}, secondary), MINUTE, 5 * SECOND],
    ["429 without a word as well", answer(429), MINUTE, 5 * SECOND],
    ["another 403 holds back nothing", answer(403, hour(4_000), "Resource not accessible by integration"), 0, 0],
  ])("%s", (_, refusal, ordinary, abort) => {
    const now = heard(FRESH_BUDGET, refusal, NOON);
    const later = refusal.headers["x-ratelimit-remaining"] === "0" ? { ...now, hour: undefined } : now;
    expect([wait(later, READ), wait(later, ABORT)]).toEqual([ordinary, abort]);
  });

  it("without a word waits twice as long each time, and as at first after a success", () => {
    const refused = answer(403, {}, secondary);
    let budget = FRESH_BUDGET;
    const waits = Array.from({ length: 6 }, (_, n) => {
      const now = NOON + n * HOUR;
      budget = heard(budget, refused, now);
      return [wait(budget, READ, now) / MINUTE, wait(budget, ABORT, now) / SECOND];
    });
    expect(waits).toEqual([
      [1, 5],
      [2, 10],
      [4, 20],
      [8, 40],
      [16, 80],
      [16, 80],
    ]);
    const calm = heard(budget, answer(200), NOON + 10 * HOUR);
    expect(wait(heard(calm, refused, NOON + 11 * HOUR), READ, NOON + 11 * HOUR)).toBe(MINUTE);
  });

  it("is never shortened by a later one", () => {
    const long = heard(FRESH_BUDGET, answer(403, { "retry-after": "300" }), NOON);
    expect(wait(heard(long, answer(403, { "retry-after": "1" }), NOON), ABORT)).toBe(300 * SECOND);
  });
});
