import { read, unavailable, type Reading } from "../../src/core/reading.ts";
import type { Counts, Window } from "../../src/core/window.ts";
import type { TimelineQuestion } from "../../src/ports/metrics.ts";

/** What runs of one service from a moment on, once its commit was applied and its pods came up. */
export type Running = {
  /** Which head of the tracked branch it comes from, counted from its first. */
  readonly order: number;
  readonly at: number;
  readonly weight: number;
  readonly canary: { readonly image: string; readonly replicas: number };
  readonly stable: { readonly image: string; readonly replicas: number };
};

export type ModelCluster = {
  readonly apply: (service: string, running: Running) => void;
  readonly runningAt: (service: string, at: number) => Running | undefined;
  readonly timeline: (question: TimelineQuestion, now: number) => Reading<readonly Window[]>;
};

export type Traffic = {
  /** Requests a second of a service. */
  readonly rate: number;
  /** Failed requests per request of a version. */
  readonly errorRate: (image: string, place: string) => number;
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

/** A target of several has a namespace of its name. */
function placeOf({ arms, namespace }: TimelineQuestion): string {
  return namespace === "shop" ? arms.stable : `${arms.stable}/${namespace}`;
}

type Ends = { readonly begin: Running | undefined; readonly close: Running | undefined };

type TrafficThere = Pick<Traffic, "rate"> & { readonly errorRate: (image: string) => number };

/** A window in which a change was applied has its traffic by the later state: shares move within a window all the same. */
function windowOf(
  { start, end }: Pick<Window, "start" | "end">,
  { begin, close }: Ends,
  traffic: TrafficThere,
): Window {
  const running = close ?? begin;
  if (running === undefined) return { start, end, counts: {}, pods: {} };
  const requests = Math.round((traffic.rate * (end - start)) / 1000);
  const share = running.canary.replicas > 0 ? running.weight / 100 : 0;
  const canary = Math.round(requests * share);
  return {
    start,
    end,
    counts: {
      canary: countsOf(canary, traffic.errorRate(running.canary.image), start),
      stable: countsOf(requests - canary, traffic.errorRate(running.stable.image), start),
    },
    pods: { canary: podsOf(running.canary), stable: podsOf(running.stable) },
  };
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
