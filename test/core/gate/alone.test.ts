import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { etaAlone } from "../../../src/core/gate/eta.ts";
import { provenHealthy, type Health } from "../../../src/core/gate/health.ts";
import type { Window } from "../../../src/core/window.ts";
import { chance, type Chance } from "./chance.ts";
import { API_MID, minutes, steadyMinutes, type Service } from "./rollout.ts";
import { anyGate, anyWindows, gate, repeated, windows, type Row } from "./windows.ts";

const canary = (requests: number, failed: number): Row => [[requests, failed], undefined];

describe("an arm that is judged by itself", () => {
  it.each<readonly [string, readonly Row[], unknown]>([
    ["is proven healthy by enough requests", repeated(3, canary(1000, 5)), { kind: "healthy" }],
    ["is proven healthy by 80 requests without a failure", repeated(4, canary(20, 0)), { kind: "healthy" }],
    ["waits for more than 60 of them", repeated(3, canary(20, 0)), { kind: "wait", reason: { kind: "tooLittle" } }],
    [
      "waits below the limit while that is not proven",
      repeated(5, canary(100, 4)),
      { kind: "wait", reason: { kind: "tooLittle" } },
    ],
    ["is unhealthy when proven above the limit", repeated(3, canary(1000, 100)), { kind: "unhealthy" }],
    [
      "waits without a request",
      repeated(9, canary(0, 0)),
      { kind: "wait", reason: { kind: "noTraffic", arm: "canary", windows: 2 } },
    ],
    [
      "waits without a sample, whatever was proven before",
      [...repeated(9, canary(1000, 1)), ...repeated(2, [undefined, [1000, 1]] as const)],
      { kind: "wait", reason: { kind: "noSamples", arm: "canary", windows: 2 } },
    ],
  ])("%s", (_, rows, expected) => {
    expect(provenHealthy(windows(...rows), "canary", gate()).verdict).toEqual(expected);
  });

  it("is never healthy without proof, nor without a request lately", () => {
    fc.assert(
      fc.property(anyWindows, anyGate, (all, settings) => {
        const { verdict, belowLimit, aboveLimit } = provenHealthy(all, "canary", settings);
        if (verdict.kind !== "healthy") return;
        expect(belowLimit?.e).toBeGreaterThanOrEqual((1 / settings.beta) * (1 - 1e-12));
        expect(aboveLimit.logE).toBeLessThanOrEqual(0);
        expect(all.slice(-2).some(({ counts }) => (counts.canary?.requests ?? 0) > 0)).toBe(true);
      }),
    );
  });
});

describe("how far it is from an end", () => {
  it.each<readonly [string, readonly Row[], string]>([
    ["without a request", repeated(5, canary(0, 0)), "noTraffic"],
    ["below the limit", repeated(5, canary(100, 4)), "passes"],
    ["above the limit", repeated(2, canary(10, 2)), "blocks"],
    ["at the limit", repeated(5, canary(100, 5)), "never"],
  ])("%s", (_, rows, kind) => {
    expect(etaAlone(windows(...rows), "canary", gate()).kind).toBe(kind);
  });

  it("comes true when errors go on as they did", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 6 }), (requests, count) => {
        const left = etaAlone(windows(...repeated(count, canary(requests, 0))), "canary", gate());
        if (left.kind !== "passes") return expect(left.kind).toBe("passes");
        const later = Math.ceil(count + left.inMs / 60_000);
        const judged = (many: number) =>
          provenHealthy(windows(...repeated(many, canary(requests, 0))), "canary", gate());
        expect(judged(later + 1).verdict.kind).toBe("healthy");
        if (later > count + 1) expect(judged(later - 2).verdict.kind).toBe("wait");
      }),
    );
  });
});

const STEPS = 4;
const BAKE = 15;
/** As a plan of four weights shares the false alarms among what it judges. */
const SHARED = gate({ alpha: gate().alpha / (STEPS + 2) });

/** Whether the canary is ever said to be so in a rollout of four steps of 15 minutes each, looked at every minute. */
function isEver(kind: Health["verdict"]["kind"], of: (random: Chance) => Generator<Window>, random: Chance): boolean {
  const all = [...of(random).take(STEPS * BAKE)];
  return all.some((_, minute) => {
    const running = all.slice(minute - (minute % BAKE), minute + 1);
    return provenHealthy(running, "canary", SHARED).verdict.kind === kind;
  });
}

function share(count: number, seed: number, is: (random: Chance) => boolean): number {
  const random = chance(seed);
  return Array.from({ length: count }, () => is(random)).filter(Boolean).length / count;
}

const SPARSE: Service = { rpm: 200, errorRate: 0.02, ratio: 1 };

describe("rollouts judged by health, looked at every minute", () => {
  it.each<readonly [string, Service, number]>([
    ["3,000 requests a minute, 0.5 % of them failing", API_MID, 1],
    ["200 requests a minute, 2 % of them failing", SPARSE, 2],
    ["200 requests a minute, 3 % of them failing", { ...SPARSE, errorRate: 0.03 }, 3],
  ])("blocks at most 2 in 1,000 good releases with a level that drifts: %s", (_, service, seed) => {
    const blocked = share(1000, seed, (random) => isEver("unhealthy", (of) => minutes(service, () => 0.1, of), random));
    expect(blocked).toBeLessThanOrEqual(0.002);
  });

  it.each<readonly [number, number]>([
    [3000, 11],
    [200, 12],
    [30, 13],
  ])("blocks at most 10 in 1,000 releases that are at the limit itself: %s requests a minute", (rpm, seed) => {
    const at: Service = { rpm, errorRate: gate().unhealthy, ratio: 1 };
    const blocked = share(1000, seed, (random) => isEver("unhealthy", (of) => steadyMinutes(at, 0.5, of), random));
    expect(blocked).toBeLessThanOrEqual(0.01);
  });

  it("finds a release of which every request fails at once, and five times the limit in minutes", () => {
    const failing = (errorRate: number) => (random: Chance) =>
      isEver("unhealthy", (of) => steadyMinutes({ rpm: 200, errorRate, ratio: 1 }, 0.1, of), random);
    expect(share(200, 21, failing(1))).toBe(1);
    expect(share(200, 22, failing(0.25))).toBeGreaterThanOrEqual(0.99);
  });

  it.each<readonly [number, number]>([
    [3000, 31],
    [200, 32],
  ])("proves of at most 50 in 1,000 bad releases in a step that they are good: %s requests a minute", (rpm, seed) => {
    const bad: Service = { rpm, errorRate: gate().unhealthy, ratio: 1 };
    const proven = share(1000, seed, (random) =>
      steadyMinutes(bad, 0.5, random)
        .take(60)
        .map(heaped())
        .some((running) => provenHealthy(running, "canary", gate()).verdict.kind === "healthy"),
    );
    expect(proven).toBeLessThanOrEqual(gate().beta);
  });
});

/** All windows up to each one, as two: the earlier ones together, which is all that the test reads of them, and the newest. */
function heaped(): (window: Window) => readonly Window[] {
  let requests = 0;
  let failed = 0;
  return (window) => {
    const before: Window = { ...window, counts: { canary: { requests, failed } } };
    requests += window.counts.canary?.requests ?? 0;
    failed += window.counts.canary?.failed ?? 0;
    return [before, window];
  };
}
