import { describe, expect, it } from "vitest";
import { BESIDE_ROLLOUTS } from "../../../../src/sandbox/cluster/application.ts";
import { GATEWAY, SERVICES, deployment, httpRoute, lab, rollout, steps } from "../lab.ts";

// Argo Rollouts at 9f8d111.
type Shape = {
  readonly version?: string;
  readonly replicas?: number;
  readonly scaleDown?: string;
  readonly list?: string;
};

const text = ({ version = "1", replicas = 0, scaleDown = "never", list = steps(0, 0) }: Shape, isNew = true) =>
  [
    SERVICES,
    httpRoute(),
    deployment(version, replicas),
    ...(isNew
      ? [
          rollout({
            steps: list,
            routing: GATEWAY,
            ref: `{ apiVersion: apps/v1, kind: Deployment, name: checkout, scaleDown: ${scaleDown} }`,
          }),
        ]
      : []),
  ].join("\n---\n");

describe("a Rollout that has its template from a Deployment", () => {
  // rollout/templateref.go Resolve
  it("follows the Deployment's template, with the Deployment at 0", async () => {
    const world = lab(text({}), { policy: () => BESIDE_ROLLOUTS });
    await world.to(0);
    await world.to(10);
    expect(world.rollout()).toMatchObject({ phase: "Completed", stable: "r/checkout:1" });
    world.commit(text({ version: "2" }));
    await world.after(10);
    world.commit(text({ version: "2", list: steps(0, 25) }));
    await world.after(10);
    expect(world.rollout()).toMatchObject({ current: "r/checkout:2", stable: "r/checkout:1", weight: 25 });
    expect(world.path("checkout")).toEqual([0, 25]);
    expect(world.values('kube_deployment_status_replicas{deployment="checkout"}')).toEqual([0]);
  });

  it("is refused where the Deployment is not there", async () => {
    const world = lab(text({}).replace("kind: Deployment, name: checkout", "kind: Deployment, name: gone"));
    await world.to(0);
    await world.to(10);
    expect(world.rollout()).toMatchObject({ phase: "InvalidSpec" });
  });

  // rollout/sync.go promoteStable, rollout/replicaset.go reconcileNewReplicaSet, rollout/scale_utils.go scaleDeployment
  it.each([
    ["never", 4, 4],
    ["onsuccess", 0, 4],
    ["progressively", 0, 4],
  ])("leaves or scales down the Deployment as it takes over: %s", async (scaleDown, left, least) => {
    const world = lab(text({ replicas: 4 }, false));
    await world.to(0);
    await world.to(10);
    world.commit(text({ replicas: 4, scaleDown }));
    const ready: number[] = [];
    for (let step = 0; step < 100; step += 1) {
      await world.after(0.1);
      ready.push(
        ...world.cluster
          .snapshot()
          .routes.slice(0, 1)
          .map(({ backends }) => backends[0]?.pods[0]?.ready ?? 0),
      );
    }
    expect(world.rollout()?.phase).toBe("Completed");
    expect(world.cluster.object("Deployment", { namespace: "shop", name: "checkout" })).toMatchObject({
      spec: { replicas: left },
    });
    expect(Math.min(...ready)).toBeGreaterThanOrEqual(least);
  });

  // util of Argo CD: a field that git names is put back when the application heals itself
  it("loses its peace where git names the Deployment's replicas and the application heals itself", async () => {
    const world = lab(text({ replicas: 4, scaleDown: "onsuccess" }), { policy: () => ({ selfHeal: "on" }) });
    await world.to(0);
    await world.to(20);
    const places = { namespace: "shop", name: "checkout" };
    const seen = new Set<string>();
    for (let step = 0; step < 300; step += 1) {
      await world.after(0.1);
      seen.add(JSON.stringify(world.cluster.object("Deployment", places)?.["spec"]).slice(0, 14));
    }
    expect([...seen].toSorted()).toEqual(['{"replicas":0,', '{"replicas":4,']);
  });
});
