import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundsOf, nearest } from "../../../../src/sandbox/cluster/rollouts/replicas.ts";
import { lab, rollout, service, steps } from "../lab.ts";
import type { RolloutShape } from "../lab.ts";

// Argo Rollouts at 9f8d111, utils/replicaset/canary.go.
describe("nearest", () => {
  // approximateWeightedCanaryStableReplicaCounts, floorCeilingTied
  it.each([
    [10, 10, 1, { canary: 1, stable: 9 }],
    [10, 5, 1, { canary: 1, stable: 10 }],
    [10, 5, 0, { canary: 1, stable: 9 }],
    [1, 5, 1, { canary: 1, stable: 1 }],
    [1, 95, 1, { canary: 1, stable: 1 }],
    [1, 5, 0, { canary: 0, stable: 1 }],
    [4, 0, 1, { canary: 0, stable: 4 }],
    [4, 100, 1, { canary: 4, stable: 0 }],
    [3, 50, 0, { canary: 2, stable: 1 }],
    [3, 50, 1, { canary: 2, stable: 2 }],
    [0, 50, 1, { canary: 0, stable: 0 }],
    // Half a pod short of all, and no pod more: no pair is open to Argo's own code either, and it stays with none.
    [2, 75, 0, { canary: 0, stable: 2 }],
    [10, 95, 0, { canary: 0, stable: 10 }],
  ])("%d pods at %d %% with a surge of %d: %j", (replicas, weight, surge, expected) => {
    expect(nearest(replicas, weight, surge)).toEqual(expected);
  });

  it("never leaves a side empty in between, and is off by no more than one pod", () => {
    const shape = fc.tuple(
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 1, max: 99 }),
      fc.integer({ min: 0, max: 3 }),
    );
    const isHalfShort = (replicas: number, weight: number) => 2 * replicas * (100 - weight) === 100;
    fc.assert(
      fc.property(shape, ([replicas, weight, surge]) => {
        fc.pre(surge > 0 || !isHalfShort(replicas, weight));
        const { canary, stable } = nearest(replicas, weight, surge);
        expect(Math.min(canary, stable)).toBeGreaterThanOrEqual(1);
        expect(canary + stable).toBeLessThanOrEqual(replicas + Math.min(1, surge));
        expect(Math.abs((100 * canary) / (canary + stable) - weight)).toBeLessThanOrEqual(100 / replicas);
      }),
    );
  });
});

describe("boundsOf", () => {
  // utils/replicaset/replicaset.go MaxSurge, MaxUnavailable, resolveFenceposts
  it.each([
    [10, "25%", "25%", { surge: 3, unavailable: 2 }],
    [10, "2", "1", { surge: 1, unavailable: 0 }],
    [2, "0", "25%", { surge: 0, unavailable: 1 }],
    [0, "25%", "25%", { surge: 0, unavailable: 0 }],
  ])("%d pods, surge %s, unavailable %s: %j", (replicas, surge, missing, expected) => {
    const amount = (text: string) => ({ value: Number.parseInt(text, 10), unit: "percent" as const });
    const shape = { replicas, maxSurge: amount(surge), maxUnavailable: amount(missing) };
    expect(boundsOf(shape)).toEqual(expected);
  });
});

const byRatio = (shape: RolloutShape) => `${service("checkout")}---${rollout({ steps: steps(0, 0), ...shape })}`;

/** Runs a Rollout without a router through versions and steps, ten seconds each, and tells what pods there were at each moment. */
async function run(first: RolloutShape, shapes: readonly RolloutShape[], settings: Parameters<typeof lab>[1] = {}) {
  const world = lab(byRatio(first), settings);
  const seen: { readonly ready: number; readonly total: number }[] = [];
  await world.to(0);
  await world.to(10);
  for (const shape of shapes) {
    world.commit(byRatio({ ...first, ...shape }));
    for (let step = 0; step < 100; step += 1) {
      await world.after(0.1);
      const pods = world.cluster.snapshot().routes.flatMap(({ backends }) => backends.flatMap((one) => one.pods));
      seen.push({
        ready: pods.reduce((sum, one) => sum + one.ready, 0),
        total: pods.reduce((sum, one) => sum + one.total, 0),
      });
    }
  }
  return { ...world, seen };
}

describe("a Rollout without a router", () => {
  // CalculateReplicaCountsForBasicCanary; utils/replicaset/canary.go AtDesiredReplicaCountsForCanary
  it("goes up by the ratio of its pods, and to its end", async () => {
    const world = await run({}, [
      { version: "2" },
      { version: "2", steps: steps(0, 25) },
      { version: "2", steps: steps(25, 50) },
      { version: "2", steps: "[{ setWeight: 50 }, { setWeight: 100 }, { pause: { duration: 1s } }]" },
      { version: "2" },
    ]);
    const settled = [0, 25, 50, 100, 0];
    expect(world.path("checkout").filter((share) => settled.includes(share))).toEqual(settled);
    expect(world.rollout()).toMatchObject({ stable: "r/checkout:2", phase: "Completed", weight: undefined });
    expect(world.cluster.snapshot().routes).toMatchObject([
      { kind: "Service", backends: [{ service: "stable", weight: 100, pods: [{ image: "r/checkout:2", ready: 4 }] }] },
    ]);
  });

  it("stays within its surge, and with enough pods ready, up and down", async () => {
    const world = await run({ replicas: 10 }, [
      { version: "2", steps: steps(0, 30) },
      { version: "2", steps: steps(30, 80) },
      { version: "2", steps: steps(80, 10) },
      { version: "1" },
    ]);
    expect(Math.max(...world.seen.map(({ total }) => total))).toBeLessThanOrEqual(13);
    expect(Math.min(...world.seen.map(({ ready }) => ready))).toBeGreaterThanOrEqual(8);
    expect(world.path("checkout").at(-1)).toBe(0);
  });

  it("gives its canary no traffic while none of its pods is ready", async () => {
    const faults = new Map([["r/checkout:2", { kind: "neverReady" } as const]]);
    const world = await run({}, [{ version: "2", steps: steps(0, 50) }], { faults });
    expect(world.path("checkout")).toEqual([0]);
    expect(world.rollout()).toMatchObject({ step: 1 });
  });

  // rollout/replicaset.go cleanupUnhealthyReplicas, rollout/canary.go scaleDownOldReplicaSetsForCanary
  it("takes away a version that was given up on its way before anything else", async () => {
    const world = await run({}, [
      { version: "2", steps: steps(0, 50) },
      { version: "3", steps: steps(0, 50) },
    ]);
    const [route] = world.cluster.snapshot().routes;
    expect(route?.backends.filter(({ pods }) => pods.length > 0).map(({ service: arm }) => arm)).toEqual([
      "stable",
      "canary",
    ]);
    expect(world.values('kube_pod_container_info{image_spec="r/checkout:2"}')).toEqual([]);
  });
});
