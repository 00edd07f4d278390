import { describe, expect, it } from "vitest";
import { CLUSTER_PACE, syntheticCluster } from "../../../src/sandbox/cluster/cluster.ts";
import type { Cluster } from "../../../src/sandbox/cluster/cluster.ts";
import { evaluateAt } from "../../../src/sandbox/cluster/evaluate.ts";
import type { Head } from "../../../src/sandbox/cluster/head.ts";
import type { ClusterSettings } from "../../../src/sandbox/cluster/settings.ts";
import { selectorOf } from "../../../src/sandbox/cluster/selector.ts";

const NOON = 1_767_268_800_000;

type Intent = { readonly image?: string; readonly replicas?: number; readonly weight?: number };

const deployment = (name: string, image: string, replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: app, image: "${image}" }] }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} } }
`;

const manifests = ({
  image = "r/shop:1",
  replicas = 0,
  weight = 0,
}: Intent) => `${deployment("shop", "r/shop:1", 4)}---${deployment("shop-canary", image, replicas)}---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec:
  rules:
    - backendRefs: [{ name: shop, weight: ${100 - weight} }, { name: shop-canary, weight: ${weight} }]
`;

const headOf = (intent: Intent): Head => ({
  sha: JSON.stringify(intent),
  files: new Map([["apps/shop/all.yaml", manifests(intent)]]),
});

/** A cluster born at noon, whose git is a value: pods are ready 1 s after their creation, commits are applied between 0.5 s and 1 s after they land. */
function world(changes: Partial<ClusterSettings> = {}) {
  let head = headOf({});
  const cluster = syntheticCluster({
    ...CLUSTER_PACE,
    seed: "test",
    head: () => Promise.resolve(head),
    traffic: () => ({ requestsPerSecond: 100, errorRate: 0.1 }),
    faults: new Map(),
    ...changes,
  });
  return {
    cluster,
    commit: (intent: Intent) => {
      head = headOf(intent);
    },
    after: async (seconds: number) => {
      await cluster.tick(NOON);
      await cluster.tick(NOON + seconds * 1_000);
      return cluster.snapshot();
    },
  };
}

const valuesOf = ({ series }: Cluster, query: string, seconds: number) =>
  evaluateAt(series, selectorOf(query), NOON + seconds * 1_000).result.flatMap((one) =>
    "value" in one ? [Number(one.value[1])] : [],
  );

const total = (cluster: Cluster, query: string, seconds: number) =>
  valuesOf(cluster, query, seconds).reduce((sum, one) => sum + one, 0);

describe("syntheticCluster", () => {
  it("runs nothing before the first sync, then what git says", async () => {
    const { after } = world();
    expect(await after(0)).toMatchObject({ revision: undefined, routes: [] });
    expect(await after(0.4)).toMatchObject({ revision: undefined });
    expect(await after(0.5)).toMatchObject({ revision: "{}" });
    expect((await after(2)).routes).toMatchObject([
      {
        namespace: "shop",
        name: "shop",
        backends: [
          { service: "shop", weight: 100, replicas: 4, pods: [{ image: "r/shop:1", ready: 4, total: 4 }] },
          { service: "shop-canary", weight: 0, replicas: 0, pods: [] },
        ],
      },
    ]);
  });

  it("follows a release: replicas, weight, image, rest", async () => {
    const { cluster, commit, after } = world();
    await after(5);
    commit({ image: "r/shop:2", replicas: 2 });
    await after(10);
    commit({ image: "r/shop:2", replicas: 2, weight: 25 });
    await after(20);
    commit({});
    await after(25);
    const story = cluster
      .changes()
      .map(({ at, weights, images }) => [(at - NOON) / 1_000, weights["shop-canary"], images["shop-canary"]]);
    expect(story).toEqual([
      [0.5, 0, []],
      [1.5, 0, []],
      [7, 0, ["r/shop:2"]],
      [11, 25, ["r/shop:2"]],
      [21, 0, []],
    ]);
  });

  it("serves counters that only the asked pods have, by code", async () => {
    const { cluster, commit, after } = world();
    commit({ replicas: 1, weight: 50 });
    await after(60);
    const of = (service: string, more = "") =>
      total(
        cluster,
        `istio_requests_total{reporter="destination",destination_service_namespace="shop",destination_service_name="${service}"${more}}`,
        60,
      );
    expect(of("shop") + of("shop-canary")).toBeGreaterThan(5_500);
    expect(of("shop-canary") / of("shop")).toBeCloseTo(1, 0.5);
    expect(of("shop", ',response_code=~"5.."') / of("shop")).toBeCloseTo(0.1, 1.5);
    expect(
      valuesOf(cluster, 'istio_requests_total{destination_workload="shop-canary",pod=~"shop-canary-.+"}', 60),
    ).toHaveLength(2);
  });

  it("serves kube-state metrics", async () => {
    const { cluster, commit, after } = world();
    await after(5);
    commit({ image: "r/shop:2", replicas: 3 });
    await after(6.5);
    const one = (query: string, seconds: number) => valuesOf(cluster, query, seconds);
    const canary = '{namespace="shop",deployment="shop-canary"}';
    expect(one(`kube_deployment_spec_replicas${canary}`, 6.5)).toEqual([3]);
    expect(one(`kube_deployment_status_replicas_ready${canary}`, 6.5)).toEqual([0]);
    expect(one(`kube_deployment_metadata_generation${canary}`, 6.5)).toEqual([2]);
    await after(10);
    expect(one(`kube_deployment_status_replicas_ready${canary}`, 10)).toEqual([3]);
    expect(one(`kube_deployment_status_replicas_updated${canary}`, 10)).toEqual([3]);
    expect(one(`kube_deployment_status_observed_generation${canary}`, 10)).toEqual([2]);
    expect(one('kube_pod_container_info{container="app",image_spec="r/shop:2"}', 10)).toEqual([1, 1, 1]);
    expect(one('kube_pod_status_ready{condition="true",pod=~"shop-canary-.*"}', 10)).toEqual([1, 1, 1]);
    expect(one('kube_pod_status_ready{condition="false",pod=~"shop-canary-.*"}', 10)).toEqual([0, 0, 0]);
    expect(one("up", 10)).toEqual([1, 1]);
  });

  it("ends the series of a pod that is gone", async () => {
    const { cluster, commit, after } = world();
    commit({ replicas: 2, weight: 50 });
    await after(10);
    expect(valuesOf(cluster, 'istio_requests_total{destination_workload="shop-canary"}', 10)).toHaveLength(4);
    commit({});
    await after(12);
    expect(valuesOf(cluster, 'istio_requests_total{destination_workload="shop-canary"}', 12)).toEqual([]);
    expect(valuesOf(cluster, 'kube_pod_container_info{pod=~"shop-canary-.*"}', 12)).toEqual([]);
  });

  it("lets a version that is never ready leave its share unanswered", async () => {
    const { commit, after } = world({ faults: new Map([["r/shop:bad", { kind: "neverReady" }]]) });
    commit({ image: "r/shop:bad", replicas: 2, weight: 20 });
    const before = (await after(10)).routes[0]?.unanswered ?? 0;
    const { routes } = await after(110);
    expect(routes[0]?.backends[1]?.pods).toEqual([{ image: "r/shop:bad", ready: 0, total: 2 }]);
    expect(((routes[0]?.unanswered ?? 0) - before) / 10_000).toBeCloseTo(0.2, 1.5);
  });

  it("keeps what it ran when a commit is broken, and says why", async () => {
    let text = manifests({});
    const { cluster } = world({
      head: () => Promise.resolve({ sha: text, files: new Map([["apps/shop/all.yaml", text]]) }),
    });
    await cluster.tick(NOON);
    await cluster.tick(NOON + 5_000);
    text = "a: [";
    await cluster.tick(NOON + 10_000);
    const { routes, problems } = cluster.snapshot();
    expect(routes[0]?.backends[0]?.pods).toEqual([{ image: "r/shop:1", ready: 4, total: 4 }]);
    expect([...problems.keys()]).toEqual(["apps/shop"]);
  });

  it("is the same for the same seed and history, however it is ticked", async () => {
    const samples = async (seed: string, ticks: readonly number[]) => {
      const { cluster, commit, after } = world({ seed });
      commit({ replicas: 2, weight: 25 });
      for (const seconds of ticks) await after(seconds);
      return [...cluster.series.series(undefined)].map(({ labels, times, values }) => ({ labels, times, values }));
    };
    const often = Array.from({ length: 101 }, (_, index) => index / 5);
    expect(await samples("a", [0, 20])).toEqual(await samples("a", often));
    expect(await samples("a", [0, 20])).not.toEqual(await samples("b", [0, 20]));
  });

  it("lives by a clock until it is stopped", async () => {
    const { cluster } = world();
    let now = NOON;
    const running = cluster.start(
      {
        now: () => now,
        sleep: (ms) => {
          now += ms;
          return Promise.resolve();
        },
      },
      200,
    );
    while (cluster.snapshot().at < NOON + 5_000) await Promise.resolve();
    await running.stop();
    const { at } = cluster.snapshot();
    await Promise.resolve();
    expect(cluster.snapshot().at).toBe(at);
  });
});
