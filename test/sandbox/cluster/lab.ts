import { CLUSTER_PACE, syntheticCluster } from "../../../src/sandbox/cluster/cluster.ts";
import { evaluateAt } from "../../../src/sandbox/cluster/evaluate.ts";
import type { Head } from "../../../src/sandbox/cluster/head.ts";
import { selectorOf } from "../../../src/sandbox/cluster/selector.ts";
import type { ClusterSettings } from "../../../src/sandbox/cluster/settings.ts";

export const NOON = 1_767_268_800_000;

/** A cluster born at noon that follows whatever is committed at once; pods are ready a second after their creation. Times are seconds since noon. */
export function lab(first: string, changes: Partial<ClusterSettings> = {}) {
  let head: Head = headOf("0", first);
  let commits = 0;
  const heads = new Map([["0", head]]);
  const cluster = syntheticCluster({
    ...CLUSTER_PACE,
    pollMs: 100,
    syncDelayMs: 0,
    seed: "lab",
    head: (revision) => {
      const found = revision === undefined ? head : heads.get(revision);
      return found === undefined ? Promise.reject(new Error("no such commit")) : Promise.resolve(found);
    },
    traffic: () => ({ requestsPerSecond: 100, errorRate: 0 }),
    faults: new Map(),
    ...changes,
  });
  let now = 0;
  const to = async (seconds: number) => {
    now = seconds;
    await cluster.tick(NOON + Math.round(seconds * 1_000));
    return cluster.snapshot();
  };
  return {
    cluster,
    to,
    after: (seconds: number) => to(now + seconds),
    commit: (text: string) => {
      commits += 1;
      head = headOf(String(commits), text);
      heads.set(head.sha, head);
      return head.sha;
    },
    /** Weights of the canary that were ever live, by time in seconds. */
    shares: (name: string) =>
      cluster.liveShares("shop", name).map(({ at, share }) => [(at - NOON) / 1_000, Math.round(share * 10) / 10]),
    /** The shares alone. */
    path: (name: string) => cluster.liveShares("shop", name).map(({ share }) => Math.round(share * 10) / 10),
    rollout: (name = "checkout") => cluster.snapshot().rollouts.find((one) => one.name === name),
    values: (query: string) =>
      evaluateAt(cluster.series, selectorOf(query), NOON + now * 1_000).result.flatMap((one) =>
        "value" in one ? [Number(one.value[1])] : [],
      ),
  };
}

function headOf(sha: string, text: string): Head {
  return { sha, files: new Map([["apps/shop/all.yaml", text]]) };
}

const template = (version: string) => `
    metadata: { labels: { app: checkout } }
    spec: { containers: [{ name: app, image: "r/checkout:${version}" }] }`;

export const service = (name: string, app = "checkout") => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${app} } }
`;

export const deployment = (version: string, replicas: number | undefined, name = "checkout") => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
${replicas === undefined ? "" : `  replicas: ${replicas}\n`}  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}, version: "${version}" } }
    spec: { containers: [{ name: app, image: "r/${name}:${version}" }] }
`;

export type RolloutShape = {
  readonly version?: string;
  readonly replicas?: number | undefined;
  /** Steps, as YAML in one line. */
  readonly steps?: string;
  readonly routing?: string;
  /** More of the canary, as YAML in one line without braces. */
  readonly canary?: string;
  readonly ref?: string;
  readonly more?: string;
};

/** A Rollout `checkout` of four pods with the Services `checkout` and `checkout-canary`. */
export function rollout(shape: RolloutShape = {}): string {
  const { version = "1", steps = "[]", routing, canary = "", ref, more = "" } = shape;
  const replicas = "replicas" in shape ? shape.replicas : 4;
  const services = routing === undefined ? "" : "canaryService: checkout-canary, stableService: checkout, ";
  const router = routing === undefined ? "" : `trafficRouting: ${routing}, `;
  const source =
    ref === undefined
      ? `  selector: { matchLabels: { app: checkout } }\n  template:${template(version)}`
      : `  workloadRef: ${ref}`;
  return `
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: checkout, namespace: shop }
spec:
${replicas === undefined ? "" : `  replicas: ${replicas}\n`}${more}${source}
  strategy: { canary: { ${services}${router}${canary}steps: ${steps} } }
`;
}

export const SERVICES = `${service("checkout")}---${service("checkout-canary")}`;

/** The weights that git has in its routes: those of a rest. */
export const httpRoute = (canary = 0) => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout, namespace: shop }
spec:
  rules:
    - backendRefs: [{ name: checkout, weight: ${100 - canary} }, { name: checkout-canary, weight: ${canary} }]
`;

export const GATEWAY = "{ plugins: { argoproj-labs/gatewayAPI: { httpRoute: checkout, namespace: shop } } }";

/** A Rollout behind the Gateway API, with everything around it. */
export function routed(shape: RolloutShape = {}): string {
  return [SERVICES, httpRoute(), rollout({ routing: GATEWAY, ...shape })].join("\n---\n");
}

export const steps = (from: number, to: number) => `[{ setWeight: ${from} }, { setWeight: ${to} }, { pause: {} }]`;
