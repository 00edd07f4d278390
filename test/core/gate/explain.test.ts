import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addWindows, NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { explainAlone } from "../../../src/core/gate/explain-alone.ts";
import { explain, type Mixture, type Question } from "../../../src/core/gate/explain.ts";
import { judge, judgeSwapped } from "../../../src/core/gate/judge.ts";
import { DEFAULT_GATE, type GateSettings } from "../../../src/core/gate/settings.ts";
import type { Window } from "../../../src/core/window.ts";
import { MINUTE, NOON, windows, type Traffic } from "../../support/member.ts";

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function logSumExp(logs: readonly number[]): number {
  const most = Math.max(...logs);
  return most + Math.log(sum(logs.map((log) => Math.exp(log - most))));
}

type Heard = { readonly k: number; readonly m: number; readonly rho: number };

/** What docs/gates.md says of windows, written down once more: who failed, and who was asked. */
function heardIn(seen: readonly Window[]): readonly Heard[] {
  return seen.flatMap(({ counts: { canary, stable } }) => {
    if (canary === undefined || stable === undefined) return [];
    const m = canary.failed + stable.failed;
    const rho = canary.requests / (canary.requests + stable.requests);
    return m > 0 && rho > 0 && rho < 1 ? [{ k: canary.failed, m, rho }] : [];
  });
}

const C = [1.15, 1.3, 1.6, 2, 3, 5, 10, 30, 80];
const W = [1, 3, 4, 3, 2, 2, 1, 1, 2].map((weight) => weight / 19);
const STAKES = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7];
const OWNED = [1, 2, 4, 6, 6, 4, 2].map((weight) => weight / 25);

/** ln E of the formulas, straight. */
function logEByHand(
  seen: readonly Window[],
  { tolerance: r0, dispersion: phi, exactShare = 0.5 }: GateSettings,
): number {
  const heard = heardIn(seen);
  if (heard.length === 0) return 0;
  const exact = C.map((c, j) => {
    const terms = heard.map(
      ({ k, m, rho }) => k * Math.log(c) - m * (Math.log(1 + rho * (r0 * c - 1)) - Math.log(1 + rho * (r0 - 1))),
    );
    return Math.log(W[j] ?? 0) + sum(terms) / phi;
  });
  const bets = STAKES.map((c, j) => {
    const terms = heard.map(({ k, m, rho }) => Math.log(1 + c * (k / m / ((rho * r0) / (rho * r0 + 1 - rho)) - 1)));
    return Math.log(OWNED[j] ?? 0) + sum(terms);
  });
  return logSumExp([Math.log(exactShare) + logSumExp(exact), Math.log(1 - exactShare) + logSumExp(bets)]);
}

const traffic = fc.option(
  fc.tuple(fc.nat({ max: 4000 }), fc.nat({ max: 40 })).map(([more, failed]): Traffic => [failed + more, failed]),
  { nil: undefined, freq: 8 },
);
const run = (from: number) =>
  fc
    .array(fc.tuple(traffic, traffic), { minLength: 1, maxLength: 15 })
    .map((seen) => windows({ from, count: seen.length, canary: (at) => seen[at]?.[0], stable: (at) => seen[at]?.[1] }));
const settings = fc
  .record({
    tolerance: fc.double({ min: 1, max: 3, noNaN: true }),
    dispersion: fc.double({ min: 1, max: 5, noNaN: true }),
  })
  .map((some): GateSettings => ({ ...DEFAULT_GATE, ...some }));
const question = fc.tuple(run(NOON), run(NOON + 100 * MINUTE), settings).map(([first, second, said]): Question => {
  const steps = [
    { step: 1, windows: first },
    { step: 2, windows: second },
  ];
  return { suspect: "canary", before: NO_EVIDENCE, steps, settings: said };
});

const added = ({ components }: Mixture): number => logSumExp(components.map(({ logTerm }) => logTerm));
/** How far numbers are apart, as a part of the number itself where that is above 1. */
const apart = (one: number, other: number): number => Math.abs(one - other) / Math.max(1, Math.abs(other));
const BILLIONTH = 1e-9;

describe("an explanation", () => {
  it("has terms that add up to the E that was judged, and to the formulas", () => {
    fc.assert(
      fc.property(question, (asked) => {
        const [first, second] = asked.steps.map((step) => step.windows);
        const said = explain(asked);
        const before = addWindows(NO_EVIDENCE, first ?? [], asked.settings);
        const { logE } = judge(before, second ?? [], asked.settings).worse;
        expect(said.judgement.worse.logE).toBe(logE);
        expect(apart(logEByHand([...(first ?? []), ...(second ?? [])], asked.settings), logE)).toBeLessThanOrEqual(
          BILLIONTH,
        );
        if (heardIn([...(first ?? []), ...(second ?? [])]).length > 0) {
          expect(
            apart(
              logSumExp([
                Math.log(said.exactShare) + added(said.exact),
                Math.log(1 - said.exactShare) + added(said.bets),
              ]),
              logE,
            ),
          ).toBeLessThanOrEqual(BILLIONTH);
        }
        expect(apart(said.logE, logE)).toBeLessThanOrEqual(BILLIONTH);
      }),
      { numRuns: 60 },
    );
  });

  it("has windows whose terms add up to each component's sum", () => {
    fc.assert(
      fc.property(question, (asked) => {
        const said = explain(asked);
        for (const [part, mixture] of [
          ["exact", said.exact],
          ["bets", said.bets],
          ["nonInferior", said.nonInferior],
          ["slo", said.slo],
        ] as const)
          for (const [index, component] of mixture.components.entries())
            expect(
              apart(sum(said.windows.map((window) => window[part][index] ?? 0)), component.sum),
            ).toBeLessThanOrEqual(BILLIONTH);
      }),
      { numRuns: 30 },
    );
  });

  it("goes on from what was known before", () => {
    const [earlier, later] = [NOON, NOON + 20 * MINUTE].map((from) =>
      windows({ from, count: 8, canary: [150, 2], stable: [2850, 14] }),
    );
    const steps = [{ step: 2, windows: later ?? [] }];
    const before = addWindows(NO_EVIDENCE, earlier ?? [], DEFAULT_GATE);
    const said = explain({ suspect: "canary", before, steps, settings: DEFAULT_GATE });
    expect(apart(said.logE, logEByHand([...(earlier ?? []), ...(later ?? [])], DEFAULT_GATE))).toBeLessThanOrEqual(
      BILLIONTH,
    );
    for (const [index, { before: known, sum: whole }] of said.exact.components.entries())
      expect(apart(known + sum(said.windows.map(({ exact }) => exact[index] ?? 0)), whole)).toBeLessThanOrEqual(
        BILLIONTH,
      );
  });

  it("of stable has the arms exchanged", () => {
    const seen = windows({ from: NOON, count: 8, canary: [1500, 3], stable: [1500, 30] });
    const said = explain({
      suspect: "stable",
      before: NO_EVIDENCE,
      steps: [{ step: 3, windows: seen }],
      settings: DEFAULT_GATE,
    });
    expect(said.judgement).toEqual(judgeSwapped(seen, DEFAULT_GATE));
    expect(said.windows[0]?.tally).toEqual({ failed: 30, allFailed: 33, share: 0.5 });
    expect(apart(said.logE, said.judgement.worse.logE)).toBeLessThanOrEqual(BILLIONTH);
  });

  it.each([
    ["no windows", []],
    ["nothing but gaps", windows({ from: NOON, count: 3 })],
    ["no failures", windows({ from: NOON, count: 3, canary: [10, 0], stable: [100, 0] })],
    ["no numbers", windows({ from: NOON, count: 3, canary: [Number.NaN, 0], stable: [100, 1] })],
  ])("stays finite with %s", (_, seen) => {
    const said = explain({
      suspect: "canary",
      before: NO_EVIDENCE,
      steps: [{ step: 1, windows: seen }],
      settings: DEFAULT_GATE,
    });
    expect(JSON.stringify(said)).not.toContain("NaN");
    expect([said.exact.logE, said.bets.logE, said.logE].map((one) => one + 0)).toEqual([0, 0, 0]);
    expect(said.judgement.verdict.kind).not.toBe("block");
  });

  it("names every guard that holds a verdict back", () => {
    const once = windows({
      from: NOON,
      count: 4,
      canary: (at) => (at === 0 ? [100, 2] : undefined),
      stable: [3000, 0],
    });
    const said = explain({
      suspect: "canary",
      before: NO_EVIDENCE,
      steps: [{ step: 1, windows: once }],
      settings: DEFAULT_GATE,
    });
    expect(Object.fromEntries(said.guards.map(({ name, holds }) => [name, holds]))).toEqual({
      failed: false,
      failedWindows: false,
      missingWindows: false,
      leaning: false,
    });
  });

  it("of an arm by itself adds up as well", () => {
    fc.assert(
      fc.property(run(NOON), settings, (seen, said) => {
        const { health, above, below } = explainAlone({ arm: "canary", windows: seen, settings: said, isProof: true });
        const { requests, failed } = health.counts;
        if (requests === 0) return;
        expect(apart(added(above), health.aboveLimit.logE)).toBeLessThanOrEqual(BILLIONTH);
        expect(apart(Math.min(1e6, Math.exp(added(below))), health.belowLimit?.e ?? Number.NaN)).toBeLessThanOrEqual(
          BILLIONTH,
        );
        const [first] = below.components;
        expect(
          apart(
            first?.sum ?? Number.NaN,
            failed * Math.log(0.01) + (requests - failed) * (Math.log(1 - 0.01 * 0.05) - Math.log(1 - 0.05)),
          ),
        ).toBeLessThanOrEqual(BILLIONTH);
      }),
      { numRuns: 30 },
    );
  });
});
