import { autoscaled } from "./autoscale.ts";
import type { Chances } from "./chances.ts";
import type { IngressCounter, RequestCounter } from "./expose.ts";
import { advanced } from "./flagger/scheduler.ts";
import { NEW_CANARY } from "./flagger/status.ts";
import type { RunningCanary } from "./flagger/status.ts";
import { keyOf, ofKind } from "./live-objects.ts";
import { isReady } from "./pod.ts";
import { nameSuffix } from "./random.ts";
import type { NewPod } from "./pod.ts";
import type { Route } from "./route.ts";
import { filled } from "./rollouts/fill.ts";
import { reconcile } from "./rollouts/reconcile.ts";
import { freed } from "./rollouts/services.ts";
import { UNKNOWN } from "./rollouts/status.ts";
import type { RunningRollout } from "./rollouts/status.ts";
import { templateFor } from "./rollouts/workload-ref.ts";
import { REVISION_LABEL, revised } from "./revisions.ts";
import { AUTOSCALE_MS, IDLE_MS, POD_CAPACITY } from "./settings.ts";
import type { ClusterSettings } from "./settings.ts";
import { podsOf, routeKey, routesIn } from "./state.ts";
import type { State } from "./state.ts";
import { neverReady, serve, sharesOf } from "./traffic.ts";
import type { Served } from "./traffic.ts";
import { adopt, roll } from "./workload.ts";

export type Nature = { readonly settings: ClusterSettings; readonly chances: Chances };

/** What autoscalers, the Rollouts' controller and Flagger make of the objects that they saw last. */
export function controlled(state: State, nature: Nature): State {
  return flagged(released(scaled(state, nature), nature));
}

/** What becomes of the objects in one step: pods of Deployments and of revisions come and go, and the requests of the step arrive. */
export function live(state: State, nature: Nature): State {
  return served(revising(rolled(state, nature), nature), nature);
}

function scaled(state: State, { settings }: Nature): State {
  const { autoscaleMs = AUTOSCALE_MS, podCapacity: capacity = POD_CAPACITY } = settings;
  if (state.at % autoscaleMs !== 0) return state;
  const pods = podsOf(state).filter((pod) => isReady(pod, state.at));
  const requests = new Map<string, number>();
  for (const route of routesIn(state)) {
    const { requestsPerSecond } = settings.traffic(route.namespace, route.name);
    for (const share of sharesOf(route, { pods, now: state.at }))
      for (const { uid } of share.pods)
        requests.set(uid, (requests.get(uid) ?? 0) + (requestsPerSecond * share.part) / share.pods.length);
  }
  return { ...state, objects: autoscaled(state.objects, { pods, requests, capacity }) };
}

function released(state: State, nature: Nature): State {
  const { at } = state;
  const rollouts = new Map<string, RunningRollout>();
  let { objects } = state;
  for (const rollout of ofKind(objects, "Rollout")) {
    const key = keyOf(rollout);
    const known = state.rollouts.get(key) ?? { status: { ...UNKNOWN, progressAt: at }, sets: [] };
    const running = { ...known, rollout, template: templateFor(rollout, objects) };
    const after = reconcile({ running, objects }, at);
    rollouts.set(key, filled(after.running, at, podMaker(`names ${key}`, at, nature)));
    objects = after.objects;
  }
  return { ...state, objects: freed(objects), rollouts };
}

function flagged(state: State): State {
  const canaries = new Map<string, RunningCanary>();
  const { at: now, workloads } = state;
  let { objects } = state;
  for (const canary of ofKind(objects, "Canary")) {
    const key = keyOf(canary);
    const status = state.canaries.get(key)?.status ?? NEW_CANARY;
    const after = advanced({ canary, status, objects, workloads, now });
    canaries.set(key, { canary, status: after.status });
    objects = after.objects;
  }
  return { ...state, objects, canaries };
}

function rolled(state: State, nature: Nature): State {
  const { at, objects, workloads } = state;
  const next = ofKind(objects, "Deployment").map((deployment) => {
    const key = `${deployment.namespace}/${deployment.name}`;
    return [key, roll(adopt(workloads.get(key), deployment), at, podMaker(`names ${key}`, at, nature))] as const;
  });
  return { ...state, workloads: new Map(next) };
}

function revising(state: State, nature: Nature): State {
  const { at: now, objects, configurations } = state;
  const { podCapacity: capacity = POD_CAPACITY, idleMs = IDLE_MS } = nature.settings;
  const rates = ratesOf(state, nature);
  const next = ofKind(objects, "Configuration").map((configuration) => {
    const key = keyOf(configuration);
    const newPod = podMaker(`names ${key}`, now, nature);
    return [key, revised(configurations.get(key), configuration, { rates, capacity, idleMs, now, newPod })] as const;
  });
  return { ...state, configurations: new Map(next) };
}

/** What each revision is sent, requests per second. */
function ratesOf(state: State, { settings }: Nature): ReadonlyMap<string, number> {
  const rates = new Map<string, number>();
  for (const route of routesIn(state)) {
    if (route.kind !== "KnativeRoute") continue;
    const { requestsPerSecond } = settings.traffic(route.namespace, route.name);
    for (const { arm, part } of sharesOf(route, { pods: [], now: state.at })) {
      const key = `${arm.namespace}/${arm.selector[REVISION_LABEL] ?? ""}`;
      rates.set(key, (rates.get(key) ?? 0) + requestsPerSecond * part);
    }
  }
  return rates;
}

function podMaker(purpose: string, now: number, { settings, chances }: Nature): NewPod {
  return ({ namespace, name, template }) => {
    const podName = `${name}-${template.hash}-${nameSuffix(chances(purpose))}`;
    const readyAt = neverReady(template, settings.faults) ? Infinity : now + settings.readyMs;
    return { name: podName, uid: `${namespace}/${podName}`, namespace, workload: name, template, readyAt };
  };
}

function served(state: State, { settings, chances }: Nature): State {
  const world = { pods: podsOf(state), faults: settings.faults, now: state.at };
  const alive = new Set(world.pods.map(({ uid }) => uid));
  const counters = new Map([...state.counters].filter(([, { pod }]) => alive.has(pod.uid)));
  const ingresses = new Map(state.ingresses);
  const unanswered = new Map(state.unanswered);
  for (const route of routesIn(state)) {
    const key = routeKey(route);
    const traffic = { ...settings.traffic(route.namespace, route.name), seconds: settings.stepMs / 1000 };
    const answers = serve(route, traffic, world, chances(`traffic ${key}`));
    count(counters, answers);
    if (route.kind === "Ingress") countOn(ingresses, route, answers);
    unanswered.set(key, (unanswered.get(key) ?? 0) + answers.unanswered);
  }
  return { ...state, counters, ingresses, unanswered };
}

// A series for a code appears with its first event, as a sidecar's does.
function count(counters: Map<string, RequestCounter>, { answers }: Served): void {
  for (const { pod, arm, code, count: events } of answers) {
    if (events === 0) continue;
    const key = `${pod.uid} ${arm.service} ${code}`;
    counters.set(key, { pod, service: arm.service, code, total: (counters.get(key)?.total ?? 0) + events });
  }
}

// NGINX counts what it passed on; for a canary it names the way that the request took beside the main one.
function countOn(counters: Map<string, IngressCounter>, route: Route, { answers, unanswered }: Served): void {
  const { namespace, name: ingress, arms } = route;
  const service = arms[0]?.service ?? "";
  const add = (code: string, canary: string, events: number) => {
    const key = `${namespace}/${ingress} ${canary} ${code}`;
    const total = (counters.get(key)?.total ?? 0) + events;
    if (events > 0) counters.set(key, { namespace, ingress, service, canary, code, total });
  };
  for (const { arm, code, count: events } of answers)
    add(code, arm.empty === "first" ? `${namespace}-${arm.service}-80` : "", events);
  add("503", "", unanswered);
}
