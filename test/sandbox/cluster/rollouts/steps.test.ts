import { describe, expect, it } from "vitest";
import { BESIDE_ROLLOUTS } from "../../../../src/sandbox/cluster/application.ts";
import { lab, routed, steps } from "../lab.ts";
import type { RolloutShape } from "../lab.ts";

// Argo Rollouts at 9f8d111. Each case names the file and the function that it follows.
const PROMOTION = "[{ setWeight: 50 }, { setWeight: 100 }, { pause: { duration: 1s } }]";

/** A Rollout of version 1 at rest behind the Gateway API, ten seconds old. */
async function atRest(shape: RolloutShape = {}, settings: Parameters<typeof lab>[1] = {}) {
  const world = lab(routed({ steps: steps(0, 0), ...shape }), { policy: () => BESIDE_ROLLOUTS, ...settings });
  await world.to(0);
  await world.to(10);
  const commit = async (next: RolloutShape, seconds = 10) => {
    world.commit(routed({ steps: steps(0, 0), ...shape, ...next }));
    await world.after(seconds);
  };
  return { ...world, push: world.commit, commit };
}

describe("the first deploy", () => {
  // rollout/sync.go shouldFullPromote ("Initial deploy"), promoteStable
  it("runs at once at full size, without its steps", async () => {
    const world = await atRest({ steps: steps(0, 50) });
    expect(world.rollout()).toMatchObject({ step: 3, steps: 3, phase: "Completed", stable: "r/checkout:1", weight: 0 });
    expect(world.path("checkout")).toEqual([0]);
  });

  // rollout/trafficrouting.go checkReplicasAvailable: without enough stable pods nothing is written
  it("writes no weight before stable's pods are ready", async () => {
    const world = lab(routed({ steps: steps(0, 0) }).replace("weight: 0", "weight: 7"));
    await world.to(0);
    await world.to(0.9);
    expect(world.path("checkout")).toEqual([7 / 1.07].map((share) => Math.round(share * 10) / 10));
    await world.to(5);
    expect(world.path("checkout").at(-1)).toBe(0);
  });
});

describe("a new version", () => {
  // rollout/canary.go syncRolloutStatusCanary, utils/replicaset/replicaset.go PodTemplateOrStepsChanged, ResetCurrentStepIndex
  it("begins at the first step, and at weight 0 makes no pods and waits at the pause", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    expect(world.rollout()).toMatchObject({
      step: 2,
      phase: "Paused",
      current: "r/checkout:2",
      stable: "r/checkout:1",
    });
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:2"}')).toEqual([]);
    await world.after(300);
    expect(world.rollout()).toMatchObject({ step: 2, phase: "Paused" });
  });

  // rollout/trafficrouting.go reconcileTrafficRouting (newRS without available replicas), utils/replicaset/canary.go AtDesiredReplicaCountsForCanary
  it("gets no weight before its pods are ready", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", steps: steps(0, 25) });
    const [, at = 0] = world.shares("checkout").map(([time]) => time);
    expect(world.path("checkout")).toEqual([0, 25]);
    expect(at).toBeGreaterThanOrEqual(21);
    expect(at).toBeLessThan(22);
  });

  it("never gets any when it is never ready", async () => {
    const more = "  progressDeadlineSeconds: 90\n";
    const world = await atRest({ more }, { faults: new Map([["r/checkout:2", { kind: "neverReady" }]]) });
    await world.commit({ version: "2", steps: steps(0, 25) }, 60);
    expect(world.rollout()).toMatchObject({ step: 1, phase: "Progressing" });
    expect(world.path("checkout")).toEqual([0]);
    // rollout/sync.go calculateRolloutConditions, utils/conditions/conditions.go RolloutTimedOut (ten minutes by default)
    await world.after(60);
    expect(world.rollout()?.phase).toBe("Timeout");
  });

  // rollout/canary.go syncRolloutStatusCanary: another version resets the index although the old one has weight
  it("that comes in flight runs straight to the committed weight of the step", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", steps: steps(0, 25) });
    await world.commit({ version: "3", steps: steps(0, 25) });
    expect(world.path("checkout")).toEqual([0, 25, 0, 25]);
    expect(world.rollout()).toMatchObject({ current: "r/checkout:3", stable: "r/checkout:1", step: 2 });
  });
});

describe("other steps", () => {
  // utils/conditions/conditions.go ComputeStepHash, utils/replicaset/replicaset.go checkStepHashChange
  it("begin at index 0 again; with the live weight first, the canary keeps it until the next one's pods are ready", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    for (const [from, to] of [
      [0, 5],
      [5, 25],
      [25, 50],
    ] as const)
      await world.commit({ version: "2", steps: steps(from, to) });
    expect(world.path("checkout")).toEqual([0, 5, 25, 50]);
  });

  // rollout/trafficrouting.go reconcileTrafficRouting: the weight of an earlier step of the list, else 0
  it("without the live weight first let the canary fall to 0 until its pods are ready", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", steps: steps(0, 25) });
    await world.commit({ version: "2", steps: "[{ setWeight: 50 }, { pause: {} }]" });
    expect(world.path("checkout")).toEqual([0, 25, 0, 50]);
  });

  // rollout/trafficrouting.go reconcileTrafficRouting at index 0: nothing stands before the first weight
  it("that are edited while the canary's pods are off target dip to 0, and no further than back", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", steps: steps(0, 25) });
    await world.commit({ version: "2", steps: steps(25, 50) }, 0.5);
    await world.commit({ version: "2", steps: steps(25, 75) });
    expect(world.path("checkout")).toEqual([0, 25, 0, 25, 75]);
  });

  it("that say the same in other words are the same", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    const before = world.rollout();
    await world.commit({ version: "2", steps: "[ {setWeight: 0},  {setWeight: 0}, {pause: { }} ]" }, 0.3);
    expect(world.rollout()).toEqual(before);
  });
});

describe("the end", () => {
  // rollout/canary.go completedCurrentCanaryStep, rollout/pause.go CompletedCanaryPauseStep; rollout/sync.go promoteStable
  it("comes after a pause with a duration: the new version is stable, canary's weight is 0, and all pods are new", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", steps: steps(0, 50) });
    await world.commit({ version: "2", steps: PROMOTION });
    expect(world.path("checkout")).toEqual([0, 50, 100, 0]);
    expect(world.rollout()).toMatchObject({ stable: "r/checkout:2", step: 3 });
    await world.commit({ version: "2" });
    expect(world.rollout()).toMatchObject({ stable: "r/checkout:2", step: 3 });
    expect(world.path("checkout")).toEqual([0, 50, 100, 0]);
  });

  it("waits at 100 % for as long as the pause says", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", steps: PROMOTION.replace("1s", "1m30s") }, 200);
    const [, , full = [], end = []] = world.shares("checkout");
    expect([full[1], end[1]]).toEqual([100, 0]);
    expect((end[0] ?? 0) - (full[0] ?? 0)).toBeCloseTo(90, 0);
  });

  // rollout/replicaset.go scaleDownDelayHelper, utils/defaults/defaults.go GetScaleDownDelaySecondsOrDefault
  it.each([
    ["30 s by default", "", 29, 31],
    ["as long as it says", "scaleDownDelaySeconds: 5, ", 4, 6],
  ])("leaves the old pods for a while: %s", async (_, canary, still, gone) => {
    const world = await atRest({ canary });
    const old = () => world.values('kube_pod_container_info{image_spec="r/checkout:1"}').length;
    await world.commit({ version: "2", steps: PROMOTION }, 0);
    while (world.rollout()?.stable !== "r/checkout:2") await world.after(0.1);
    await world.after(still);
    expect([old(), world.rollout()?.phase]).toEqual([4, "Progressing"]);
    await world.after(gone - still + 1);
    expect([old(), world.rollout()?.phase]).toEqual([0, "Completed"]);
  });
});

describe("going back to stable", () => {
  // rollout/canary.go syncRolloutStatusCanary ("Rollback to stable ReplicaSets"), rollout/sync.go isFastRollback
  it("skips the steps, takes the weight away at once, and the canary's pods after the delay", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", steps: steps(0, 25) });
    await world.commit({ version: "1", steps: steps(0, 25) }, 1);
    expect(world.path("checkout")).toEqual([0, 25, 0]);
    expect(world.rollout()).toMatchObject({ step: 3, current: "r/checkout:1", stable: "r/checkout:1" });
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:2"}')).toHaveLength(1);
    await world.after(35);
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:2"}')).toHaveLength(0);
  });

  // The abort that only edits the steps: the version stays, its weight goes.
  it("by the steps of a rest takes the weight and then the pods of the canary", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", steps: steps(0, 25) });
    await world.commit({ version: "2" });
    expect(world.path("checkout")).toEqual([0, 25, 0]);
    expect(world.rollout()).toMatchObject({ step: 2, current: "r/checkout:2", stable: "r/checkout:1" });
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:2"}')).toEqual([]);
  });
});

describe("scale", () => {
  // utils/replicaset/canary.go UseSetCanaryScale, CalculateReplicaCountsForTrafficRoutedCanary, trafficWeightToReplicas (rounds up)
  it.each([
    ["of the weight, rounded up", "[{ setWeight: 30 }, { pause: {} }]", 2],
    ["as a number", "[{ setCanaryScale: { replicas: 3 } }, { setWeight: 5 }, { pause: {} }]", 3],
    ["as a weight", "[{ setCanaryScale: { weight: 75 } }, { setWeight: 5 }, { pause: {} }]", 3],
    [
      "of the weight again",
      "[{ setCanaryScale: { replicas: 3 } }, { setWeight: 5 }, { setCanaryScale: { matchTrafficWeight: true } }, { pause: {} }]",
      1,
    ],
  ])("of the canary: %s", async (_, list, expected) => {
    const world = await atRest();
    await world.commit({ version: "2", steps: list }, 60);
    expect(world.rollout()).toMatchObject({ phase: "Paused" });
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:2"}')).toHaveLength(expected);
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:1"}')).toHaveLength(4);
  });

  // rollout/sync.go isScalingEvent, syncReplicasOnly
  it("of the whole in flight leaves the weight", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", steps: steps(0, 25) });
    await world.commit({ version: "2", steps: steps(0, 25), replicas: 8 });
    expect(world.path("checkout")).toEqual([0, 25]);
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:1"}')).toHaveLength(8);
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:2"}')).toHaveLength(2);
  });
});

describe("a Rollout that is told to pause", () => {
  // rollout/context.go haltProgress, rollout/canary.go completedCurrentCanaryStep
  it("does no step and scales nothing", async () => {
    const world = await atRest();
    await world.commit({ version: "2", steps: steps(0, 25), more: "  paused: true\n" }, 30);
    expect(world.rollout()).toMatchObject({ step: 0, phase: "Paused" });
    expect(world.path("checkout")).toEqual([0]);
  });

  // rollout/sync.go checkPausedConditions: not once stable is the current version
  it("says that it is complete all the same, where it has nothing to do", async () => {
    const world = await atRest();
    await world.commit({ more: "  paused: true\n" }, 30);
    expect(world.rollout()?.phase).toBe("Completed");
  });
});

describe("what the controller refuses", () => {
  // pkg/apis/rollouts/validation (ValidateRolloutStrategyCanary, ValidateRolloutReferencedResources)
  it.each([
    [
      "one Service for both",
      (text: string) => text.replace("stableService: checkout,", "stableService: checkout-canary,"),
    ],
    ["a weight above 100", (text: string) => text.replace("setWeight: 0", "setWeight: 101")],
    ["a route that is not there", (text: string) => text.replace("httpRoute: checkout", "httpRoute: gone")],
  ])("%s leaves everything as it was", async (_, broken) => {
    const world = await atRest();
    world.push(broken(routed({ version: "2", steps: steps(0, 0) })));
    await world.after(10);
    expect(world.rollout()).toMatchObject({ phase: "InvalidSpec", stable: "r/checkout:1" });
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:1"}')).toHaveLength(4);
    // controller/metrics/rollouts.go calculatePhase, collectRollouts: the older metric has no such phase
    expect(world.values('rollout_info{name="checkout",phase="InvalidSpec"}')).toEqual([1]);
    expect(world.values('rollout_phase{name="checkout"}').filter((value) => value === 1)).toEqual([]);
  });
});
