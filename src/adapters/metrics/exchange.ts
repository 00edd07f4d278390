import { UserError } from "../../core/error.ts";
import { read, unavailable } from "../../core/reading.ts";
import type { Reading } from "../../core/reading.ts";
import { REFUSED_ADDRESS, type Fetch } from "../http/guarded-fetch.ts";

/** What bounds one exchange, and what its provider is called in sentences. */
export type Bounds = { readonly called: string; readonly timeoutMs: number; readonly maxBytes: number };

/** One request; its body, where it has one, is what its headers say. */
export type Asking = {
  readonly url: URL;
  readonly method: "GET" | "POST" | "PUT";
  readonly headers: Headers;
  readonly body?: string;
};

/** An answer that came whole: any status but a redirect's. */
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: string };

/** An answer of which more would have come than is read. */
export type Excess = { readonly kind: "excess"; readonly reason: string };

/** Asks once; every failure is a short reason without address or secret. */
export async function exchange(asking: Asking, bounds: Bounds, fetch: Fetch): Promise<Reading<Answer>> {
  const answer = await attempt(asking, bounds, fetch);
  return answer.kind === "excess" ? unavailable(answer.reason) : answer;
}

/** Asks once, as `exchange` does, for one who may ask for less where the answer is too long. */
export async function attempt(
  { url, method, headers, body }: Asking,
  { called, timeoutMs, maxBytes }: Bounds,
  fetch: Fetch,
): Promise<Reading<Answer> | Excess> {
  try {
    // A redirect would carry the credentials to a place that nobody allowed.
    const signal = AbortSignal.timeout(timeoutMs);
    const init = { method, headers, redirect: "manual", signal, ...(body !== undefined && { body }) } as const;
    return await answerOf(await fetch(url, init), called, maxBytes);
  } catch (error) {
    return unavailable(reasonOf(error, called, timeoutMs));
  }
}

/** What is said of a status that is no success, and of how long the provider asks to be left alone. */
export function refusedWith({ status, headers }: Answer, called: string, detail?: string): string {
  const wait = waitOf(headers);
  const means = { 401: "it does not know the key", 403: "the key may not do this", 429: "too many requests" }[status];
  const more = [means, detail].filter((one) => one !== undefined);
  const answered = `${called} answered ${status}${more.length === 0 ? "" : ` (${more.join("; ")})`}.`;
  return status === 429 && wait !== undefined ? `${answered} It asks to wait ${Math.ceil(wait / 1000)} s.` : answered;
}

/** For how long an answer asks to be left alone (milliseconds), in any of the ways that are in use; undefined where it does not say, or gives a date. */
export function waitOf(headers: Headers): number | undefined {
  const seconds = headers.get("retry-after") ?? headers.get("x-ratelimit-reset");
  return seconds !== null && /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** The headers, or a UserError that names the one that HTTP does not allow, and never its value. */
export function headersOf(record: Readonly<Record<string, string>>, called: string): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(record)) {
    try {
      headers.set(name, value);
    } catch {
      throw new UserError(`The header ${JSON.stringify(name)} for ${called} is not one that HTTP allows.`);
    }
  }
  return headers;
}

/** An address below which paths are asked for, its path ending in a slash; a UserError, which repeats nothing of it, where it is none. */
export function baseOf(text: string, called: string): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new UserError(`The address of ${called} is not an http or https URL.`);
  if (url.username !== "" || url.password !== "")
    throw new UserError(`The address of ${called} holds credentials; they belong into a header.`);
  if (url.search !== "" || url.hash !== "")
    throw new UserError(`The address of ${called} holds a query or a fragment.`);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

async function answerOf(response: Response, called: string, maxBytes: number): Promise<Reading<Answer> | Excess> {
  const { status, headers } = response;
  if (response.type === "opaqueredirect" || (status >= 300 && status < 400)) {
    await response.body?.cancel();
    return unavailable(`${called} answered with a redirect, which is not followed.`);
  }
  const body = await textOf(response, maxBytes);
  return body === undefined
    ? { kind: "excess", reason: `${called} answered with more than ${maxBytes} bytes.` }
    : read({ status, headers, body });
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
function reasonOf(error: unknown, called: string, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `${called} did not answer within ${timeoutMs / 1000} s.`;
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined);
  if (code === "ECONNREFUSED") return `${called} refuses connections.`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `The host of ${called} is not found.`;
  if (code === REFUSED_ADDRESS) return `The host of ${called} has an address that the operator does not allow.`;
  return `${called} cannot be reached${code === undefined ? "" : ` (${code})`}.`;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[A-Z0-9_]{1,48}$/.test(error.code) ? error.code : undefined;
}
