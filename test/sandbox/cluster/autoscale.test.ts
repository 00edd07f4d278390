import { describe, expect, it } from "vitest";
import { replicasFor } from "../../../src/sandbox/cluster/autoscale.ts";
import type { Pod } from "../../../src/sandbox/cluster/pod.ts";
import { BESIDE_ROLLOUTS } from "../../../src/sandbox/cluster/application.ts";
import { SERVICES, deployment, httpRoute, lab, routed, steps } from "./lab.ts";

// Kubernetes, pkg/controller/podautoscaler/replica_calculator.go GetResourceReplicas and horizontal.go reconcileAutoscaler.
const autoscaler = (kind: string, min = 2, max = 10) => `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: checkout, namespace: shop }
spec:
  scaleTargetRef: { apiVersion: x/v1, kind: ${kind}, name: checkout }
  minReplicas: ${min}
  maxReplicas: ${max}
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 50 } } }]
`;

const pods = (count: number): readonly Pod[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `p${index}`,
    uid: `p${index}`,
    namespace: "shop",
    workload: "checkout",
    template: { hash: "a", labels: {}, containers: [] },
    readyAt: 0,
  }));

describe("replicasFor", () => {
  const one = {
    kind: "HorizontalPodAutoscaler" as const,
    namespace: "shop",
    name: "checkout",
    target: { kind: "Deployment" as const, name: "checkout" },
    min: 2,
    max: 10,
    utilisation: 50,
  };

  it.each([
    ["as much as it should be", 4, 50, 4],
    ["a little more: no reason", 4, 54, 4],
    ["more", 4, 80, 7],
    ["less", 4, 20, 2],
    ["far more than it may grow", 4, 200, 10],
    ["nothing at all", 4, 0, 2],
    ["no pod ready", 0, 0, 4],
  ])("used by %s: %d pods at %d requests each become %d", (_, count, each, expected) => {
    const all = pods(count);
    const requests = new Map(all.map(({ uid }) => [uid, each]));
    expect(replicasFor(one, 4, { pods: all, requests, capacity: 100 })).toBe(expected);
  });
});

describe("an autoscaler", () => {
  const busy = (rate: () => number) => ({
    traffic: () => ({ requestsPerSecond: rate(), errorRate: 0 }),
    podCapacity: 100,
    policy: () => ({ ...BESIDE_ROLLOUTS, selfHeal: "on" as const }),
  });
  const wanted = 'kube_deployment_spec_replicas{deployment="checkout"}';

  it("scales a Deployment up and down, past an application that heals itself, where git names no replicas", async () => {
    let rate = 300;
    const text = [SERVICES, httpRoute(), deployment("1", undefined), autoscaler("Deployment")].join("\n---\n");
    const world = lab(
      text,
      busy(() => rate),
    );
    await world.to(0);
    await world.to(60);
    expect(world.values(wanted)).toEqual([6]);
    rate = 100;
    await world.after(60);
    expect(world.values(wanted)).toEqual([2]);
  });

  it("is undone by every commit where git names them", async () => {
    const text = (version: string) =>
      [SERVICES, httpRoute(), deployment(version, 3), autoscaler("Deployment")].join("\n---\n");
    const world = lab(text("1"), { ...busy(() => 300), policy: () => ({}) });
    await world.to(0);
    await world.to(40);
    expect(world.values(wanted)).toEqual([6]);
    world.commit(text("2"));
    await world.after(1);
    expect(world.values(wanted)).toEqual([3]);
  });

  it("leaves a Deployment at 0 alone", async () => {
    const world = lab(
      [SERVICES, httpRoute(), deployment("1", 0), autoscaler("Deployment")].join("\n---\n"),
      busy(() => 300),
    );
    await world.to(0);
    await world.to(40);
    expect(world.values(wanted)).toEqual([0]);
  });

  it("scales a Rollout whole, in flight too, without moving the canary's weight", async () => {
    let rate = 200;
    const text = (version: string, to: number) =>
      [routed({ replicas: undefined, version, steps: steps(0, to) }), autoscaler("Rollout")].join("\n---\n");
    const world = lab(
      text("1", 0),
      busy(() => rate),
    );
    await world.to(0);
    await world.to(60);
    world.commit(text("2", 25));
    await world.after(30);
    rate = 400;
    await world.after(60);
    expect(world.path("checkout")).toEqual([0, 25]);
    expect(world.values('rollout_info_replicas_desired{name="checkout"}')).toEqual([8]);
  });
});
