import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { unreachable } from "../../core/unreachable.ts";
import { evaluateAt, evaluateOver, oneOver } from "./evaluate.ts";
import type { Answer } from "./evaluate.ts";
import { evaluateSums, sumsOf } from "./sums.ts";
import { evaluateGauge, evaluateRates, gaugeOf, ratesOf } from "./rates.ts";
import { durationOf, QueryError, selectorOf, selectorsOf } from "./selector.ts";
import type { SeriesReader } from "./series-store.ts";

/** How the provider misbehaves. `notNumbers`: every value is NaN. `huge`: that many bytes of white space in a valid answer. `partial`: with a warning. */
export type ProviderFault =
  | { readonly kind: "none" }
  | { readonly kind: "down" }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "redirect"; readonly to: string }
  | { readonly kind: "malformed" }
  | { readonly kind: "empty" }
  | { readonly kind: "notNumbers" }
  | { readonly kind: "partial" }
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "huge"; readonly bytes: number };

export type Provider = {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly setFault: (fault: ProviderFault) => void;
  readonly close: () => Promise<void>;
};

type Reply = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string };

const MOST_INPUT = 1024 * 1024;

/** Serves what was scraped over the Prometheus HTTP API, as far as selectors, their sums and sums of rates go, on a loopback port (0: any free one). */
export async function servePrometheus(series: SeriesReader, now: () => number, port = 0): Promise<Provider> {
  let fault: ProviderFault = { kind: "none" };
  const server = createServer((request, response) => {
    answer(request, response, fault, (path, form) => replyTo(path, form, series, now())).catch(() =>
      response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const at = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${at}`,
    setFault: (next) => {
      fault = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Respond = (path: string, form: URLSearchParams) => Reply;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  fault: ProviderFault,
  respond: Respond,
): Promise<void> {
  if (fault.kind === "down") return void request.socket.destroy();
  const url = new URL(request.url ?? "/", "http://localhost");
  const form = new URLSearchParams([...url.searchParams, ...(await posted(request))]);
  if (fault.kind === "slow") await sleep(fault.ms);
  const { status, headers, body } = misbehave(fault, () => respond(url.pathname, form));
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
}

async function posted(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.method !== "POST" || Number(request.headers["content-length"] ?? Infinity) > MOST_INPUT)
    return new URLSearchParams();
  return new URLSearchParams(await text(request));
}

function replyTo(path: string, form: URLSearchParams, series: SeriesReader, now: number): Reply {
  if (path === "/-/ready")
    return { status: 200, headers: { "content-type": "text/plain" }, body: "Prometheus Server is Ready.\n" };
  try {
    return success(dataOf(path, form, series, now));
  } catch (error) {
    if (error instanceof QueryError) return refused(400, "bad_data", error.message);
    throw error;
  }
}

function dataOf(path: string, form: URLSearchParams, series: SeriesReader, now: number): object {
  switch (path) {
    case "/api/v1/status/buildinfo":
      return { version: "3.0.0", application: "synthetic cluster" };
    case "/api/v1/query":
      return instant(series, form.get("query") ?? "", timeOf(form.get("time"), now));
    case "/api/v1/query_range": {
      const steps = {
        start: timeOf(form.get("start")),
        end: timeOf(form.get("end")),
        stepMs: stepOf(form.get("step")),
      };
      const query = form.get("query") ?? "";
      if (query === "vector(1)") return oneOver(steps);
      const gauge = gaugeOf(query);
      if (gauge !== undefined) return evaluateGauge(series, gauge, steps);
      const sums = sumsOf(query);
      return sums === undefined ? evaluateOver(series, selectorsOf(query), steps) : evaluateSums(series, sums, steps);
    }
    default:
      throw new QueryError(`no such endpoint here: ${path}`);
  }
}

function instant(series: SeriesReader, query: string, at: number): Answer {
  const rates = ratesOf(query);
  return rates === undefined ? evaluateAt(series, selectorOf(query), at) : evaluateRates(series, rates, at);
}

function misbehave(fault: ProviderFault, proper: () => Reply): Reply {
  switch (fault.kind) {
    case "none":
    case "down":
    case "slow":
      return proper();
    case "status":
      return { status: fault.status, headers: { "content-type": "text/plain" }, body: `status ${fault.status}\n` };
    case "redirect":
      return { status: 302, headers: { location: fault.to }, body: "" };
    case "malformed":
      return { ...proper(), body: '{"status":"success","data":{"resultType":"matrix","result":[' };
    case "empty":
      return success({ resultType: "matrix", result: [] });
    case "notNumbers":
      return replaced(proper(), /(\[\d+(?:\.\d+)?,)"[^"]*"\]/g, '$1"NaN"]');
    case "partial":
      return replaced(proper(), /^\{/, '{"warnings":["one store did not answer"],');
    case "huge":
      return replaced(proper(), /$/, " ".repeat(fault.bytes));
    default:
      return unreachable(fault);
  }
}

function replaced(reply: Reply, pattern: RegExp, text: string): Reply {
  return { ...reply, body: reply.body.replace(pattern, text) };
}

function success(data: object | Answer): Reply {
  return { status: 200, body: JSON.stringify({ status: "success", data }) };
}

function refused(status: number, errorType: string, error: string): Reply {
  return { status, body: JSON.stringify({ status: "error", errorType, error }) };
}

/** Milliseconds of a time in seconds or RFC 3339. */
function timeOf(value: string | null, otherwise?: number): number {
  if ((value === null || value === "") && otherwise !== undefined) return otherwise;
  const ms = isNumber(value) ? Math.round(Number(value) * 1000) : Date.parse(value ?? "");
  if (Number.isNaN(ms)) throw new QueryError(`cannot parse ${JSON.stringify(value ?? "")} to a valid timestamp`);
  return ms;
}

function stepOf(value: string | null): number {
  return isNumber(value) ? Math.round(Number(value) * 1000) : durationOf(value ?? "");
}

function isNumber(value: string | null): value is string {
  return value !== null && /^-?\d+(?:\.\d+)?$/.test(value);
}
