import { read, unavailable, type Reading } from "../../src/core/reading.ts";
import type { Counts, Window } from "../../src/core/window.ts";
import type { TimelineQuestion } from "../../src/ports/metrics.ts";
import { obeyedByPods } from "./pod-by-pod.ts";
import { obeyed, type Control, type Order } from "./rollout-controller.ts";

/** What runs of one service from a moment on, once its commit was applied and its pods came up. */
export type Running = {
  /** Which head of the tracked branch it comes from, counted from its first. */
  readonly order: number;
  readonly at: number;
  readonly weight: number;
  /** Testers go to the canary, and nobody else: a tenth of all requests. */
  readonly testers?: boolean;
  /** Of how many per cent of the requests the canary is sent copies. */
  readonly mirror?: number;
  readonly canary: { readonly image: string; readonly replicas: number };
  readonly stable: { readonly image: string; readonly replicas: number };
  /** Of an Argo Rollout, and the weight that git's state had, or what pods come nearest to it with. */
  readonly rollout?: Control;
  readonly asked?: number;
};

export type ModelCluster = {
  readonly apply: (service: string, running: Running) => void;
  /** The same for an Argo Rollout, whose controller takes it from there. */
  readonly order: (service: string, order: Order) => void;
  /** All that a service has run, oldest first. */
  readonly historyOf: (service: string) => readonly Running[];
  readonly runningAt: (service: string, at: number) => Running | undefined;
  readonly timeline: (question: TimelineQuestion, now: number) => Reading<readonly Window[]>;
};

export type Traffic = {
  /** Requests a second of a service. */
  readonly rate: number;
  /** Failed requests per request of a version. */
  readonly errorRate: (image: string, place: string) => number;
  /** The provider tells of no pods. */
  readonly isPodless: boolean;
  /** The provider does not answer at these times. */
  readonly isDown: (at: number) => boolean;
};

/** A cluster as a value: what runs when, and exact counts of it without noise, so that only faults tell two runs of a seed apart. */
export function modelCluster(traffic: Traffic): ModelCluster {
  const history = new Map<string, Running[]>();
  const runningAt = (service: string, at: number) => history.get(service)?.findLast((running) => running.at <= at);
  return {
    apply: (service, running) => {
      const past = history.get(service) ?? [];
      // A controller applies the newest head it knows; an older one that comes late changes nothing.
      if ((past.at(-1)?.order ?? -1) > running.order) return;
      past.push({ ...running, at: Math.max(running.at, past.at(-1)?.at ?? 0) });
      history.set(service, past);
    },
    order: (service, order) => {
      const past = history.get(service) ?? [];
      if ((past.at(-1)?.order ?? -1) > order.order) return;
      const newest = past.at(-1);
      // The same steps of the same pod template are nothing new to the controller.
      if (newest?.rollout !== undefined && isAsked(newest.rollout, order)) {
        const again = past.map((running) =>
          running.order === newest.order ? { ...running, order: order.order } : running,
        );
        return void history.set(service, again);
      }
      const at = Math.max(order.at, past.findLast((running) => running.order !== newest?.order)?.at ?? 0);
      // What the controller would have done next it does not do any more.
      const done = past.filter((running) => running.at <= at);
      const controller = order.isByPods ? obeyedByPods : obeyed;
      history.set(service, [...done, ...controller(done.at(-1), { ...order, at })]);
    },
    historyOf: (service) => history.get(service) ?? [],
    runningAt,
    timeline: (question, now) => {
      if (traffic.isDown(now)) return unavailable("connection refused");
      const windows: Window[] = [];
      const place = placeOf(question);
      for (let start = question.from; start < question.to; start += question.windowMs) {
        const end = start + question.windowMs;
        windows.push(
          windowOf(
            { start, end },
            { begin: runningAt(place, start), close: runningAt(place, end) },
            { ...traffic, errorRate: (image) => traffic.errorRate(image, place) },
          ),
        );
      }
      return read(windows);
    },
  };
}

function isAsked({ current, steps }: Control, order: Order): boolean {
  return current.pod === order.current.pod && JSON.stringify(steps) === JSON.stringify(order.steps);
}

/** A target of several has a namespace of its name. */
function placeOf({ arms, namespace }: TimelineQuestion): string {
  return namespace === "shop" ? arms.stable : `${arms.stable}/${namespace}`;
}

type Ends = { readonly begin: Running | undefined; readonly close: Running | undefined };

type TrafficThere = Pick<Traffic, "rate" | "isPodless"> & { readonly errorRate: (image: string) => number };

/** A window in which a change was applied has its traffic by the later state: shares move within a window all the same. */
function windowOf(
  { start, end }: Pick<Window, "start" | "end">,
  { begin, close }: Ends,
  traffic: TrafficThere,
): Window {
  const running = close ?? begin;
  if (running === undefined) return { start, end, counts: {}, pods: {} };
  const requests = Math.round((traffic.rate * (end - start)) / 1000);
  const share = running.canary.replicas > 0 ? (running.testers === true ? 0.1 : running.weight / 100) : 0;
  const taken = Math.round(requests * share);
  // A copy is one request more, which stable has answered all the same.
  const canary = taken + (running.canary.replicas > 0 ? Math.round((requests * (running.mirror ?? 0)) / 100) : 0);
  return {
    start,
    end,
    counts: {
      canary: countsOf(canary, traffic.errorRate(running.canary.image), start),
      stable: countsOf(requests - taken, traffic.errorRate(running.stable.image), start),
    },
    pods: traffic.isPodless ? {} : podsIn(running),
    ...(running.rollout?.phase && { phases: [running.rollout.phase] }),
  };
}

/** Of an Argo Rollout both arms are told of all its pods, which bear one name. */
function podsIn({ canary, stable, rollout }: Running): Window["pods"] {
  if (rollout === undefined) return { canary: podsOf(canary), stable: podsOf(stable) };
  const { others = { image: "", replicas: 0 } } = rollout;
  const counts = new Map<string, number>();
  for (const { image, replicas } of [stable, canary, others])
    if (replicas > 0) counts.set(image, (counts.get(image) ?? 0) + replicas);
  const all = [...counts].map(([image, count]) => ({ image, ready: count, total: count }));
  return { canary: all, stable: all };
}

/** Whole failures at the exact rate on the long run: the fraction is carried by the window's number. */
function countsOf(requests: number, rate: number, start: number): Counts {
  const exact = requests * rate;
  const turn = (start / 1000) * 0.618_033_988_75;
  const failed = Math.floor(exact) + (turn - Math.floor(turn) < exact - Math.floor(exact) ? 1 : 0);
  return { requests, failed: Math.min(requests, failed) };
}

function podsOf({
  image,
  replicas,
}: Running["canary"]): readonly { readonly image: string; readonly ready: number; readonly total: number }[] {
  return replicas === 0 ? [] : [{ image, ready: replicas, total: replicas }];
}
