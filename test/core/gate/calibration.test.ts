import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alphaOf } from "../../../src/core/gate/budget.ts";
import { calibrate, calibrated, placebosIn } from "../../../src/core/gate/calibration.ts";
import { evidenceOf, logAgainst } from "../../../src/core/gate/evidence.ts";
import { testOf } from "../../../src/core/gate/judge.ts";
import { powerOf } from "../../../src/core/gate/power.ts";
import { outcomeOf, type Ruling } from "../../../src/core/gate/ruling.ts";
import { chance, poisson } from "./chance.ts";
import { anyGate, anyWindows, gate, MINUTE, repeated, windows } from "./windows.ts";

const random = chance(1);

/** Windows of equal versions, their failures in clusters of so many. */
function past(count: number, size: number): ReturnType<typeof windows> {
  const failed = (requests: number) => size * poisson(random, (requests * 0.01) / size);
  return windows(
    ...Array.from(
      { length: count },
      () =>
        [
          [500, failed(500)],
          [9500, failed(9500)],
        ] as const,
    ),
  );
}

describe("what a service's past says", () => {
  it("is how much its failures cluster, and how far E of identical releases goes", () => {
    const history = past(1200, 5);
    const calibration = calibrate(history, placebosIn(history, 12), gate());
    expect(calibration.placebos).toBe(100);
    expect(calibration.dispersion.value).toBeGreaterThan(4);
    const read = calibrated(gate(), calibration);
    expect(read.dispersion).toBe(calibration.dispersion.value);
    expect(read.placeboLogE).toBe(calibration.placeboLogE);
    expect(calibration.placeboLogE).toBeDefined();
  });

  it("is what placebo releases show of clusters that the history's share of the traffic cuts off", () => {
    const cutOff = past(600, 40).map((window) => {
      const { canary, stable } = window.counts;
      const failed = Math.min(4, canary?.failed ?? 0);
      return { ...window, counts: { canary: { requests: 500, failed }, ...(stable && { stable }) } };
    });
    const alone = calibrate(cutOff, [], gate()).dispersion.value;
    const both = calibrate(cutOff, placebosIn(past(600, 40), 12), gate()).dispersion.value;
    expect(both).toBeGreaterThan(2 * alone);
    expect(calibrate(past(600, 40), placebosIn(cutOff, 12), gate()).dispersion.value).toBeGreaterThan(2 * alone);
  });

  it("promises nothing on few placebo releases, and takes failures to come ten at a time where clustering is unknown", () => {
    const history = past(48, 1);
    const calibration = calibrate(history, placebosIn(history, 12), gate());
    expect(calibration.placeboLogE).toBeUndefined();
    expect(calibrated(gate(), calibration).exactDispersion).toBe(10);
    expect(calibrated(gate(), undefined).exactDispersion).toBe(10);
  });

  it("never lowers the dispersion that was configured", () => {
    const history = past(600, 1);
    expect(calibrated(gate({ dispersion: 9 }), calibrate(history, [], gate())).dispersion).toBe(9);
  });

  it("leaves out what overlaps a release or an incident", () => {
    const cut = placebosIn(past(60, 1), 12, [{ from: 5 * MINUTE, to: 7 * MINUTE }]);
    expect(cut).toHaveLength(4);
    expect(cut.flat().map(({ start }) => start)).not.toContain(6 * MINUTE);
  });
});

describe("calibrated evidence", () => {
  it("is that of the bets where only they judge", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, (seen, settings) => {
        const evidence = evidenceOf(seen, settings);
        const bets = { ...evidence, exact: [] };
        const alone = { ...settings, exactShare: 0 };
        expect(logAgainst(evidence, alone)).toBeCloseTo(logAgainst(bets, alone), 9);
      }),
    );
  });

  it("is that of the bets where the other half would be beyond all numbers", () => {
    const running = windows(
      ...repeated(60, [
        [750, 750],
        [750, 4],
      ]),
    );
    const evidence = evidenceOf(running, gate());
    expect(logAgainst(evidence, gate({ exactShare: 0 }))).toBeCloseTo(
      logAgainst({ ...evidence, exact: [] }, gate({ exactShare: 0 })),
      9,
    );
  });

  it.each([0.05, 0.25, 0.5])("finds what fails altogether in two windows without a past, at a share of %d", (share) => {
    const [canary, stable] = [1500 * share, 1500 * (1 - share)];
    const running = windows(
      ...repeated(2, [
        [canary, canary],
        [stable, Math.round(stable / 200)],
      ]),
    );
    const settings = calibrated(gate(), undefined);
    expect(testOf(evidenceOf(running, settings), settings)).toBe("blocks");
  });

  it("never blocks below what identical releases reach, and never where it did not without them", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, fc.double({ min: -5, max: 30, noNaN: true }), (seen, settings, placeboLogE) => {
        const evidence = evidenceOf(seen, settings);
        const blocks = testOf(evidence, { ...settings, placeboLogE }) === "blocks";
        const isHigh = logAgainst(evidence, settings) >= placeboLogE && testOf(evidence, settings) === "blocks";
        expect(blocks).toBe(isHigh);
      }),
    );
  });

  it("has less power where identical releases reach more", () => {
    const strata = [[900, 5, 14_100, 120]] as const;
    expect(powerOf(strata, gate({ placeboLogE: 30 })).power).toBeLessThan(powerOf(strata, gate()).power);
  });
});

describe("a release's alpha", () => {
  it("is divided over metrics and stays whole", () => {
    const parts = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(parts, (all) => {
        const shares = alphaOf(
          0.01,
          all.map((part, at) => ({ metric: `m${at}`, part })),
        );
        const sum = [...shares.values()].reduce((total, share) => total + share, 0);
        expect(sum).toBeCloseTo(all.some((part) => part > 0) ? 0.01 : 0, 9);
      }),
    );
  });

  it("gives nothing to a part that is none", () => {
    const metrics = [Number.NaN, -1, 0, 3].map((part, at) => ({ metric: `m${at}`, part }));
    expect([...alphaOf(0.01, metrics).values()]).toEqual([0, 0, 0, 0.01]);
  });
});

describe("all gates together", () => {
  const ruling = (kind: Ruling["verdict"]["kind"]) => ({ gate: kind, verdict: { kind } });

  it.each<readonly [readonly Ruling["verdict"]["kind"][], string]>([
    [[], "wait"],
    [["pass"], "pass"],
    [["pass", "pass", "agrees", "stands", "advise"], "pass"],
    [["pass", "wait"], "wait"],
    [["advise", "stands", "agrees"], "wait"],
    [["wait", "block", "pass"], "block"],
  ])("%j: %s", (kinds, said) => {
    expect(outcomeOf(kinds.map(ruling)).kind).toBe(said);
  });
});
