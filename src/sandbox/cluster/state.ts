import { UNSYNCED } from "./application.ts";
import type { Application } from "./application.ts";
import type { Delivered } from "./delivery.ts";
import type { IngressCounter, RequestCounter } from "./expose.ts";
import type { RunningCanary } from "./flagger/status.ts";
import type { LiveObjects } from "./live-objects.ts";
import type { Pod } from "./pod.ts";
import type { Route } from "./route.ts";
import { routesOf } from "./routes.ts";
import type { RunningConfiguration } from "./revisions.ts";
import type { RunningRollout } from "./rollouts/status.ts";
import { canaryShares } from "./shares.ts";
import { canaryViewOf, changeOf, rolloutViewOf, viewOf } from "./view.ts";
import type { ClusterView, Crew, RouteChange, RouteView } from "./view.ts";
import type { Workload } from "./workload.ts";

/** All that the cluster is at one moment. */
export type State = {
  readonly at: number;
  readonly delivered: Delivered;
  readonly applications: ReadonlyMap<string, Application>;
  readonly objects: LiveObjects;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly rollouts: ReadonlyMap<string, RunningRollout>;
  readonly canaries: ReadonlyMap<string, RunningCanary>;
  readonly configurations: ReadonlyMap<string, RunningConfiguration>;
  readonly counters: ReadonlyMap<string, RequestCounter>;
  readonly ingresses: ReadonlyMap<string, IngressCounter>;
  readonly unanswered: ReadonlyMap<string, number>;
};

export const NOTHING: Omit<State, "at"> = {
  delivered: { revision: undefined, applications: new Map(), unread: undefined },
  applications: new Map(),
  objects: new Map(),
  workloads: new Map(),
  rollouts: new Map(),
  canaries: new Map(),
  configurations: new Map(),
  counters: new Map(),
  ingresses: new Map(),
  unanswered: new Map(),
};

export function podsOf({
  workloads,
  rollouts,
  configurations,
}: Pick<State, "workloads" | "rollouts" | "configurations">): readonly Pod[] {
  const sets = [...rollouts.values()].flatMap((running) => running.sets);
  const revisions = [...configurations.values()].flatMap((running) => running.revisions);
  return [...workloads.values(), ...sets, ...revisions].flatMap(({ pods }) => pods);
}

export function routesIn({ objects, rollouts, configurations, at }: State): readonly Route[] {
  const running = { rollouts: [...rollouts.values()], configurations: [...configurations.values()] };
  return routesOf({ objects, ...running, now: at });
}

/** The state as somebody with access to the cluster would see it. */
export function snapshotOf(state: State): ClusterView {
  const { at, delivered, applications, rollouts, canaries } = state;
  const problems = [...applications].flatMap(([folder, { problem }]) =>
    problem === undefined ? [] : [[folder, problem] as const],
  );
  const unread = delivered.unread === undefined ? [] : [["", delivered.unread] as const];
  const followed = [...applications].map(([folder, { revision, status }]) => [folder, { revision, status }] as const);
  return {
    at,
    revision: delivered.revision,
    routes: viewsOf(state, routesIn(state)),
    rollouts: [...rollouts.values()].map(rolloutViewOf),
    canaries: [...canaries.values()].map(canaryViewOf),
    applications: new Map(followed),
    problems: new Map([...unread, ...problems]),
  };
}

/** The part of a state whose changes are kept: by kind and place of a route what there is to say, and the canaries' shares. */
export function tracesOf(state: State) {
  const routes = routesIn(state);
  const changes = viewsOf(state, routes).map((view): readonly [string, RouteChange] => [
    `${view.kind} ${view.namespace}/${view.name}`,
    changeOf(view, state.at),
  ]);
  const world = { pods: podsOf(state), now: state.at };
  return { changes, shares: canaryShares(routes, [...state.rollouts.values()], world) };
}

/** What is known of a folder; nothing before its first sync. */
export function applicationOf({ applications }: State, folder: string): Application {
  return applications.get(folder) ?? UNSYNCED;
}

function viewsOf(state: State, routes: readonly Route[]): readonly RouteView[] {
  const world = { pods: podsOf(state), crews: crewsOf(state), now: state.at };
  return routes.map((route) => viewOf(route, state.unanswered.get(routeKey(route)) ?? 0, world));
}

function crewsOf({ workloads, rollouts, configurations }: State): readonly Crew[] {
  const deployments = [...workloads.values()].map(({ deployment }) => ({
    namespace: deployment.namespace,
    labels: deployment.template.labels,
    replicas: deployment.replicas,
  }));
  const sets = [...rollouts.values()].flatMap(({ rollout, sets: all }) =>
    all.map(({ template, replicas }) => ({ namespace: rollout.namespace, labels: template.labels, replicas })),
  );
  const revisions = [...configurations.values()].flatMap(({ configuration: { namespace }, revisions: all }) =>
    all.flatMap(({ pods }) => pods.map(({ template: { labels } }) => ({ namespace, labels, replicas: 1 }))),
  );
  return [...deployments, ...sets, ...revisions];
}

export function routeKey({ kind, namespace, name }: Route): string {
  return kind === "HTTPRoute" ? `${namespace}/${name}` : `${kind} ${namespace}/${name}`;
}
