import { describe, expect, it } from "vitest";
import { profileOf, type Reading, type SeasonalPlacebos } from "../../src/core/gate/seasonal.ts";
import { judgeSeason, thresholdOf, type SeasonalStep } from "../../src/core/season.ts";
import { MINUTE } from "../support/member.ts";
import { EVERY, SEASON } from "../support/seasons.ts";
import { chance, normal, poisson } from "./gate/chance.ts";

/** What docs/gates.md tells of seasons in releases is this with 60 services each of 7.5, 75 and 500 failures. */
const SERVICES = 24;
const FAILURES = 75;
const RELEASES = 8;
/** Half of 5 %, over four steps. */
const ALPHA = 0.025 / 4;

const DAYS = 14;
const A_DAY = 1_440 / 5;
/** Steps of ten minutes, a quarter of an hour from each other. */
const STEPS = 4;
const APART = 3;

/** The share of the requests that the new version answers in each step. */
const SHARES = [0.25, 0.5, 0.5, 1] as const;

type Random = ReturnType<typeof chance>;

/** Failures to expect in every five minutes: by the hour of the day, with a level that drifts. */
function expected(random: Random, count: number): readonly number[] {
  let [level, traffic] = [0.25 * normal(random), 0.1 * normal(random)];
  return Array.from({ length: count }, (_, index) => {
    let sum = 0;
    for (let minute = 0; minute < 5; minute += 1) {
      level = 0.95 * level + 0.25 * Math.sqrt(1 - 0.95 ** 2) * normal(random);
      traffic = 0.9 * traffic + 0.1 * Math.sqrt(1 - 0.9 ** 2) * normal(random);
      const day = (2 * Math.PI * (index * 5 + minute)) / 1_440;
      sum += Math.exp(0.8 * Math.sin(day) + 0.2 * Math.sin(2 * day) + level + traffic);
    }
    return (FAILURES * sum) / (5 * 1.2);
  });
}

/** How many releases of some services are blocked, whose new version fails so many times as often. */
function blockedOf(times: number): number {
  let blocked = 0;
  for (let service = 0; service < SERVICES; service += 1) {
    const random = chance(1 + service);
    const means = expected(random, (DAYS + 2) * A_DAY);
    const values = means.map((mean) => poisson(random, mean));
    const history = values.slice(0, DAYS * A_DAY).map((value, index) => ({ at: (index + 1) * EVERY, value }));
    const facts = { history, profile: profileOf(history, "count"), to: Number.POSITIVE_INFINITY };
    const placebos = remembering(thresholdOf(facts, SEASON, ALPHA));
    for (let release = 0; release < RELEASES; release += 1) {
      const begin = DAYS * A_DAY + 20 + release * 60;
      const readings = readingsOf(begin, (index, factor) =>
        factor === 1 ? (values[index] ?? 0) : poisson(random, (means[index] ?? 0) * factor),
      );
      if (isBlocked(begin, (step) => judgeSeason(SEASON, { ...facts, readings: readings(times) }, step, placebos)))
        blocked += 1;
    }
  }
  return blocked;
}

function readingsOf(begin: number, value: (index: number, factor: number) => number) {
  return (times: number): readonly Reading[] =>
    Array.from({ length: 14 + STEPS * APART + 3 }, (_, place) => {
      const index = begin - 14 + place;
      const share = index < begin ? 0 : (SHARES[Math.min(STEPS - 1, Math.floor((index - begin) / APART))] ?? 0);
      return { at: (index + 1) * EVERY, value: value(index, 1 + share * (times - 1)) };
    });
}

function isBlocked(begin: number, judge: (step: SeasonalStep) => ReturnType<typeof judgeSeason>): boolean {
  return Array.from({ length: STEPS }, (_, step) => ({
    since: begin * EVERY + step * APART * EVERY + MINUTE,
    begin: begin * EVERY,
    busy: [],
    bakeMs: 10 * MINUTE,
    warmUpMs: 0,
    alpha: ALPHA,
  })).some((step) => judge(step).verdict.kind === "block");
}

function remembering(reckon: (lengthMs: number, gapMs: number) => SeasonalPlacebos): typeof reckon {
  const known = new Map<string, SeasonalPlacebos>();
  return (lengthMs, gapMs) => {
    const found = known.get(`${lengthMs}/${gapMs}`) ?? reckon(lengthMs, gapMs);
    known.set(`${lengthMs}/${gapMs}`, found);
    return found;
  };
}

describe("releases of services with a season, a drifting level and two weeks of past", () => {
  it("are hardly blocked where they are alike: 2.5% are promised", () => {
    // 192 releases: 4.8 to expect, and 13 in one of a thousand.
    expect(blockedOf(1)).toBeLessThan(13);
  });

  it("are blocked where the new version fails five times as often", () => {
    expect(blockedOf(5)).toBeGreaterThan(0.95 * SERVICES * RELEASES);
  });

  it("are often blocked where it fails three times as often", () => {
    expect(blockedOf(3)).toBeGreaterThan(0.65 * SERVICES * RELEASES);
  });
});
