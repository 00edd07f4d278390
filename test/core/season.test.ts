import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { profileOf } from "../../src/core/gate/seasonal.ts";
import {
  judgeSeason,
  thresholdOf,
  unreadSeason,
  waitingSeason,
  type SeasonalFacts,
  type SeasonalStep,
} from "../../src/core/season.ts";
import { BEGIN, DAY, EVERY, factsOf, readingsOf, SEASON, usualAt } from "../support/seasons.ts";
import { MINUTE, SECOND } from "../support/member.ts";

const STEP: SeasonalStep = {
  since: BEGIN + 2 * MINUTE,
  begin: BEGIN,
  busy: [],
  bakeMs: 15 * MINUTE,
  warmUpMs: 0,
  alpha: 0.005,
};
/** The readings of the step that is watched. */
const [FIRST, LAST] = [BEGIN + 2 * EVERY, BEGIN + 4 * EVERY];

const twice = (at: number) => 2 * usualAt(at);
const judged = (facts: SeasonalFacts, step: Partial<SeasonalStep> = {}, policy = SEASON) =>
  judgeSeason(policy, facts, { ...STEP, ...step });
const verdict = (...asked: Parameters<typeof judged>) => judged(...asked).verdict;

describe("a metric held against the service's own past", () => {
  it("is usual where it follows the hour of the day, and that is no more than usual", () => {
    const found = judged(factsOf(LAST));
    expect(found).toMatchObject({ verdict: { kind: "usual" }, placebos: { lengthMs: 15 * MINUTE, needed: 199 } });
    expect(found.placebos?.known).toBeGreaterThan(1_300);
    expect(found.typical?.seen).toBeCloseTo(found.typical?.usual ?? 0, -1);
  });

  it("blocks twice as much, from the first reading on that can tell", () => {
    expect(verdict(factsOf(LAST, twice)).kind).toBe("block");
    const { typical } = judged(factsOf(LAST, twice));
    expect((typical?.seen ?? 0) / (typical?.usual ?? 1)).toBeGreaterThan(1.7);
  });

  it("blocks what vanishes where less is worse, and lets more of it stand", () => {
    const fewer = { ...SEASON, worse: "lower" as const };
    expect(
      verdict(
        factsOf(LAST, () => 0),
        {},
        fewer,
      ).kind,
    ).toBe("block");
    expect(verdict(factsOf(LAST, twice), {}, fewer).kind).toBe("usual");
  });

  it("takes a higher level for the level, not for the release", () => {
    const facts = factsOf(LAST, (at) => usualAt(at, 1.5));
    const risen = facts.readings.map((one) =>
      one.at > BEGIN - DAY / 4 && one.at <= BEGIN ? { ...one, value: usualAt(one.at, 1.5) } : one,
    );
    expect(verdict(facts).kind).toBe("block");
    expect(verdict({ ...facts, readings: risen }).kind).toBe("usual");
  });

  it("is not heard outside of the bake: before it is seen live, in the warm-up, and when it is over", () => {
    const outside = (at: number) => (at < FIRST || at > LAST ? 9 * usualAt(at) : usualAt(at));
    expect(verdict(factsOf(LAST + 9 * EVERY, outside)).kind).toBe("usual");
    const early = (at: number) => (at <= BEGIN + 2 * EVERY ? 9 * usualAt(at) : usualAt(at));
    expect(verdict(factsOf(LAST, early)).kind).toBe("block");
    expect(verdict(factsOf(LAST, early), { warmUpMs: 5 * MINUTE }).kind).toBe("usual");
  });

  it("watches one reading at least, however short the bake", () => {
    expect(judged(factsOf(FIRST), { bakeMs: 30 * SECOND }).placebos?.lengthMs).toBe(EVERY);
    expect(verdict(factsOf(FIRST), { bakeMs: 30 * SECOND }).kind).toBe("usual");
  });

  it("takes the level from before a release that went on until this one began", () => {
    const busy = [{ from: BEGIN - 50 * MINUTE, to: BEGIN - 5 * MINUTE }];
    const facts = factsOf(LAST);
    const raised = facts.readings.map((one) =>
      one.at > BEGIN - 50 * MINUTE && one.at <= BEGIN ? { ...one, value: 9 * one.value } : one,
    );
    const doubled = factsOf(LAST, twice);
    const both = [...raised.filter(({ at }) => at <= BEGIN), ...doubled.readings.filter(({ at }) => at > BEGIN)];
    expect(verdict({ ...doubled, readings: both }).kind).toBe("usual");
    expect(verdict({ ...doubled, readings: both }, { busy }).kind).toBe("block");
  });

  it("reckons with a level that is as far back in its past as the release's own", () => {
    const late = { since: BEGIN + 8 * 60 * MINUTE };
    const found = judged(factsOf(BEGIN + 9 * 60 * MINUTE), late);
    expect(found.verdict.kind).toBe("usual");
    expect(found.placebos?.known).toBeLessThan(judged(factsOf(LAST)).placebos?.known ?? 0);
  });

  it.each([
    ["the first reading is to come", factsOf(FIRST - EVERY), { kind: "first", at: FIRST }],
    ["the latest reading is missing", without(factsOf(LAST), LAST), { kind: "noSamples", at: LAST }],
    ["most of them are missing", without(factsOf(LAST), FIRST, FIRST + EVERY), { kind: "gaps", missing: 2, of: 3 }],
    ["the hour before is missing", before(factsOf(LAST)), { kind: "noBaseline" }],
  ] as const)("waits where %s", (_, facts, reason) => {
    expect(verdict(facts)).toEqual({ kind: "wait", reason });
  });

  it.each([
    ["too short", factsOf(LAST, twice, 2), "tooFew"],
    ["not there any more", { ...factsOf(LAST, twice), history: [] }, "tooFew"],
    ["one in which nothing ever happened", flat(factsOf(LAST, twice)), "flat"],
  ] as const)("only advises by a past that is %s", (_, facts, why) => {
    expect(verdict(facts)).toEqual({ kind: "advise", why });
  });

  it("is promised by whole stretches alone", () => {
    const facts = factsOf(LAST);
    const gappy = facts.history.filter((_, index) => index % 3 !== 0);
    expect(judged({ ...facts, history: gappy })).toMatchObject({ placebos: { known: 0 }, verdict: { why: "tooFew" } });
  });

  it("waits where it cannot be read, unless what was read before says enough", () => {
    expect(waitingSeason(SEASON, 0.005, { kind: "unread", why: "down" }).verdict.kind).toBe("wait");
    const why = "Prometheus answered 503.";
    expect(unreadSeason(judged(factsOf(LAST)), why).verdict).toEqual({ kind: "wait", reason: { kind: "unread", why } });
    expect(unreadSeason(judged(factsOf(LAST, twice)), why).verdict.kind).toBe("block");
    expect(unreadSeason(judged({ ...factsOf(LAST), history: [] }), why).verdict.kind).toBe("advise");
  });
});

describe("how often it is wrong", () => {
  it("blocks no more of the days of a service as it always is than its share of alpha", () => {
    const days = 60;
    const all = readingsOf(BEGIN - DAY, BEGIN + days * DAY);
    const base = factsOf(BEGIN);
    const known = thresholdOf(base, SEASON, 0.05)(15 * MINUTE, EVERY);
    const blocked = Array.from({ length: days * 8 }, (_, index) => {
      const begin = BEGIN + Math.floor((index * DAY) / 8 / EVERY) * EVERY;
      const first = (begin - BEGIN + DAY) / EVERY;
      const facts = { ...base, readings: all.slice(first - 18, first + 6), to: begin + 30 * MINUTE };
      const step = { ...STEP, begin, since: begin + MINUTE, alpha: 0.05 };
      return judgeSeason(SEASON, facts, step, () => known).verdict.kind === "block";
    }).filter(Boolean).length;
    // 480 releases at 5 %: 24 expected, and 40 in one of a thousand.
    expect(blocked).toBeLessThan(40);
    expect(blocked).toBeGreaterThan(4);
  });
});

describe("spoilt readings", () => {
  const notOne = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, undefined);
  const HISTORY = factsOf(LAST);

  it("are never usual where the latest is none, whatever was read before", () => {
    fc.assert(
      fc.property(
        notOne,
        fc.array(fc.oneof(notOne, fc.double({ min: 0, max: 1e6, noNaN: true })), { minLength: 2, maxLength: 2 }),
        fc.boolean(),
        (last, others, isTwice) => {
          const told = [...others, last].flatMap((value, index) =>
            value === undefined ? [] : [{ at: FIRST + index * EVERY, value }],
          );
          const again = isTwice ? told.flatMap((one) => [one, one]) : told;
          const readings = [...HISTORY.readings.filter(({ at }) => at <= BEGIN), ...again];
          expect(["wait", "block"]).toContain(verdict({ ...HISTORY, readings }).kind);
        },
      ),
    );
  });

  it("are never usual where most of the level's time holds none", () => {
    fc.assert(
      fc.property(fc.array(notOne, { minLength: 12, maxLength: 12 }), (level) => {
        const readings = HISTORY.readings.flatMap((one) => {
          const place = Math.round((BEGIN - one.at) / EVERY);
          const value = place < 0 || place >= 12 ? one.value : level[place];
          return value === undefined ? [] : [{ ...one, value }];
        });
        expect(verdict({ ...HISTORY, readings }).kind).toBe("wait");
      }),
    );
  });
});

function without(facts: SeasonalFacts, ...times: readonly number[]): SeasonalFacts {
  return { ...facts, readings: facts.readings.filter(({ at }) => !times.includes(at)) };
}

function before(facts: SeasonalFacts): SeasonalFacts {
  return { ...facts, readings: facts.readings.filter(({ at }) => at <= BEGIN - 60 * MINUTE || at > BEGIN) };
}

function flat(facts: SeasonalFacts): SeasonalFacts {
  const history = facts.history.map(({ at }) => ({ at, value: 0 }));
  return { ...facts, history, profile: profileOf(history, "count") };
}
