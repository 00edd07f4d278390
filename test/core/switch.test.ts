import { describe, expect, it } from "vitest";
import { planOf, type EvidenceKind } from "../../src/core/plan.ts";
import { read } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { seenOf, stageOf } from "../../src/core/stage.ts";
import { weight } from "../../src/core/weight.ts";
import type { Window } from "../../src/core/window.ts";
import { gateCheck } from "../../src/render/check.ts";
import { titleOf } from "../../src/render/title.ts";
import { commit, inFlight, MINUTE, NEW, OLD, podsOf, POLICY, windows, type TrafficOf } from "../support/member.ts";

const SWITCH = [0, 100].map(weight);
const [WARM, ALL, PROMOTED, BACK] = [0, 1, 2, 3];

type Traffic = {
  readonly evidence?: EvidenceKind;
  readonly canary?: TrafficOf;
  readonly stable?: TrafficOf;
  readonly at?: (window: Window, minute: number) => Window;
};

/** A release by steps of 0 and 100 whose step `index` has landed, with so many minutes of windows since. */
function run(index: number, count: number, { evidence = "compare", canary, stable, at }: Traffic = {}): Member {
  const of = inFlight(index, { policy: { weights: SWITCH, evidence } });
  const seen = windows({ from: of.changedAt, count, pods: podsOf(of), canary, stable });
  return { ...of, timeline: read(at === undefined ? seen : seen.map(at)) };
}

function told(of: Member, minutes: number): string {
  const stage = stageOf(of, of.changedAt + minutes * MINUTE, 0);
  if (stage.kind === "failed") return `failed: ${stage.aborting.reason}`;
  return stage.kind === "syncing" ? `syncing ${stage.why.kind}` : stage.kind;
}

const few = (window: Window, minute: number): Window =>
  minute < 5 ? window : { ...window, pods: { ...window.pods, canary: [{ image: NEW, ready: 7, total: 10 }] } };

const scaled = (window: Window): Window => ({
  ...window,
  pods: { ...window.pods, stable: [{ image: OLD, ready: 20, total: 20 }] },
});

describe("a switch of all traffic", () => {
  it.each<readonly [string, Member, number, string]>([
    ["waits for the bake while the canary has no traffic", run(WARM, 5, { canary: [0, 0] }), 5, "baking"],
    [
      "goes on when its pods have been ready for so long",
      run(WARM, 12, { canary: [0, 0], stable: [900, 4] }),
      12,
      "passed",
    ],
    ["not while nothing is known of stable", run(WARM, 12, { canary: [0, 0] }), 12, "measuring"],
    [
      "not while an autoscaler has made stable larger than it",
      run(WARM, 12, { canary: [0, 0], stable: [900, 4], at: scaled }),
      12,
      "measuring",
    ],
    ["not while too few of them are", run(WARM, 12, { canary: [0, 0], at: few }), 12, "syncing pods"],
    [
      "not while stable is unhealthy, which takes nothing back",
      run(WARM, 12, { canary: [0, 0], stable: [900, 200] }),
      12,
      "measuring",
    ],
    [
      "has the canary with all traffic judged by itself",
      run(ALL, 12, { canary: [900, 4], stable: [0, 0] }),
      12,
      "passed",
    ],
    ["for the whole bake", run(ALL, 6, { canary: [900, 4], stable: [0, 0] }), 6, "baking"],
    [
      "a few requests that still come to stable notwithstanding",
      run(ALL, 12, { canary: [900, 4], stable: [3, 0] }),
      12,
      "passed",
    ],
    ["is not live while stable has a tenth", run(ALL, 12, { canary: [810, 4], stable: [90, 0] }), 12, "syncing share"],
    [
      "takes back what fails too much, bake or no bake",
      run(ALL, 4, { canary: [900, 200], stable: [0, 0] }),
      4,
      "failed: the canary fails more requests than is healthy",
    ],
    ["does not go on without requests", run(ALL, 12, { canary: [0, 0], stable: [0, 0] }), 12, "syncing noCounts"],
    [
      "does not go on with too few to prove anything",
      run(ALL, 12, { canary: [2, 0], stable: [0, 0] }),
      12,
      "measuring",
    ],
    ["where pods alone count, goes on by them", run(ALL, 12, { evidence: "bake", canary: [0, 0] }), 12, "passed"],
    [
      "gives stable all of it back when its pods are ready",
      run(PROMOTED, 12, { canary: [900, 4], stable: [0, 0] }),
      12,
      "passed",
    ],
    [
      "and takes the version back where the canary fails meanwhile",
      run(PROMOTED, 4, { canary: [900, 200], stable: [0, 0] }),
      4,
      "failed: the canary fails more requests than is healthy",
    ],
    ["ends when stable is proven under all of it", run(BACK, 12, { canary: [0, 0], stable: [900, 4] }), 12, "passed"],
    ["not before", run(BACK, 6, { canary: [0, 0], stable: [900, 4] }), 6, "baking"],
    [
      "and takes the version back where stable fails on it",
      run(BACK, 4, { canary: [0, 0], stable: [900, 200] }),
      4,
      "failed: stable fails more requests on the new version than is healthy",
    ],
  ])("%s", (_, of, minutes, expected) => {
    expect(told(of, minutes)).toBe(expected);
  });

  it("compares nothing, whatever both arms have been asked before", () => {
    const of = run(ALL, 12, { canary: [900, 4], stable: [3, 3] });
    const stage = stageOf(of, of.changedAt + 12 * MINUTE, 0);
    expect(stage.kind === "passed" && stage.word.verdict.rulings).toEqual([]);
    expect(seenOf(of)).toMatchObject({ kind: "live", by: "share" });
  });

  it("says on its checks by what it is judged, and what that does not prove", () => {
    const of = run(ALL, 12, { canary: [900, 4], stable: [0, 0] });
    const stage = stageOf(of, of.changedAt + 12 * MINUTE, 0);
    expect(titleOf(of, stage)).toBe(
      "Passed: health: canary errors 0.44% on 1.42.0, 5% is the limit; 10 of 10 canary pods of 1.42.0 ready for 12 min, not compared with stable",
    );
    const { summary, text } = gateCheck({ kind: "reportGate", member: of, stage, number: 4813, headSha: commit("e") });
    expect(summary).toContain("All of the traffic is with one arm: nothing is compared");
    expect(text).toContain("| → 3. promotion | 100% | 10 |");
  });

  it("is a plan that a change of the configured steps under way does not go unnoticed by", () => {
    const of = run(ALL, 1);
    const other = { ...of, plan: planOf(POLICY, 10) };
    expect(told(other, 1)).toBe("diverged");
    expect([of.manifest.stable.image, of.at.weight]).toEqual([OLD, 100]);
  });
});
