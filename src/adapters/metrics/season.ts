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

// The server evaluates at most 11,000 steps in one range query.
const MOST_READINGS = 10_000;

/** Readings of one metric of a service as a whole, in as few range queries as the server takes. What is no reading is left out by the server, so that a NaN is missing there and no more. */
export async function readingsOf(
  question: ReadingsQuestion,
  requests: RequestSettings,
  ask: Ask,
): Promise<Reading<readonly Sample[]>> {
  const text = textOf(question, requests);
  if (text.kind === "unavailable") return text;
  const { from, to, everyMs } = question;
  const samples: Sample[] = [];
  for (let begin = from; begin < to; begin += MOST_READINGS * everyMs) {
    const part = { ...question, from: begin, to: Math.min(to, begin + MOST_READINGS * everyMs) };
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a provider is never asked for all of it at once
    const found = await partOf(`(${text.value}\n) >= 0 < Inf`, part, ask);
    if (found.kind === "unavailable") return found;
    samples.push(...found.value);
  }
  return read(samples);
}

async function partOf(
  query: string,
  { from, to, everyMs }: Pick<ReadingsQuestion, "from" | "to" | "everyMs">,
  ask: Ask,
): Promise<Reading<readonly Sample[]>> {
  const times = { start: seconds(from + everyMs), end: seconds(to), step: seconds(everyMs) };
  const answer = await ask("query_range", { query, ...times });
  if (answer.kind !== "read") return unavailable(answer.reason);
  const { series, flawed } = answer.value;
  const [flaw] = flawed;
  if (flaw !== undefined) return unavailable(flaw.reason);
  if (series.length > 1)
    return unavailable(`The query gives ${series.length} series, where one of the service as a whole is meant.`);
  const isAsked = ({ at, value }: Sample) => value >= 0 && at > from && at <= to && (at - from) % everyMs === 0;
  return read((series[0]?.samples ?? []).filter(isAsked));
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
