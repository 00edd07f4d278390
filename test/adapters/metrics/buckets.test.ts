import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketsText, latencyOver } from "../../../src/adapters/metrics/buckets.ts";
import { exact } from "../../../src/adapters/metrics/claims.ts";
import type { Series } from "../../../src/adapters/metrics/series.ts";
import { read, unavailable } from "../../../src/core/reading.ts";

const ARMS = { canary: [[exact("service", "web-canary")]], stable: [[exact("service", "web")]] };
const GRID = { from: 0, to: 60_000, windowMs: 30_000 };
const MS = { buckets: "took_bucket", unit: "ms" } as const;

function series(service: string, le: string | undefined, ...values: readonly number[]): Series {
  const labels = new Map([["service", service], ...(le === undefined ? [] : [["le", le] as const])]);
  return { labels, samples: values.map((value, at) => ({ at: at * 30_000, value })) };
}

describe("the query for buckets", () => {
  it("is one sum for all who ask, by bound, by what tells the arms and by process", () => {
    const text = bucketsText("took_bucket", [{ label: "reporter", op: "=", value: "destination" }]);
    expect(text([ARMS.canary, ARMS.stable])).toBe(
      'sum by (le, service, instance, pod) (took_bucket{reporter="destination",service=~"web-canary|web"})',
    );
  });
});

describe("histograms of windows", () => {
  it("are told by arm, bounds in milliseconds, buckets apart", () => {
    const found = [
      series("web", "0.1", 1000, 1060, 1130),
      series("web", "1.1", 1000, 1090, 1185),
      series("web", "+Inf", 1000, 1100, 1200),
      series("web-canary", "0.1", 0, 3),
      series("web-canary", "1.1", 0, 4),
      series("web-canary", "+Inf", 0, 5),
      series("other", "+Inf", 0, 9),
    ];
    const bounds = [100, 1100, Number.POSITIVE_INFINITY];
    expect(latencyOver(read(found), ARMS, GRID, { ...MS, unit: "s" })).toEqual([
      {
        kind: "read",
        canary: { bounds, counts: [3, 1, 1], spread: "even" },
        stable: { bounds, counts: [60, 30, 10], spread: "even" },
      },
      { kind: "read", stable: { bounds, counts: [70, 25, 5], spread: "even" } },
    ]);
  });

  it.each<[string, readonly Series[]]>([
    ["lacks its last bucket", [series("web", "5", 0, 3), series("web", "10", 0, 4)]],
    ["falls", [series("web", "5", 0, 30), series("web", "10", 0, 4), series("web", "+Inf", 0, 40)]],
    ["is below 0", [series("web", "5", -3, 3), series("web", "+Inf", 0, 4)]],
    ["has a bound that is none", [series("web", "slow", 0, 3), series("web", "+Inf", 0, 4)]],
    ["has no bound", [series("web", undefined, 0, 3), series("web", "+Inf", 0, 4)]],
  ])("are none where one %s", (_, found) => {
    expect(latencyOver(read(found), ARMS, { ...GRID, to: 30_000 }, MS)).toEqual([{ kind: "read" }]);
  });

  it("count a process that began anew from 0, and a new one, but no arm that was not watched", () => {
    const of = (pod: string, ...values: readonly number[]): Series => {
      const { labels, samples } = series("web", "+Inf", ...values);
      return { labels: new Map([...labels, ["pod", pod]]), samples };
    };
    const young = { ...of("c"), samples: [{ at: 60_000, value: 7 }] };
    const requests = latencyOver(read([of("a", 1000, 1100, 30), of("b", 500, 510), young]), ARMS, GRID, MS).map(
      (window) => (window.kind === "read" ? window.stable?.counts : undefined),
    );
    expect(requests).toEqual([[110], [37]]);
    expect(latencyOver(read([young]), ARMS, GRID, MS)).toEqual([{ kind: "read" }, { kind: "read" }]);
  });

  it("say so where they could not be read", () => {
    const unread = { kind: "unread", reason: "Too much." };
    expect(latencyOver(unavailable("Too much."), ARMS, GRID, MS)).toEqual([unread, unread]);
  });

  it("are always histograms, whatever was sampled", () => {
    const value = fc.oneof(fc.constantFrom(Number.NaN, Infinity, -Infinity, -1), fc.nat(100), fc.double());
    const any = fc.record({
      service: fc.constantFrom("web", "web-canary"),
      le: fc.constantFrom("1", "1.0", "5", "+Inf", "NaN", "", undefined),
      values: fc.array(value, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (all) => {
        const found = all.map(({ service, le, values }) => series(service, le, ...values));
        for (const window of latencyOver(read(found), ARMS, GRID, MS)) {
          if (window.kind !== "read") continue;
          for (const { bounds, counts } of [window.canary, window.stable].filter((one) => one !== undefined)) {
            expect(counts.every((count) => Number.isFinite(count) && count >= 0)).toBe(true);
            expect(bounds.at(-1)).toBe(Number.POSITIVE_INFINITY);
          }
        }
      }),
    );
  });
});
