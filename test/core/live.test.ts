import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { livenessOf, type Expected } from "../../src/core/live.ts";
import { weight } from "../../src/core/weight.ts";
import type { Window } from "../../src/core/window.ts";
import { MINUTE, NEW, NOON, OLD, windows, type Traffic } from "../support/member.ts";

const FIVE: Expected = {
  from: weight(0),
  weight: weight(5),
  canaryReplicas: 2,
  canaryImage: NEW,
  stable: undefined,
  evidence: "compare",
  assumedFrom: undefined,
};
const READY: Window["pods"] = {
  canary: [{ image: NEW, ready: 2, total: 2 }],
  stable: [{ image: OLD, ready: 4, total: 4 }],
};

function seen(
  canary: Traffic | ((index: number) => Traffic),
  stable: Traffic,
  pods: Window["pods"] = READY,
  count = 4,
): readonly Window[] {
  return windows({ from: NOON, count, canary, stable, pods });
}

describe("a share", () => {
  it.each<[string, Expected, readonly Window[], string]>([
    ["no window yet", FIVE, [], "noWindow"],
    ["as committed", FIVE, seen([50, 0], [950, 0]), "live"],
    ["not moved", FIVE, seen([0, 0], [1000, 0]), "share"],
    ["below the midpoint", FIVE, seen([20, 0], [980, 0]), "share"],
    ["moved, but far beyond the committed share", FIVE, seen([100, 0], [900, 0]), "share"],
    ["a little off, and reported as such", FIVE, seen([55, 0], [945, 0], READY, 20), "live"],
    ["no requests at all", FIVE, seen([0, 0], [0, 0]), "noCounts"],
    ["no sample of either arm", FIVE, seen(undefined, undefined), "noCounts"],
    ["too few requests to tell", FIVE, seen([1, 0], [19, 0], READY, 1), "share"],
    [
      "pods not ready",
      FIVE,
      seen([50, 0], [950, 0], { ...READY, canary: [{ image: NEW, ready: 1, total: 2 }] }),
      "pods",
    ],
    [
      "pods of another version",
      FIVE,
      seen([50, 0], [950, 0], { ...READY, canary: [{ image: OLD, ready: 2, total: 2 }] }),
      "pods",
    ],
    [
      "a pod of another version left",
      FIVE,
      seen([50, 0], [950, 0], {
        ...READY,
        canary: [
          { image: NEW, ready: 2, total: 2 },
          { image: OLD, ready: 0, total: 1 },
        ],
      }),
      "leaving",
    ],
    ["nothing known of the pods", FIVE, seen([50, 0], [950, 0], {}), "noPods"],
    ["falling, below the midpoint", { ...FIVE, from: weight(50) }, seen([50, 0], [950, 0]), "live"],
    ["falling, not yet", { ...FIVE, from: weight(50) }, seen([500, 0], [500, 0]), "share"],
  ])("%s", (_, expected, timeline, kind) => {
    const liveness = livenessOf(expected, timeline);
    expect(liveness.kind === "live" ? "live" : liveness.why.kind).toBe(kind);
  });

  it("is live since it last looked unmoved", () => {
    const timeline = seen((index) => (index < 3 ? [0, 0] : [50, 0]), [950, 0], READY, 8);
    expect(livenessOf(FIVE, timeline)).toMatchObject({ kind: "live", since: NOON + 3 * MINUTE });
  });

  it("stops being live when it goes back", () => {
    const timeline = seen((index) => (index < 5 ? [50, 0] : [0, 0]), [950, 0], READY, 12);
    expect(livenessOf(FIVE, timeline).kind).toBe("unseen");
  });

  /** One letter a window of a thousand requests: as committed, far beyond, or none at all. */
  const SHARES: Readonly<Record<string, Traffic>> = { f: [50, 0], t: [370, 0], h: [100, 0], o: [0, 0] };
  const told = (letters: string, rate = 1) =>
    seen((index) => [(SHARES[letters.charAt(index)]?.[0] ?? 0) * rate, 0], [950 * rate, 0], READY, letters.length);

  it.each<[string, string, number | "share"]>([
    ["put back after an excursion", "ffffttffffff", 6],
    ["put back after a long one", "ffttttttttttttttttttfffff", 20],
    ["moved twice and put back", "fffttfffttffffff", 10],
    ["put back after a fall", "ffffffffffffoooooofffffff", 18],
    ["raised from the beginning, then as committed", "ttttffffff", 4],
    ["put back a moment ago", "ffffttff", "share"],
    ["still beyond", "ffffffttt", "share"],
    ["beyond, then beyond by less", "ttttthhhhhhhhhhhhhh", "share"],
    ["beyond, then none: right on the mean of a while alone", "tttooooooo", "share"],
  ])("%s (%s)", (_, letters, since) => {
    const liveness = livenessOf(FIVE, told(letters));
    const outcome = liveness.kind === "live" ? liveness.since : liveness.why.kind;
    expect(outcome).toBe(since === "share" ? since : NOON + since * MINUTE);
  });

  it("is live soon after an excursion has ended, however long it was", () => {
    fc.assert(
      fc.property(
        fc.nat(8),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 6, max: 30 }),
        (before, out, after) => {
          const liveness = livenessOf(FIVE, told("f".repeat(before) + "t".repeat(out) + "f".repeat(after)));
          if (liveness.kind !== "live") return expect(liveness.kind).toBe("live");
          expect(Math.abs((liveness.share ?? 0) - 0.05)).toBeLessThanOrEqual(0.01);
          expect(liveness.since).toBeLessThanOrEqual(NOON + (before + out) * MINUTE);
        },
      ),
    );
  });

  it("is never live while it lastingly deviates beyond the band", () => {
    // Of 1000 with up to 10 of noise: so few that a window never speaks for the move, or so many that five windows exclude 5%.
    const beyond = fc.oneof(fc.integer({ min: 80, max: 500 }), fc.integer({ min: 0, max: 25 }));
    fc.assert(
      fc.property(
        beyond,
        fc.array(fc.integer({ min: -10, max: 10 }), { minLength: 5, maxLength: 60 }),
        (share, noise) => {
          const timeline = seen(
            (index) => [Math.max(0, share + (noise[index] ?? 0)), 0],
            [1000 - share, 0],
            READY,
            noise.length,
          );
          expect(livenessOf(FIVE, timeline).kind).toBe("unseen");
        },
      ),
    );
  });

  it("is never seen without canary requests", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 20 }), (stable) => {
        const timeline = stable.map(
          (requests, index) =>
            windows({ from: NOON + index * MINUTE, count: 1, canary: [0, 0], stable: [requests, 0], pods: READY })[0],
        );
        expect(
          livenessOf(
            FIVE,
            timeline.filter((window) => window !== undefined),
          ).kind,
        ).toBe("unseen");
      }),
    );
  });
});

describe("versions that requests were answered by", () => {
  const answered = (canary: readonly string[] | undefined, stable?: readonly string[]) =>
    seen([50, 0], [950, 0]).map((window) => ({
      ...window,
      versions: { ...(canary && { canary }), ...(stable && { stable }) },
    }));
  const promoted = { ...FIVE, from: weight(5), stable: { image: OLD, replicas: 4 } };
  const back = { ...FIVE, from: weight(5), canaryReplicas: undefined };

  it.each<[string, Expected, readonly Window[], string]>([
    ["the canary by what is committed", FIVE, answered(["1.42.0"]), "live"],
    ["the canary by nothing that is told", FIVE, answered([]), "live"],
    ["the canary by another one", FIVE, answered(["1.41.0"]), "version"],
    ["the canary by both", FIVE, answered(["1.41.0", "1.42.0"]), "version"],
    ["stable by another one, which it is not to run", FIVE, answered(["1.42.0"], ["1.40.0"]), "live"],
    ["stable by another one than it is to run", promoted, answered(["1.42.0"], ["1.41.0", "1.42.0"]), "version"],
    ["stable by what it is to run", promoted, answered(["1.42.0"], ["1.41.0"]), "live"],
    [
      "an image without a tag",
      { ...FIVE, canaryImage: `r/app@sha256:${"a".repeat(64)}` },
      answered(["1.41.0"]),
      "pods",
    ],
    ["a way back, which no version stops", back, answered(["1.41.0"]), "live"],
    [
      "the right one, while pods are not known",
      FIVE,
      answered(["1.42.0"]).map((window) => ({ ...window, pods: {} })),
      "noPods",
    ],
  ])("%s", (_, expected, timeline, kind) => {
    const liveness = livenessOf(expected, timeline);
    expect(liveness.kind === "live" ? "live" : liveness.why.kind).toBe(kind);
  });

  it("is live since no other one answers", () => {
    const timeline = answered([], ["1.41.0"]).map((window, index) =>
      index < 2 ? { ...window, versions: { stable: ["1.40.0", "1.41.0"] } } : window,
    );
    expect(livenessOf(promoted, timeline)).toMatchObject({
      kind: "live",
      since: NOON + 2 * MINUTE,
    });
  });

  it("stops what is assumed", () => {
    const blind = answered(["1.41.0"]).map((window) => ({ ...window, pods: {} }));
    expect(livenessOf({ ...FIVE, assumedFrom: NOON }, blind)).toMatchObject({
      why: { kind: "version", answered: "1.41.0" },
    });
  });
});

describe("weight 0", () => {
  const rest: Expected = {
    from: weight(5),
    weight: weight(0),
    canaryReplicas: undefined,
    canaryImage: NEW,
    stable: undefined,
    evidence: "compare",
    assumedFrom: undefined,
  };
  it.each<[string, Expected, readonly Window[], string]>([
    ["two quiet windows", rest, seen([0, 0], [1000, 0], {}, 2), "live"],
    ["one quiet window", rest, seen([0, 0], [1000, 0], {}, 1), "noWindow"],
    ["one request", rest, seen((index) => (index === 3 ? [1, 0] : [0, 0]), [1000, 0], {}), "draining"],
    [
      "a gap in the canary's samples",
      rest,
      seen((index) => (index === 3 ? undefined : [0, 0]), [1000, 0], {}),
      "noCounts",
    ],
    [
      "a broken canary stops no way back",
      rest,
      seen([0, 0], [1000, 0], { canary: [{ image: NEW, ready: 0, total: 2 }] }),
      "live",
    ],
    ["replicas 0, and pods gone", { ...rest, canaryReplicas: 0 }, seen([0, 0], [1000, 0], { canary: [] }), "live"],
    [
      "replicas 0, and a pod left",
      { ...rest, canaryReplicas: 0 },
      seen([0, 0], [1000, 0], { canary: [{ image: NEW, ready: 0, total: 1 }] }),
      "leaving",
    ],
  ])("%s", (_, expected, timeline, kind) => {
    const liveness = livenessOf(expected, timeline);
    expect(liveness.kind === "live" ? "live" : liveness.why.kind).toBe(kind);
  });
});

describe("a change that moves no share", () => {
  const promoted: Expected = {
    from: weight(50),
    weight: weight(50),
    canaryReplicas: 2,
    canaryImage: NEW,
    stable: { image: NEW, replicas: 4 },
    evidence: "compare",
    assumedFrom: undefined,
  };
  it("is seen by version and ready replicas, since they were so without a break", () => {
    const rolling = seen(
      [500, 0],
      [500, 0],
      {
        ...READY,
        stable: [
          { image: NEW, ready: 2, total: 2 },
          { image: OLD, ready: 2, total: 2 },
        ],
      },
      2,
    );
    const done = windows({
      from: NOON + 2 * MINUTE,
      count: 3,
      canary: [500, 0],
      stable: [500, 0],
      pods: { ...READY, stable: [{ image: NEW, ready: 4, total: 4 }] },
    });
    expect(livenessOf(promoted, rolling).kind).toBe("unseen");
    expect(livenessOf(promoted, [...rolling, ...done])).toMatchObject({ kind: "live", since: NOON + 2 * MINUTE });
  });
});
