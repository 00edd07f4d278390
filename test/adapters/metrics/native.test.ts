import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exact } from "../../../src/adapters/metrics/claims.ts";
import { nativeName, nativeOver } from "../../../src/adapters/metrics/native.ts";
import type { NativeSample, Series } from "../../../src/adapters/metrics/series.ts";
import type { Buckets } from "../../../src/core/gate/native.ts";
import { read, unavailable } from "../../../src/core/reading.ts";

const ARMS = { canary: [[exact("service", "web-canary")]], stable: [[exact("service", "web")]] };
const GRID = { from: 0, to: 60_000, windowMs: 30_000 };
const INF = Number.POSITIVE_INFINITY;

/** Bounds and counts, as rows: from, to, so many. */
function buckets(...rows: readonly (readonly [number, number, number])[]): Buckets {
  return rows.map(([lower, upper, count]) => ({ lower, upper, count }));
}

/** What one pod showed at the beginning and at the end of each window; `gone`: nothing. */
function series(service: string, pod: string, ...told: readonly (Buckets | "none" | "gone")[]): Series {
  const native = told.flatMap((one, index): NativeSample[] =>
    one === "gone" ? [] : [{ at: index * 30_000, buckets: one === "none" ? undefined : one }],
  );
  return {
    labels: new Map([
      ["service", service],
      ["pod", pod],
    ]),
    samples: [],
    native,
  };
}

describe("the metric of native histograms", () => {
  it.each([
    ["took_seconds_bucket", "took_seconds"],
    ["took_seconds", "took_seconds"],
    ["a_bucket_of_bucket", "a_bucket_of"],
  ])("of %s is %s", (name, native) => {
    expect(nativeName({ buckets: name, unit: "s" })).toBe(native);
  });
});

describe("native histograms of windows", () => {
  it("are added up over pods, at the coarsest resolution among them, bounds in milliseconds", () => {
    const found = [
      series(
        "web",
        "a",
        buckets([1, 2 ** 0.5, 10], [2 ** 0.5, 2, 5]),
        buckets([1, 2 ** 0.5, 11], [2 ** 0.5, 2, 8]),
        buckets([1, 2 ** 0.5, 15], [2 ** 0.5, 2, 8]),
      ),
      series("web", "b", buckets([1, 2, 40]), buckets([1, 2, 42], [4, 8, 1]), buckets([1, 2, 42], [4, 8, 1])),
      series("web-canary", "c", buckets(), buckets([2, 4, 7]), "gone"),
      series("other", "d", buckets([1, 2, 40]), buckets([1, 2, 42]), buckets([1, 2, 43])),
    ];
    expect(nativeOver(read(found), ARMS, GRID, "s")).toEqual([
      {
        kind: "read",
        canary: { bounds: [2000, 4000, INF], counts: [0, 7, 0], spread: "exponential" },
        stable: { bounds: [1000, 2000, 4000, 8000, INF], counts: [0, 6, 0, 1, 0], spread: "exponential" },
      },
      {
        kind: "read",
        stable: { bounds: [1000, 1414.21356237, INF], counts: [0, 4, 0], spread: "exponential" },
      },
    ]);
  });

  it("count a process that began anew from 0, and a new one, but no arm that was not watched", () => {
    const counts = (...found: readonly Series[]) =>
      nativeOver(read(found), ARMS, GRID, "ms").map((told) => (told.kind === "read" ? told.stable?.counts : undefined));
    const young = series("web", "c", "gone", "gone", buckets([1, 2, 7]));
    expect(counts(series("web", "a", buckets([1, 2, 100]), buckets([1, 2, 200]), buckets([1, 2, 30])), young)).toEqual([
      [0, 100, 0],
      [0, 37, 0],
    ]);
    expect(counts(young)).toEqual([undefined, undefined]);
  });

  it("are histograms of no request where an arm has served none, and none where one of its pods tells none", () => {
    const still = series("web", "a", buckets([1, 2, 5]), buckets([1, 2, 5]), buckets([1, 2, 9]));
    const spoilt = series("web", "b", buckets([1, 2, 5]), "none", buckets([1, 2, 9]));
    const stable = (...found: readonly Series[]) =>
      nativeOver(read(found), ARMS, GRID, "ms").map((told) => (told.kind === "read" ? told.stable : undefined));
    expect(stable(still)[0]).toEqual({ bounds: [INF], counts: [0], spread: "exponential" });
    expect(stable(still, spoilt)).toEqual([undefined, undefined]);
  });

  it("keep what is slower than all bounds apart in every unit", () => {
    const slow = buckets([1, 2, 5], [Number.MAX_VALUE, INF, 2]);
    const found = [series("web", "a", buckets(), slow, slow)];
    const [first] = nativeOver(read(found), ARMS, GRID, "s");
    expect(first).toMatchObject({ stable: { bounds: [1000, 2000, Number.MAX_VALUE, INF], counts: [0, 5, 0, 2] } });
  });

  it("say so where they could not be read", () => {
    const unread = { kind: "unread", reason: "Too much." };
    expect(nativeOver(unavailable("Too much."), ARMS, GRID, "ms")).toEqual([unread, unread]);
  });

  it("are always histograms, whatever was sampled", () => {
    const rows = fc
      .uniqueArray(fc.integer({ min: 0, max: 12 }), { minLength: 2, maxLength: 6 })
      .map((all) => all.toSorted((a, b) => a - b))
      .chain((bounds) =>
        fc
          .array(fc.integer({ min: 1, max: 50 }), { minLength: bounds.length - 1, maxLength: bounds.length - 1 })
          .map((counts) => counts.map((count, at) => ({ lower: bounds[at] ?? 0, upper: bounds[at + 1] ?? 0, count }))),
      );
    const told = fc.oneof(rows, fc.constantFrom("none" as const, "gone" as const));
    const any = fc.tuple(fc.constantFrom("web", "web-canary"), fc.constantFrom("a", "b"), told, told, told);
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), (all) => {
        const found = all.map(([service, pod, ...rest]) => series(service, pod, ...rest));
        for (const window of nativeOver(read(found), ARMS, GRID, "ms")) {
          if (window.kind !== "read") continue;
          for (const { bounds, counts } of [window.canary, window.stable].filter((one) => one !== undefined)) {
            expect(counts.every((count) => Number.isFinite(count) && count >= 0)).toBe(true);
            expect(bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? INF))).toBe(true);
            expect(bounds.at(-1)).toBe(INF);
          }
        }
      }),
    );
  });
});
