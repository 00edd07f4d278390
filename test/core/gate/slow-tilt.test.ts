import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logMeanExp } from "../../../src/core/gate/mixture.ts";
import { logFactorial } from "../../../src/core/gate/poisson.ts";
import { tiltSums } from "../../../src/core/gate/slow-tilt.ts";

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** What the e-value is worth on average where arms are exchangeable: over all ways in which slow requests fall to the canary. */
function meanOf(requests: number, allSlow: number, allRequests: number): number {
  const least = Math.max(0, allSlow - (allRequests - requests));
  const most = Math.min(requests, allSlow);
  return Array.from({ length: most - least + 1 }, (_, above) => {
    const slow = least + above;
    const logChance =
      logChoose(allSlow, slow) + logChoose(allRequests - allSlow, requests - slow) - logChoose(allRequests, requests);
    return Math.exp(logChance + logMeanExp(tiltSums([{ slow, requests, allSlow, allRequests }])));
  }).reduce((sum, part) => sum + part, 0);
}

describe("the slow-share test that tolerates nothing", () => {
  it("is worth at most 1 on average, in windows of any size, whatever share is slow", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(400), fc.nat(400), (all, canary, slow) => {
        expect(meanOf(Math.min(all, canary), Math.min(all, slow), all)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it("says nothing where nothing was slow, and grows with the canary's part of what was", () => {
    const logE = (slow: number, allSlow: number) =>
      logMeanExp(tiltSums([{ slow, requests: 100, allSlow, allRequests: 1000 }]));
    expect(logE(0, 0)).toBeCloseTo(0, 12);
    expect(logE(30, 200)).toBeGreaterThan(logE(20, 200));
    expect(logE(60, 200)).toBeGreaterThan(Math.log(100));
  });
});
