import { describe, expect, it } from "vitest";
import { judgeSeasonal, profileOf, seasonalThreshold, type Reading } from "../../../src/core/gate/seasonal.ts";
import { chance, poisson } from "./chance.ts";

const STEP = 5 * 60_000;
const HOUR = 12 * STEP;
const DAY = 24 * HOUR;
const NOW = 30 * DAY + 9 * HOUR;

const random = chance(1);

/** Failures of a service that fails twice as much by day. */
const history: readonly Reading[] = Array.from({ length: NOW / STEP }, (_, index) => {
  const day = Math.sin((2 * Math.PI * ((index * STEP) % DAY)) / DAY);
  return { at: index * STEP, value: poisson(random, 60 + 30 * day) };
});

function hour(factor: number): readonly Reading[] {
  return Array.from({ length: 12 }, (_, index) => {
    const at = NOW + index * STEP;
    return { at, value: poisson(random, (60 + 30 * Math.sin((2 * Math.PI * (at % DAY)) / DAY)) * factor) };
  });
}

const profile = profileOf(history, "count");
const before = history.slice(-12);
const { threshold, placebos } = seasonalThreshold(history, HOUR, 0.01, { profile, worse: "higher" });
const settings = { profile, worse: "higher" as const, threshold };

describe("a seasonal baseline", () => {
  it("knows the time of the day, and of the week after four of them", () => {
    expect(profile.slots).toHaveLength(2016);
    expect(profileOf(history.slice(-2016), "count").slots).toHaveLength(288);
    const at = (day: number) => (profile.slots[Math.round(day * 288)] ?? 0) ** 2;
    expect(at(0.25)).toBeGreaterThan(80);
    expect(at(0.75)).toBeLessThan(40);
  });

  it("cuts stretches that do not overlap from the past", () => {
    expect(placebos).toBe(NOW / HOUR - 1);
    const short = history.slice(0, 13);
    expect(seasonalThreshold(short, 3 * STEP, 0.01, { profile, worse: "higher" }).placebos).toBe(1);
  });

  it("takes no threshold from a past in which nothing ever happened", () => {
    const quiet = history.map(({ at }) => ({ at, value: 0 }));
    const shape = { profile: profileOf(quiet, "count"), worse: "higher" as const };
    const none = seasonalThreshold(quiet, HOUR, 0.01, shape);
    expect(none).toEqual({ threshold: undefined, placebos, needed: 99 });
    const first = hour(0).map((reading, at) => ({ ...reading, value: at === 5 ? 1 : 0 }));
    const { verdict } = judgeSeasonal(quiet.slice(-12), first, { ...shape, threshold: none.threshold });
    expect(verdict).toEqual({ kind: "advise" });
  });

  it("blocks twice as many failures, and lets usual ones stand without passing them", () => {
    expect(judgeSeasonal(before, hour(2), settings).verdict).toEqual({ kind: "block" });
    expect(judgeSeasonal(before, hour(1), settings).verdict).toEqual({ kind: "stands" });
    expect(judgeSeasonal(before, hour(2), { ...settings, threshold: undefined }).verdict).toEqual({ kind: "advise" });
  });

  it.each([
    ["no reading before", [], hour(1), "noBaseline"],
    ["no reading since", before, [], "noSamples"],
    ["readings that are no number", before, hour(1).map((one) => ({ ...one, value: Number.NaN })), "noSamples"],
    ["readings below 0", before, hour(1).map((one) => ({ ...one, value: -5 })), "noSamples"],
    ["readings before that are no number", before.map((one) => ({ ...one, value: Number.NaN })), hour(1), "noBaseline"],
  ])("waits on %s", (_, earlier, running, reason) => {
    expect(judgeSeasonal(earlier, running, settings).verdict).toEqual({ kind: "wait", reason: { kind: reason } });
  });
});
