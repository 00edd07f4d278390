import { describe, expect, it } from "vitest";
import { divergence } from "../../src/core/divergence.ts";
import { abortOf } from "../../src/core/fall.ts";
import { planOf, type EvidenceKind } from "../../src/core/plan.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import { read } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { gateCheck } from "../../src/render/check.ts";
import { divergenceText, wayOut } from "../../src/render/divergence.ts";
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

const [WARM, TESTED, FIRST] = [0, 1, 2];

type Traffic = { readonly evidence?: EvidenceKind; readonly canary?: TrafficOf; readonly stable?: TrafficOf };

/** A release with testers first whose step `index` has landed. */
function landed(index: number, evidence: EvidenceKind = "compare", manifest: MemberChanges["manifest"] = {}): Member {
  const isOn = index === TESTED;
  return inFlight(index, {
    policy: { testers: true, evidence },
    ...(isOn && { at: { testers: true } }),
    manifest: { testers: isOn, ...manifest },
  });
}

function run(index: number, count: number, { evidence, canary, stable }: Traffic = {}): Member {
  const { weight: _, ...manifest } = landed(index).manifest;
  const of = landed(index, evidence);
  expect(of.manifest).toMatchObject(manifest);
  return { ...of, timeline: read(windows({ from: of.changedAt, count, pods: podsOf(of), canary, stable })) };
}

function told(of: Member, minutes: number): string {
  const stage = stageOf(of, of.changedAt + minutes * MINUTE, 0);
  if (stage.kind === "failed") return `failed: ${stage.aborting.reason}`;
  return stage.kind === "syncing" ? `syncing ${stage.why.kind}` : stage.kind;
}

const STABLE = [800, 4] as const;

describe("a step for testers", () => {
  it.each<readonly [string, Member, number, string]>([
    ["waits for a tester, however long", run(TESTED, 30, { canary: [0, 0], stable: STABLE }), 30, "measuring"],
    ["waits for the bake", run(TESTED, 5, { canary: [100, 0], stable: STABLE }), 5, "baking"],
    ["goes on when they prove the canary healthy", run(TESTED, 12, { canary: [100, 0], stable: STABLE }), 12, "passed"],
    ["does not on too few requests", run(TESTED, 12, { canary: [1, 0], stable: STABLE }), 12, "measuring"],
    ["compares nothing", run(TESTED, 12, { canary: [100, 2], stable: [8000, 0] }), 12, "passed"],
    [
      "takes back what fails them too much",
      run(TESTED, 4, { canary: [100, 40], stable: STABLE }),
      4,
      "failed: the canary fails more requests than is healthy",
    ],
    ["waits while stable is unhealthy", run(TESTED, 12, { canary: [100, 0], stable: [800, 200] }), 12, "measuring"],
    ["goes by pods where they alone count", run(TESTED, 12, { evidence: "bake", canary: [0, 0] }), 12, "passed"],
    ["is followed by a weight that is compared", run(FIRST, 2, { canary: [50, 0], stable: [950, 4] }), 2, "baking"],
  ])("%s", (_, of, minutes, expected) => {
    expect(told(of, minutes)).toBe(expected);
  });

  it("is written as weight 0 with testers, and the first weight takes them in again", () => {
    const [on, off] = [landed(WARM), landed(TESTED)].map((of) => proposalOf(of, HEAD));
    const { target } = landed(WARM);
    expect([on?.weight, on?.testers, on?.state.targets.get(target)?.testers]).toEqual([0, true, true]);
    expect([off?.weight, off?.testers]).toEqual([5, false]);
    expect(off?.state.targets.get(target)).not.toHaveProperty("testers");
  });

  it("is taken back by weight 0 for all, in the abort's first commit", () => {
    const of = landed(TESTED);
    const change = abortOf(of, HEAD, { by: "gate", who: undefined, reason: "x" }, 0);
    expect([change.weight, change.testers]).toEqual([0, undefined]);
    expect(change.state.targets.get(of.target)).not.toHaveProperty("testers");
  });

  it("is contained where another version lands under it", () => {
    const of = landed(TESTED);
    const canary = { ...of.manifest.canary, template: "another" };
    expect(told({ ...of, manifest: { ...of.manifest, canary } }, 1)).toBe(
      "failed: the canary's pod template changed under way",
    );
  });

  it.each<readonly [string, Member, string]>([
    [
      "on by hand",
      landed(WARM, "compare", { testers: true }),
      "the route sends testers to the canary, the state does not, changed by hand",
    ],
    [
      "off by hand",
      landed(TESTED, "compare", { testers: false }),
      "the state sends testers to the canary, the route does not, changed by hand",
    ],
  ])("that was turned %s keeps the release where it is", (_, of, text) => {
    const found = divergence(of);
    expect(found?.kind).toBe("testers");
    expect(found && divergenceText(of, found)).toBe(text);
    expect(found && wayOut(of, found)).toBe("put it back, or /abort");
    expect(told(of, 1)).toBe("diverged");
  });

  it("that configuration takes out under way holds the release", () => {
    expect(divergence({ ...landed(TESTED), plan: planOf(POLICY, 10) })?.kind).toBe("plan");
  });

  it("says on its checks what is judged, and what that does not prove", () => {
    const of = run(TESTED, 12, { canary: [100, 0], stable: STABLE });
    const stage = stageOf(of, of.changedAt + 12 * MINUTE, 0);
    expect(titleOf(of, stage)).toMatch(/^Passed: health: canary errors 0% on 1\.42\.0/);
    const { summary, text } = gateCheck({ kind: "reportGate", member: of, stage, number: 4813, headSha: commit("e") });
    expect(summary).toContain("Testers alone are sent to the canary: nothing is compared");
    expect(text).toContain("2. testers");
  });
});
