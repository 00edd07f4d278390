import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shareOfCopies } from "../../src/core/copied.ts";
import { divergence } from "../../src/core/divergence.ts";
import { abortOf, fallOf } from "../../src/core/fall.ts";
import { planOf, replicasFor, stepNames, unplannable, type EvidenceKind } from "../../src/core/plan.ts";
import { landingOf } from "../../src/core/landing.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import { read } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { weight } from "../../src/core/weight.ts";
import { gateCheck } from "../../src/render/check.ts";
import { divergenceText, wayOut } from "../../src/render/divergence.ts";
import { stepTitle } from "../../src/render/step.ts";
import { titleOf } from "../../src/render/title.ts";
import {
  commit,
  HEAD,
  inFlight,
  MINUTE,
  podsOf,
  POLICY,
  windows,
  type MemberChanges,
  type TrafficOf,
} from "../support/member.ts";

const [WARM, MIRRORED, FIRST] = [0, 1, 2];
const MIRROR = 20;

type Traffic = { readonly evidence?: EvidenceKind; readonly canary?: TrafficOf; readonly stable?: TrafficOf };

/** A release with a mirror first whose step `index` has landed. */
function landed(index: number, evidence: EvidenceKind = "compare", manifest: MemberChanges["manifest"] = {}): Member {
  const mirror = index === MIRRORED ? MIRROR : 0;
  return inFlight(index, {
    policy: { mirror: MIRROR, evidence },
    ...(mirror > 0 && { at: { mirror } }),
    manifest: { mirror, ...manifest },
  });
}

function run(index: number, count: number, { evidence, canary, stable }: Traffic = {}): Member {
  const of = landed(index, evidence);
  return { ...of, timeline: read(windows({ from: of.changedAt, count, pods: podsOf(of), canary, stable })) };
}

function told(of: Member, minutes: number): string {
  const stage = stageOf(of, of.changedAt + minutes * MINUTE, 0);
  if (stage.kind === "failed") return `failed: ${stage.aborting.reason}`;
  return stage.kind === "syncing" ? `syncing ${stage.why.kind}` : stage.kind;
}

const STABLE = [1000, 4] as const;

describe("a step with a mirror", () => {
  it.each<readonly [string, Member, number, string]>([
    [
      "is not seen before a copy is counted",
      run(MIRRORED, 30, { canary: [0, 0], stable: STABLE }),
      30,
      "syncing copies",
    ],
    ["waits for the bake", run(MIRRORED, 5, { canary: [200, 0], stable: STABLE }), 5, "baking"],
    [
      "goes on when copies prove the canary healthy",
      run(MIRRORED, 12, { canary: [200, 0], stable: STABLE }),
      12,
      "passed",
    ],
    ["does not on too few of them", run(MIRRORED, 12, { canary: [1, 0], stable: STABLE }), 12, "measuring"],
    ["compares nothing", run(MIRRORED, 12, { canary: [200, 4], stable: [1000, 0] }), 12, "passed"],
    [
      "takes back what fails them too much",
      run(MIRRORED, 4, { canary: [200, 80], stable: STABLE }),
      4,
      "failed: the canary fails more requests than is healthy",
    ],
    ["waits while stable is unhealthy", run(MIRRORED, 12, { canary: [200, 0], stable: [1000, 250] }), 12, "measuring"],
    ["goes by pods where they alone count", run(MIRRORED, 12, { evidence: "bake", canary: [0, 0] }), 12, "passed"],
    ["is followed by a weight that is compared", run(FIRST, 2, { canary: [50, 0], stable: [950, 4] }), 2, "baking"],
    [
      "is not taken for the weight that follows: copies of 20% are 17% of what is counted",
      run(FIRST, 12, { canary: [200, 0], stable: STABLE }),
      12,
      "syncing share",
    ],
  ])("%s", (_, of, minutes, expected) => {
    expect(told(of, minutes)).toBe(expected);
  });

  it("is written as weight 0 with a mirror, and what follows writes none", () => {
    const [on, off] = [landed(WARM), landed(MIRRORED)].map((of) => proposalOf(of, HEAD));
    const { target } = landed(WARM);
    expect([on?.weight, on?.mirror, on?.state.targets.get(target)?.mirror]).toEqual([0, MIRROR, MIRROR]);
    expect([off?.weight, off?.mirror]).toEqual([5, undefined]);
    expect(off?.state.targets.get(target)).not.toHaveProperty("mirror");
  });

  it("is taken back by weight 0 and no copies, in the abort's first commit", () => {
    const of = landed(MIRRORED);
    const change = abortOf(of, HEAD, { by: "gate", who: undefined, reason: "x" }, 0);
    expect([change.weight, change.mirror]).toEqual([0, undefined]);
    expect(change.state.targets.get(of.target)).not.toHaveProperty("mirror");
  });

  it("that somebody turns on again on the way back is lowered at once", () => {
    const of = landed(WARM, "compare", { mirror: 5 });
    const aborting = { by: "gate", who: undefined, reason: "x" } as const;
    const release = of.at.release && { ...of.at.release, aborting };
    const falling: Member = { ...of, at: { ...of.at, release } };
    expect(stageOf(falling, of.changedAt, 0)).toMatchObject({ kind: "aborting", unseen: undefined });
    expect(fallOf(falling, HEAD)).toMatchObject({ kind: "lower", change: { weight: 0 } });
  });

  it("ends where a person raises the weight under it, in the commit that lets the state follow", () => {
    const of = landed(MIRRORED, "compare", { weight: weight(5) });
    expect(stageOf(of, of.changedAt, 0).kind).toBe("raised");
    const change = landingOf(of, HEAD, { fall: { kind: "adopt", by: "ana", what: "x" }, comment: 0 });
    expect([change.weight, change.mirror]).toEqual([5, undefined]);
    expect(change.state.targets.get(of.target)).toMatchObject({ weight: 5, release: { step: FIRST } });
    expect(change.state.targets.get(of.target)).not.toHaveProperty("mirror");
    const raised = { ...of, manifest: { ...of.manifest, mirror: 0 } };
    expect(
      landingOf(raised, HEAD, { fall: { kind: "adopt", by: "ana", what: "x" }, comment: 0 }).weight,
    ).toBeUndefined();
  });

  it("is contained where another version lands under it", () => {
    const of = landed(MIRRORED);
    const canary = { ...of.manifest.canary, template: "another" };
    expect(told({ ...of, manifest: { ...of.manifest, canary } }, 1)).toBe(
      "failed: the canary's pod template changed under way",
    );
  });

  it.each<readonly [string, Member, string]>([
    ["on", landed(WARM, "compare", { mirror: 5 }), "5% of the requests to the canary, the state says 0%"],
    ["up", landed(MIRRORED, "compare", { mirror: 100 }), "100% of the requests to the canary, the state says 20%"],
    ["off", landed(MIRRORED, "compare", { mirror: 0 }), "0% of the requests to the canary, the state says 20%"],
  ])("that was turned %s by hand keeps the release where it is", (_, of, text) => {
    const found = divergence(of);
    expect(found?.kind).toBe("mirror");
    expect(found && divergenceText(of, found)).toBe(`the route mirrors ${text}, changed by hand`);
    expect(found && wayOut(of, found)).toBe("put it back, or /abort");
    expect(told(of, 1)).toBe("diverged");
  });

  it("that configuration takes out under way, or makes another one, holds the release", () => {
    const of = landed(MIRRORED);
    expect(divergence({ ...of, plan: planOf(POLICY, 10) })?.kind).toBe("plan");
    expect(divergence({ ...of, plan: planOf({ ...POLICY, mirror: 50 }, 10) })).toMatchObject({
      kind: "plan",
      what: "the plan mirrors 50% of the requests where the state has 20%; the steps were changed under way",
    });
  });

  it("says on its checks what is judged, and what that does not prove", () => {
    const of = run(MIRRORED, 12, { canary: [200, 0], stable: STABLE });
    const stage = stageOf(of, of.changedAt + 12 * MINUTE, 0);
    expect(titleOf(of, stage)).toMatch(/^Passed: health: canary errors 0% on 1\.42\.0/);
    const { summary, text } = gateCheck({ kind: "reportGate", member: of, stage, number: 4813, headSha: commit("e") });
    expect(summary).toContain("Copies of requests alone are sent to the canary, and nobody gets its answers");
    expect(text).toContain("in the requests, of which copies reached the canary");
    expect(text).toContain("2. mirror | 0%, copies of 20%");
    const [, mirror] = of.plan.steps;
    expect(mirror && stepTitle(of, mirror)).toBe("checkout 1.42.0: copies of 20% to the canary · prod · step 2/8");
  });

  it("that waits for a first copy says of how many requests none came", () => {
    const of = run(MIRRORED, 30, { canary: [0, 0], stable: [100, 0] });
    expect(titleOf(of, stageOf(of, of.changedAt + 20 * MINUTE, 0))).toContain(
      "no copy of a request is counted for the canary, of 3,000 that stable had",
    );
  });
});

describe("a plan with a mirror", () => {
  const weights = [0, 5, 25].map(weight);

  it("has it after the baked canary and before testers: who meets the version are more at every step", () => {
    const climb = { weights, testers: true, mirror: 100, bakeMs: 60_000 } as const;
    expect(stepNames(climb)).toEqual(["0%", "mirror 100%", "testers", "5%", "25%"]);
    const { steps } = planOf(climb, 10);
    expect(steps.map(({ kind, judge, replicas }) => [kind, judge, replicas])).toEqual([
      ["warmUp", "seen", 10],
      ["mirror", "ready", 10],
      ["testers", "mirrored", 10],
      ["shift", "tested", 3],
      ["shift", "compare", 3],
      ["promote", "compare", 3],
      ["drain", "swapped", 3],
      ["rest", "healthy", 0],
    ]);
  });

  it("has pods for as many per cent as it sends, a step before and a step after", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 50 }), (mirror, replicas) => {
        const { steps } = planOf({ weights, mirror, bakeMs: 0 }, replicas);
        const needed = replicasFor(mirror, replicas);
        const around = steps.slice(0, 3).map((step) => (step.replicas ?? 0) >= needed);
        expect(around).toEqual([true, true, true]);
      }),
    );
  });

  it("needs a mirror in the route, and no Rollout", () => {
    const { at } = landed(WARM);
    const policy = { ...POLICY, mirror: 5 };
    expect(unplannable(policy, at, {})).toMatch(/^steps have a mirror, and .* has none to the canary: write one of 0%/);
    expect(unplannable(policy, at, { mirror: 0 })).toBeUndefined();
    const hotfix = { label: "hotfix", weights, mirror: 5, bakeMs: 0 };
    expect(unplannable({ ...POLICY, expedite: hotfix }, at, {})).toContain("steps have a mirror");
    const rollout = { layout: "rollout", rollout: "r.yaml", workload: "r.yaml", stableTemplate: "" } as const;
    expect(unplannable(policy, { manifests: rollout }, {})).toMatch(/^steps have a mirror, and the Rollout in r\.yaml/);
  });

  it.each([
    [1, 1],
    [5, 5],
    [25, 20],
    [50, 33],
    [100, 50],
  ])("sends copies of %i per cent, which are %i of what is counted", (mirror, share) => {
    expect(shareOfCopies(mirror)).toBe(share);
  });
});
