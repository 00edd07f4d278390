import { unavailable } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { PrometheusSettings } from "../../ports/metrics.ts";
import type { Fetch } from "../http/guarded-fetch.ts";
import { baseOf, exchange, headersOf, refusedWith } from "./exchange.ts";
import { errorTypeOf, matrixOf } from "./matrix.ts";
import type { Series } from "./series.ts";

/** Asks one endpoint of the HTTP API; every failure is a short reason without address or secret. */
export type Ask = (
  endpoint: "query" | "query_range",
  parameters: Readonly<Record<string, string>>,
) => Promise<Reading<readonly Series[]>>;

type Connection = Pick<PrometheusSettings, "url" | "headers" | "timeoutMs" | "maxBytes">;

const CALLED = "Prometheus";

/** Throws a UserError on an address or a header that cannot be used, without repeating either. */
export function connect(settings: Connection, fetch: Fetch): Ask {
  const base = baseOf(settings.url, CALLED);
  const headers = headersOf(settings.headers, CALLED);
  return async (endpoint, parameters) => {
    const url = new URL(`api/v1/${endpoint}?${new URLSearchParams(parameters).toString()}`, base);
    const answer = await exchange({ url, method: "GET", headers }, { called: CALLED, ...settings }, fetch);
    if (answer.kind === "unavailable") return answer;
    const { status, body } = answer.value;
    return status === 200 ? matrixOf(body) : unavailable(refusedWith(answer.value, CALLED, errorTypeOf(body)));
  };
}
