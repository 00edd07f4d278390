import { describe, expect, it } from "vitest";
import { blueGreenPlanOf } from "../../src/core/blue-green.ts";
import { divergence } from "../../src/core/divergence.ts";
import { abortOf, fallOf } from "../../src/core/fall.ts";
import { trespassesOf } from "../../src/core/ownership.ts";
import { planFor, unplannable } from "../../src/core/plan.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import { settledOn, untoldStep } from "../../src/core/rollout.ts";
import type { Image } from "../../src/core/image.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import type { Aborting } from "../../src/core/state.ts";
import { NO_WEIGHT, weight, WHOLE } from "../../src/core/weight.ts";
import type { Pods } from "../../src/core/window.ts";
import { HEAD, measured, MINUTE, NEW, OLD, POLICY, templateOf, version } from "../support/member.ts";
import type { MemberChanges } from "../support/member.ts";
import { pod, ROLLOUT, rolloutInFlight, rolloutWaiting } from "../support/rollout-member.ts";

const OTHER = version("1.43.0");
const GATE: Aborting = { by: "gate", who: undefined, reason: "it fails" };
const FOREIGN: Aborting = { by: "containment", who: undefined, reason: "something else landed" };
const SWITCH = [0, 100].map(weight);
const PLAN = blueGreenPlanOf(POLICY);
const [BEGUN, SWITCHED] = [0, 1];

function running(...images: readonly (readonly [Image, number])[]): {
  canary: readonly Pods[];
  stable: readonly Pods[];
} {
  const pods = images.map(([image, count]) => ({ image, ready: count, total: count }));
  return { canary: pods, stable: pods };
}

/** The release of 1.42.0 whose step `index` has landed, of ten pods. */
function inFlight(index: number, changes: MemberChanges = {}): Member {
  const { at, manifest, policy, ...rest } = changes;
  const share = index === SWITCHED ? WHOLE : NO_WEIGHT;
  return rolloutInFlight(index, {
    plan: PLAN,
    policy: { weights: SWITCH, ...policy },
    ...rest,
    at: { weight: share, ...at },
    manifest: { weight: share, blueGreen: true, ...manifest },
  });
}

const stageAfter = (of: Member, minutes: number, windows: Parameters<typeof measured>[1]) =>
  stageOf(measured(of, windows), of.changedAt + minutes * MINUTE, 0);

/** Nobody asks the preview; all that is asked goes to the active colour. */
const asked = (failed: number, pods: ReturnType<typeof running>, count = 60) =>
  ({ count, canary: [0, 0], stable: [1000, failed], pods }) as const;

describe("the plan of a blue/green Rollout", () => {
  it("has all pods before the switch, which is its promotion, and rests when what serves is proven by itself", () => {
    const { steps } = planFor(
      { weights: SWITCH, bakeMs: POLICY.bakeMs },
      { manifests: ROLLOUT },
      { stable: pod(OLD), blueGreen: true },
    );
    expect(steps.map(({ kind, weight: share, judge, bakeMs }) => [kind, share, judge, bakeMs / MINUTE])).toEqual([
      ["begin", 0, "seen", 0],
      ["promote", 100, "ready", 10],
      ["rest", 0, "alone", 10],
    ]);
  });

  it.each([
    [{ weights: SWITCH }, /^$/],
    [
      { weights: [5, 50].map(weight) },
      /^steps have 5, and the Rollout in .* switches all of its traffic at once: let its steps be \[0, 100\]/,
    ],
    [{ weights: SWITCH, testers: true as const }, /^steps have testers/],
    [{ weights: SWITCH, expedite: { label: "hotfix", weights: [50].map(weight), bakeMs: 0 } }, /^steps have 50/],
  ])("is made of [0, 100] alone (%#)", (policy, why) => {
    const found = unplannable({ ...POLICY, ...policy }, { manifests: ROLLOUT }, { blueGreen: true });
    expect(found ?? "").toMatch(why);
  });

  it("needs nobody's word for another pod template of one image", () => {
    const { at, policy, manifest } = inFlight(BEGUN);
    const to = { ...manifest, canary: { ...pod(OLD), template: templateOf(OTHER) } };
    expect(untoldStep({ at, policy: { ...policy, evidence: "bake" } }, to)).toBeUndefined();
    // The controller has completed while the old pods are there still, and how many there are an autoscaler says.
    expect(untoldStep({ at, policy }, { ...to, scaled: true })).toBe("promote");
  });
});

describe("a new version beside the old one", () => {
  it("is seen by all of its pods, whatever its own Service is asked", () => {
    const unseen = stageAfter(inFlight(BEGUN), 5, asked(0, running([OLD, 10], [NEW, 9]), 10));
    expect(unseen).toMatchObject({ kind: "syncing", why: { kind: "pods", arm: "canary", ready: 9, wanted: 10 } });
    const tested = { count: 60, canary: [500, 500], stable: [1000, 0], pods: running([OLD, 10], [NEW, 10]) } as const;
    expect(stageAfter(inFlight(BEGUN), 5, tested)).toMatchObject({ kind: "baking" });
    expect(stageAfter(inFlight(BEGUN), 30, tested)).toMatchObject({ kind: "passed" });
  });

  it("waits for as many pods as an autoscaler has made of the old one", () => {
    expect(stageAfter(inFlight(BEGUN), 30, asked(0, running([OLD, 14], [NEW, 10])))).toMatchObject({
      kind: "measuring",
      verdict: { readiness: { ready: 10, wanted: 14 } },
    });
  });

  it("does not switch while stable is unhealthy", () => {
    expect(stageAfter(inFlight(BEGUN), 30, asked(500, running([OLD, 10], [NEW, 10])))).toMatchObject({
      kind: "measuring",
      verdict: { health: { arm: "stable", verdict: { kind: "unhealthy" } } },
    });
  });

  it("of one image is seen by twice the number of pods", () => {
    const other = { ...pod(OLD), template: templateOf(OTHER) };
    const alike = inFlight(BEGUN, {
      at: { release: { ...release(inFlight(BEGUN)), image: OLD, template: other.template } },
      manifest: { canary: other },
    });
    expect(stageAfter(alike, 30, asked(0, running([OLD, 10])))).toMatchObject({ why: { ready: 10, wanted: 20 } });
    expect(stageAfter(alike, 30, asked(0, running([OLD, 20])))).toMatchObject({ kind: "passed" });
  });

  it("is not taken to wait where the old version's pods have gone", () => {
    expect(stageAfter(inFlight(BEGUN), 30, asked(0, running([NEW, 10])))).toMatchObject({
      kind: "syncing",
      why: { kind: "pods", arm: "stable", ready: 0, image: OLD },
    });
  });
});

describe("a switch", () => {
  it("is seen when the old pods have gone", () => {
    const at = (pods: ReturnType<typeof running>) => stageAfter(inFlight(SWITCHED), 5, asked(0, pods, 10));
    expect(at(running([OLD, 10], [NEW, 10]))).toMatchObject({ why: { kind: "leaving", arm: "stable", pods: 10 } });
    expect(at(running([OLD, 10]))).toMatchObject({ why: { kind: "pods", ready: 0, image: NEW } });
    expect(at(running([NEW, 10]))).toMatchObject({ kind: "baking" });
  });

  it("passes by a proof since then alone, and by ready pods of the new version", () => {
    const of = inFlight(SWITCHED);
    expect(stageAfter(of, 30, asked(0, running([NEW, 10])))).toMatchObject({
      kind: "passed",
      word: { verdict: { readiness: { arm: "stable", image: NEW, ready: 10 } } },
    });
    // Two windows since the old pods went, whatever was asked before.
    const windows = [
      ...Array.from({ length: 58 }, () => running([OLD, 10], [NEW, 10])),
      running([NEW, 10]),
      running([NEW, 10]),
    ];
    const stage = stageOf(withPods(of, windows), of.changedAt + 30 * MINUTE, 0);
    expect(stage).toMatchObject({ kind: "baking" });
  });

  it("fails by what is asked from its commit on, seen or not", () => {
    for (const pods of [running([OLD, 10], [NEW, 10]), running([NEW, 10])])
      expect(stageAfter(inFlight(SWITCHED), 10, asked(300, pods, 20))).toMatchObject({
        kind: "failed",
        aborting: { by: "gate", reason: "stable fails more requests on the new version than is healthy" },
      });
  });

  it("goes on record with rest, as all promotions of Rollouts do", () => {
    const change = proposalOf(inFlight(SWITCHED), HEAD);
    const at = change?.state.targets.get(inFlight(SWITCHED).target);
    expect([change?.weight, at?.stable, at?.release]).toEqual([NO_WEIGHT, NEW, undefined]);
    expect(proposalOf(rolloutWaiting({ plan: PLAN, manifest: { blueGreen: true } }), HEAD)?.weight).toBe(NO_WEIGHT);
  });
});

describe("the way back of a blue/green Rollout", () => {
  const atOf = (change: ReturnType<typeof abortOf>) => change.state.targets.get(inFlight(BEGUN).target);

  it("before the switch leaves it closed, and gives the pod template back in the next commit", () => {
    const begun = inFlight(BEGUN);
    const change = abortOf(begun, HEAD, GATE, 0);
    expect([change.weight, change.canaryTemplate]).toEqual([NO_WEIGHT, undefined]);
    const falling = inFlight(BEGUN, { at: { release: { ...release(begun), aborting: GATE } } });
    expect(fallOf(falling, HEAD)?.change.canaryTemplate).toMatchObject({ kind: "asAt" });
    // Both colours have their pods: nothing tells what serves, and the record stays.
    const both = measured(falling, asked(0, running([NEW, 10]), 10));
    expect([settledOn(both), stageOf(both, both.changedAt + MINUTE, 0)]).toMatchObject([
      undefined,
      { unseen: undefined },
    ]);
  });

  it.each([
    ["the gate's", GATE, NEW],
    ["of what somebody landed under it", FOREIGN, OTHER],
  ])("after it gives back what stable had under an open switch, %s", (_, aborting, landed) => {
    const change = abortOf(inFlight(SWITCHED, { manifest: { canary: pod(landed) } }), HEAD, aborting, 0);
    expect(change.weight).toBe(WHOLE);
    expect(change.canaryTemplate).toMatchObject({
      kind: "asAt",
      aborted: { image: landed, template: templateOf(landed) },
    });
    expect(atOf(change)).toMatchObject({ weight: WHOLE, stable: OLD });
    expect(change.state.blocked).toHaveLength(aborting === FOREIGN ? 0 : 1);
  });

  it("closes the switch when nothing but the old version is left", () => {
    const falling = inFlight(SWITCHED, {
      at: { release: { ...release(inFlight(SWITCHED)), aborting: GATE } },
      manifest: { canary: pod(OLD) },
    });
    const unseen = (pods: ReturnType<typeof running>) => stageAfter(falling, 4, asked(0, pods, 8));
    expect(unseen(running([OLD, 10], [NEW, 10]))).toMatchObject({ unseen: { kind: "leaving" } });
    expect(unseen(running([OLD, 10]))).toMatchObject({ unseen: undefined });
    expect(fallOf(falling, HEAD)).toMatchObject({ kind: "lower", change: { weight: NO_WEIGHT } });
  });

  it("closes it at once where yet another version lands under it on the way, which stays", () => {
    const falling = inFlight(SWITCHED, {
      at: { release: { ...release(inFlight(SWITCHED)), aborting: FOREIGN } },
      manifest: { canary: pod(OTHER) },
    });
    expect(stageAfter(falling, 1, asked(0, running([OLD, 10]), 2))).toMatchObject({ unseen: undefined });
    expect(fallOf(falling, HEAD)).toMatchObject({
      kind: "lower",
      change: { weight: NO_WEIGHT, canaryTemplate: undefined },
    });
  });

  it("opens it where somebody has closed it, opened it, or switched behind git's back", () => {
    const closed = inFlight(SWITCHED, { manifest: { weight: NO_WEIGHT } });
    const opened = inFlight(BEGUN, { manifest: { weight: WHOLE } });
    const switched = measured(inFlight(BEGUN), asked(0, running([NEW, 10]), 4));
    for (const of of [closed, opened, switched]) expect(abortOf(of, HEAD, GATE, 0).weight).toBe(WHOLE);
    const waiting = measured(inFlight(BEGUN), asked(0, running([OLD, 10], [NEW, 10]), 4));
    expect(abortOf(waiting, HEAD, GATE, 0).weight).toBe(NO_WEIGHT);
  });

  it("closes it at once where nobody knows any more what stable had", () => {
    const change = abortOf(inFlight(SWITCHED, { beforePromotion: undefined }), HEAD, GATE, 0);
    expect([change.weight, change.canaryTemplate]).toEqual([NO_WEIGHT, undefined]);
  });
});

describe("a hand on the switch", () => {
  it("that opens it is followed, and one that closes it is not", () => {
    expect(divergence(inFlight(BEGUN, { manifest: { weight: WHOLE } }))).toMatchObject({
      kind: "raised",
      step: { kind: "promote" },
      what: "the Rollout's switch sends 100% to the canary, the state says 0%",
    });
    expect(divergence(inFlight(SWITCHED, { manifest: { weight: NO_WEIGHT } }))).toMatchObject({
      kind: "lowered",
      step: undefined,
    });
  });

  it.each([
    ["spec.strategy.blueGreen.autoPromotionEnabled", { blueGreen: true } as const, 0],
    ["spec.strategy.canary.steps", { blueGreen: true } as const, 1],
    ["spec.strategy.blueGreen.autoPromotionEnabled", {}, 1],
    ["spec.strategy.blueGreen.autoPromotionEnabled", undefined, 0],
  ])("is Tidegate's alone where it is claimed (%s, %j)", (at, manifest, missing) => {
    const powers = { owned: [], claims: [{ path: ROLLOUT.rollout, at }] };
    expect(trespassesOf(powers, { manifests: ROLLOUT }, manifest)).toHaveLength(missing);
  });
});

function release({ at }: Member) {
  if (at.release === undefined) throw new Error("A release is under way here.");
  return at.release;
}

/** The same traffic all the while, with other pods in each window. */
function withPods(of: Member, pods: readonly ReturnType<typeof running>[]): Member {
  const { timeline } = measured(of, asked(0, running([NEW, 10]), pods.length));
  if (timeline.kind === "unavailable") throw new Error("The windows are read here.");
  const value = timeline.value.map((window, index) => ({ ...window, pods: pods[index] ?? window.pods }));
  return { ...of, timeline: { ...timeline, value } };
}
