import type { IncomingMessage, ServerResponse } from "node:http";
import { unreachable } from "../../core/unreachable.ts";
import { respond } from "./answer.ts";
import type { Sent } from "./answer.ts";
import { authenticate } from "./authenticate.ts";
import type { Caller } from "./authenticate.ts";
import { withoutLast, withoutMergeability } from "./distortion.ts";
import { withFault } from "./fault-injection.ts";
import type { Faulted } from "./fault-injection.ts";
import type { Distortion, Refusal } from "./faults.ts";
import { HttpError, errorBody, notFound } from "./http-error.ts";
import { isMerge } from "./injector.ts";
import { admit, exhaustedHeaders } from "./limits.ts";
import { param } from "./routing.ts";
import type { Answer, Match, Request } from "./routing.ts";
import { repoOf } from "./store.ts";
import type { Store } from "./store.ts";
import { holds, mayEnter, refuseSuspended } from "./tokens.ts";

export type Router = (method: string, path: string) => Match | undefined;

export const API_PREFIX = "/api/v3";

const LARGEST_BODY = 10_000_000;

type Arrival = {
  readonly store: Store;
  readonly message: IncomingMessage;
  readonly method: string;
  readonly url: URL;
  readonly path: string;
  readonly text: string;
};

/** What became of a request; `refuse`: a fault answers, `drop`: the connection is cut, `breakOff`: in the middle of the answer. */
type Outcome = { readonly kind: "answer" | "refuse" | "breakOff"; readonly answer: Answer } | { readonly kind: "drop" };

/** Serves one REST request: authentication, limits, faults, the route, the headers; and logs it. */
export async function serveRest(
  store: Store,
  router: Router,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = message.method ?? "GET";
  const url = new URL(message.url ?? "/", store.origin);
  const path = url.pathname.slice(API_PREFIX.length);
  const arrival: Arrival = { store, message, method, url, path, text: await readBody(message) };
  const match = router(method, path);
  if (match === undefined) {
    const answer = refusal(new HttpError(501, `The sandbox does not serve ${method} ${path}`));
    finish(arrival, response, { outcome: { kind: "answer", answer } });
    return;
  }
  finish(arrival, response, { match, ...(await attend(arrival, match)) });
}

type Ending = { readonly outcome: Outcome; readonly match?: Match; readonly caller?: Caller };

function finish(arrival: Arrival, response: ServerResponse, ending: Ending): void {
  const { store, method, path, url, text: asked } = arrival;
  const { outcome, match, caller } = ending;
  const sent = sentOf(arrival, response, ending);
  if (sent !== undefined && match !== undefined && outcome.kind === "answer")
    store.witness?.onAnswer({ method, route: match.pattern, query: url.searchParams, asked, ...sent });
  store.calls.push({
    at: store.clock.now(),
    method,
    route: match?.pattern ?? path,
    path,
    status: sent?.status,
    contentCreating: match?.route.creates === "content",
    installation: caller?.token?.installation.id,
  });
}

function sentOf({ store, message }: Arrival, response: ServerResponse, { outcome, caller }: Ending): Sent | undefined {
  if (outcome.kind !== "drop")
    return respond(store, {
      message,
      response,
      answer: outcome.answer,
      caller,
      breaksOff: outcome.kind === "breakOff",
    });
  message.socket.destroy();
  return undefined;
}

async function attend(arrival: Arrival, match: Match): Promise<Ending> {
  const { store, message } = arrival;
  const caller = refusable(() => authenticate(store, match.route, message.headers));
  if (caller instanceof HttpError) return { outcome: { kind: "answer", answer: refusal(caller) } };
  try {
    return { caller, outcome: await admitted(arrival, match, caller) };
  } catch (error) {
    return { caller, outcome: { kind: "answer", answer: failure(error) } };
  }
}

async function admitted(arrival: Arrival, match: Match, caller: Caller): Promise<Outcome> {
  const { store, message, method, url, path, text } = arrival;
  const { budget } = caller;
  admit(budget, store.limits, { method, contentCreating: match.route.creates === "content" }, store.clock.now());
  const body = parseJson(text);
  const request: Request = { store, params: match.params, url, accept: message.headers.accept ?? "", body };
  const address = `${method} ${url.pathname}${url.search} ${request.accept}`;
  const rule = store.faults.current;
  const isRemembered = store.memory.has(address);
  const { host = "" } = message.headers;
  const fault = await rule?.({ method, route: match.pattern, path, host, body, isRemembered });
  budget.running += 1;
  const work = { run: () => answerOf(match, request, caller), isMerge: isMerge({ method, route: match.pattern }) };
  const done = await withFault(fault, work).finally(() => (budget.running -= 1));
  if (rule !== undefined && done.kind === "done" && method === "GET" && done.result.status === 200)
    store.memory.set(address, done.result);
  return outcomeOf(store, address, done);
}

function outcomeOf(store: Store, address: string, done: Faulted<Answer>): Outcome {
  switch (done.kind) {
    case "drop":
      return done;
    case "done":
      return { kind: "answer", answer: done.result };
    case "undecided":
      return { kind: "answer", answer: withoutMergeability(done.result) };
    case "refuse":
      return { kind: "refuse", answer: refusedBy(store, done.fault) };
    case "distorted":
      return distorted(done.fault, done.result, store.memory.get(address) ?? done.result);
    default:
      return unreachable(done);
  }
}

function distorted(fault: Distortion, answer: Answer, earlier: Answer): Outcome {
  switch (fault.kind) {
    case "breakOff":
      return { kind: "breakOff", answer };
    case "loseItems":
      return { kind: "answer", answer: withoutLast(answer, fault.count) };
    case "stale":
      return { kind: "answer", answer: earlier };
    default:
      return unreachable(fault);
  }
}

function refusedBy({ clock, limits }: Store, fault: Refusal): Answer {
  const { status, message = "Server Error", docs, exhaustedMs } = fault;
  const spent = exhaustedMs === undefined ? {} : exhaustedHeaders(limits, clock.now() + exhaustedMs);
  const headers = { ...spent, ...fault.headers };
  return refusal(new HttpError(status, message, { headers, ...(docs === undefined ? {} : { docs }) }));
}

// a refusal is an answer too: a fault after it must find it given, not thrown
async function answerOf({ route }: Match, request: Request, { token }: Caller): Promise<Answer> {
  try {
    if (route.kind === "app") return await route.run(request);
    if (token === undefined) throw new HttpError(401, "Bad credentials");
    refuseSuspended(request.store, token.installation);
    if (route.kind === "token") return await route.run({ ...request, token });
    const repo = repoOf(request.store, `${param(request, "owner")}/${param(request, "repo")}`);
    if (repo === undefined || !mayEnter(token, repo)) throw notFound();
    if (!holds(request.store, token, route.needs)) throw new HttpError(403, "Resource not accessible by integration");
    return await route.run({ ...request, token, repo });
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): Answer {
  if (error instanceof HttpError) return refusal(error);
  return refusal(new HttpError(500, `The sandbox failed: ${error instanceof Error ? error.stack : String(error)}`));
}

function refusal(error: HttpError): Answer {
  return { status: error.status, body: errorBody(error), headers: error.details.headers ?? {} };
}

function refusable<T>(work: () => T): T | HttpError {
  try {
    return work();
  } catch (error) {
    if (error instanceof HttpError) return error;
    throw error;
  }
}

function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, "Problems parsing JSON");
  }
}

async function readBody(message: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new HttpError(413, "Payload too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
