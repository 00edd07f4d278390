import { describe, expect, it } from "vitest";
import { name } from "../../src/core/names.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { DEFAULT_PROMETHEUS } from "../../src/ports/metrics.ts";
import { backtestOf } from "../../src/reconcile/back-tests.ts";
import type { ConfigReading } from "../../src/reconcile/readings.ts";
import { inFlight, POLICY } from "../support/member.ts";

const PROVIDER = { ...DEFAULT_PROMETHEUS, url: "https://prometheus.example.com" };
const CONFIG: Pick<ConfigReading, "metricsFor"> = {
  metricsFor: (target) =>
    target === "eu" ? { kind: "read", value: PROVIDER } : { kind: "refused", problems: [`${target} has no metrics`] },
};

const asked = (members: readonly Member[], others: readonly Member[] = []) =>
  backtestOf({ kind: "backtest", of: { kind: "comment", id: 900 }, members, others }, CONFIG);

describe("what a comment asks for", () => {
  const [eu, us] = ["eu", "us"].map((target) => inFlight(1, { target: name(target) })) as [Member, Member];

  it("is each member by its policy, with where its past is read, or why it cannot be", () => {
    const { of, members, others } = asked([eu, us], [us]);
    expect(of).toEqual({ kind: "comment", id: 900 });
    expect(members).toMatchObject([
      { kind: "known", member: { service: "checkout", target: "eu", provider: PROVIDER } },
      { kind: "refused", service: "checkout", target: "us", problems: ["us has no metrics"] },
    ]);
    expect(others).toEqual([{ service: "checkout", target: "us" }]);
  });

  it("can be told to another thread, and holds all that a back-test goes by", () => {
    const told = structuredClone(asked([eu]));
    const [first] = told.members;
    const { member } = first?.kind === "known" ? first : expect.fail("It can be asked about.");
    expect(member.asked).toEqual({
      service: "checkout",
      namespace: eu.at.namespace,
      arms: eu.at.arms,
      workloads: { canary: eu.manifest.canary.deployment, stable: eu.manifest.stable.deployment },
      container: eu.manifest.canary.container,
    });
    const { gate, weights, bakeMs, evidence } = POLICY;
    expect(member.policy).toMatchObject({ gate, weights, bakeMs, evidence });
  });
});
