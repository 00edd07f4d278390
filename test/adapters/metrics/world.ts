import { prometheusMetrics } from "../../../src/adapters/metrics/prometheus.ts";
import { name } from "../../../src/core/names.ts";
import type { Reading } from "../../../src/core/reading.ts";
import type { Window } from "../../../src/core/window.ts";
import { DEFAULT_PROMETHEUS } from "../../../src/ports/metrics.ts";
import type { Metrics, PrometheusSettings, TimelineQuestion } from "../../../src/ports/metrics.ts";
import { CLUSTER_PACE, syntheticCluster } from "../../../src/sandbox/cluster/cluster.ts";
import type { Cluster } from "../../../src/sandbox/cluster/cluster.ts";

/** 2026-01-01T00:00:00Z: a multiple of every window. */
export const BIRTH = 1_767_225_600_000;

export const SECOND = 1_000;

type Intent = { readonly stable: string; readonly canary: string; readonly replicas: number; readonly weight: number };

/** A canary that comes up after 30 s, gets a quarter of the traffic at 60 s, and a stable that takes its version at 120 s; 180 s in all. */
export async function livedCluster(): Promise<Cluster> {
  let intent: Intent = { stable: "r/checkout:1", canary: "r/checkout:2", replicas: 0, weight: 0 };
  const cluster = syntheticCluster({
    ...CLUSTER_PACE,
    scrapeMs: SECOND,
    seed: "contract",
    head: () =>
      Promise.resolve({ sha: JSON.stringify(intent), files: new Map([["apps/checkout/all.yaml", manifests(intent)]]) }),
    traffic: () => ({ requestsPerSecond: 80, errorRate: 0.05 }),
    faults: new Map(),
    took: { medianMs: 40, deviation: 0.8 },
  });
  const until = async (seconds: number, next: Intent) => {
    await cluster.tick(BIRTH + seconds * SECOND);
    intent = next;
  };
  await cluster.tick(BIRTH);
  await until(30, { ...intent, replicas: 2 });
  await until(60, { ...intent, replicas: 2, weight: 25 });
  await until(120, { ...intent, stable: "r/checkout:2", replicas: 2, weight: 25 });
  await cluster.tick(BIRTH + 180 * SECOND);
  return cluster;
}

export function question(changes: Partial<TimelineQuestion> = {}): TimelineQuestion {
  return {
    service: name("checkout"),
    namespace: name("shop"),
    arms: { canary: name("checkout-canary"), stable: name("checkout"), by: "service" },
    workloads: { canary: name("checkout-canary"), stable: name("checkout") },
    container: name("app"),
    from: BIRTH,
    to: BIRTH + 120 * SECOND,
    windowMs: 10 * SECOND,
    ...changes,
  };
}

/** The one reading of one question. */
export async function timelineOf(metrics: Metrics, asked: TimelineQuestion): Promise<Reading<readonly Window[]>> {
  const [reading] = await metrics.timelines([asked]);
  if (reading === undefined) throw new Error("A question was not answered.");
  return reading;
}

export function metricsAt(url: string, changes: Partial<PrometheusSettings> = {}): Metrics {
  return prometheusMetrics({ ...DEFAULT_PROMETHEUS, url, ...changes }, { fetch });
}

function manifests({ stable, canary, replicas, weight }: Intent): string {
  return [...workload("checkout", stable, 4), ...workload("checkout-canary", canary, replicas), route(weight)].join(
    "---\n",
  );
}

function workload(called: string, image: string, replicas: number): readonly string[] {
  const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${called}, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${called} } }
  template:
    metadata: { labels: { app: ${called} } }
    spec: { containers: [{ name: app, image: "${image}" }] }
`;
  const service = `
apiVersion: v1
kind: Service
metadata: { name: ${called}, namespace: shop }
spec: { selector: { app: ${called} } }
`;
  return [deployment, service];
}

function route(weight: number): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout, namespace: shop }
spec:
  rules:
    - backendRefs:
        - { name: checkout, port: 80, weight: ${100 - weight} }
        - { name: checkout-canary, port: 80, weight: ${weight} }
`;
}
