import type { Histogram } from "../../core/gate/histogram.ts";
import { read, type Reading } from "../../core/reading.ts";
import type { PrometheusSettings, TimelineQuestion } from "../../ports/metrics.ts";
import { latencyOver } from "./buckets.ts";
import { selectorsFor, type Claim } from "./claims.ts";
import type { Ask } from "./http.ts";
import { seriesOf, type Query } from "./parts.ts";
import { workloadsOf, type Matcher } from "./promql.ts";
import type { ArmClaims } from "./requests.ts";
import type { Series } from "./series.ts";

/** How long requests to a pod took, by the start of the window (milliseconds) and the pod's name. */
export type LatencyAt = ReadonlyMap<number, ReadonlyMap<string, Histogram>>;

type Asked = {
  readonly settings: PrometheusSettings;
  readonly arms: ArmClaims;
  readonly label: string;
  readonly ask: Ask;
};

/** The histograms of stable's pods, told apart by a label of the buckets; none where they are not asked for, or not counted. */
export async function latencyOfPods(question: TimelineQuestion, asked: Asked): Promise<Reading<LatencyAt>> {
  const { latency } = asked.settings.requests;
  if (question.latency !== "asked" || latency === undefined) return read(new Map());
  const [reading] = await seriesOf(
    bucketsOf(latency.buckets, question, asked),
    [{ claim: asked.arms.stable, from: question.from }],
    asked.ask,
  );
  if (reading === undefined || reading.kind === "unavailable") return reading ?? read(new Map());
  const { workloads } = question;
  const own = reading.value.filter(({ labels }) =>
    workloadsOf(labels.get(asked.label) ?? "").includes(workloads.stable),
  );
  const byPod = Map.groupBy(own, ({ labels }) => labels.get(asked.label) ?? "");
  const found = new Map<number, Map<string, Histogram>>();
  for (const [pod, series] of byPod)
    for (const [start, histogram] of histogramsOf(series)) {
      const others = found.get(start);
      if (others === undefined) found.set(start, new Map([[pod, histogram]]));
      else others.set(pod, histogram);
    }
  return read(found);

  function histogramsOf(series: readonly Series[]): readonly (readonly [number, Histogram])[] {
    if (latency === undefined) return [];
    return latencyOver(read(series), asked.arms, question, latency).flatMap((window, index) =>
      window.kind === "read" && window.stable !== undefined
        ? [[question.from + index * question.windowMs, window.stable] as const]
        : [],
    );
  }
}

/** Buckets at both ends of every window, summed over what is neither a pod nor tells the arms apart. */
function bucketsOf(
  metric: string,
  { to, windowMs }: TimelineQuestion,
  { settings: { requests }, arms, label }: Asked,
): Query {
  const where = Object.entries(requests.where).map(([key, value]): Matcher => ({ label: key, op: "=", value }));
  const labels = [...new Set(["le", ...labelsOf([arms.stable, arms.canary]), "instance", "pod", label])];
  return {
    endpoint: "query_range",
    reach: (from) => from,
    parametersOf: (claims, from) => ({
      query: `sum by (${labels.join(", ")}) (${selectorsFor(metric, where, claims).join("")})`,
      start: seconds(from),
      end: seconds(to),
      step: seconds(windowMs),
    }),
  };
}

function labelsOf(claims: readonly Claim[]): readonly string[] {
  return claims.flat(2).map(({ label }) => label);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
