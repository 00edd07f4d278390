import type { Reading as Sample } from "../../core/gate/seasonal.ts";
import { read, unavailable, type Reading } from "../../core/reading.ts";
import type { RequestSettings } from "../../core/requests.ts";
import { SEASONAL_WORDS, type SeasonalBuiltin } from "../../core/season.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { ReadingsQuestion } from "../../ports/metrics.ts";
import { selectorsFor } from "./claims.ts";
import type { Ask } from "./http.ts";
import { matchersOf, seconds } from "./latency.ts";
import { podsPattern, type Matcher } from "./promql.ts";
import { armsOf } from "./requests.ts";
import type { Answer, Series } from "./series.ts";

// The server evaluates at most 11,000 steps in one range query.
const MOST_READINGS = 10_000;
/** As many readings are asked for in one query, over all services: about 3 MB. */
const MOST_TOGETHER = 100_000;
const MOST_SERVICES = 50;

/** A question whose query is known, by its place among all. */
type Asking = { readonly place: number; readonly question: ReadingsQuestion; readonly text: string };

type Samples = Reading<readonly Sample[]>;

/**
 * Readings of metrics of services as wholes, in the order of the questions. Those of one time are asked for together, in as few range queries as the server
 * takes. What is no reading is left out by the server, so that a NaN is missing there and no more.
 */
export async function readingsOf(
  questions: readonly ReadingsQuestion[],
  requests: RequestSettings,
  ask: Ask,
): Promise<readonly Samples[]> {
  const texts = questions.map((question) => textOf(question, requests));
  const asking = texts.flatMap((text, place) => {
    const question = questions[place];
    return text.kind === "read" && question !== undefined ? [{ place, question, text: text.value }] : [];
  });
  const found = new Map<number, Samples>();
  for (const group of groupsOf(asking)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a provider is never asked for all of it at once
    for (const [{ place }, samples] of await samplesOf(group, ask)) found.set(place, samples);
  }
  return texts.map((text, place) => (text.kind === "read" ? (found.get(place) ?? NOT_ASKED) : text));
}

const NOT_ASKED: Samples = unavailable("Prometheus was not asked.");

/** Those that are of one time, so many at once as one answer holds. */
function groupsOf(asking: readonly Asking[]): readonly (readonly Asking[])[] {
  const alike = Map.groupBy(asking, ({ question: { from, to, everyMs } }) => JSON.stringify([from, to, everyMs]));
  return [...alike.values()].flatMap((all) => {
    const { from = 0, to = 0, everyMs = 1 } = all[0]?.question ?? {};
    const readings = Math.max(1, Math.min(MOST_READINGS, (to - from) / everyMs));
    const size = Math.max(1, Math.min(MOST_SERVICES, Math.floor(MOST_TOGETHER / readings)));
    return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
      all.slice(index * size, (index + 1) * size),
    );
  });
}

/** The readings of all the time of a group, part after part. */
async function samplesOf(group: readonly Asking[], ask: Ask): Promise<ReadonlyMap<Asking, Samples>> {
  const { from = 0, to = 0, everyMs = 1 } = group[0]?.question ?? {};
  const found = new Map<Asking, Samples>(group.map((one) => [one, read([])]));
  for (let begin = from; begin < to; begin += MOST_READINGS * everyMs) {
    const times = { from: begin, to: Math.min(to, begin + MOST_READINGS * everyMs), everyMs };
    const open = group.filter((one) => found.get(one)?.kind === "read");
    // oxlint-disable-next-line no-await-in-loop -- as above
    for (const [one, part] of await partOf(open, times, ask)) found.set(one, joined(found.get(one), part));
  }
  return found;
}

function joined(before: Samples | undefined, part: Samples): Samples {
  return before?.kind === "read" && part.kind === "read" ? read([...before.value, ...part.value]) : part;
}

type Times = Pick<ReadingsQuestion, "from" | "to" | "everyMs">;

/** One answer for all. What a server refuses is asked for in halves: one query that is none, or too much at once, is no matter of the others. */
async function partOf(group: readonly Asking[], times: Times, ask: Ask): Promise<ReadonlyMap<Asking, Samples>> {
  if (group.length === 0) return new Map();
  const { from, to, everyMs } = times;
  const range = { start: seconds(from + everyMs), end: seconds(to), step: seconds(everyMs) };
  const answer = await ask("query_range", { query: queryOf(group), ...range });
  if (answer.kind === "excess" && group.length > 1) {
    const half = Math.ceil(group.length / 2);
    const first = await partOf(group.slice(0, half), times, ask);
    return new Map([...first, ...(await partOf(group.slice(half), times, ask))]);
  }
  if (answer.kind !== "read") return new Map(group.map((one) => [one, unavailable(answer.reason)]));
  return new Map(group.map((one, index) => [one, ownOf(answer.value, group.length === 1 ? undefined : index, times)]));
}

/** Tells the services apart in one answer; nothing that is scraped has it. */
const LABEL = "tidegate_service";

function queryOf(group: readonly Asking[]): string {
  // On a line of its own, the bracket is no part of a comment at the query's end.
  const each = group.map(({ text }) => `(${text}\n) >= 0 < Inf`);
  if (each.length === 1) return each.join("");
  return each.map((text, index) => `label_replace(${text}, "${LABEL}", "${index}", "", "")`).join(" or ");
}

/** What of an answer is one service's; without an index all of it. */
function ownOf({ series, flawed }: Answer, index: number | undefined, { from, to, everyMs }: Times): Samples {
  const isOwn = ({ labels }: { readonly labels: Series["labels"] }) =>
    index === undefined || labels.get(LABEL) === String(index);
  const flaw = flawed.find(isOwn);
  if (flaw !== undefined) return unavailable(flaw.reason);
  const own = series.filter(isOwn);
  if (own.length > 1)
    return unavailable(`The query gives ${own.length} series, where one of the service as a whole is meant.`);
  const isAsked = ({ at, value }: Sample) => value >= 0 && at > from && at <= to && (at - from) % everyMs === 0;
  return read((own[0]?.samples ?? []).filter(isAsked));
}

function textOf(question: ReadingsQuestion, requests: RequestSettings): Reading<string> {
  const { asked } = question;
  return asked.kind === "query"
    ? read(filledIn(asked.query, question))
    : builtinText(asked.builtin, question, requests);
}

const WORD = new RegExp(`\\{(${SEASONAL_WORDS.join("|")})\\}`, "g");

/** Every name is of RFC 1123's alphabet, so none can end a string or begin a clause. */
function filledIn(query: string, { service, namespace, arms, workloads, everyMs }: ReadingsQuestion): string {
  const said: Readonly<Record<string, string>> = {
    service,
    namespace,
    canary: arms.canary,
    stable: arms.stable,
    pods: podsPattern([...new Set([workloads.canary, workloads.stable])]),
    every: rangeOf(everyMs),
  };
  return query.replace(WORD, (whole, word: string) => said[word] ?? whole);
}

function builtinText(builtin: SeasonalBuiltin, question: ReadingsQuestion, requests: RequestSettings): Reading<string> {
  const arms = armsOf(question, requests);
  if (arms.kind === "unavailable") return arms;
  const { canary, stable } = arms.value;
  const range = rangeOf(question.everyMs);
  const where = matchersOf(requests.where);
  const over = (call: string, metric: string, more: readonly Matcher[] = []) =>
    selectorsFor(metric, [...where, ...more], [canary, stable])
      .map((selector) => `${call}(${selector}[${range}])`)
      .join(" or ");
  const all = `sum(${over("increase", requests.counter)})`;
  switch (builtin) {
    case "requests":
      return read(all);
    case "errors": {
      const { label, matches } = requests.failed;
      const failed = over("increase", requests.counter, [{ label, op: "=~", value: matches }]);
      // Requests without a failure have no series of failures: that is none, not nothing known.
      return read(`sum(${failed}) or 0 * ${all}`);
    }
    case "latency-p99":
      return requests.latency === undefined
        ? unavailable("How long requests take is not counted there.")
        : read(`histogram_quantile(0.99, sum by (le) (${over("rate", requests.latency.buckets)}))`);
    default:
      return unreachable(builtin);
  }
}

/** A range as PromQL writes it. */
function rangeOf(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
