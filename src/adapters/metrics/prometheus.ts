import { createHash } from "node:crypto";
import { unavailable, read } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { RequestSettings } from "../../core/requests.ts";
import type { Window, WindowLatency } from "../../core/window.ts";
import type { PrometheusSettings, TimelineQuestion } from "../../ports/metrics.ts";
import type { Fetch } from "../http/guarded-fetch.ts";
import type { IdentifiedMetrics } from "./cached.ts";
import { exact, selectorsFor, type Claim, type Part } from "./claims.ts";
import { phaseClaim, phaseQuery, phasesOver } from "./controller.ts";
import { windowsIn } from "./counters.ts";
import { gaugesOf, withGauges } from "./gauges.ts";
import { groupsOf, type Group } from "./groups.ts";
import { connect } from "./http.ts";
import type { Ask } from "./http.ts";
import { latencyTogether, matchersOf, seconds } from "./latency.ts";
import { seriesOf, type Query, type TextOf, type Wanted } from "./parts.ts";
import { podsOver } from "./pods.ts";
import { areOfOne, labelName, metricName } from "./promql.ts";
import type { Matcher } from "./promql.ts";
import { armsOf, requestedOver, type ArmClaims } from "./requests.ts";
import type { Room } from "./room.ts";
import { readingsOf } from "./season.ts";
import type { Series } from "./series.ts";

// The server evaluates at most this many steps in one range query.
const MOST_WINDOWS = 11_000;
// Beyond it a pod's generated name no longer holds the whole name of its Deployment.
const LONGEST_WORKLOAD = 57;
/** Groups that are asked for at one time: each holds up to six answers. */
const MOST_AT_ONCE = 3;

/** A question that can be asked; `index`: its place among all; `labels`: by which its arms are told. */
type Asking = {
  readonly index: number;
  readonly question: TimelineQuestion;
  readonly arms: ArmClaims;
  readonly labels: string;
};

type Answered = { readonly index: number; readonly reading: Reading<readonly Window[]> };

/**
 * A provider that speaks the Prometheus HTTP API. Counts are made of raw samples (`increase` extrapolates); pods come from kube-state metrics.
 * Throws a UserError on settings that cannot be used. Questions about windows alike are four queries together, with Argo Rollouts among them one more, and two for how long requests took, and two for each gauge of a member,
 * all of past times: asking again gives the same answer, and what it says of one member never depends on who else is asked about.
 */
export function prometheusMetrics(
  settings: PrometheusSettings,
  { fetch, room = boundless }: { readonly fetch: Fetch; readonly room?: Room | undefined },
): IdentifiedMetrics {
  const ask = connect(settings, fetch);
  checkNames(settings.requests);
  return {
    identity: identityOfProvider(settings),
    timelines: (questions) => timelinesOf(questions, settings, { ask, room }),
    readings: (questions) => readingsOf(questions, settings.requests, ask),
  };
}

// Headers choose a tenant, so they are part of who answers; only their digest is kept.
function identityOfProvider({ url, headers, requests, lookbackMs }: PrometheusSettings): string {
  return createHash("sha256")
    .update(JSON.stringify([url, headers, requests, lookbackMs]))
    .digest("hex");
}

const boundless: Room = (_, work) => work();

async function timelinesOf(
  questions: readonly TimelineQuestion[],
  settings: PrometheusSettings,
  { ask, room }: { readonly ask: Ask; readonly room: Room },
): Promise<readonly Reading<readonly Window[]>[]> {
  const ready = questions.map((question, index) => ({ index, question, arms: readyFor(question, settings.requests) }));
  const groups = groupsOf(
    ready.flatMap(({ arms, ...rest }) =>
      arms.kind === "ready" ? [{ ...rest, arms: arms.arms, labels: labelsOf(arms.arms) }] : [],
    ),
  );
  const answered = await inTurns(groups, (group) =>
    room(windowsOfGroup(group), () => answersFor(group, settings, ask)),
  );
  const readings = new Map(answered.flat().map(({ index, reading }) => [index, reading]));
  return ready.map(({ index, arms }) =>
    arms.kind === "ready" ? (readings.get(index) ?? unavailable("Prometheus was not asked.")) : arms.reading,
  );
}

function windowsOfGroup({ members }: Group<Asking>): number {
  return members.reduce((sum, { question }) => sum + windowsIn(question), 0);
}

function labelsOf({ stable }: ArmClaims): string {
  return (stable[0] ?? []).map(({ label }) => label).join();
}

type Ready =
  | { readonly kind: "ready"; readonly arms: ArmClaims }
  | { readonly kind: "known"; readonly reading: Reading<readonly Window[]> };

/** Whether a question can be asked; where it cannot, or need not, its reading. */
function readyFor(question: TimelineQuestion, requests: RequestSettings): Ready {
  const windows = windowsIn(question);
  if (windows === 0) return { kind: "known", reading: read([]) };
  if (windows > MOST_WINDOWS) return refused(`More than ${MOST_WINDOWS} windows cannot be asked for at once.`);
  const { canary, stable } = question.workloads;
  if (Math.max(canary.length, stable.length) > LONGEST_WORKLOAD) {
    return refused(`A workload's name is longer than ${LONGEST_WORKLOAD} characters: its pods cannot be told apart.`);
  }
  const arms = armsOf(question, requests);
  if (arms.kind === "unavailable") return { kind: "known", reading: arms };
  if (canary !== stable && areOfOne(canary, stable))
    return refused(
      `The workloads ${canary} and ${stable} may have pods of the same names: their pods cannot be told apart.`,
    );
  return { kind: "ready", arms: arms.value };
}

function refused(reason: string): Ready {
  return { kind: "known", reading: unavailable(reason) };
}

type Answers = readonly Reading<readonly Series[]>[];

async function answersFor(group: Group<Asking>, settings: PrometheusSettings, ask: Ask): Promise<readonly Answered[]> {
  const [answers, latency, gauges] = await Promise.all([
    readTogether(group, settings, ask),
    latencyTogether(group, settings, ask),
    gaugesOf(
      group.members.map(({ question }) => question),
      ask,
    ),
  ]);
  return group.members.map((member, place) => {
    const own = allRead(answers.map((ofMembers) => ofMembers[place] ?? NOT_ASKED));
    const windows = own.kind === "read" ? windowsOf(member, own.value, settings) : own;
    const timed = withLatency(windows, latency.get(member));
    return { index: member.index, reading: withGauges(timed, gauges[place]) };
  });
}

function withLatency(
  windows: Reading<readonly Window[]>,
  told: readonly WindowLatency[] | undefined,
): Reading<readonly Window[]> {
  if (windows.kind === "unavailable" || told === undefined) return windows;
  return read(windows.value.map((window, index) => ({ ...window, latency: told[index] })));
}

const NOT_ASKED = unavailable<readonly Series[]>("Prometheus was not asked.");

/** For each thing that is asked, each member's own series: requests, failed requests, pods, their readiness, phases. */
function readTogether(
  { members, times }: Group<Asking>,
  settings: PrometheusSettings,
  ask: Ask,
): Promise<readonly Answers[]> {
  const of = (query: Query, claimOf: (member: Asking) => Claim) => seriesOf(query, members.map(wanting(claimOf)), ask);
  const requests = ({ arms }: Asking): Claim => [...arms.canary, ...arms.stable];
  return Promise.all([
    of(rawUntil(times.to, settings, []), requests),
    of(rawUntil(times.to, settings, [failedMatcher(settings.requests)]), requests),
    of(endsUntil(times, oneOf("kube_pod_container_info")), ({ question }) =>
      podsClaim(question, exact("container", question.container)),
    ),
    of(endsUntil(times, oneOf("kube_pod_status_ready")), ({ question }) =>
      podsClaim(question, exact("condition", "true")),
    ),
    phasesOf(members, endsUntil(times, phaseQuery), ask),
  ]);
}

function wanting(claimOf: (member: Asking) => Claim): (member: Asking) => Wanted {
  return (member) => ({ claim: claimOf(member), from: member.question.from });
}

/** Of Deployments nothing is asked. */
async function phasesOf(members: readonly Asking[], query: Query, ask: Ask): Promise<Answers> {
  const rollouts = members.filter(({ question: { workloads } }) => workloads.canary === workloads.stable);
  const claimOf = ({ question }: Asking) => phaseClaim(question.namespace, question.workloads.canary);
  const phases = await seriesOf(query, rollouts.map(wanting(claimOf)), ask);
  const known = new Map(rollouts.map((member, place) => [member, phases[place]]));
  return members.map((member) => known.get(member) ?? read([]));
}

function podsClaim({ namespace, workloads }: TimelineQuestion, more: Part): Claim {
  const names = [...new Set([workloads.canary, workloads.stable])];
  return names.map((workload) => [exact("namespace", namespace), more, { kind: "pods", label: "pod", workload }]);
}

function windowsOf(
  { question, arms }: Asking,
  [all = [], failed = [], infos = [], readiness = [], rollout = []]: readonly (readonly Series[])[],
  { lookbackMs, requests: { versionLabel } }: PrometheusSettings,
): Reading<readonly Window[]> {
  const requested = requestedOver({ all, failed }, arms, { ...question, lookbackMs }, versionLabel);
  if (requested.kind === "unavailable") return requested;
  const podsAt = podsOver(infos, readiness, question.workloads);
  const phasesAt = phasesOver(rollout);
  const windows = requested.value.map(({ counts, versions }, index) => {
    const start = question.from + index * question.windowMs;
    const end = start + question.windowMs;
    const phases = phasesAt(end);
    return { start, end, counts, pods: podsAt(end), ...(versions && { versions }), ...(phases && { phases }) };
  });
  return read(windows);
}

// One millisecond more: since version 3 a range leaves out the sample at its left end.
function rawUntil(to: number, { requests, lookbackMs }: PrometheusSettings, more: readonly Matcher[]): Query {
  const textOf = oneOf(requests.counter, [...matchersOf(requests.where), ...more]);
  return {
    endpoint: "query",
    isOfNumbers: true,
    reach: (from) => from - lookbackMs,
    parametersOf: (claims, from) => ({
      query: `${textOf(claims)}[${to - from + lookbackMs + 1}ms]`,
      time: seconds(to),
    }),
  };
}

// Evaluated by the server at the end of each window, so that its own markers of vanished pods count.
function endsUntil({ to, windowMs }: Group<Asking>["times"], textOf: TextOf): Query {
  const last = { end: seconds(to), step: seconds(windowMs) };
  return {
    endpoint: "query_range",
    reach: (from) => from + windowMs,
    parametersOf: (claims, from) => ({ query: textOf(claims), start: seconds(from + windowMs), ...last }),
  };
}

/** One selector: the claims all speak of the same labels. */
function oneOf(metric: string, fixed: readonly Matcher[] = []): TextOf {
  return (claims) => selectorsFor(metric, fixed, claims).join("");
}

function failedMatcher({ failed }: RequestSettings): Matcher {
  return { label: failed.label, op: "=~", value: failed.matches };
}

function checkNames({ counter, latency, where, failed, ...labels }: RequestSettings): void {
  const { arm, workload, canary, namespaceLabel, versionLabel } = labels;
  const told = [arm?.label, workload?.label, canary?.label, namespaceLabel, versionLabel];
  metricName(counter);
  if (latency !== undefined) metricName(latency.buckets);
  for (const label of [...Object.keys(where), ...told, failed.label]) if (label !== undefined) labelName(label);
}

function allRead<T>(readings: readonly Reading<T>[]): Reading<readonly T[]> {
  const values: T[] = [];
  for (const reading of readings) {
    if (reading.kind === "unavailable") return reading;
    values.push(reading.value);
  }
  return read(values);
}

/** Works on all items, a few at a time, and answers in their order. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let begin = 0; begin < items.length; begin += MOST_AT_ONCE) {
    // oxlint-disable-next-line no-await-in-loop -- in turns, so that no more than a few answers are ever held
    results.push(...(await Promise.all(items.slice(begin, begin + MOST_AT_ONCE).map(work))));
  }
  return results;
}
