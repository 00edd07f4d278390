import { filled } from "../../core/placeholders.ts";
import { read, unavailable, type Reading } from "../../core/reading.ts";
import type { GaugeQuestion, PrometheusSettings, TimelineQuestion } from "../../ports/metrics.ts";
import type { GaugeAt, ReadGauges } from "../../ports/pod-gauges.ts";
import type { Fetch } from "../http/guarded-fetch.ts";
import { connect, type Ask } from "./http.ts";
import { podsPattern, quotedPattern, selector } from "./promql.ts";
import type { Series } from "./series.ts";

/** Gauges of stable's pods: the query of an arm, asked of one pod after the other, several in one go. Pods are those that kube-state metrics know. */
export function prometheusGauges(settings: PrometheusSettings, { fetch }: { readonly fetch: Fetch }): ReadGauges {
  const ask = connect(settings, fetch);
  return async (question) => {
    const { gauges = [] } = question;
    if (gauges.length === 0) return new Map();
    const pods = await podsIn(question, ask);
    const found = new Map<string, Reading<GaugeAt>>();
    for (const gauge of gauges) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a provider is never asked for all of them at once
      found.set(gauge.name, pods.kind === "unavailable" ? pods : await gaugeOf(gauge, question, pods.value, ask));
    }
    return found;
  };
}

/** Of more, those whose names come first are taken: enough to draw canaries from. */
const MOST_PODS = 24;
/** Pods that one query asks for. */
const TOGETHER = 8;

async function podsIn(question: TimelineQuestion, ask: Ask): Promise<Reading<readonly string[]>> {
  const { namespace, container, workloads } = question;
  const infos = selector("kube_pod_container_info", [
    { label: "namespace", op: "=", value: namespace },
    { label: "container", op: "=", value: container },
    { label: "pod", op: "=~", value: podsPattern([workloads.stable]) },
  ]);
  const answer = await ask("query_range", { query: infos, ...timesOf(question) });
  if (answer.kind !== "read") return unavailable(answer.reason);
  const names = new Set(answer.value.series.flatMap(({ labels }) => labels.get("pod") ?? []));
  return names.size === 0
    ? unavailable("kube-state metrics know no pod of stable's.")
    : read([...names].toSorted().slice(0, MOST_PODS));
}

async function gaugeOf(
  gauge: GaugeQuestion,
  question: TimelineQuestion,
  pods: readonly string[],
  ask: Ask,
): Promise<Reading<GaugeAt>> {
  if (!gauge.query.includes(PODS))
    return unavailable("Its query does not say {pods}, so that pods cannot be asked for one by one.");
  const found = new Map<number, Map<string, number>>();
  for (let begin = 0; begin < pods.length; begin += TOGETHER) {
    const some = pods.slice(begin, begin + TOGETHER);
    const query = some.map((pod) => textOf(gauge, question, pod)).join("\nor\n");
    // oxlint-disable-next-line no-await-in-loop -- as above
    const answer = await ask("query_range", { query, ...timesOf(question) });
    if (answer.kind !== "read") return unavailable(answer.reason);
    const [flaw] = answer.value.flawed;
    if (flaw !== undefined) return unavailable(flaw.reason);
    const byPod = Map.groupBy(answer.value.series, ({ labels }) => labels.get(POD) ?? "");
    for (const [pod, series] of byPod) {
      if (series.length > 1)
        return unavailable(`The query gives ${series.length} series of a pod, where one value is meant.`);
      keep(found, { pod, series, windowMs: question.windowMs });
    }
  }
  return read(found);
}

const PODS = "{pods}";
/** No label of anybody's. */
const POD = "tidegate_pod";

/** The query of an arm that has this pod alone, under its name. */
function textOf(
  { query }: GaugeQuestion,
  { service, namespace, arms, workloads }: TimelineQuestion,
  pod: string,
): string {
  const names = { service, namespace, arm: arms.stable, workload: workloads.stable };
  const pattern = quotedPattern(pod).replaceAll("\\", "\\\\");
  const text = filled(query, names).replaceAll(PODS, () => pattern);
  // On a line of its own, the bracket is no part of a comment at the query's end.
  return `label_replace((${text}\n) > 0 < Inf, "${POD}", "${pod}", "", "")`;
}

type Kept = { readonly pod: string; readonly series: readonly Series[]; readonly windowMs: number };

function keep(found: Map<number, Map<string, number>>, { pod, series, windowMs }: Kept): void {
  for (const { at, value } of series.flatMap(({ samples }) => samples)) {
    const others = found.get(at - windowMs);
    if (others === undefined) found.set(at - windowMs, new Map([[pod, value]]));
    else others.set(pod, value);
  }
}

function timesOf({ from, to, windowMs }: TimelineQuestion) {
  return { start: seconds(from + windowMs), end: seconds(to), step: seconds(windowMs) };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
