import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { healthy } from "../../../src/core/gate/health.ts";
import { anyGate, anyWindows, gate, repeated, windows, type Row } from "./windows.ts";

const stable = (requests: number, failed: number): Row => [undefined, [requests, failed]];

describe("an arm without a fair comparison", () => {
  it.each<readonly [string, readonly Row[], unknown]>([
    ["is healthy below the limit", repeated(3, stable(1000, 5)), { kind: "healthy" }],
    ["is healthy without a failure", [stable(1, 0)], { kind: "healthy" }],
    ["is unhealthy when proven above the limit", repeated(3, stable(1000, 100)), { kind: "unhealthy" }],
    ["is unhealthy when every request fails", repeated(2, stable(5, 5)), { kind: "unhealthy" }],
    [
      "waits above the limit while it is not proven",
      repeated(2, stable(10, 1)),
      { kind: "wait", reason: { kind: "aboveLimit" } },
    ],
    ["waits for a second window with failures", [stable(1000, 900)], { kind: "wait", reason: { kind: "aboveLimit" } }],
    ["waits without a window", [], { kind: "wait", reason: { kind: "noWindows" } }],
    [
      "waits without a sample",
      [...repeated(9, stable(1000, 1)), [undefined, undefined], [[10, 0], undefined]],
      { kind: "wait", reason: { kind: "noSamples", arm: "stable", windows: 2 } },
    ],
    [
      "waits when what was sampled is no number",
      repeated(3, stable(Number.NaN, 0)),
      { kind: "wait", reason: { kind: "noSamples", arm: "stable", windows: 2 } },
    ],
    [
      "waits without a request",
      [...repeated(9, stable(1000, 1)), ...repeated(2, stable(0, 0))],
      { kind: "wait", reason: { kind: "noTraffic", arm: "stable", windows: 2 } },
    ],
  ])("%s", (_, rows, expected) => {
    expect(healthy(windows(...rows), "stable", gate()).verdict).toEqual(expected);
  });

  it("carries its numbers", () => {
    const health = healthy(windows(stable(100, 3), [undefined, undefined], stable(300, 0)), "stable", gate());
    expect(health).toMatchObject({
      arm: "stable",
      counts: { requests: 400, failed: 3 },
      rate: 0.0075,
      limit: 0.05,
      windows: 2,
      failedWindows: 1,
      aboveLimit: { threshold: 100 },
    });
  });

  it("is judged the same by the other arm's name, and never healthy without a request", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, (all, settings) => {
        const exchanged = all.map((window) => {
          const { canary, stable: other } = window.counts;
          return { ...window, counts: { ...(other && { canary: other }), ...(canary && { stable: canary }) } };
        });
        const health = healthy(all, "canary", settings);
        expect(healthy(exchanged, "stable", settings).aboveLimit).toEqual(health.aboveLimit);
        const requests = all.slice(-2).reduce((sum, { counts }) => sum + (counts.canary?.requests ?? 0), 0);
        expect(health.verdict.kind === "healthy" && requests === 0).toBe(false);
        expect(Number.isFinite(health.aboveLimit.logE) && Number.isFinite(health.aboveLimit.e)).toBe(true);
      }),
    );
  });
});
