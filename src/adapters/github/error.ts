import { RequestError } from "@octokit/request-error";

import { redact } from "../../core/redact.ts";

/**
 * What an answer that is not a success means to a caller. `transient`: no answer, or one that says nothing about what was done.
 * `throttled`: certainly nothing was done, and nothing will be before `retryAt`.
 */
export type ForgeFault = "gone" | "conflict" | "invalid" | "throttled" | "transient" | "forbidden" | "unauthorised";

export type ForgeErrorFacts = {
  readonly fault: ForgeFault;
  /** 0 where there was no answer. */
  readonly status: number;
  /** Milliseconds since the epoch; only of `throttled`. */
  readonly retryAt?: number;
};

/** GitHub did not do what it was asked. The message names the request and carries GitHub's words, without secrets. */
export class ForgeError extends Error {
  override readonly name = "ForgeError";
  readonly fault: ForgeFault;
  readonly status: number;
  readonly retryAt: number | undefined;
  /** GitHub's words alone. */
  readonly reason: string;

  constructor(request: string, reason: string, { fault, status, retryAt }: ForgeErrorFacts) {
    const words = redact(reason);
    super(`${request}: ${status === 0 ? "" : `${status} `}${words}`);
    this.fault = fault;
    this.status = status;
    this.retryAt = retryAt;
    this.reason = words;
  }
}

/** The parts of an answer that say how GitHub is doing. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly said: string;
};

/** What GitHub answered, from what Octokit threw; undefined where there was no answer at all. */
export function answerOf(error: unknown): Answer | undefined {
  if (!(error instanceof RequestError) || error.response === undefined) return undefined;
  return { status: error.response.status, headers: error.response.headers, said: error.message };
}

/** Classifies whatever a request threw. `retryAt` is when a refusal for its rate ends. */
export function forgeError(request: string, error: unknown, retryAt: number): ForgeError {
  if (error instanceof ForgeError) return error;
  const answer = answerOf(error);
  const words = (error instanceof Error ? error.message : String(error)).replace(DOCS_LINK, "");
  if (answer === undefined) return new ForgeError(request, words, { fault: "transient", status: 0 });
  const { status } = answer;
  if (isThrottle(answer)) return new ForgeError(request, words, { fault: "throttled", status, retryAt });
  return new ForgeError(request, words, { fault: faultOf(status), status });
}

// Octokit's addition to GitHub's words: people are shown them, and the page is of the API.
const DOCS_LINK = / - https:\/\/\S+$/;

/** GitHub refused the request for its rate, primary (nothing remains) or secondary (says so, or when to come back), not for what it asks. */
export function isThrottle({ status, headers, said }: Answer): boolean {
  if (status === 429) return true;
  // Pull requests and comments that come too fast are called invalid.
  if (status === 422) return /submitted too quickly/i.test(said);
  if (status !== 403) return false;
  return (
    headers["x-ratelimit-remaining"] === "0" ||
    headers["retry-after"] !== undefined ||
    /secondary rate limit|abuse detection|content creation/i.test(said)
  );
}

const FAULTS: ReadonlyMap<number, ForgeFault> = new Map([
  [401, "unauthorised"],
  [403, "forbidden"],
  [404, "gone"],
  [405, "conflict"],
  [408, "transient"],
  [409, "conflict"],
  [410, "gone"],
  [451, "forbidden"],
]);

function faultOf(status: number): ForgeFault {
  return FAULTS.get(status) ?? (status >= 500 ? "transient" : "invalid");
}
