import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";
import { HttpError, errorBody, notFound } from "./http-error.ts";
import { admit, limitHeaders, newBudget, spend } from "./limits.ts";
import type { Budget } from "./limits.ts";
import type { Answer, Match, Request } from "./routing.ts";
import { param } from "./routing.ts";
import { repoOf } from "./store.ts";
import type { Store, Token } from "./store.ts";
import { holds, liveToken, mayEnter, verifyAppToken } from "./tokens.ts";

export type Router = (method: string, path: string) => Match | undefined;

/** What became of a request: an answer, or a connection that is to be cut. */
type Outcome = { readonly kind: "answer"; readonly answer: Answer } | { readonly kind: "drop" };

type Caller = { readonly token: Token | undefined; readonly budget: Budget };

export const API_PREFIX = "/api/v3";

const LARGEST_BODY = 10_000_000;

/** Serves one REST request: authentication, limits, faults, the route, the headers; and logs it. */
export async function serveRest(store: Store, router: Router, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(message.url ?? "/", store.origin);
  const method = message.method ?? "GET";
  const path = url.pathname.slice(API_PREFIX.length);
  const match = router(method, path);
  const text = await readBody(message);
  const caller = match === undefined ? undefined : identify(store, match, message);
  const outcome = caller instanceof HttpError ? refusal(caller) : await outcomeOf(store, { match, caller, url, text, message });
  const budget = caller === undefined || caller instanceof HttpError ? undefined : caller.budget;
  const status = finish(store, { message, response, outcome, budget });
  store.calls.push({
    at: store.clock.now(),
    method,
    route: match?.pattern ?? path,
    path,
    status,
    contentCreating: match?.route.creates === "content",
    installation: budget === undefined || caller instanceof HttpError ? undefined : caller?.token?.installation.id,
  });
}

/** Applies a fault to a piece of work: `before` replaces it, `after` lets it happen and replaces its answer. */
export async function withFault<T>(fault: Fault | undefined, work: () => Promise<T>, refused: (fault: Fault & { readonly kind: "respond" }) => T, dropped: T): Promise<T> {
  if (fault === undefined) return work();
  if (fault.kind === "delay") {
    await sleep(fault.ms);
    return work();
  }
  if (fault.when === "after") await work();
  return fault.kind === "drop" ? dropped : refused(fault);
}

type Given = { readonly match: Match | undefined; readonly caller: Caller | undefined; readonly url: URL; readonly text: string; readonly message: IncomingMessage };

async function outcomeOf(store: Store, { match, caller, url, text, message }: Given): Promise<Outcome> {
  const method = message.method ?? "GET";
  if (match === undefined || caller === undefined) return refusal(new HttpError(501, `The sandbox does not serve ${method} ${url.pathname.slice(API_PREFIX.length)}`));
  try {
    admit(caller.budget, store.limits, { method, contentCreating: match.route.creates === "content" }, store.clock.now());
    const body = parseJson(text);
    const request: Request = { store, params: match.params, url, accept: message.headers.accept ?? "", body };
    const fault = await store.faults.current?.({ method, route: match.pattern, path: url.pathname.slice(API_PREFIX.length), body });
    caller.budget.running += 1;
    return await withFault(fault, () => answerOf(match, request, caller.token), faulty, { kind: "drop" }).finally(() => (caller.budget.running -= 1));
  } catch (error) {
    return failure(error);
  }
}

async function answerOf({ route }: Match, request: Request, token: Token | undefined): Promise<Outcome> {
  try {
    if (route.kind === "app") return { kind: "answer", answer: await route.run(request) };
    if (token === undefined) throw unauthorized();
    if (route.kind === "token") return { kind: "answer", answer: await route.run({ ...request, token }) };
    const repo = repoOf(request.store, `${param(request, "owner")}/${param(request, "repo")}`);
    if (repo === undefined || !mayEnter(token, repo)) throw notFound();
    const [permission = "", level] = route.needs.split(":");
    if (!holds(token, permission, level === "write" ? "write" : "read")) throw new HttpError(403, "Resource not accessible by integration");
    return { kind: "answer", answer: await route.run({ ...request, token, repo }) };
  } catch (error) {
    return failure(error);
  }
}

function identify(store: Store, { route }: Match, { headers }: IncomingMessage): Caller | HttpError {
  const value = /^(?:bearer|token)\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  if (route.kind !== "app") {
    const token = liveToken(store, value);
    return token === undefined ? unauthorized() : { token, budget: budgetOf(store, `installation ${token.installation.id}`) };
  }
  try {
    verifyAppToken(store, value);
    return { token: undefined, budget: budgetOf(store, "app") };
  } catch (error) {
    if (error instanceof HttpError) return error;
    throw error;
  }
}

function unauthorized(): HttpError {
  return new HttpError(401, "Bad credentials");
}

function budgetOf({ budgets, clock }: Store, key: string): Budget {
  const budget = budgets.get(key) ?? newBudget(clock.now());
  budgets.set(key, budget);
  return budget;
}

type Ending = { readonly message: IncomingMessage; readonly response: ServerResponse; readonly outcome: Outcome; readonly budget: Budget | undefined };

function finish(store: Store, { message, response, outcome, budget }: Ending): number | undefined {
  if (outcome.kind === "drop") {
    message.socket.destroy();
    return undefined;
  }
  const { answer } = outcome;
  const text = typeof answer.body === "string" ? answer.body : answer.body === undefined ? "" : JSON.stringify(answer.body);
  const etag = answer.status === 200 ? `"${createHash("sha256").update(text).digest("hex")}"` : undefined;
  const unchanged = message.method === "GET" && etag !== undefined && (message.headers["if-none-match"] ?? "").replace(/^W\//, "") === etag;
  if (budget !== undefined && !unchanged) spend(budget);
  const status = unchanged ? 304 : answer.status;
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    date: new Date(store.clock.now()).toUTCString(),
    "x-github-request-id": randomUUID(),
    "x-github-media-type": "github.v3; format=json",
    ...(etag === undefined ? {} : { etag, "cache-control": "private, max-age=60, s-maxage=60" }),
    ...(budget === undefined ? {} : limitHeaders(budget, store.limits)),
    ...answer.headers,
  });
  response.end(unchanged ? undefined : text);
  return status;
}

function refusal(error: HttpError): Outcome {
  const { headers } = error.details;
  return { kind: "answer", answer: { status: error.status, body: errorBody(error), ...(headers === undefined ? {} : { headers }) } };
}

function failure(error: unknown): Outcome {
  if (error instanceof HttpError) return refusal(error);
  return refusal(new HttpError(500, `The sandbox failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));
}

function faulty({ status, message, headers }: Fault & { readonly kind: "respond" }): Outcome {
  return refusal(new HttpError(status, message ?? "Server Error", { ...(headers === undefined ? {} : { headers }) }));
}

function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, "Problems parsing JSON");
  }
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LARGEST_BODY) throw new HttpError(413, "Payload too large");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
