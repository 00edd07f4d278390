import { createHash } from "node:crypto";
import { unavailable, read } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { Arm, Counts, Window } from "../../core/window.ts";
import type { PrometheusSettings, TimelineQuestion } from "../../ports/metrics.ts";
import type { Fetch } from "../http/guarded-fetch.ts";
import type { IdentifiedMetrics } from "./cached.ts";
import { phaseQuery, phasesOver } from "./controller.ts";
import { countsPerWindow, versionsPerWindow, windowsIn } from "./counters.ts";
import type { Counter, Grid } from "./counters.ts";
import { connect } from "./http.ts";
import type { Ask } from "./http.ts";
import { podsOver } from "./pods.ts";
import { areOfOne, either, labelName, metricName, podPattern, selector } from "./promql.ts";
import type { Matcher } from "./promql.ts";
import { identityOf } from "./series.ts";
import type { Series } from "./series.ts";

type CountsByArm = { readonly [arm in Arm]?: Counts };

/** What requests say of each window. */
type Requested = { readonly counts: CountsByArm; readonly versions: Window["versions"] };

/** What is known of pods, and of the Rollout that they are of; nothing of the latter where they are of Deployments. */
type PodSeries = {
  readonly infos: readonly Series[];
  readonly readiness: readonly Series[];
  readonly rollout: readonly Series[];
};

const ARMS: readonly Arm[] = ["canary", "stable"];

// The server evaluates at most this many steps in one range query.
const MOST_WINDOWS = 11_000;
// Beyond it a pod's generated name no longer holds the whole name of its Deployment.
const LONGEST_WORKLOAD = 57;

/**
 * A provider that speaks the Prometheus HTTP API. Counts are made of raw samples (`increase` extrapolates); pods come from kube-state metrics.
 * Throws a UserError on settings that cannot be used. One timeline is four queries, of an Argo Rollout five, all of past times: asking again gives the same answer.
 */
export function prometheusMetrics(
  settings: PrometheusSettings,
  { fetch }: { readonly fetch: Fetch },
): IdentifiedMetrics {
  const ask = connect(settings, fetch);
  checkNames(settings.requests);
  return { identity: identityOfProvider(settings), timeline: (question) => timelineOf(question, settings, ask) };
}

// Headers choose a tenant, so they are part of who answers; only their digest is kept.
function identityOfProvider({ url, headers, requests, lookbackMs }: PrometheusSettings): string {
  return createHash("sha256")
    .update(JSON.stringify([url, headers, requests, lookbackMs]))
    .digest("hex");
}

async function timelineOf(
  question: TimelineQuestion,
  settings: PrometheusSettings,
  ask: Ask,
): Promise<Reading<readonly Window[]>> {
  if (windowsIn(question) === 0) return read([]);
  if (windowsIn(question) > MOST_WINDOWS)
    return unavailable(`More than ${MOST_WINDOWS} windows cannot be asked for at once.`);
  if (Math.max(question.workloads.canary.length, question.workloads.stable.length) > LONGEST_WORKLOAD) {
    return unavailable(
      `A workload's name is longer than ${LONGEST_WORKLOAD} characters: its pods cannot be told apart.`,
    );
  }
  const shared = sharedBy(question, labelOf(question, settings));
  if (shared !== undefined) return unavailable(shared);
  const [counts, pods] = await Promise.all([readCounts(question, settings, ask), readPods(question, ask)]);
  if (counts.kind === "unavailable") return counts;
  if (pods.kind === "unavailable") return pods;
  return read(windowsOf(question, counts.value, pods.value));
}

function windowsOf(
  question: TimelineQuestion,
  requested: readonly Requested[],
  { infos, readiness, rollout }: PodSeries,
): readonly Window[] {
  const podsAt = podsOver(infos, readiness, question.workloads);
  const phasesAt = phasesOver(rollout);
  return requested.map(({ counts, versions }, index) => {
    const start = question.from + index * question.windowMs;
    const end = start + question.windowMs;
    const phases = phasesAt(end);
    return { start, end, counts, pods: podsAt(end), ...(versions && { versions }), ...(phases && { phases }) };
  });
}

// Failed requests are told by the identity of their series alone and counted from the samples of all requests:
// the two answers cannot disagree about a number, and failed can never exceed requests.
async function readCounts(
  question: TimelineQuestion,
  settings: PrometheusSettings,
  ask: Ask,
): Promise<Reading<readonly Requested[]>> {
  const { lookbackMs } = settings;
  const label = labelOf(question, settings);
  const parameters = (matchers: readonly Matcher[]) => ({
    query: `${requestSelector(settings, [...membersOf(question, settings), ...matchers])}[${rangeMs(question, lookbackMs)}ms]`,
    time: seconds(question.to),
  });
  const [all, failed] = await Promise.all([
    ask("query", parameters([])),
    ask("query", parameters([failedMatcher(settings)])),
  ]);
  if (all.kind === "unavailable") return all;
  if (failed.kind === "unavailable") return failed;
  const counters = countersOf(all.value, failed.value);
  if (counters.kind === "unavailable") return counters;
  const ofArm = (arm: Arm) => counters.value.filter(({ series }) => series.labels.get(label) === question.arms[arm]);
  const grid: Grid = { ...question, lookbackMs };
  const versions = versionsByArm(ofArm, grid, settings.requests.versionLabel);
  return read(countsByArm(ofArm, grid).map((counts, index) => ({ counts, versions: versions?.[index] })));
}

function versionsByArm(
  ofArm: (arm: Arm) => readonly Counter[],
  grid: Grid,
  label: string | undefined,
): readonly Window["versions"][] | undefined {
  if (label === undefined) return undefined;
  const [canary = [], stable = []] = ARMS.map((arm) => versionsPerWindow(ofArm(arm), grid, label));
  return canary.map((ofCanary, index) => ({ canary: ofCanary, stable: stable[index] ?? [] }));
}

function countersOf(all: readonly Series[], failed: readonly Series[]): Reading<readonly Counter[]> {
  const failures = new Set(failed.map(identityOf));
  const counters = all.map((series) => ({ series, failed: failures.has(identityOf(series)) }));
  if (counters.filter((counter) => counter.failed).length < failures.size) {
    return unavailable("Prometheus knows failed requests that it does not count as requests.");
  }
  const isBelowZero = all.some(({ samples }) => samples.some(({ value }) => value < 0));
  return isBelowZero ? unavailable("A request counter is below zero.") : read(counters);
}

/**
 * Counts of both arms per window. A canary of which nothing is sampled while stable is, has zeros: it has no pods, or none that was ever asked,
 * and either way the split sent it nothing. Stable gets no such zeros: a missing stable is a missing reference.
 */
function countsByArm(ofArm: (arm: Arm) => readonly Counter[], grid: Grid): readonly CountsByArm[] {
  const [canary = [], stable = []] = ARMS.map((arm) => countsPerWindow(ofArm(arm), grid));
  return stable.map((ofStable, index) => {
    const ofCanary = canary[index] ?? (ofStable && { requests: 0, failed: 0 });
    if (ofCanary === undefined) return {};
    return ofStable === undefined ? { canary: ofCanary } : { canary: ofCanary, stable: ofStable };
  });
}

// Evaluated by the server at the end of each window, so that its own markers of vanished pods count.
async function readPods(
  { namespace, container, workloads, from, to, windowMs }: TimelineQuestion,
  ask: Ask,
): Promise<Reading<PodSeries>> {
  const times = { start: seconds(from + windowMs), end: seconds(to), step: seconds(windowMs) };
  const pod = `${podPattern(workloads.canary)}|${podPattern(workloads.stable)}`;
  const range = (metric: string, label: string, value: string) => {
    const matchers: readonly Matcher[] = [
      equal("namespace", namespace),
      equal(label, value),
      { label: "pod", op: "=~", value: pod },
    ];
    return ask("query_range", { query: selector(metric, matchers), ...times });
  };
  const isRollout = workloads.canary === workloads.stable;
  const [infos, readiness, rollout] = await Promise.all([
    range("kube_pod_container_info", "container", container),
    range("kube_pod_status_ready", "condition", "true"),
    isRollout ? ask("query_range", { query: phaseQuery(namespace, workloads.canary), ...times }) : NOTHING_ASKED,
  ]);
  if (infos.kind === "unavailable") return infos;
  if (readiness.kind === "unavailable") return readiness;
  if (rollout.kind === "unavailable") return rollout;
  return read({ infos: infos.value, readiness: readiness.value, rollout: rollout.value });
}

const NOTHING_ASKED = read<readonly Series[]>([]);

function membersOf(question: TimelineQuestion, settings: PrometheusSettings): readonly Matcher[] {
  const { namespace, arms } = question;
  return [
    equal(settings.requests.namespaceLabel, namespace),
    { label: labelOf(question, settings), op: "=~", value: either(arms.canary, arms.stable) },
  ];
}

/** The label that tells the arms apart. */
function labelOf({ arms }: TimelineQuestion, { requests }: PrometheusSettings): string {
  return arms.by === "workload" ? requests.workloadLabel : requests.armLabel;
}

/** What both arms would be counted or seen by, a sentence; undefined where their requests and their pods are disjoint, or their one workload is meant. */
function sharedBy({ arms, workloads }: TimelineQuestion, label: string): string | undefined {
  if (arms.canary === arms.stable)
    return `Canary and stable are both ${arms.canary} in the label ${label}: their requests cannot be told apart.`;
  if (workloads.canary !== workloads.stable && areOfOne(workloads.canary, workloads.stable))
    return `The workloads ${workloads.canary} and ${workloads.stable} may have pods of the same names: their pods cannot be told apart.`;
  return undefined;
}

function requestSelector({ requests }: PrometheusSettings, matchers: readonly Matcher[]): string {
  const where = Object.entries(requests.where).map(([label, value]) => equal(label, value));
  return selector(requests.counter, [...where, ...matchers]);
}

function checkNames({ counter, where, failed, ...labels }: PrometheusSettings["requests"]): void {
  const { armLabel, workloadLabel, namespaceLabel, versionLabel = failed.label } = labels;
  metricName(counter);
  for (const label of [...Object.keys(where), armLabel, workloadLabel, namespaceLabel, versionLabel, failed.label])
    labelName(label);
}

function failedMatcher({ requests }: PrometheusSettings): Matcher {
  return { label: requests.failed.label, op: "=~", value: requests.failed.matches };
}

function equal(label: string, value: string): Matcher {
  return { label, op: "=", value };
}

// One millisecond more: since version 3 a range leaves out the sample at its left end.
function rangeMs({ from, to }: TimelineQuestion, lookbackMs: number): number {
  return to - from + lookbackMs + 1;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
