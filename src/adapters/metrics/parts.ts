import { unavailable, read } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import { shared, type Claim } from "./claims.ts";
import type { Ask } from "./http.ts";
import type { Answer, Series } from "./series.ts";

/** One query for any number of claims: how its text is made of them, and when it is evaluated. */
export type Query = {
  readonly endpoint: "query" | "query_range";
  readonly textOf: (claims: readonly Claim[]) => string;
  readonly times: Readonly<Record<string, string>>;
};

/** Longer queries are asked in parts. Encoded, this stays below the 1 MiB that NGINX takes of a body unless told otherwise; it is enough for a thousand members of the longest names. */
const LONGEST_QUERY = 256 * 1024;

/** A refused query is not tried in parts below this: VictoriaMetrics takes 16 KiB unless told otherwise, and nobody known takes less. */
const SURE_QUERY = 8 * 1024;

/**
 * The series of each claim, in order, from as few queries as the server takes: one, unless the query or the answer is too long.
 * Every part fails for itself, and a series that cannot be read only for those whose it is.
 */
export async function seriesOf(
  query: Query,
  claims: readonly Claim[],
  ask: Ask,
): Promise<readonly Reading<readonly Series[]>[]> {
  if (claims.length === 0) return [];
  const text = query.textOf(claims);
  const isOne = claims.length === 1;
  if (text.length > LONGEST_QUERY && !isOne) return inHalves(query, claims, ask);
  const answer = await ask(query.endpoint, { query: text, ...query.times });
  if (answer.kind === "read") return sharesOf(claims, answer.value);
  const isWorthParts = answer.kind === "excess" && (answer.of === "answer" || text.length > SURE_QUERY);
  if (isWorthParts && !isOne) return inHalves(query, claims, ask);
  return claims.map(() => unavailable(answer.reason));
}

// One half after the other: no more than one answer of a query is ever held.
async function inHalves(
  query: Query,
  claims: readonly Claim[],
  ask: Ask,
): Promise<readonly Reading<readonly Series[]>[]> {
  const middle = Math.ceil(claims.length / 2);
  const first = await seriesOf(query, claims.slice(0, middle), ask);
  return [...first, ...(await seriesOf(query, claims.slice(middle), ask))];
}

function sharesOf(claims: readonly Claim[], { series, flawed }: Answer): readonly Reading<readonly Series[]>[] {
  const flaws = shared(claims, flawed);
  return shared(claims, series).map((own, index) => {
    const flaw = flaws[index]?.[0];
    return flaw === undefined ? read(own) : unavailable(flaw.reason);
  });
}
