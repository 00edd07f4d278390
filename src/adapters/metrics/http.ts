import { unavailable } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { PrometheusSettings } from "../../ports/metrics.ts";
import type { Fetch } from "../http/guarded-fetch.ts";
import { attempt, baseOf, headersOf, refusedWith, type Asking } from "./exchange.ts";
import { errorTypeOf, matrixOf } from "./matrix.ts";
import type { Answer } from "./series.ts";

/** What came back. `excess`: the answer is longer than is read, or the query than is taken, so that a part of it may be asked for. */
export type Asked =
  | Reading<Answer>
  | { readonly kind: "excess"; readonly of: "answer" | "query"; readonly reason: string };

/** Asks one endpoint of the HTTP API; every failure is a short reason without address or secret. */
export type Ask = (endpoint: "query" | "query_range", parameters: Readonly<Record<string, string>>) => Promise<Asked>;

type Connection = Pick<PrometheusSettings, "url" | "headers" | "timeoutMs" | "maxBytes">;

const CALLED = "Prometheus";

// What servers answer to a query that is too long or would read too much: few say so in a status of its own.
const TOO_LONG: ReadonlySet<number> = new Set([400, 413, 414, 422, 431]);

/** Throws a UserError on an address or a header that cannot be used, without repeating either. */
export function connect(settings: Connection, fetch: Fetch): Ask {
  const base = baseOf(settings.url, CALLED);
  const headers = headersOf(settings.headers, CALLED);
  return async (endpoint, parameters) => {
    const asking = askingFor(new URL(`api/v1/${endpoint}`, base), headers, new URLSearchParams(parameters).toString());
    const answer = await attempt(asking, { called: CALLED, ...settings }, fetch);
    if (answer.kind === "excess") return { ...answer, of: "answer" };
    if (answer.kind === "unavailable") return answer;
    const { status, body } = answer.value;
    if (status === 200) return matrixOf(body);
    const reason = refusedWith(answer.value, CALLED, errorTypeOf(body));
    return TOO_LONG.has(status) ? { kind: "excess", of: "query", reason } : unavailable(reason);
  };
}

// Servers in between refuse longer lines of a request; in a body, queries may be longer.
const LONGEST_ADDRESS = 4_096;

function askingFor(endpoint: URL, headers: Headers, form: string): Asking {
  const url = new URL(`?${form}`, endpoint);
  if (url.href.length <= LONGEST_ADDRESS) return { url, method: "GET", headers };
  const posted = new Headers(headers);
  posted.set("content-type", "application/x-www-form-urlencoded");
  return { url: endpoint, method: "POST", headers: posted, body: form };
}
