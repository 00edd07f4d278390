import type { RequestCounter } from "./expose.ts";
import type { Exposed } from "./series-store.ts";
import type { VersionFault } from "./traffic.ts";

/** How long requests take: nearly log-normal (the logistic curve stands for the normal one), by the median in milliseconds and the deviation of the logarithm. */
export type Took = { readonly medianMs: number; readonly deviation: number };

/** Istio's bounds, milliseconds. */
const BOUNDS = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000];

/**
 * What Istio's sidecars expose of how long the requests took that their pods answered, with the labels of their counts. Bucket for bucket it is what is
 * expected of so many requests, rounded: there is no chance in it but that of the requests.
 */
export function istioLatencies(
  requests: readonly Exposed[],
  counters: readonly RequestCounter[],
  { took, faults }: { readonly took: Took; readonly faults: ReadonlyMap<string, VersionFault> },
): readonly Exposed[] {
  return requests.flatMap(({ labels, value }, index) => {
    const factor = slowness(counters[index], faults);
    const bucket = (le: string, count: number): Exposed => ({
      labels: { ...labels, __name__: "istio_request_duration_milliseconds_bucket", le },
      value: count,
    });
    return [
      ...BOUNDS.map((bound) => bucket(String(bound), Math.round(value * upTo(bound / factor, took)))),
      bucket("+Inf", value),
    ];
  });
}

function slowness(counter: RequestCounter | undefined, faults: ReadonlyMap<string, VersionFault>): number {
  const found = counter?.pod.template.containers.map(({ image }) => faults.get(image)) ?? [];
  return found.reduce((factor, fault) => (fault?.kind === "slower" ? factor * fault.factor : factor), 1);
}

function upTo(ms: number, { medianMs, deviation }: Took): number {
  return 1 / (1 + Math.exp((-1.702 * Math.log(ms / medianMs)) / deviation));
}
