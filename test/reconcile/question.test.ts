import { describe, expect, it } from "vitest";
import { questionOf } from "../../src/reconcile/question.ts";
import { CPU, KNOWN } from "../support/gauges.ts";
import { inFlight, KNATIVE, landingOf, MINUTE, NOON, SECOND, waiting } from "../support/member.ts";
import { rolloutInFlight } from "../support/rollout-member.ts";

const SETTLED = 15 * SECOND;

function spanOf(member: Parameters<typeof questionOf>[0], now: number): readonly [number, number] | undefined {
  const question = questionOf(member, now);
  return question && [(question.from - NOON) / MINUTE, (question.to - NOON) / MINUTE];
}

describe("which windows are asked for", () => {
  it("none before one has closed and settled", () => {
    expect(spanOf(waiting(), NOON + MINUTE + SETTLED - 1)).toBeUndefined();
    expect(spanOf(waiting(), NOON + MINUTE + SETTLED)).toEqual([0, 1]);
  });

  it("what is recent, for a release that waits to begin", () => {
    expect(spanOf(waiting(), NOON + 600 * MINUTE + SETTLED)).toEqual([580, 600]);
  });

  it("everything since the first step whose evidence the state lacks", () => {
    expect(spanOf(inFlight(2), landingOf(2) + 30 * MINUTE + SETTLED)).toEqual([20, 70]);
    const evidence = { through: 1, exact: [], bets: [], better: [], slo: [], failedWindows: 0, strata: [] };
    expect(spanOf(inFlight(2, { release: { evidence } }), landingOf(2) + 30 * MINUTE + SETTLED)).toEqual([40, 70]);
  });

  it("everything since the version landed, where its pods come and go: they must have been ready once", () => {
    const of = inFlight(0, { at: { manifests: KNATIVE }, changedAt: NOON + 30 * MINUTE });
    const now = NOON + 40 * MINUTE + SETTLED;
    expect([spanOf(of, now), spanOf({ ...of, at: inFlight(0).at }, now)]).toEqual([
      [0, 40],
      [30, 40],
    ]);
    const held = { ...of, changedAt: NOON + 1000 * MINUTE };
    expect(spanOf(held, NOON + 1010 * MINUTE + SETTLED)).toEqual([760, 1010]);
  });

  it("what is recent, on a way back", () => {
    const aborting = { by: "gate", who: undefined, reason: "errors" } as const;
    expect(spanOf(inFlight(2, { release: { aborting } }), landingOf(2) + 10 * MINUTE + SETTLED)).toEqual([40, 50]);
  });

  it("one window more of an Argo Rollout, which its controller was in before", () => {
    const of = rolloutInFlight(2);
    expect(spanOf(of, of.changedAt + 30 * MINUTE + SETTLED)?.[0]).toBe(19);
    expect(spanOf(of, NOON)).toBeUndefined();
  });

  it("the gauges besides, for a step that compares", () => {
    const gauges = [CPU, { ...KNOWN, name: "memory" }];
    const asked = gauges.map(({ name, query }) => ({ name, query }));
    const gaugesOf = (of: Parameters<typeof questionOf>[0]) => questionOf(of, landingOf(4) + 30 * MINUTE)?.gauges;
    const on = { policy: { gauges } };
    expect(gaugesOf(inFlight(2, on))).toEqual(asked);
    expect(gaugesOf(inFlight(2))).toBeUndefined();
    // The warm-up is followed by a healthy stable, and promotion by stable on the new version.
    expect([gaugesOf(waiting(on)), gaugesOf(inFlight(0, on)), gaugesOf(inFlight(4, on))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(gaugesOf(inFlight(2, { policy: { gauges, evidence: "health" } }))).toBeUndefined();
    const aborting = { by: "gate", who: undefined, reason: "errors" } as const;
    expect(gaugesOf(inFlight(2, { ...on, release: { aborting } }))).toBeUndefined();
  });

  it("names the service, both arms, both workloads and the container", () => {
    expect(questionOf(waiting(), NOON + 5 * MINUTE)).toMatchObject({
      service: "checkout",
      namespace: "checkout",
      arms: { canary: "checkout-canary", stable: "checkout-stable" },
      workloads: { canary: "checkout-canary", stable: "checkout-stable" },
      container: "app",
      windowMs: MINUTE,
    });
  });
});
