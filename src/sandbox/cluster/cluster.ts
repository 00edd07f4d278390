import { deliveryFrom } from "./delivery.ts";
import type { Delivered } from "./delivery.ts";
import { istioRequests, kubeState, up } from "./expose.ts";
import type { RequestCounter } from "./expose.ts";
import type { HeadSource } from "./head.ts";
import type { Deployment, KubeObject, Route, Service } from "./objects.ts";
import { nameSuffix, randomOf } from "./random.ts";
import type { Random } from "./random.ts";
import { seriesStore } from "./series-store.ts";
import type { SeriesStore } from "./series-store.ts";
import { neverReady, serve } from "./traffic.ts";
import type { Served, Traffic, VersionFault } from "./traffic.ts";
import { changeOf, viewOf } from "./view.ts";
import type { ClusterView, RouteChange, RouteView, ViewWorld } from "./view.ts";
import { adopt, roll } from "./workload.ts";
import type { Pod, Workload } from "./workload.ts";

/** Durations are milliseconds. */
export type ClusterSettings = {
  readonly head: HeadSource;
  /** Equal seeds and equal histories of git give equal clusters. */
  readonly seed: string;
  /** How often git is polled, and how long after a poll saw a commit it is applied. */
  readonly pollMs: number;
  readonly syncDelayMs: number;
  /** From a pod's creation until it is ready. */
  readonly readyMs: number;
  readonly scrapeMs: number;
  readonly retentionMs: number;
  /** The grain of time; everything happens at its multiples. It divides `scrapeMs`. */
  readonly stepMs: number;
  /** What a route is asked for; looked up at every step. */
  readonly traffic: (namespace: string, route: string) => Traffic;
  /** What is wrong with versions, by image; looked up at every step. */
  readonly faults: ReadonlyMap<string, VersionFault>;
};

export type Clock = { readonly now: () => number; readonly sleep: (ms: number) => Promise<void> };

export type Cluster = {
  /** Lets the cluster live until `now`. The first call is its birth, at the last multiple of the step. */
  readonly tick: (now: number) => Promise<void>;
  /** Ticks by a clock, every `everyMs`, until stopped; `stop` waits for a tick under way. Rejects there if a tick failed. */
  readonly start: (clock: Clock, everyMs: number) => { readonly stop: () => Promise<void> };
  readonly snapshot: () => ClusterView;
  /** Every change of a route's weights or images, oldest first. */
  readonly changes: () => readonly RouteChange[];
  /** What Prometheus has scraped. */
  readonly series: SeriesStore;
};

/** Everything but git, the seed and the traffic, at the pace of a demo. */
export const CLUSTER_PACE = {
  pollMs: 500,
  syncDelayMs: 500,
  readyMs: 1_000,
  scrapeMs: 500,
  retentionMs: 600_000,
  stepMs: 100,
} as const;

type State = {
  readonly at: number;
  readonly delivered: Delivered;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly counters: ReadonlyMap<string, RequestCounter>;
  readonly unanswered: ReadonlyMap<string, number>;
};

const NOTHING: Omit<State, "at"> = {
  delivered: { revision: undefined, applications: new Map(), unread: undefined },
  workloads: new Map(),
  counters: new Map(),
  unanswered: new Map(),
};

/** A cluster that follows git, runs Deployments, splits traffic by HTTPRoutes and is scraped; nothing in it talks to anybody but `head`. */
export function syntheticCluster(settings: ClusterSettings): Cluster {
  const delivery = deliveryFrom(settings.head, settings);
  const series = seriesStore(settings.retentionMs);
  const chances = chanceBook(settings.seed);
  const log: RouteChange[] = [];
  let state: State | undefined;

  const step = async (before: State, at: number): Promise<State> => {
    const delivered = await delivery.at(at);
    const after = live({ ...before, at, delivered }, settings, chances);
    if (at % settings.scrapeMs === 0) series.scrape(at, exposedBy(after));
    for (const view of viewsOf(after)) record(log, changeOf(view, at));
    return after;
  };

  const tick = async (now: number) => {
    const { stepMs } = settings;
    const birth = Math.floor(now / stepMs) * stepMs;
    state ??= await step({ at: birth, ...NOTHING }, birth);
    while (state.at + stepMs <= now) state = await step(state, state.at + stepMs);
  };

  return {
    tick,
    start: (clock, everyMs) => repeat(tick, clock, everyMs),
    snapshot: () => snapshotOf(state ?? { at: 0, ...NOTHING }),
    changes: () => log,
    series,
  };
}

function repeat(tick: (now: number) => Promise<void>, clock: Clock, everyMs: number) {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await tick(clock.now());
      await clock.sleep(everyMs);
    }
  };
  const running = loop();
  // The failure is told to whoever stops the cluster, not to the process.
  running.catch(() => undefined);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** One step of the world: the manifests are taken over, the Deployments move, the requests of the step arrive. */
function live(state: State, settings: ClusterSettings, chances: Chances): State {
  const workloads = rolled(state, settings, chances);
  const world = { ...worldOf({ ...state, workloads }), faults: settings.faults };
  const alive = new Set(world.pods.map(({ uid }) => uid));
  const counters = new Map([...state.counters].filter(([, { pod }]) => alive.has(pod.uid)));
  const unanswered = new Map(state.unanswered);
  for (const route of routesOf(state)) {
    const traffic = { ...settings.traffic(route.namespace, route.name), seconds: settings.stepMs / 1000 };
    const served = serve(route, traffic, world, chances(`traffic ${keyOf(route)}`));
    count(counters, served);
    unanswered.set(keyOf(route), (unanswered.get(keyOf(route)) ?? 0) + served.unanswered);
  }
  return { ...state, workloads, counters, unanswered };
}

// A series for a code appears with its first event, as a sidecar's does.
function count(counters: Map<string, RequestCounter>, { answers }: Served): void {
  for (const { pod, service, code, count: events } of answers) {
    if (events === 0) continue;
    const key = `${pod.uid} ${service} ${code}`;
    counters.set(key, { pod, service, code, total: (counters.get(key)?.total ?? 0) + events });
  }
}

function rolled({ at, delivered, workloads }: State, settings: ClusterSettings, chances: Chances): State["workloads"] {
  const deployments = objectsOf(delivered).filter((object) => object.kind === "Deployment");
  const newPod = (deployment: Deployment): Pod =>
    podOf(deployment, at, settings, chances(`names ${keyOf(deployment)}`));
  return new Map(
    deployments.map((deployment) => {
      const key = keyOf(deployment);
      return [key, roll(adopt(workloads.get(key), deployment), at, newPod)];
    }),
  );
}

function podOf({ namespace, name, template }: Deployment, now: number, settings: ClusterSettings, chance: Random): Pod {
  const podName = `${name}-${template.hash}-${nameSuffix(chance)}`;
  const readyAt = neverReady(template, settings.faults) ? Infinity : now + settings.readyMs;
  return { name: podName, uid: `${namespace}/${podName}`, namespace, workload: name, template, readyAt };
}

function exposedBy({ at, workloads, counters }: State) {
  const jobs = ["istio", "kube-state-metrics"].map(up);
  return [...kubeState(workloads.values(), at), ...istioRequests(counters.values()), ...jobs];
}

function record(log: RouteChange[], change: RouteChange): void {
  const last = log.findLast(({ namespace, name }) => namespace === change.namespace && name === change.name);
  const isSame = JSON.stringify({ ...last, at: 0 }) === JSON.stringify({ ...change, at: 0 });
  if (!isSame) log.push(change);
}

function snapshotOf(state: State): ClusterView {
  const { at, delivered } = state;
  const problems = [...delivered.applications].flatMap(([folder, { problem }]) =>
    problem === undefined ? [] : [[folder, problem] as const],
  );
  const unread = delivered.unread === undefined ? [] : [["", delivered.unread] as const];
  return {
    at,
    revision: delivered.revision,
    routes: viewsOf(state),
    problems: new Map([...unread, ...problems]),
  };
}

function viewsOf(state: State): readonly RouteView[] {
  const world = worldOf(state);
  return routesOf(state).map((route) => viewOf(route, state.unanswered.get(keyOf(route)) ?? 0, world));
}

function worldOf({ at, delivered, workloads }: State): ViewWorld {
  const services: readonly Service[] = objectsOf(delivered).filter((object) => object.kind === "Service");
  const all = [...workloads.values()];
  return {
    services,
    pods: all.flatMap(({ pods }) => pods),
    deployments: all.map(({ deployment }) => deployment),
    now: at,
  };
}

function routesOf({ delivered }: State): readonly Route[] {
  return objectsOf(delivered).filter((object) => object.kind === "HTTPRoute");
}

function objectsOf({ applications }: Delivered): readonly KubeObject[] {
  return [...applications.values()].flatMap(({ objects }) => objects);
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

type Chances = (purpose: string) => Random;

// One sequence per purpose: a pod more in one service changes nothing in another's traffic.
function chanceBook(seed: string): Chances {
  const sequences = new Map<string, Random>();
  return (purpose) => {
    const sequence = sequences.get(purpose) ?? randomOf(`${seed} ${purpose}`);
    sequences.set(purpose, sequence);
    return sequence;
  };
}
