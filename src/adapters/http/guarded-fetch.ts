import { lookup as systemLookup } from "node:dns";
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { createGunzip } from "node:zlib";
import type { AddressRule } from "./addresses.ts";

/** The part of the platform's `fetch` that is used; a body is text. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** What a connection that was not allowed fails with; it names no address. */
export const REFUSED_ADDRESS = "EADDRESSREFUSED";

type Addresses = readonly { readonly address: string; readonly family: number }[];

/** Every address of a host, or an error with a code. */
export type Lookup = (host: string) => Promise<Addresses>;

export type Guard = { readonly rule: AddressRule; readonly lookup?: Lookup };

const IDLE_MS = 4_000;

/**
 * Fetches over connections whose addresses were checked: a name is looked up once for each connection, and that is where it goes.
 * Follows no redirect, uses no proxy, keeps no cookie. A host that is written as an address, or as `localhost`, was allowed as it stands;
 * only addresses that are never asked are refused of those. The body streams; `signal` ends it with its reason.
 */
export function guardedFetch({ rule, lookup = addressesOf }: Guard): Fetch {
  const options = { keepAlive: true, timeout: IDLE_MS, lookup: checkedLookup(rule, lookup) };
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  return async (url, { method = "GET", headers, body, signal }) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0 && rule(host) === "never") throw refusal();
    if (body !== undefined && body !== null && typeof body !== "string") throw new TypeError("A body is text here.");
    const sent = { "accept-encoding": "gzip", ...Object.fromEntries(new Headers(headers)) };
    const wanted: RequestOptions = { method, headers: sent, ...(signal && { signal }) };
    const ask = (): Promise<IncomingMessage> => exchange(url, agents, { wanted, body: body ?? undefined });
    try {
      return answerOf(await againIfStale(ask), signal ?? undefined);
    } catch (error) {
      throw failureOf(error, signal);
    }
  };
}

type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };
type Sent = { readonly wanted: RequestOptions; readonly body: string | undefined };

function exchange(url: URL, agents: Agents, { wanted, body }: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === "https:"
        ? httpsRequest(url, { ...wanted, agent: agents.https }, resolve)
        : httpRequest(url, { ...wanted, agent: agents.http }, resolve);
    request.once("error", (error: NodeJS.ErrnoException) => {
      reject(request.reusedSocket && error.code === "ECONNRESET" ? new StaleError(error.message) : error);
    });
    request.end(body);
  });
}

/** A connection that was kept open had been closed by the other side. */
class StaleError extends Error {
  override readonly name = "StaleError";
  readonly code = "ECONNRESET";
}

// The other side may close an idle connection in the very moment in which it is used again; it has answered nothing then.
async function againIfStale(ask: () => Promise<IncomingMessage>): Promise<IncomingMessage> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StaleError) return ask();
    throw error;
  }
}

/** Statuses whose answers have no body. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

function answerOf(message: IncomingMessage, signal: AbortSignal | undefined): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const status = message.statusCode ?? 0;
  if (!EMPTY.has(status)) return new Response(ReadableStream.from(bytesOf(message, signal)), { status, headers });
  message.resume();
  return new Response(null, { status, headers });
}

async function* bytesOf(message: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const isPacked = message.headers["content-encoding"] === "gzip";
  const chunks: AsyncIterable<Uint8Array> = isPacked ? unpacked(message) : message;
  try {
    for await (const chunk of chunks) yield new Uint8Array(chunk);
  } catch (error) {
    throw failureOf(error, signal);
  } finally {
    // Whoever stops reading early must not leave the rest on a connection that is used again.
    if (!message.readableEnded) message.destroy();
  }
}

function failureOf(error: unknown, signal: AbortSignal | null | undefined): Error {
  const reason: unknown = signal?.aborted === true ? signal.reason : error;
  return reason instanceof Error ? reason : new Error("The exchange ended.");
}

function unpacked(message: IncomingMessage): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  message.once("error", (error) => gunzip.destroy(error));
  return message.pipe(gunzip);
}

function checkedLookup(rule: AddressRule, lookup: Lookup): LookupFunction {
  return (host, options, answer) => {
    lookup(host).then(
      (found) => {
        const isHere = host === "localhost";
        const refused = found.some(({ address }) => (isHere ? rule(address) === "never" : rule(address) !== undefined));
        const [first] = found;
        // One address of several that may not be asked is reason enough: nobody who means well publishes both.
        if (refused || first === undefined) return answer(refusal(), "", 0);
        return options.all === true ? answer(null, [...found]) : answer(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => answer(error, "", 0),
    );
  };
}

function addressesOf(host: string): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
}

function refusal(): NodeJS.ErrnoException {
  return Object.assign(new Error("The address may not be asked."), { code: REFUSED_ADDRESS });
}
