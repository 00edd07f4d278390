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
  /** The whole length is announced, and the connection cut after half of the body. */
  readonly breaksOff: boolean;
};

/** What went over the wire. */
export type Sent = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/** Sends an answer with GitHub's headers and books it, unless the asker has it already (304); gives what was sent. */
export function respond(store: Store, { message, response, answer, caller, breaksOff }: Sending): Sent {
  const text = textOf(answer);
  const tag = message.method === "GET" && answer.status === 200 ? etag(text) : undefined;
  const isKnown = tag !== undefined && sameTag(message.headers["if-none-match"], tag);
  if (caller !== undefined && !isKnown) spend(caller.budget, store.limits);
  const sent = isKnown ? { status: 304, text: "" } : { status: answer.status, text };
  const isBroken = breaksOff && !isKnown;
  if (isBroken) response.setHeader("content-length", Buffer.byteLength(text));
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "x-github-request-id": randomUUID(),
    "x-github-media-type": "github.v3; format=json",
    ...tagHeaders(tag),
    ...(caller === undefined ? {} : limitHeaders(caller.budget, store.limits)),
    ...answer.headers,
  };
  response.writeHead(sent.status, headers);
  if (isBroken) breakOff(response, text);
  else response.end(sent.text);
  return { ...sent, headers };
}

// a body of one byte is cut to none, so that no broken answer is whole
function breakOff(response: ServerResponse, text: string): void {
  const bytes = Buffer.from(text);
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

function textOf({ body }: Answer): string {
  if (body === undefined) return "";
  return typeof body === "string" ? body : JSON.stringify(body);
}

function tagHeaders(tag: string | undefined): Readonly<Record<string, string>> {
  return tag === undefined ? {} : { etag: tag, "cache-control": "private, max-age=60, s-maxage=60" };
}

function etag(text: string): string {
  return `"${createHash("sha256").update(text).digest("hex")}"`;
}

function sameTag(given: string | undefined, tag: string): boolean {
  return given?.replace(/^W\//, "") === tag;
}
