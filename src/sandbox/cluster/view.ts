import type { Application } from "./application.ts";
import type { CanaryPhase, RunningCanary } from "./flagger/status.ts";
import { selects } from "./kinds/manifest.ts";
import type { Labels } from "./kinds/manifest.ts";
import { isReady } from "./pod.ts";
import type { Pod } from "./pod.ts";
import type { Arm, Route } from "./route.ts";
import type { Phase, RunningRollout } from "./rollouts/status.ts";
import { podsBehind } from "./traffic.ts";

/** What runs, as somebody with access to the cluster would see it. */
export type ClusterView = {
  readonly at: number;
  /** The newest commit that was delivered. */
  readonly revision: string | undefined;
  readonly routes: readonly RouteView[];
  readonly rollouts: readonly RolloutView[];
  readonly canaries: readonly CanaryView[];
  /** By folder: the commit that is applied, and whether the cluster is as git says. */
  readonly applications: ReadonlyMap<string, Pick<Application, "revision" | "status">>;
  /** Why something in git is not running: by folder, "" for the repository itself. */
  readonly problems: ReadonlyMap<string, string>;
};

export type RouteView = {
  readonly kind: Route["kind"];
  readonly namespace: string;
  readonly name: string;
  readonly backends: readonly BackendView[];
  /** Requests that no pod answered, since the cluster started. */
  readonly unanswered: number;
};

export type BackendView = {
  /** What the arm is called: its Service, `host/subset`, or by ratio `canary`, `stable` or a hash. */
  readonly service: string;
  /** Per cent of the route's traffic, not rounded. */
  readonly weight: number;
  /** What the workloads behind it want. */
  readonly replicas: number;
  /** By the image of the first container, sorted. */
  readonly pods: readonly { readonly image: string; readonly ready: number; readonly total: number }[];
};

export type RolloutView = {
  readonly namespace: string;
  readonly name: string;
  readonly phase: Phase;
  /** The step that is being done, of how many. */
  readonly step: number | undefined;
  readonly steps: number;
  /** The canary's weight as it was last written to the router. */
  readonly weight: number | undefined;
  readonly stable: string | undefined;
  readonly current: string | undefined;
};

/** A Canary as Flagger has it. */
export type CanaryView = { readonly namespace: string; readonly name: string; readonly phase: CanaryPhase };

/** One moment at which a route's weights or the images of its ready pods changed. */
export type RouteChange = {
  readonly at: number;
  readonly namespace: string;
  readonly name: string;
  readonly weights: Readonly<Record<string, number>>;
  /** Images of ready pods, by arm. */
  readonly images: Readonly<Record<string, readonly string[]>>;
};

/** Pods of one version that something wants. */
export type Crew = { readonly namespace: string; readonly labels: Labels; readonly replicas: number };

export type ViewWorld = { readonly pods: readonly Pod[]; readonly crews: readonly Crew[]; readonly now: number };

/** One route with what stands behind it. */
export function viewOf(route: Route, unanswered: number, world: ViewWorld): RouteView {
  const total = route.arms.reduce((sum, { weight }) => sum + weight, 0);
  const backends = route.arms.map((arm) => ({
    service: arm.name,
    weight: total === 0 ? 0 : (100 * arm.weight) / total,
    replicas: replicasBehind(arm, world),
    pods: byImage(podsBehind(arm, world.pods), world.now),
  }));
  return { kind: route.kind, namespace: route.namespace, name: route.name, backends, unanswered };
}

/** One Rollout; images are those of the first container. */
export function rolloutViewOf({ rollout, status, sets }: RunningRollout): RolloutView {
  const imageOf = (hash: string | undefined) => sets.find((set) => set.hash === hash)?.template.containers[0]?.image;
  return {
    namespace: rollout.namespace,
    name: rollout.name,
    phase: status.phase,
    step: status.index,
    steps: rollout.steps.length,
    weight: status.weights?.canary,
    stable: imageOf(status.stable),
    current: imageOf(status.current),
  };
}

export function canaryViewOf({ canary, status }: RunningCanary): CanaryView {
  return { namespace: canary.namespace, name: canary.name, phase: status.phase };
}

/** The part of a view whose changes are recorded. */
export function changeOf({ namespace, name, backends }: RouteView, at: number): RouteChange {
  const images = backends.map(
    ({ service, pods }) => [service, pods.filter(({ ready }) => ready > 0).map(({ image }) => image)] as const,
  );
  const weights = backends.map(({ service, weight }) => [service, weight] as const);
  return { at, namespace, name, weights: Object.fromEntries(weights), images: Object.fromEntries(images) };
}

function replicasBehind({ namespace, selector }: Arm, { crews }: ViewWorld): number {
  const behind = crews.filter((one) => one.namespace === namespace && selects(selector, one.labels));
  return behind.reduce((sum, { replicas }) => sum + replicas, 0);
}

function byImage(pods: readonly Pod[], now: number): BackendView["pods"] {
  const groups = Map.groupBy(pods, ({ template }) => template.containers[0]?.image ?? "");
  return [...groups]
    .map(([image, of]) => ({ image, ready: of.filter((pod) => isReady(pod, now)).length, total: of.length }))
    .toSorted((a, b) => (a.image < b.image ? -1 : 1));
}
