import type { Deployment, Route } from "./objects.ts";
import { selects } from "./objects.ts";
import { podsBehind } from "./traffic.ts";
import type { TrafficWorld } from "./traffic.ts";
import { isReady } from "./workload.ts";
import type { Pod } from "./workload.ts";

/** What runs, as somebody with access to the cluster would see it. */
export type ClusterView = {
  readonly at: number;
  /** The commit that is applied. */
  readonly revision: string | undefined;
  readonly routes: readonly RouteView[];
  /** Why something in git is not running: by folder, "" for the repository itself. */
  readonly problems: ReadonlyMap<string, string>;
};

export type RouteView = {
  readonly namespace: string;
  readonly name: string;
  readonly backends: readonly BackendView[];
  /** Requests that no pod answered, since the cluster started. */
  readonly unanswered: number;
};

export type BackendView = {
  readonly service: string;
  /** Per cent of the route's traffic, not rounded. */
  readonly weight: number;
  /** What the Deployments behind the Service want. */
  readonly replicas: number;
  /** By the image of the first container, sorted. */
  readonly pods: readonly { readonly image: string; readonly ready: number; readonly total: number }[];
};

/** One moment at which a route's weights or the images of its ready pods changed. */
export type RouteChange = {
  readonly at: number;
  readonly namespace: string;
  readonly name: string;
  readonly weights: Readonly<Record<string, number>>;
  /** Images of ready pods, by Service. */
  readonly images: Readonly<Record<string, readonly string[]>>;
};

export type ViewWorld = Omit<TrafficWorld, "faults"> & { readonly deployments: readonly Deployment[] };

/** One route with what stands behind it. */
export function viewOf(route: Route, unanswered: number, world: ViewWorld): RouteView {
  const total = route.backends.reduce((sum, { weight }) => sum + weight, 0);
  const backends = route.backends.map(({ service, weight }) => ({
    service,
    weight: total === 0 ? 0 : (100 * weight) / total,
    replicas: replicasBehind(route.namespace, service, world),
    pods: byImage(podsBehind(route.namespace, service, world), world.now),
  }));
  return { namespace: route.namespace, name: route.name, backends, unanswered };
}

/** The part of a view whose changes are recorded. */
export function changeOf({ namespace, name, backends }: RouteView, at: number): RouteChange {
  const images = backends.map(
    ({ service, pods }) => [service, pods.filter(({ ready }) => ready > 0).map(({ image }) => image)] as const,
  );
  const weights = backends.map(({ service, weight }) => [service, weight] as const);
  return { at, namespace, name, weights: Object.fromEntries(weights), images: Object.fromEntries(images) };
}

function replicasBehind(namespace: string, service: string, { services, deployments }: ViewWorld): number {
  const selector = services.find((one) => one.namespace === namespace && one.name === service)?.selector ?? {};
  const behind = deployments.filter((one) => one.namespace === namespace && selects(selector, one.template.labels));
  return behind.reduce((sum, { replicas }) => sum + replicas, 0);
}

function byImage(pods: readonly Pod[], now: number): BackendView["pods"] {
  const groups = Map.groupBy(pods, ({ template }) => template.containers[0]?.image ?? "");
  return [...groups]
    .map(([image, of]) => ({ image, ready: of.filter((pod) => isReady(pod, now)).length, total: of.length }))
    .toSorted((a, b) => (a.image < b.image ? -1 : 1));
}
