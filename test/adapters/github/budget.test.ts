import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  FRESH_BUDGET,
  GITHUB_LIMITS,
  heard,
  holdOf,
  mergesOf,
  newsFrom,
  pushesOf,
  readyAt,
  spend,
  type Budget,
  type Cost,
  type Limits,
} from "../../../src/adapters/github/budget.ts";
import type { Answer } from "../../../src/adapters/github/error.ts";
import { repoName } from "../../../src/core/names.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const READ: Cost = { lane: "step", kind: "read" };
const PERSON: Cost = { lane: "person", kind: "read" };
const NEWS: Cost = { lane: "news", kind: "read" };
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
    ["lets 810 points of reads into a minute", after(809, READ, 10), READ, 0],
    ["lets no 811th in before the first is a minute old", after(810, READ, 10), READ, MINUTE - 809 * 10],
    ["lets 45 more in for what a person asks", after(854, READ, 10), PERSON, 0],
    ["lets no more in for that either", after(855, READ, 10), PERSON, MINUTE - 854 * 10],
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

const HERE = repoName("acme/gitops");
const THERE = repoName("acme/shop");
const PUSH: Cost = { lane: "step", kind: "push", repo: HERE };
const MERGE: Cost = { lane: "step", kind: "merge", repo: HERE };

describe("a repository's pushes and merges", () => {
  it.each<[string, Budget, Cost, number]>([
    ["lets six pushes into a minute", after(5, PUSH, 100), PUSH, 0],
    ["lets no seventh in before the first is a minute old", after(6, PUSH, 100), PUSH, MINUTE - 500],
    ["counts no push against another repository", after(6, PUSH, 100), { ...PUSH, repo: THERE }, 0],
    ["counts no push as a request", after(6, PUSH, 100), STEP, 0],
    ["lets what tidies up into half of the pushes", after(3, PUSH, 100), { ...PUSH, lane: "progress" }, MINUTE - 200],
    ["lets five merges into five minutes", after(4, MERGE, 2_000), MERGE, 1_000],
    ["lets no sixth in before the first is five minutes old", after(5, MERGE, 2_000), MERGE, 5 * MINUTE - 8_000],
    ["counts a merge as content", after(72, MERGE, 100), { ...CONTENT, repo: THERE }, MINUTE - 71 * 100],
    ["never holds the push of an abort", after(60, PUSH, 100), { ...PUSH, lane: "abort" }, 0],
    ["never holds the merge of an abort", after(60, MERGE, 100), { ...MERGE, lane: "abort" }, 0],
    ["counts the merges of aborts", after(5, { ...MERGE, lane: "abort" }, 2_000), MERGE, 5 * MINUTE - 8_000],
  ])("%s", (_, budget, cost, ms) => {
    expect(wait(budget, cost)).toBe(ms);
  });

  it("do not hold the push of an abort while GitHub refuses requests, and hold every other", () => {
    const refused = heard(FRESH_BUDGET, answer(403, { "retry-after": "600" }), NOON);
    expect(wait(refused, { ...PUSH, lane: "abort" })).toBe(0);
    expect(wait(refused, PUSH)).toBe(600 * SECOND);
  });
});

it.each<[string, Budget, Cost, object]>([
  ["merges", after(5, MERGE, 2_000), MERGE, { kind: "merges", most: 5, perMs: 5 * MINUTE }],
  ["pushes", after(6, PUSH, 100), PUSH, { kind: "pushes", most: 6, perMs: MINUTE }],
  ["content of a minute", after(72, CONTENT, 100), CONTENT, { kind: "content", most: 72, perMs: MINUTE }],
  ["content of an hour", after(450, CONTENT, 7_000), CONTENT, { kind: "content", most: 450, perMs: HOUR }],
  ["points", after(855, READ, 10), READ, { kind: "points", most: 810, perMs: MINUTE }],
  ["writes", spend(FRESH_BUDGET, STEP, NOON), STEP, { kind: "writes", most: 1, perMs: SECOND }],
  ["GitHub's count", heard(FRESH_BUDGET, answer(200, hour(9)), NOON), STEP, { kind: "requests", most: 5_000 }],
  ["a refusal", heard(FRESH_BUDGET, answer(429), NOON), STEP, { kind: "refused" }],
])("what is waited for is said: %s", (_, budget, cost, by) => {
  expect(holdOf(budget, GITHUB_LIMITS, cost, NOON).by).toEqual(by);
});

describe("several repositories", () => {
  const both = spend(FRESH_BUDGET, { ...READ, repo: THERE }, NOON - 50 * MINUTE);
  const busy = (count: number, cost: Cost, every: number) =>
    Array.from({ length: count }, (_, n) => NOON - (count - 1 - n) * every).reduce(
      (budget, at) => spend(budget, { ...cost, repo: HERE }, at),
      both,
    );
  it.each<[string, Budget, Cost, number]>([
    ["leave the last fifth to who had less", busy(360, CONTENT, 7_000), { ...CONTENT, repo: HERE }, HOUR - 359 * 7_000],
    ["or to what a person asks", busy(800, READ, 10), { ...PERSON, repo: HERE }, 0],
    ["and nothing else", busy(648, READ, 10), { ...READ, repo: HERE }, MINUTE - 647 * 10],
    ["who has it at once", busy(360, CONTENT, 7_000), { ...CONTENT, repo: THERE }, 1_000],
    [
      "leave nothing where there is but one",
      after(440, { ...CONTENT, repo: HERE }, 7_000),
      { ...CONTENT, repo: HERE },
      1_000,
    ],
  ])("%s", (_, budget, cost, ms) => {
    expect(wait(budget, cost)).toBe(ms);
  });
});

type Want = {
  readonly repo: Cost["repo"];
  readonly kind: Cost["kind"];
  readonly lane: Cost["lane"];
  readonly afterMs: number;
};

const wants: fc.Arbitrary<readonly Want[]> = fc.array(
  fc.record({
    repo: fc.constantFrom(HERE, THERE, repoName("acme/infra")),
    kind: fc.constantFrom("read" as const, "write" as const, "content" as const, "merge" as const, "push" as const),
    lane: fc.constantFrom("abort", "person", "step", "talk", "news", "progress"),
    afterMs: fc.integer({ min: 0, max: 3_000 }),
  }),
  { maxLength: 120 },
);
/** So few of each that they run out within a test. */
const SCARCE: Limits = {
  ...GITHUB_LIMITS,
  minWriteGapMs: 10,
  pointsPerMinute: 60,
  contentPerMinute: 10,
  contentPerHour: 30,
  pushes: pushesOf(2),
  merges: mergesOf(1),
};

type Sent = Want & { readonly at: number };

/** Each is sent as soon as it may be; the next is wanted then. */
function sentAll(all: readonly Want[]): readonly Sent[] {
  let budget = FRESH_BUDGET;
  let now = NOON;
  return all.map((want) => {
    now = readyAt(budget, SCARCE, want, now + want.afterMs);
    budget = spend(budget, want, now);
    return { ...want, at: now };
  });
}

const POINTS = { read: 1, write: 5, content: 5, merge: 5, push: 0 } as const;

describe("whatever is wanted when", () => {
  it("no window ever holds more than its limit when something ordinary is sent", () => {
    fc.assert(
      fc.property(wants, (all) => {
        const sent = sentAll(all);
        for (const [index, one] of sent.entries()) {
          if (one.lane === "abort") continue;
          const within = (ms: number) => sent.slice(0, index + 1).filter(({ at }) => at > one.at - ms);
          const own = (ms: number, kind: Cost["kind"]) =>
            within(ms).filter((other) => other.repo === one.repo && other.kind === kind).length;
          if (one.kind === "push") expect(own(SCARCE.pushes.perMs, "push")).toBeLessThanOrEqual(SCARCE.pushes.most);
          if (one.kind === "merge") expect(own(SCARCE.merges.perMs, "merge")).toBeLessThanOrEqual(SCARCE.merges.most);
          if (one.kind === "push") continue;
          const points = within(MINUTE).reduce((sum, { kind }) => sum + POINTS[kind], 0);
          expect(points).toBeLessThanOrEqual(SCARCE.pointsPerMinute);
          const content = within(HOUR).filter(({ kind }) => kind === "content" || kind === "merge");
          if (one.kind !== "read" && one.kind !== "write")
            expect(content.length).toBeLessThanOrEqual(SCARCE.contentPerHour);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("an abort is sent at once, and all else within the longest window", () => {
    fc.assert(
      fc.property(wants, (all) => {
        let before = NOON;
        for (const { lane, at, afterMs } of sentAll(all)) {
          if (lane === "abort") expect(at).toBe(before + afterMs);
          expect(at - before - afterMs).toBeLessThanOrEqual(HOUR);
          before = at;
        }
      }),
      { numRuns: 100 },
    );
  });

  it("what one repository uses keeps no other one from the last fifth", () => {
    const Heavy = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(Heavy, (gaps) => {
        let budget = spend(FRESH_BUDGET, { ...READ, repo: THERE }, NOON);
        budget = spend(budget, { ...READ, repo: HERE }, NOON);
        let now = NOON;
        for (const gap of gaps) {
          now = readyAt(budget, SCARCE, { ...READ, repo: HERE }, now + gap);
          budget = spend(budget, { ...READ, repo: HERE }, now);
        }
        expect(wait({ ...budget }, { ...READ, repo: THERE }, now)).toBe(0);
        expect(readyAt(budget, SCARCE, { ...READ, repo: THERE }, now)).toBe(now);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a look for news", () => {
  const news = (budget: Budget, now = NOON) => newsFrom(budget, GITHUB_LIMITS, now) - now;
  const SHARE = 168;
  it.each<[string, Budget, number]>([
    ["begins at once", FRESH_BUDGET, 0],
    ["leaves a quarter of a minute's points to all else", after(671, READ, 20), MINUTE - 670 * 20],
    ["begins while there is more", after(670, READ, 20), 0],
    ["has no more than a quarter of its part in a quarter of a minute", after(SHARE, NEWS, 10), MINUTE / 4 - 1_630],
    ["counts what is read for others to no such quarter", after(SHARE, READ, 10), 0],
    ["leaves a quarter of an hour's requests", heard(FRESH_BUDGET, answer(200, hour(1_250)), NOON), HOUR],
    ["goes on while more than that is left", heard(FRESH_BUDGET, answer(200, hour(1_251)), NOON), 0],
    ["waits as long as GitHub says", heard(FRESH_BUDGET, answer(403, { "retry-after": "30" }), NOON), 30 * SECOND],
  ])("%s", (_, budget, ms) => {
    expect(news(budget)).toBe(ms);
  });

  it("leaves room for the reads of what a person asks, whatever is begun", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 400 }), (gaps) => {
        let budget = FRESH_BUDGET;
        let now = NOON;
        for (const gap of gaps) {
          now = newsFrom(budget, GITHUB_LIMITS, now + gap);
          for (let read = 0; read < 4; read += 1) budget = spend(budget, { ...NEWS, repo: HERE }, now);
          for (let read = 0, one = budget; read < 150; read += 1) {
            expect(readyAt(one, GITHUB_LIMITS, { ...PERSON, repo: THERE }, now)).toBe(now);
            one = spend(one, { ...PERSON, repo: THERE }, now);
          }
        }
      }),
      { numRuns: 5 },
    );
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
