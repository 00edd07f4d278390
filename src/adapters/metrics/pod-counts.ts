import { read, type Reading } from "../../core/reading.ts";
import type { PrometheusSettings, TimelineQuestion } from "../../ports/metrics.ts";
import type { PodCounts, PodsAt, ReadPods } from "../../ports/pod-counts.ts";
import type { Fetch } from "../http/guarded-fetch.ts";
import { selectorsFor, type Claim } from "./claims.ts";
import { countsPerWindow, type Counter, type Grid } from "./counters.ts";
import { connect, type Ask } from "./http.ts";
import { seriesOf, type Query } from "./parts.ts";
import { latencyOfPods, type LatencyAt } from "./pod-latency.ts";
import { labelName, workloadsOf, type Matcher } from "./promql.ts";
import { armsOf } from "./requests.ts";
import { identityOf, type Series } from "./series.ts";

/** Requests to stable's pods, and how long they took where that is asked, told apart by a label of the request counter. Throws a UserError on a label or settings that cannot be used. */
export function prometheusPods(
  settings: PrometheusSettings,
  { fetch }: { readonly fetch: Fetch },
  label: string,
): ReadPods {
  const ask = connect(settings, fetch);
  labelName(label);
  return async (question) => {
    const arms = armsOf(question, settings.requests);
    if (arms.kind === "unavailable") return arms;
    const [all, failed, latency] = await Promise.all([
      ofStable(arms.value.stable, question, { settings, more: [], ask }),
      ofStable(arms.value.stable, question, { settings, more: [failedMatcher(settings)], ask }),
      latencyOfPods(question, { settings, arms: arms.value, label, ask }),
    ]);
    if (all.kind === "unavailable") return all;
    if (failed.kind === "unavailable") return failed;
    if (latency.kind === "unavailable") return latency;
    const counted = podsAt(all.value, failed.value, { question, label, lookbackMs: settings.lookbackMs });
    return read(withLatency(counted, latency.value));
  };
}

function withLatency(counted: PodsAt, latency: LatencyAt): PodsAt {
  if (latency.size === 0) return counted;
  return new Map(
    [...counted].map(([start, pods]) => [
      start,
      pods.map((one) => ({ ...one, latency: latency.get(start)?.get(one.pod) })),
    ]),
  );
}

type Asked = { readonly settings: PrometheusSettings; readonly more: readonly Matcher[]; readonly ask: Ask };

async function ofStable(
  claim: Claim,
  { from, to }: TimelineQuestion,
  { settings, more, ask }: Asked,
): Promise<Reading<readonly Series[]>> {
  const { requests, lookbackMs } = settings;
  const where = Object.entries(requests.where).map(([label, value]): Matcher => ({ label, op: "=", value }));
  const query: Query = {
    endpoint: "query",
    reach: (since) => since - lookbackMs,
    // One millisecond more: since version 3 a range leaves out the sample at its left end.
    parametersOf: (claims, since) => ({
      query: `${selectorsFor(requests.counter, [...where, ...more], claims).join("")}[${to - since + lookbackMs + 1}ms]`,
      time: (to / 1000).toFixed(3),
    }),
  };
  const [reading] = await seriesOf(query, [{ claim, from }], ask);
  return reading ?? read([]);
}

function failedMatcher({ requests: { failed } }: PrometheusSettings): Matcher {
  return { label: failed.label, op: "=~", value: failed.matches };
}

type Telling = { readonly question: TimelineQuestion; readonly label: string; readonly lookbackMs: number };

/** Series that name no pod of stable's workload, a gateway's for one, tell nothing of pods. */
function podsAt(all: readonly Series[], failed: readonly Series[], { question, label, lookbackMs }: Telling): PodsAt {
  const failures = new Set(failed.map(identityOf));
  const own = all.filter(({ labels }) => workloadsOf(labels.get(label) ?? "").includes(question.workloads.stable));
  const byPod = Map.groupBy(own, ({ labels }) => labels.get(label) ?? "");
  const grid: Grid = { from: question.from, to: question.to, windowMs: question.windowMs, lookbackMs };
  const found = new Map<number, PodCounts[]>();
  for (const [pod, series] of byPod) {
    const counters = series.map((one): Counter => ({ series: one, failed: failures.has(identityOf(one)) }));
    for (const [index, counts] of countsPerWindow(counters, grid).entries()) {
      if (counts === undefined) continue;
      const start = grid.from + index * grid.windowMs;
      const others = found.get(start);
      if (others === undefined) found.set(start, [{ pod, ...counts }]);
      else others.push({ pod, ...counts });
    }
  }
  return found;
}
