import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countsPerWindow } from "../../../src/adapters/metrics/counters.ts";
import { matrixOf } from "../../../src/adapters/metrics/matrix.ts";
import { NO_EVIDENCE } from "../../../src/core/gate/evidence.ts";
import { healthy, provenHealthy } from "../../../src/core/gate/health.ts";
import { withoutData } from "../../../src/core/gate/no-data.ts";
import { judge } from "../../../src/core/gate/judge.ts";
import { outcomeOf } from "../../../src/core/gate/ruling.ts";
import type { NoData } from "../../../src/core/gate/settings.ts";
import type { Counts, Window } from "../../../src/core/window.ts";
import { gate, MINUTE, repeated, windows } from "./windows.ts";

const WINDOWS = 20;
const GOOD = windows(
  ...repeated(WINDOWS, [
    [100, 0],
    [1900, 10],
  ]),
);

const nothing: fc.Arbitrary<Counts | undefined> = fc.constantFrom(
  undefined,
  { requests: Number.NaN, failed: 0 },
  { requests: 100, failed: Number.NaN },
  { requests: Number.POSITIVE_INFINITY, failed: 0 },
  { requests: -100, failed: 0 },
  { requests: 100, failed: -1 },
  { requests: 0, failed: 0 },
);

function spoilt(window: Window, arm: "canary" | "stable", counts: Counts | undefined): Window {
  const { [arm]: _, ...other } = window.counts;
  return { ...window, counts: counts === undefined ? other : { ...other, [arm]: counts } };
}

describe("windows that hold no counts", () => {
  it("do pass where they are whole", () => {
    expect(judge(NO_EVIDENCE, GOOD, gate()).verdict.kind).toBe("pass");
    expect(provenHealthy(GOOD, "canary", gate()).verdict.kind).toBe("healthy");
  });

  it("never pass as the latest ones, of either arm, in any mixture", () => {
    fc.assert(
      fc.property(nothing, nothing, fc.constantFrom("canary" as const, "stable" as const), (one, other, arm) => {
        const seen = GOOD.map((window, at) =>
          at < WINDOWS - 2 ? window : spoilt(window, arm, at === WINDOWS - 2 ? one : other),
        );
        expect(judge(NO_EVIDENCE, seen, gate()).verdict.kind).not.toBe("pass");
        expect(healthy(seen, arm, gate()).verdict.kind).not.toBe("healthy");
        expect(provenHealthy(seen, arm, gate()).verdict.kind).not.toBe("healthy");
      }),
    );
  });

  it("never pass under any policy, nor does what is left out pass with nothing else that does", () => {
    const policy = fc.constantFrom<NoData>("wait", "fail", "skip");
    const minimum = fc.constantFrom(undefined, 1, 100, 1_000_000);
    fc.assert(
      fc.property(
        fc.tuple(nothing, nothing),
        fc.constantFrom("canary", "stable"),
        policy,
        minimum,
        (end, arm, noData, least) => {
          const settings = gate({ noData, ...(least !== undefined && { minimum: least }) });
          const seen = GOOD.map((window, at) =>
            at < WINDOWS - 2 ? window : spoilt(window, arm, end[at - WINDOWS + 2]),
          );
          const verdict = withoutData(judge(NO_EVIDENCE, seen, settings).verdict, settings);
          expect(verdict.kind).not.toBe("pass");
          const left = outcomeOf([{ gate: "errors", verdict }]).kind;
          expect(left).toBe(verdict.kind === "block" ? "block" : "wait");
        },
      ),
    );
  });

  it("never pass as the most of them", () => {
    const gap = nothing.filter((counts) => counts?.requests !== 0);
    fc.assert(
      fc.property(fc.array(gap, { minLength: 11, maxLength: 11 }), (gaps) => {
        const seen = GOOD.map((window, at) => (at < 11 ? spoilt(window, "canary", gaps[at]) : window));
        expect(judge(NO_EVIDENCE, seen, gate()).verdict.kind).not.toBe("pass");
      }),
    );
  });
});

type Fault = "missing" | "NaN" | "+Inf" | "-Inf" | "negative" | "twice" | "late" | "stuck";

/** Samples every ten seconds of a counter that grows by `perSample`; those of the last two windows are faulty. */
function samples(perSample: number, fault: Fault | undefined): readonly (readonly [number, string])[] {
  const all = Array.from(
    { length: WINDOWS * 6 + 6 },
    (_, index) => [index * 10, `${1000 + index * perSample}`] as const,
  );
  const from = (WINDOWS - 1) * 60;
  return all.flatMap((sample, index): readonly (readonly [number, string])[] => {
    const [at, value] = sample;
    if (fault === undefined || at <= from) return [sample];
    switch (fault) {
      case "missing":
        return [];
      case "negative":
        return [[at, `-${value}`] as const];
      case "twice":
        return [sample, sample];
      case "late":
        return [sample, all[index - 1] ?? sample];
      case "stuck":
        return [[at, `${1000 + (from / 10) * perSample}`] as const];
      default:
        return [[at, fault] as const];
    }
  });
}

function counted(perSample: number, perFailed: number, fault: Fault | undefined): readonly (Counts | undefined)[] {
  const result = [perSample, perFailed].map((grows, index) => ({
    metric: { code: index === 0 ? "200" : "500" },
    values: samples(grows, fault),
  }));
  const body = JSON.stringify({ status: "success", data: { resultType: "matrix", result } });
  const answer = matrixOf(body);
  if (answer.kind === "unavailable" || answer.value.flawed.length > 0) return [];
  const counters = answer.value.series.map((series) => ({ series, failed: series.labels.get("code") === "500" }));
  return countsPerWindow(counters, {
    from: MINUTE,
    to: (WINDOWS + 1) * MINUTE,
    windowMs: MINUTE,
    lookbackMs: 5 * MINUTE,
  });
}

function judged(canary: Fault | undefined, stable: Fault | undefined): string {
  const ofCanary = counted(20, 0, canary);
  const ofStable = counted(400, 2, stable);
  const seen = Array.from({ length: WINDOWS }, (_, index) => {
    const counts = { canary: ofCanary[index], stable: ofStable[index] };
    return {
      start: index * MINUTE,
      end: (index + 1) * MINUTE,
      counts: { ...(counts.canary && { canary: counts.canary }), ...(counts.stable && { stable: counts.stable }) },
      pods: {},
    };
  });
  return judge(NO_EVIDENCE, seen, gate()).verdict.kind;
}

describe("from samples to the verdict", () => {
  it("passes what is whole", () => {
    expect(judged(undefined, undefined)).toBe("pass");
  });

  it.each(["missing", "NaN", "+Inf", "-Inf", "negative", "twice", "late", "stuck"] as const)(
    "never passes on samples that are %s, of either arm",
    (fault) => {
      expect(judged(fault, undefined)).not.toBe("pass");
      expect(judged(undefined, fault)).not.toBe("pass");
      expect(judged(fault, fault)).not.toBe("pass");
    },
  );
});
