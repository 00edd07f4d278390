import { unreachable } from "../../core/unreachable.ts";
import { selects } from "./objects.ts";
import type { Route, Service, Template } from "./objects.ts";
import { poisson } from "./random.ts";
import type { Random } from "./random.ts";
import { isReady } from "./workload.ts";
import type { Pod } from "./workload.ts";

/** What a route is asked for, and the share of requests that a version without a fault fails. */
export type Traffic = { readonly requestsPerSecond: number; readonly errorRate: number };

/** What is wrong with a version, by its image. */
export type VersionFault =
  | { readonly kind: "errorRatio"; readonly ratio: number }
  | { readonly kind: "addedErrors"; readonly rate: number }
  | { readonly kind: "neverReady" };

/** Requests that one pod answered, all with one code, asked through one Service. */
export type Answers = {
  readonly pod: Pod;
  readonly service: string;
  readonly code: "200" | "500";
  readonly count: number;
};

/** What became of a route's requests: answered by pods, or by nobody (the route itself says 503 or, without any weight, 500). */
export type Served = { readonly answers: readonly Answers[]; readonly unanswered: number };

export type TrafficWorld = {
  readonly services: readonly Service[];
  readonly pods: readonly Pod[];
  readonly faults: ReadonlyMap<string, VersionFault>;
  readonly now: number;
};

/**
 * The requests of `seconds` on one route, split by the weights of its backends and then evenly over the ready pods of each Service.
 * All numbers are independent Poisson numbers, which is what splitting a Poisson stream gives. A Service without ready pods leaves its share unanswered.
 */
export function serve(
  route: Route,
  traffic: Traffic & { readonly seconds: number },
  world: TrafficWorld,
  random: Random,
): Served {
  const expected = traffic.requestsPerSecond * traffic.seconds;
  const total = route.backends.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return { answers: [], unanswered: poisson(expected, random) };
  const parts = route.backends.map(({ service, weight }): Served => {
    const pods = podsBehind(route.namespace, service, world).filter((pod) => isReady(pod, world.now));
    const mean = (expected * weight) / total;
    if (pods.length === 0) return { answers: [], unanswered: poisson(mean, random) };
    const share = (pod: Pod) => ({
      mean: mean / pods.length,
      errors: errorsOf(pod.template, traffic.errorRate, world.faults),
    });
    return { answers: pods.flatMap((pod) => answersOf(pod, service, share(pod), random)), unanswered: 0 };
  });
  return { answers: parts.flatMap(({ answers }) => answers), unanswered: sumOf(parts.map((part) => part.unanswered)) };
}

/** The pods behind a Service, ready or not. */
export function podsBehind(
  namespace: string,
  service: string,
  { services, pods }: Pick<TrafficWorld, "services" | "pods">,
): readonly Pod[] {
  const found = services.find((one) => one.namespace === namespace && one.name === service);
  if (found === undefined) return [];
  return pods.filter((pod) => pod.namespace === namespace && selects(found.selector, pod.template.labels));
}

/** Whether a version never becomes ready. */
export function neverReady({ containers }: Template, faults: ReadonlyMap<string, VersionFault>): boolean {
  return containers.some(({ image }) => faults.get(image)?.kind === "neverReady");
}

function answersOf(
  pod: Pod,
  service: string,
  share: { readonly mean: number; readonly errors: number },
  random: Random,
): readonly Answers[] {
  const good = poisson(share.mean * (1 - share.errors), random);
  const bad = poisson(share.mean * share.errors, random);
  return [
    { pod, service, code: "200", count: good },
    { pod, service, code: "500", count: bad },
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
