import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "./authenticate.ts";
import { limitHeaders, spend } from "./limits.ts";
import type { Answer } from "./routing.ts";
import type { Store } from "./store.ts";

export type Sending = {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: Answer;
  readonly caller: Caller | undefined;
};

/** Sends an answer with GitHub's headers and books it, unless the asker has it already (304); gives the status. */
export function respond(store: Store, { message, response, answer, caller }: Sending): number {
  const text = textOf(answer);
  const tag = message.method === "GET" && answer.status === 200 ? etag(text) : undefined;
  const isKnown = tag !== undefined && sameTag(message.headers["if-none-match"], tag);
  if (caller !== undefined && !isKnown) spend(caller.budget, store.limits);
  const status = isKnown ? 304 : answer.status;
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    // by the sandbox's clock: clients measure their own clock by it
    date: new Date(store.clock.now()).toUTCString(),
    "x-github-request-id": randomUUID(),
    "x-github-media-type": "github.v3; format=json",
    ...(tag === undefined ? {} : { etag: tag, "cache-control": "private, max-age=60, s-maxage=60" }),
    ...(caller === undefined ? {} : limitHeaders(caller.budget, store.limits)),
    ...answer.headers,
  });
  response.end(isKnown ? undefined : text);
  return status;
}

function textOf({ body }: Answer): string {
  if (body === undefined) return "";
  return typeof body === "string" ? body : JSON.stringify(body);
}

function etag(text: string): string {
  return `"${createHash("sha256").update(text).digest("hex")}"`;
}

function sameTag(given: string | undefined, tag: string): boolean {
  return given?.replace(/^W\//, "") === tag;
}
