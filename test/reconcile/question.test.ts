import { describe, expect, it } from "vitest";
import { questionOf } from "../../src/reconcile/question.ts";
import { inFlight, landingOf, MINUTE, NOON, SECOND, waiting } from "../support/member.ts";
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

  it("what is recent, on a way back", () => {
    const aborting = { by: "gate", who: undefined, reason: "errors" } as const;
    expect(spanOf(inFlight(2, { release: { aborting } }), landingOf(2) + 10 * MINUTE + SETTLED)).toEqual([40, 50]);
  });

  it("one window more of an Argo Rollout, which its controller was in before", () => {
    const of = rolloutInFlight(2);
    expect(spanOf(of, of.changedAt + 30 * MINUTE + SETTLED)?.[0]).toBe(19);
    expect(spanOf(of, NOON)).toBeUndefined();
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
