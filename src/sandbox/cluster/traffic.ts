import { unreachable } from "../../core/unreachable.ts";
import { selects } from "./kinds/manifest.ts";
import type { Template } from "./kinds/manifest.ts";
import { poisson } from "./random.ts";
import type { Random } from "./random.ts";
import type { Arm, Route } from "./route.ts";
import { isReady } from "./pod.ts";
import type { Pod } from "./pod.ts";

/** What a route is asked for, and the share of requests that a version without a fault fails. */
export type Traffic = { readonly requestsPerSecond: number; readonly errorRate: number };

/** What is wrong with a version, by its image. */
export type VersionFault =
  | { readonly kind: "errorRatio"; readonly ratio: number }
  | { readonly kind: "addedErrors"; readonly rate: number }
  /** Every request takes so many times as long. */
  | { readonly kind: "slower"; readonly factor: number }
  | { readonly kind: "neverReady" };

/** Requests that one pod answered, all with one code, asked through one arm of a route. */
export type Answers = {
  readonly pod: Pod;
  readonly arm: Arm;
  readonly code: "200" | "500";
  readonly count: number;
};

/** What became of a route's requests: answered by pods, or by nobody (the route itself says 503 or, without any weight, 500). */
export type Served = { readonly answers: readonly Answers[]; readonly unanswered: number };

export type TrafficWorld = {
  readonly pods: readonly Pod[];
  readonly faults: ReadonlyMap<string, VersionFault>;
  readonly now: number;
};

/** An arm's part of a route's traffic, between 0 and 1, and the ready pods that share it evenly. */
export type Share = { readonly arm: Arm; readonly part: number; readonly pods: readonly Pod[] };

/** How a route's traffic is split now. Without any weight there are no shares. */
export function sharesOf(route: Route, { pods, now }: Pick<TrafficWorld, "pods" | "now">): readonly Share[] {
  const ready = pods.filter((pod) => isReady(pod, now));
  const arms = route.arms.map((arm) => ({ arm, pods: podsBehind(arm, ready) }));
  const isLeftOut = (one: (typeof arms)[number]) => one.arm.empty === "first" && one.pods.length === 0;
  const spare = arms.reduce((sum, one) => sum + (isLeftOut(one) ? one.arm.weight : 0), 0);
  const total = route.arms.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return [];
  return arms.map((one, index) => {
    const weight = isLeftOut(one) ? 0 : one.arm.weight + (index === 0 ? spare : 0);
    return { ...one, part: weight / total };
  });
}

/**
 * The requests of `seconds` on one route, split by the weights of its arms and then evenly over the ready pods of each.
 * All numbers are independent Poisson numbers, which is what splitting a Poisson stream gives. An arm without ready pods leaves its share unanswered.
 * Copies are answered besides, and who asked hears nothing of it; without a ready pod they are lost.
 */
export function serve(
  route: Route,
  traffic: Traffic & { readonly seconds: number },
  world: TrafficWorld,
  random: Random,
): Served {
  const expected = traffic.requestsPerSecond * traffic.seconds;
  const shares = sharesOf(route, world);
  if (shares.length === 0) return { answers: [], unanswered: poisson(expected, random) };
  const parts = shares.map(({ arm, part, pods }): Served => {
    const { copied = 0 } = arm;
    // What is held is told by nobody.
    if (pods.length === 0 && arm.empty === "held") return { answers: [], unanswered: 0 };
    if (pods.length === 0) return { answers: [], unanswered: poisson(expected * part, random) };
    const load = (pod: Pod) => ({
      mean: (expected * (part + copied)) / pods.length,
      errors: errorsOf(pod.template, traffic.errorRate, world.faults),
    });
    return { answers: pods.flatMap((pod) => answersOf(pod, arm, load(pod), random)), unanswered: 0 };
  });
  return { answers: parts.flatMap(({ answers }) => answers), unanswered: sumOf(parts.map((part) => part.unanswered)) };
}

/** The pods of an arm, among some. */
export function podsBehind({ namespace, selector }: Arm, pods: readonly Pod[]): readonly Pod[] {
  return pods.filter((pod) => pod.namespace === namespace && selects(selector, pod.template.labels));
}

/** Whether a version never becomes ready. */
export function neverReady({ containers }: Template, faults: ReadonlyMap<string, VersionFault>): boolean {
  return containers.some(({ image }) => faults.get(image)?.kind === "neverReady");
}

function answersOf(
  pod: Pod,
  arm: Arm,
  load: { readonly mean: number; readonly errors: number },
  random: Random,
): readonly Answers[] {
  const good = poisson(load.mean * (1 - load.errors), random);
  const bad = poisson(load.mean * load.errors, random);
  return [
    { pod, arm, code: "200", count: good },
    { pod, arm, code: "500", count: bad },
  ];
}

function errorsOf({ containers }: Template, errorRate: number, faults: ReadonlyMap<string, VersionFault>): number {
  const rate = containers.reduce((sum, { image }) => withFault(sum, faults.get(image)), errorRate);
  return Math.min(1, Math.max(0, rate));
}

function withFault(rate: number, fault: VersionFault | undefined): number {
  switch (fault?.kind) {
    case undefined:
    case "neverReady":
    case "slower":
      return rate;
    case "errorRatio":
      return rate * fault.ratio;
    case "addedErrors":
      return rate + fault.rate;
    default:
      return unreachable(fault);
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
