import { unavailable, read } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import { shared, type Claim } from "./claims.ts";
import type { Ask } from "./http.ts";
import type { Answer, Series } from "./series.ts";

/** The text of a query that finds every series of the claims. */
export type TextOf = (claims: readonly Claim[]) => string;

/** What somebody wants of one query: series from a time on (milliseconds). */
export type Wanted = { readonly claim: Claim; readonly from: number };

/** One query for any number of those who want something of it, from the earliest of their times on; its text is the parameter `query`. */
export type Query = {
  readonly endpoint: "query" | "query_range";
  /** The earliest time that is read for one whose time is `from`. */
  readonly reach: (from: number) => number;
  readonly parametersOf: (claims: readonly Claim[], from: number) => { readonly query: string } & Parameters;
  /** Whose it is that has native histograms in place of numbers is told so. */
  readonly isOfNumbers?: true;
};

type Parameters = Readonly<Record<string, string>>;

/** Longer queries are asked in parts. Encoded, this stays below the 1 MiB that NGINX takes of a body unless told otherwise; it is enough for a thousand members of the longest names. */
const LONGEST_QUERY = 256 * 1024;

/** A refused query is not tried in parts below this: VictoriaMetrics takes 16 KiB unless told otherwise, and nobody known takes less. */
const SURE_QUERY = 8 * 1024;

/**
 * The series of each one's claim, in order, from as few queries as the server takes: one, unless the query or the answer is too long.
 * Every part fails for itself, and a series that cannot be read only for those whose it is.
 */
export async function seriesOf(
  query: Query,
  wanted: readonly Wanted[],
  ask: Ask,
): Promise<readonly Reading<readonly Series[]>[]> {
  if (wanted.length === 0) return [];
  const claims = wanted.map(({ claim }) => claim);
  const parameters = query.parametersOf(claims, Math.min(...wanted.map(({ from }) => from)));
  const isOne = wanted.length === 1;
  if (parameters.query.length > LONGEST_QUERY && !isOne) return inHalves(query, wanted, ask);
  const answer = await ask(query.endpoint, parameters);
  if (answer.kind === "read") return sharesOf(query, wanted, answer.value);
  const isWorthParts = answer.kind === "excess" && (answer.of === "answer" || parameters.query.length > SURE_QUERY);
  if (isWorthParts && !isOne) return inHalves(query, wanted, ask);
  return wanted.map(() => unavailable(answer.reason));
}

// One half after the other: no more than one answer of a query is ever held.
async function inHalves(
  query: Query,
  wanted: readonly Wanted[],
  ask: Ask,
): Promise<readonly Reading<readonly Series[]>[]> {
  const middle = Math.ceil(wanted.length / 2);
  const first = await seriesOf(query, wanted.slice(0, middle), ask);
  return [...first, ...(await seriesOf(query, wanted.slice(middle), ask))];
}

// Whoever is asked about together may have been read from earlier on: what an answer says must not depend on the company.
function sharesOf(
  { reach, isOfNumbers }: Query,
  wanted: readonly Wanted[],
  { series, flawed }: Answer,
): readonly Reading<readonly Series[]>[] {
  const claims = wanted.map(({ claim }) => claim);
  const flaws = shared(claims, flawed);
  const own = shared(claims, series);
  return wanted.map(({ from }, index) => {
    const since = reach(from);
    const flaw = flaws[index]?.find(({ until }) => until >= since);
    if (flaw !== undefined) return unavailable(flaw.reason);
    const late = startingAt(since, own[index] ?? []);
    return isOfNumbers === true && late.some(({ native }) => native !== undefined)
      ? unavailable(NO_NUMBERS)
      : read(late);
  });
}

const NO_NUMBERS = "Prometheus answered with native histograms where a counter is asked for.";

function startingAt(since: number, series: readonly Series[]): readonly Series[] {
  return series.flatMap(({ labels, samples, native = [] }) => {
    const late = samples.filter(({ at }) => at >= since);
    const lateNative = native.filter(({ at }) => at >= since);
    if (late.length === 0 && lateNative.length === 0) return [];
    return [{ labels, samples: late, ...(lateNative.length > 0 && { native: lateNative }) }];
  });
}
