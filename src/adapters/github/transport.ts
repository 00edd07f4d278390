import type { Octokit } from "@octokit/core";

import type { RepoName } from "../../core/names.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Lane } from "../../ports/forge.ts";
import type { Log } from "../../ports/log.ts";
import type { Because } from "../../ports/queue.ts";
import type { Outcome, Telemetry } from "../../ports/telemetry.ts";
import type { Cost } from "./budget.ts";
import { packed, unpacked, type Packed } from "../packed.ts";
import { answerOf, ForgeError, forgeError } from "./error.ts";
import type { Limiter } from "./limiter.ts";
import { recent } from "./recent.ts";

/** Gives the `authorization` header's value. `refused` is one that GitHub did not take: another is wanted. */
export type Authorise = (refused?: string) => Promise<string>;

export type Transport = {
  readonly clock: Clock;
  readonly log: Log;
  /** Whose requests they are; absent where they are of no repository. */
  readonly repo?: RepoName | undefined;
  readonly limiter: Limiter;
  readonly authorise: Authorise;
  readonly timeoutMs: number;
  readonly telemetry?: Telemetry;
  /** Why the look is that is under way here; absent where it is never a look's. */
  readonly because?: (() => Because | undefined) | undefined;
};

type Response = Awaited<ReturnType<Octokit["request"]>>;
type Options = Required<Parameters<Octokit["request"]["endpoint"]["parse"]>[0]>;
type Request = (options: Options) => Response | Promise<Response>;

// Before the second and the third try of a read. A write has one try: what became of it is looked at, never guessed.
const READ_RETRIES_MS: readonly number[] = [500, 2_000];
// How often a request that was refused for its rate is sent again; each time the limiter waits for as long as GitHub said.
const RESENDS: Readonly<Record<Lane, number>> = { abort: 5, person: 1, step: 1, talk: 1, news: 0, progress: 0 };
// A page of a hundred pull requests is some megabytes: enough for an idle look, not for more.
const KEPT_ANSWERS = 200;
const API_VERSION = "2022-11-28";

/**
 * An answer that may be used again while GitHub says that nothing changed; `data` are what it said, packed: a page of pull requests says the same
 * of people and of its repository hundreds of times.
 */
type Kept = { readonly etag: string; readonly answer: Response; readonly data: Packed<unknown> };

/** Makes every request of an Octokit go through limiter, timeout, token and, for reads, retries and ETags. Whatever fails is a ForgeError. */
export function attach(octokit: Octokit, transport: Transport): void {
  const kept = recent<Kept>(KEPT_ANSWERS);
  octokit.hook.wrap("request", async (request, options): Promise<Response> => {
    if (options.method !== "GET")
      return isRepeatable(options) ? reading(transport, request, options) : once(transport, request, options);
    const { url } = octokit.request.endpoint(options);
    const known = kept.get(url);
    const headers = known === undefined ? options.headers : { ...options.headers, "if-none-match": known.etag };
    const answer = await reading(transport, request, { ...options, headers });
    if (answer.status === 304 && known !== undefined) return { ...known.answer, data: unpacked(known.data) };
    const { etag } = answer.headers;
    const data: unknown = answer.data;
    if (typeof etag === "string" && data !== undefined)
      kept.keep(url, { etag, answer: { ...answer, data: undefined }, data: packed(data) });
    return answer;
  });
}

/** The lane of a request, for the `request` field of its parameters; `once`: nobody would send it again. */
export function inLane(lane: Lane, once = false): { readonly lane: Lane; readonly once: boolean } {
  return { lane, once };
}

async function reading(transport: Transport, request: Request, options: Options, tries = 0): Promise<Response> {
  try {
    return await once(transport, request, options);
  } catch (error) {
    const pause = READ_RETRIES_MS[tries];
    if (!(error instanceof ForgeError) || error.fault !== "transient" || pause === undefined) throw error;
    transport.log.info("A read is tried again.", { because: error.message, afterMs: pause });
    await transport.clock.sleep(pause);
    return reading(transport, request, options, tries + 1);
  }
}

/** Sends a request until it has been answered once; a refusal for its rate or its token had no effect and is no such answer. */
async function once(transport: Transport, request: Request, options: Options, resends = 0): Promise<Response> {
  const cost = costOf(transport, options);
  try {
    return await transport.limiter.run(cost, () => authorised(transport, request, options));
  } catch (error) {
    // A refusal by our own limiter has no status: the limiter has already said that waiting is no use.
    if (!(error instanceof ForgeError) || error.fault !== "throttled" || error.status === 0) throw error;
    transport.telemetry?.tell({ kind: "throttled", lane: cost.lane });
    transport.log.warn("GitHub refused a request for its rate.", {
      request: nameOf(options),
      lane: cost.lane,
      retryAt: error.retryAt,
    });
    if (resends >= RESENDS[cost.lane]) throw error;
    return once(transport, request, options, resends + 1);
  }
}

async function authorised(transport: Transport, request: Request, options: Options): Promise<Response> {
  const authorization = await transport.authorise();
  try {
    return await exchange(transport, request, { ...options, headers: { ...options.headers, authorization } });
  } catch (error) {
    if (!(error instanceof ForgeError) || error.fault !== "unauthorised") throw error;
    transport.log.info("GitHub did not take the token; another is used.", { request: nameOf(options) });
    const renewed = await transport.authorise(authorization);
    return exchange(transport, request, { ...options, headers: { ...options.headers, authorization: renewed } });
  }
}

function exchange(transport: Transport, request: Request, options: Options): Promise<Response> {
  const work = () => exchanged(transport, request, options);
  if (transport.telemetry === undefined) return work();
  const { lane, kind: call } = costOf(transport, options);
  return transport.telemetry.during({ kind: "forgeCall", request: nameOf(options), call, lane }, work, statusOf);
}

/** The status, or `none` where there was no answer. */
function statusOf(outcome: Outcome<Response>): string {
  const { status } = outcome.kind === "value" ? outcome.value : forgeError("", outcome.error, 0);
  return status === 0 ? "none" : String(status);
}

async function exchanged(transport: Transport, request: Request, options: Options): Promise<Response> {
  const { limiter, timeoutMs } = transport;
  const signal = AbortSignal.timeout(timeoutMs);
  // A write that is led elsewhere, to the repository's new name, would be sent on as a read, and that answer taken for its own.
  const redirect = options.method === "GET" ? "follow" : "manual";
  const headers = { ...options.headers, "x-github-api-version": API_VERSION };
  try {
    const response: Response = await request({
      ...options,
      headers,
      request: { ...options.request, signal, redirect },
    });
    limiter.heard({ status: response.status, headers: response.headers, said: "" });
    return readable(response, options);
  } catch (error) {
    const answer = answerOf(error);
    if (answer !== undefined) limiter.heard(answer);
    if (answer?.status === 304) return { status: 304, url: "", headers: {}, data: undefined };
    throw forgeError(nameOf(options), error, limiter.readyAt(costOf(transport, options)));
  }
}

/** Octokit takes a redirect for a success, and gives the text so far of an answer that broke off: to a caller an empty list. Neither is an answer. */
function readable(response: Response, options: Options): Response {
  // Octokit's types know of no such success.
  const status: number = response.status;
  if (status >= 300) throw moved(nameOf(options), status);
  const data: unknown = response.data;
  if (status === 204 || status === 205 || (typeof data === "object" && data !== null)) return response;
  throw new ForgeError(nameOf(options), "the answer could not be read", { fault: "transient", status: 0 });
}

// GitHub does nothing where it says so.
function moved(request: string, status: number): ForgeError {
  return new ForgeError(request, "the repository has another name now", { fault: "gone", status });
}

const LANES: readonly Lane[] = ["abort", "talk", "progress"];

/** Where reads go that name no lane, by why their look is. */
const READS = { person: "person", own: "step", news: "news" } as const satisfies Readonly<Record<Because, Lane>>;

function costOf({ repo, because }: Transport, options: Options): Cost {
  const said: unknown = options.request?.["lane"];
  const once = options.request?.["once"] === true;
  const kind = kindOf(options);
  const usual = kind === "read" ? READS[because?.() ?? "own"] : "step";
  return { lane: LANES.find((one) => one === said) ?? usual, kind, once, repo };
}

// What GitHub tells people of: it publishes no list; these are what its own clients throttle as such.
const MERGE = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";
const CONTENT: ReadonlySet<string> = new Set([
  "POST /repos/{owner}/{repo}/pulls",
  "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
]);

function kindOf(options: Options): Cost["kind"] {
  if (options.method === "GET") return "read";
  if (nameOf(options) === MERGE) return "merge";
  return CONTENT.has(nameOf(options)) ? "content" : "write";
}

// Another token does no harm; nothing else that is written may be written twice.
function isRepeatable(options: Options): boolean {
  return nameOf(options) === "POST /app/installations/{installation_id}/access_tokens";
}

function nameOf({ method, url }: Options): string {
  return `${method} ${url}`;
}
