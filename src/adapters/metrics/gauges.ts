import { filled } from "../../core/placeholders.ts";
import { read, unavailable, type Reading } from "../../core/reading.ts";
import type { Arm, Window, WindowGauge, WindowGauges } from "../../core/window.ts";
import type { GaugeQuestion, TimelineQuestion } from "../../ports/metrics.ts";
import type { Ask } from "./http.ts";
import { podsPattern } from "./promql.ts";
import type { Answer, Sample } from "./series.ts";

/** What each gauge of a member says at the end of each window, or why it cannot be read. */
export type Gauges = readonly { readonly name: string; readonly arms: Reading<ArmValues> }[];

/** By the end of a window, milliseconds. */
type ArmValues = { readonly [arm in Arm]: ReadonlyMap<number, number> };

/** When so many questions in a row were not answered, the rest of the group's are not asked. */
const MOST_UNANSWERED = 3;

/**
 * The gauges of those who ask for any, in their order. Each arm is asked for itself, since nothing is known of how a query could be joined with others; one that
 * is refused, or not answered, says nothing of the rest.
 */
export async function gaugesOf(questions: readonly TimelineQuestion[], ask: Ask): Promise<readonly Gauges[]> {
  let unanswered = 0;
  const patient: Ask = async (endpoint, parameters) => {
    if (unanswered >= MOST_UNANSWERED) return NOT_ASKED;
    const answer = await ask(endpoint, parameters);
    unanswered = answer.kind === "unavailable" ? unanswered + 1 : 0;
    return answer;
  };
  const all: Gauges[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a provider is never asked for all of them at once
  for (const question of questions) all.push(await gaugesFor(question, patient));
  return all;
}

const NOT_ASKED = unavailable<Answer>("Prometheus was not asked: it has not answered what was asked before.");

/** The windows with their gauges; untouched where none are asked. */
export function withGauges(windows: Reading<readonly Window[]>, gauges: Gauges = []): Reading<readonly Window[]> {
  if (windows.kind === "unavailable" || gauges.length === 0) return windows;
  return read(windows.value.map((window) => ({ ...window, gauges: gaugesAt(window.end, gauges) })));
}

function gaugesAt(end: number, gauges: Gauges): WindowGauges {
  return Object.fromEntries(gauges.map(({ name, arms }) => [name, gaugeAt(end, arms)]));
}

function gaugeAt(end: number, arms: Reading<ArmValues>): WindowGauge {
  if (arms.kind === "unavailable") return { kind: "unread", reason: arms.reason };
  const [canary, stable] = [arms.value.canary.get(end), arms.value.stable.get(end)];
  return { kind: "read", ...(canary !== undefined && { canary }), ...(stable !== undefined && { stable }) };
}

async function gaugesFor(question: TimelineQuestion, ask: Ask): Promise<Gauges> {
  const gauges: Gauges[number][] = [];
  for (const gauge of question.gauges ?? []) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    gauges.push({ name: gauge.name, arms: await armsOf(gauge, question, ask) });
  }
  return gauges;
}

async function armsOf(gauge: GaugeQuestion, question: TimelineQuestion, ask: Ask): Promise<Reading<ArmValues>> {
  const [canaryText, stableText] = [textOf(gauge, question, "canary"), textOf(gauge, question, "stable")];
  if (canaryText === stableText) return unavailable("The query is the same for canary and stable: {arm} tells them.");
  const [canary, stable] = await Promise.all([
    valuesOf(canaryText, question, ask),
    valuesOf(stableText, question, ask),
  ]);
  if (canary.kind === "unavailable") return canary;
  return stable.kind === "unavailable" ? stable : read({ canary: canary.value, stable: stable.value });
}

/** The query of one arm. What is not above 0 or not finite is left out by the server, so that a NaN is a value that is missing there, and no more. */
function textOf({ query }: GaugeQuestion, question: TimelineQuestion, arm: Arm): string {
  const { service, namespace, arms, workloads } = question;
  const text = filled(query, { service, namespace, arm: arms[arm], workload: workloads[arm] });
  // On a line of its own, the bracket is no part of a comment at the query's end.
  return `(${text.replaceAll(PODS, () => podsPattern([workloads[arm]]))}\n) > 0 < Inf`;
}

const PODS = "{pods}";

async function valuesOf(
  query: string,
  { from, to, windowMs }: TimelineQuestion,
  ask: Ask,
): Promise<Reading<ReadonlyMap<number, number>>> {
  const times = { start: seconds(from + windowMs), end: seconds(to), step: seconds(windowMs) };
  const answer = await ask("query_range", { query, ...times });
  if (answer.kind !== "read") return unavailable(answer.reason);
  const { series, flawed } = answer.value;
  const [flaw] = flawed;
  if (flaw !== undefined) return unavailable(flaw.reason);
  if (series.length > 1)
    return unavailable(`The query gives ${series.length} series of an arm, where one mean is meant.`);
  return read(byEnd(series[0]?.samples ?? []));
}

function byEnd(samples: readonly Sample[]): ReadonlyMap<number, number> {
  return new Map(samples.filter(({ value }) => value > 0).map(({ at, value }) => [at, value]));
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
