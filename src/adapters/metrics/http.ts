import { UserError } from "../../core/error.ts";
import { unavailable } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import type { PrometheusSettings } from "../../ports/metrics.ts";
import { errorTypeOf, matrixOf } from "./matrix.ts";
import type { Series } from "./series.ts";

/** The part of the platform's `fetch` that is used. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** Asks one endpoint of the HTTP API; every failure is a short reason without address or secret. */
export type Ask = (
  endpoint: "query" | "query_range",
  parameters: Readonly<Record<string, string>>,
) => Promise<Reading<readonly Series[]>>;

type Connection = Pick<PrometheusSettings, "url" | "headers" | "timeoutMs" | "maxBytes">;

/** Throws a UserError on an address or a header that cannot be used, without repeating either. */
export function connect(settings: Connection, fetch: Fetch): Ask {
  const base = baseOf(settings.url);
  const headers = headersOf(settings.headers);
  return async (endpoint, parameters) => {
    const url = new URL(`api/v1/${endpoint}?${new URLSearchParams(parameters).toString()}`, base);
    try {
      // A redirect would carry the credentials to a place that nobody allowed.
      const init = { headers, redirect: "manual", signal: AbortSignal.timeout(settings.timeoutMs) } as const;
      return await answerOf(await fetch(url, init), settings.maxBytes);
    } catch (error) {
      return unavailable(reasonOf(error, settings.timeoutMs));
    }
  };
}

async function answerOf(response: Response, maxBytes: number): Promise<Reading<readonly Series[]>> {
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel();
    return unavailable("Prometheus answered with a redirect, which is not followed.");
  }
  const body = await textOf(response, maxBytes);
  if (body === undefined) return unavailable(`Prometheus answered with more than ${maxBytes} bytes.`);
  if (response.status === 200) return matrixOf(body);
  const type = errorTypeOf(body);
  return unavailable(`Prometheus answered ${response.status}${type === undefined ? "" : ` (${type})`}.`);
}

// Counted while it streams and after decompression, so that neither a long answer nor a bomb is ever held whole.
async function textOf(response: Response, maxBytes: number): Promise<string | undefined> {
  if (response.body === null) return "";
  const chunks: AsyncIterable<Uint8Array> = response.body;
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  return parts.join("") + decoder.decode();
}

// Only codes are repeated: messages of the platform hold addresses and header values.
function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `Prometheus did not answer within ${timeoutMs / 1000} s.`;
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined);
  if (code === "ECONNREFUSED") return "Prometheus refuses connections.";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "The host of Prometheus is not found.";
  return `Prometheus cannot be reached${code === undefined ? "" : ` (${code})`}.`;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[A-Z0-9_]{1,48}$/.test(error.code) ? error.code : undefined;
}

function baseOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new UserError("The address of Prometheus is not an http or https URL.");
  if (url.username !== "" || url.password !== "")
    throw new UserError("The address of Prometheus holds credentials; they belong into a header.");
  if (url.search !== "" || url.hash !== "")
    throw new UserError("The address of Prometheus holds a query or a fragment.");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function headersOf(record: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(record)) {
    try {
      headers.set(name, value);
    } catch {
      throw new UserError(`The header ${JSON.stringify(name)} for Prometheus is not one that HTTP allows.`);
    }
  }
  return headers;
}
