import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evidenceOf, NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { judge, judgeSwapped } from "../../../src/core/gate/judge.ts";
import type { Window } from "../../../src/core/window.ts";
import { anyGate, anyWindows, gate, repeated, windows, type Row } from "./windows.ts";

const QUIET: Row = [
  [50, 0],
  [950, 5],
];
const STRICT = gate({ slo: 0.000_01 });

function verdict(rows: readonly Row[], settings = STRICT): unknown {
  return judge(NO_EVIDENCE, windows(...rows), settings).verdict;
}

const waiting = (reason: unknown) => ({ kind: "wait", reason });

describe("a verdict", () => {
  it.each<readonly [string, readonly Row[], unknown]>([
    [
      "blocks what fails in window after window",
      repeated(4, [
        [50, 5],
        [950, 5],
      ]),
      { kind: "block" },
    ],
    [
      "blocks a canary of which every request fails",
      repeated(2, [
        [50, 50],
        [950, 5],
      ]),
      { kind: "block" },
    ],
    [
      "blocks even when the canary has fallen silent since",
      [
        ...repeated(4, [
          [50, 5],
          [950, 5],
        ] satisfies Row),
        [undefined, [950, 5]],
        [
          [0, 0],
          [950, 5],
        ],
      ],
      { kind: "block" },
    ],
    [
      "waits for a second window with failures",
      [
        [
          [50, 50],
          [950, 5],
        ],
      ],
      waiting({ kind: "unconfirmed", failed: 50, failedWindows: 1 }),
    ],
    [
      "waits for a third failure",
      repeated(2, [
        [10, 1],
        [990, 0],
      ]),
      waiting({ kind: "unconfirmed", failed: 2, failedWindows: 2 }),
    ],
    ["waits without a window", [], waiting({ kind: "noWindows" })],
    [
      "waits without a sample of the canary",
      repeated(30, [undefined, [950, 5]]),
      waiting({ kind: "noSamples", arm: "canary", windows: 2 }),
    ],
    [
      "waits without a sample of stable",
      repeated(30, [[50, 0], undefined]),
      waiting({ kind: "noSamples", arm: "stable", windows: 2 }),
    ],
    [
      "waits where the arms are never sampled together",
      [
        [[50, 0], undefined],
        [undefined, [950, 5]],
      ],
      waiting({ kind: "noSamples", arm: "canary", windows: 2 }),
    ],
    [
      "waits when the canary was never a number",
      repeated(30, [
        [Number.NaN, Number.NaN],
        [950, 5],
      ]),
      waiting({ kind: "noSamples", arm: "canary", windows: 2 }),
    ],
    [
      "waits when the canary has fallen silent",
      [
        ...repeated(100, QUIET),
        ...repeated(2, [
          [0, 0],
          [950, 5],
        ]),
      ],
      waiting({ kind: "noTraffic", arm: "canary", windows: 2 }),
    ],
    [
      "waits when stable has fallen silent",
      [
        ...repeated(100, QUIET),
        ...repeated(2, [
          [50, 0],
          [0, 0],
        ]),
      ],
      waiting({ kind: "noTraffic", arm: "stable", windows: 2 }),
    ],
    [
      "waits when most of the bake was not measured",
      [...repeated(60, [undefined, undefined]), ...repeated(50, QUIET)],
      waiting({ kind: "gaps", missing: 60, windows: 110 }),
    ],
    [
      "waits when stable never fails",
      repeated(100, [
        [50, 0],
        [950, 0],
      ]),
      waiting({ kind: "noFailures", arm: "stable" }),
    ],
    [
      "passes when five-fold would have been blocked",
      repeated(12, [
        [50, 1],
        [950, 19],
      ]),
      { kind: "pass", by: "power" },
    ],
    ["passes when the regression is excluded", repeated(90, QUIET), { kind: "pass", by: "nonInferior" }],
  ])("%s", (_, rows, expected) => {
    expect(verdict(rows)).toEqual(expected);
  });

  it("says how far from enough it is", () => {
    const judgement = judge(NO_EVIDENCE, windows(...repeated(2, QUIET)), STRICT);
    const { power } = judgement.power;
    expect(power).toBeGreaterThan(0);
    expect(power).toBeLessThan(0.8);
    expect(judgement.verdict).toEqual(waiting({ kind: "tooLittle", power, wanted: 0.8 }));
  });

  it("passes below the SLO when stable never fails, and not when the canary is worse", () => {
    expect(
      verdict(
        repeated(12, [
          [50, 0],
          [950, 0],
        ]),
        gate(),
      ),
    ).toEqual({ kind: "pass", by: "slo" });
    expect(
      verdict(
        repeated(12, [
          [50, 1],
          [950, 0],
        ]),
        gate({ slo: 0.2 }),
      ),
    ).toEqual({ kind: "block" });
  });

  it("does not pass on the evidence of earlier steps alone", () => {
    const before = evidenceOf(windows(...repeated(200, QUIET)), gate());
    expect(judge(before, windows(QUIET), gate()).verdict.kind).toBe("pass");
    for (const running of [
      [],
      windows([undefined, undefined]),
      windows([
        [0, 0],
        [950, 0],
      ]),
    ]) {
      expect(judge(before, running, gate()).verdict.kind).toBe("wait");
    }
  });

  it("carries a suspicion over from the step before", () => {
    const bad = repeated(3, [
      [50, 2],
      [950, 5],
    ] satisfies Row);
    expect(verdict(bad)).not.toEqual({ kind: "block" });
    const before = evidenceOf(windows(...bad), STRICT);
    expect(judge(before, windows(...bad), STRICT).verdict).toEqual({ kind: "block" });
  });
});

const served = ({ counts }: Window) => (counts.canary?.requests ?? 0) > 0 && (counts.stable?.requests ?? 0) > 0;

describe("a judgement", () => {
  it("never passes unless one of the last two windows shows both arms at once", () => {
    fc.assert(
      fc.property(anyWindows, anyWindows, anyGate, (earlier, running, settings) => {
        const { verdict: said } = judge(evidenceOf(earlier, settings), running, settings);
        const pairs = running.slice(-2).filter(({ counts }) => counts.canary && counts.stable);
        const canary = pairs.some(({ counts }) => (counts.canary?.requests ?? 0) > 0);
        const stable = pairs.some(({ counts }) => (counts.stable?.requests ?? 0) > 0);
        expect(said.kind === "pass" && !(canary && stable)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("blocks exactly from the threshold on, with three failures in two windows", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, (running, settings) => {
        const { verdict: said, worse, counts, failedWindows } = judge(NO_EVIDENCE, running, settings);
        const isProven = worse.logE >= Math.log(worse.threshold) - 1e-12;
        expect(said.kind === "block").toBe(isProven && counts.canary.failed >= 3 && failedWindows >= 2);
      }),
      { numRuns: 500 },
    );
  });

  it("holds no number that cannot be printed", () => {
    const allFail = repeated(100, [
      [2000, 2000],
      [2000, 0],
    ] satisfies Row);
    fc.assert(
      fc.property(fc.oneof(anyWindows, fc.constant(windows(...allFail))), anyGate, (running, settings) => {
        for (const judgement of [judge(NO_EVIDENCE, running, settings), judgeSwapped(running, settings)]) {
          expect(numbersIn(judgement).filter((number) => !Number.isFinite(number))).toEqual([]);
        }
      }),
    );
  });

  it("holds the ratio inside its interval", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, (running, settings) => {
        const { ratio, interval } = judge(NO_EVIDENCE, running, settings);
        expect(ratio === undefined).toBe(interval === undefined);
        if (ratio === undefined || interval === undefined) return;
        expect(interval.low).toBeLessThanOrEqual(ratio + 1e-3);
        expect(interval.high).toBeGreaterThanOrEqual(ratio - 1e-9);
      }),
    );
  });

  it("counts what it saw and what it missed", () => {
    const before = evidenceOf(
      windows([
        [10, 1],
        [90, 0],
      ]),
      gate(),
    );
    const judgement = judge(
      before,
      windows(
        [
          [50, 1],
          [950, 4],
        ],
        [undefined, [950, 4]],
        [
          [50, 0],
          [950, 2],
        ],
      ),
      gate(),
    );
    expect(judgement).toMatchObject({
      suspect: "canary",
      counts: { canary: { requests: 110, failed: 2 }, stable: { requests: 1990, failed: 6 } },
      windows: 3,
      missingWindows: 1,
      failedWindows: 2,
      worse: { threshold: 100 },
      nonInferior: { threshold: 20 },
      belowSlo: { threshold: 20 },
    });
  });
});

describe("with the arms exchanged", () => {
  it("blocks stable when it fails more than the canary does, and never the canary", () => {
    const running = windows(
      ...repeated(20, [
        [500, 2],
        [500, 20],
      ] satisfies Row),
    );
    expect(judgeSwapped(running, STRICT)).toMatchObject({ verdict: { kind: "block" }, suspect: "stable" });
    expect(judge(NO_EVIDENCE, running, STRICT).verdict.kind).toBe("pass");
  });

  it("names the silent arm by its own name", () => {
    const running = windows([[500, 2], undefined], [[500, 2], undefined]);
    expect(judgeSwapped(running, STRICT).verdict).toEqual(waiting({ kind: "noSamples", arm: "stable", windows: 2 }));
    const noFailure = windows(
      ...repeated(5, [
        [500, 0],
        [500, 1],
      ] satisfies Row),
    );
    expect(judgeSwapped(noFailure, STRICT).verdict).toEqual(waiting({ kind: "noFailures", arm: "canary" }));
  });

  it("inverts the ratio and its interval, and keeps the counts", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, (all, settings) => {
        const running = all.filter(served);
        const [straight, swapped] = [judge(NO_EVIDENCE, running, settings), judgeSwapped(running, settings)];
        expect(swapped.counts).toEqual(straight.counts);
        if (!isBetween(straight.ratio) || straight.interval === undefined) return;
        expect((swapped.ratio ?? 0) * straight.ratio).toBeCloseTo(1, 6);
        if (!isBetween(straight.interval.low) || !isBetween(straight.interval.high)) return;
        expect((swapped.interval?.low ?? 0) * straight.interval.high).toBeCloseTo(1, 6);
        expect((swapped.interval?.high ?? 0) * straight.interval.low).toBeCloseTo(1, 6);
      }),
    );
  });
});

function isBetween(ratio: number | undefined): ratio is number {
  return ratio !== undefined && ratio > 0.01 && ratio < 100;
}

function numbersIn(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

describe("evidence that leans towards a regression", () => {
  it("passes nothing, whatever else is proven", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, (rows, settings) => {
        const { verdict: said, worse } = judge(NO_EVIDENCE, rows, settings);
        expect(said.kind === "pass" && worse.logE > 0).toBe(false);
      }),
    );
  });

  it("waits where the power alone would pass", () => {
    const leaning = repeated(12, [
      [500, 4],
      [9500, 47],
    ] satisfies Row);
    expect(judge(NO_EVIDENCE, windows(...leaning), STRICT).power.power).toBeGreaterThan(STRICT.power);
    expect(verdict(leaning)).toMatchObject(waiting({ kind: "leaning" }));
  });
});
