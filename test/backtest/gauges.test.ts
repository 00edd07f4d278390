import { describe, expect, it } from "vitest";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { backtestOf, type Question } from "../../src/backtest/backtest.ts";
import { chance } from "../../src/backtest/chance.ts";
import { fragmentOf } from "../../src/backtest/fragment.ts";
import { gaugesFound, writtenBars, type GaugePlan } from "../../src/backtest/gauges.ts";
import type { Moment } from "../../src/backtest/history.ts";
import { backtestText } from "../../src/backtest/text.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve } from "../../src/config/resolve.ts";
import { binomialInterval } from "../../src/core/gate/binomial.ts";
import { DEFAULT_GATE } from "../../src/core/gate/settings.ts";
import { gaugesRuling } from "../../src/core/gauge-gate.ts";
import { name } from "../../src/core/names.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import type { Window } from "../../src/core/window.ts";
import { valueOf } from "../manifest/builders.ts";
import { inFlight, landingOf } from "../support/member.ts";
import { pastOf, SHAPE, WINDOW } from "./pasts.ts";

const ALPHA = 0.05;
const QUERY = `avg(container_memory_working_set_bytes{pod=~"{pods}", note="a \\"quoted\\" word"}) # of pods`;
const MEMORY: GaugePlan = {
  name: "memory",
  query: QUERY,
  worse: "higher",
  regression: 1.25,
  part: 1,
  alpha: ALPHA,
  calibration: undefined,
};

/** Six pods whose memory follows what it was before, and each other; the first one's is so many times as high. */
function withMemory(moments: readonly Moment[], { uneven = 1, seed = 5 } = {}): readonly Moment[] {
  const random = chance(seed);
  const noise = () => random() + random() + random() - 1.5;
  const drifts = Array.from({ length: 6 }, () => 0);
  return moments.map((moment) => {
    const values = drifts.map((drift, pod) => {
      const next = 0.9 * drift + 0.05 * noise();
      drifts[pod] = next;
      return [`web-${pod}`, 2e8 * (pod === 0 ? uneven : 1) * Math.exp(next)] as const;
    });
    return { ...moment, gauges: { memory: read(new Map(values)) } };
  });
}

const QUIET = pastOf({ perWindow: 600, rate: 0.01, pods: 6, windows: 1600 });
const BY = { shape: SHAPE, seed: 1 };

function memoryOf(moments: readonly Moment[], changes: Partial<GaugePlan> = {}) {
  const [found] = gaugesFound([{ ...MEMORY, ...changes }], moments, BY);
  return found ?? expect.fail("One gauge was asked for.");
}

function calibratedOf({ past }: ReturnType<typeof memoryOf>) {
  return past.kind === "calibrated" ? past : expect.fail(`It is ${past.kind}.`);
}

describe("a gauge whose values follow each other", () => {
  const found = memoryOf(withMemory(QUIET));
  const { bars, crossed, placebos } = calibratedOf(found);

  it("is calibrated by all releases of nothing new, and counted by halves that did not teach it", () => {
    expect(placebos).toBe(80);
    expect(crossed).toMatchObject({ of: 80, alpha: ALPHA });
    expect(binomialInterval(crossed.blocked, crossed.of, 1e-4).low).toBeLessThanOrEqual(ALPHA);
    expect(bars.low).toBeLessThan(bars.usual);
    expect(bars.usual).toBeLessThan(bars.threshold);
  });

  it("finds more the more memory a canary takes", () => {
    const blocked = crossed.found.map((one) => one.blocked);
    expect(crossed.found.map(({ times }) => times)).toEqual([1.25, 1.5, 2]);
    expect(blocked.toSorted((a, b) => a - b)).toEqual(blocked);
    expect(blocked.at(-1)).toBe(crossed.of);
  });

  it("is the same whichever way is worse, where worse is less", () => {
    const inverse = withMemory(QUIET).map((moment) => {
      const memory = moment.gauges?.["memory"];
      const values = memory?.kind === "read" ? [...memory.value].map(([pod, value]) => [pod, 1 / value] as const) : [];
      return { ...moment, gauges: { memory: read(new Map(values)) } };
    });
    const mirrored = calibratedOf(memoryOf(inverse, { worse: "lower" }));
    // The mean of what is one over is not one over the mean, where pods differ: near, and no more.
    expect(mirrored.bars.threshold).toBeCloseTo(bars.threshold, 0);
    expect(mirrored.crossed.of).toBe(crossed.of);
  });
});

it.each([
  ["a half is too few for the gauge's share", 600, 1 / 16],
  ["a half suffices", 1600, ALPHA],
])("counts at what a half can promise where %s", (_, windows, alpha) => {
  const { crossed } = calibratedOf(memoryOf(withMemory(QUIET.slice(0, windows))));
  expect(crossed.alpha).toBeCloseTo(alpha, 12);
});

it("says how many releases it needs where there are too few", () => {
  expect(memoryOf(withMemory(QUIET), { alpha: 0.01 }).past).toMatchObject({ kind: "tooFew", placebos: 80, needed: 99 });
  expect(memoryOf(withMemory(QUIET.slice(0, 360))).past).toMatchObject({ kind: "tooFew", placebos: 18, needed: 19 });
});

it.each<[string, readonly Moment[], string]>([
  [
    "cannot be read",
    QUIET.map((moment) => ({ ...moment, gauges: { memory: unavailable("The query is refused.") } })),
    "The query is refused.",
  ],
  ["are not asked for", QUIET, "Its provider is not asked for gauges of pods."],
  [
    "are of one pod",
    QUIET.map((moment) => ({ ...moment, gauges: { memory: read(new Map([["web-0", 1]])) } })),
    "No stretch of the past is as long as a release and has it of two pods or more.",
  ],
])("says why nothing is known where values %s", (_, moments, why) => {
  expect(memoryOf(moments).past).toEqual({ kind: "unread", why });
});

it("says of a calibration that blocks too much what to write instead", () => {
  const tight = { threshold: 0.05, usual: 0.01, low: -0.1 };
  const found = memoryOf(withMemory(QUIET), { calibration: tight });
  expect(found.isMore).toBe(true);
  expect(found.now?.blocked ?? 0).toBeGreaterThan(8);
  const loose = memoryOf(withMemory(QUIET), { calibration: { threshold: 50, usual: 0.2, low: -0.1 } });
  expect(loose).toMatchObject({ isMore: false, now: { blocked: 0, of: 80 } });
});

it("writes what configuration takes, and the gauge that only advised judges by it", () => {
  const question: Question = {
    moments: withMemory(QUIET, { uneven: 1.02 }),
    excluded: [],
    shape: SHAPE,
    settings: { ...DEFAULT_GATE, alpha: ALPHA },
    gauges: [MEMORY],
    seed: 1,
    releasesPerMonth: undefined,
    podless: undefined,
  };
  const found = backtestOf(question);
  const fragment = fragmentOf(name("checkout"), found) ?? "";
  const bars = writtenBars(calibratedOf(found.gauges[0] ?? expect.fail("One gauge.")).bars);
  const config = valueOf(
    parseRepoConfig({
      path: ".github/tidegate.yml",
      text: `version: 1\nmetrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\n${fragment}`,
    }),
  );
  const settings = valueOf(resolve(config, { hosts: ["prometheus.example.com"], forms: FORMS }));
  const { gauges = [] } = valueOf(settings.policyFor(name("prod"), [], name("checkout")));
  expect(gauges).toEqual([
    { name: "memory", query: QUERY, worse: "higher", regression: 1.25, part: 1, calibration: bars },
  ]);
  const running = Array.from({ length: 30 }, (_, index): Window => {
    const start = landingOf(1) + index * WINDOW;
    const memory = { kind: "read", canary: 4e8, stable: 2e8 } as const;
    return { start, end: start + WINDOW, counts: {}, pods: {}, gauges: { memory } };
  });
  const member = inFlight(1, { policy: { gauges }, timeline: read(running) });
  const release = member.at.release ?? expect.fail("A release is under way.");
  const judged = (of: typeof gauges) =>
    gaugesRuling({ member, release, running }, of, () => ALPHA).judgement.verdict.kind;
  expect(judged(gauges)).toBe("block");
  expect(judged(gauges.map((gauge) => ({ ...gauge, calibration: undefined })))).toBe("advise");
  const text = backtestText({ service: name("checkout"), target: name("prod") }, found);
  expect(text).toMatch(/^ {2}memory {2}80 placebo releases: a drift above [\d.]+ blocks/m);
  expect(text).toContain("Calibrated, memory judges instead of advising");
});
