import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { unreachable } from "../../core/unreachable.ts";
import type { Log } from "../../ports/log.ts";
import type { Outcome, Telemetry } from "../../ports/telemetry.ts";
import { errorFields } from "../log.ts";
import { healthAt, notReady, type Unready } from "../observe/health.ts";
import { discard, readBody } from "./body.ts";
import type { Body, Pool } from "./body.ts";
import { deadlineOf, type Deadline } from "./deadlines.ts";
import { envelopeOf, payloadOf } from "./delivery.ts";
import type { Answer, Delivery, Envelope } from "./delivery.ts";
import { outliner, type Outline, type Shape } from "./outline.ts";
import type { WebhookSecret } from "./secret.ts";
import { signatureChecks, type SignatureCheck } from "./signature.ts";

export type IngressLimits = {
  /** GitHub sends no webhook over 25 MB. */
  readonly bodyBytes: number;
  /** From the headers to the end of the body. */
  readonly bodyTimeoutMs: number;
  /** Bodies that are being read at once, and their bytes together: what noise without a signature can cost. */
  readonly bodies: number;
  readonly bodiesBytes: number;
  readonly connections: number;
  /** GitHub gives up after ten seconds; a queue that has not answered by then has refused. */
  readonly receiveTimeoutMs: number;
  /** How long a refused client may go on sending before the connection is cut. */
  readonly lingerMs: number;
};

export const INGRESS_LIMITS: IngressLimits = {
  bodyBytes: 25 * 2 ** 20,
  bodyTimeoutMs: 10_000,
  bodies: 64,
  bodiesBytes: 100 * 2 ** 20,
  connections: 1_000,
  receiveTimeoutMs: 8_000,
  lingerMs: 1_000,
};

export type IngressOptions = {
  /** Path that webhooks are posted to, such as `/api/github/webhooks`. */
  readonly path: string;
  /** One, or two while one is being replaced. */
  readonly secrets: readonly [WebhookSecret, WebhookSecret?];
  /** What is read of a payload, by event; of an event that is not there nothing is, and nobody receives it. */
  readonly reads: Readonly<Record<string, Shape>>;
  /** Takes a verified webhook; rejects when it cannot, and GitHub is told to come again. */
  readonly receive: (delivery: Delivery) => Promise<void>;
  /** What there is to read beside, by path; undefined for what is not there. */
  readonly pages?: (path: string) => Answer | undefined;
  readonly unready: Unready;
  readonly log: Log;
  readonly telemetry?: Telemetry;
  readonly limits: IngressLimits;
};

export type Ingress = {
  /** Resolves with the port, which the system chooses for port 0; rejects with the system's own error. */
  readonly listen: (port: number, host: string) => Promise<number>;
  /** Takes no more connections, lets answers under way finish, cuts what is left after `deadlineMs`. */
  readonly close: (deadlineMs: number) => Promise<void>;
};

type Front = IngressOptions & {
  readonly outlines: ReadonlyMap<string, Outline>;
  readonly pool: Pool;
  readonly bodyDeadline: Deadline;
  readonly receiveDeadline: Deadline;
  readonly signed: () => SignatureCheck;
  reading: number;
  closing: boolean;
  quietUntil: number;
  unsaid: number;
};

/** The door for webhooks: bounded, verified over the raw bytes, answered at once. Logs neither payloads nor header values. */
export function ingress(options: IngressOptions): Ingress {
  const front: Front = {
    ...options,
    outlines: new Map(Object.entries(options.reads).map(([event, shape]) => [event, outliner(shape)])),
    pool: { used: 0, size: options.limits.bodiesBytes },
    bodyDeadline: deadlineOf(options.limits.bodyTimeoutMs),
    receiveDeadline: deadlineOf(options.limits.receiveTimeoutMs),
    signed: signatureChecks(options.secrets.filter((secret) => secret !== undefined)),
    reading: 0,
    closing: false,
    quietUntil: 0,
    unsaid: 0,
  };
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 16_384,
    },
    (request, response) => void serve(front, request, response),
  );
  server.maxConnections = options.limits.connections;
  return {
    listen: (port, host) => listen(server, port, host),
    close: (deadlineMs) => close(front, server, deadlineMs),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

async function close(front: Front, server: Server, deadlineMs: number): Promise<void> {
  front.closing = true;
  const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(timer);
}

async function serve(front: Front, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answer = await answerTo(front, request);
    if (answer.status >= 400 && answer.status !== 404) noteRefusal(front, answer);
    const sent = send(front, request, response, answer);
    if (sent !== undefined) await sent;
  } catch (error) {
    front.log.warn("Answering a request failed.", errorFields(error));
    response.destroy();
  }
}

// One line a second at most: whoever makes noise must not fill the log.
function noteRefusal(front: Front, { status, text }: Answer): void {
  front.unsaid += 1;
  if (Date.now() < front.quietUntil) return;
  front.log.warn("Refused a request.", { status, reason: text, refusals: front.unsaid });
  front.quietUntil = Date.now() + 1_000;
  front.unsaid = 0;
}

function answerTo(front: Front, request: IncomingMessage): Answer | Promise<Answer> {
  const { url = "" } = request;
  const query = url.indexOf("?");
  const path = query < 0 ? url : url.slice(0, query);
  if (path !== front.path) return pageAt(front, path, request);
  return request.method === "POST" ? webhook(front, request) : notAllowed("POST");
}

function pageAt({ pages, unready, closing }: Front, path: string, request: IncomingMessage): Answer {
  const page = healthAt(path, () => (closing ? "Closing." : unready())) ?? pages?.(path);
  if (page === undefined) return { status: 404, text: "There is nothing here." };
  return isReading(request) ? page : notAllowed("GET, HEAD");
}

function isReading({ method }: IncomingMessage): boolean {
  return method === "GET" || method === "HEAD";
}

function notAllowed(allow: string): Answer {
  return { status: 405, text: `Only ${allow}.`, headers: { allow } };
}

const ACCEPTED: Answer = { status: 202, text: "accepted" };

async function webhook(front: Front, request: IncomingMessage): Promise<Answer> {
  const began = performance.now();
  const { answer, event } = await heard(front, request);
  const seconds = (performance.now() - began) / 1_000;
  front.telemetry?.tell({ kind: "webhook", status: answer.status, event, seconds });
  return answer;
}

/** `event`: only where the signature was right. */
type Heard = { readonly answer: Answer; readonly event?: string };

async function heard(front: Front, request: IncomingMessage): Promise<Heard> {
  const opened = envelopeOf(request.headers);
  if (opened.kind === "refused") return opened;
  const { id, name } = opened.envelope;
  const said = await payloadIn(front, request, opened.envelope);
  if (said.kind === "refused") return said;
  if (said.payload === undefined) return { answer: ACCEPTED, event: name };
  return { answer: await handedOn(front, { id, name, payload: said.payload }), event: name };
}

/** What is read of a body; nothing of an event that nobody receives. */
type Said = { readonly kind: "said"; readonly payload: unknown } | ({ readonly kind: "refused" } & Heard);

/** Only bodies have to share room: what is read of one is small, and may wait for the queue with as many others as there are connections. */
async function payloadIn(front: Front, request: IncomingMessage, { name, signature }: Envelope): Promise<Said> {
  if (front.reading >= front.limits.bodies) return { kind: "refused", answer: notReady("Too many webhooks at once.") };
  front.reading += 1;
  try {
    const check = front.signed();
    const body = await readBody(request, {
      maxBytes: front.limits.bodyBytes,
      deadline: front.bodyDeadline,
      pool: front.pool,
      onChunk: check.update,
    });
    if (body.kind !== "read") return { kind: "refused", answer: unread(body.kind) };
    if (!check.matches(signature)) return { kind: "refused", answer: UNSIGNED };
    const outline = front.outlines.get(name);
    if (outline === undefined) return { kind: "said", payload: undefined };
    const payload = payloadOf(body.bytes, outline);
    return payload === undefined ? { kind: "refused", answer: NO_OBJECT, event: name } : { kind: "said", payload };
  } finally {
    front.reading -= 1;
  }
}

const UNSIGNED: Answer = { status: 401, text: "The signature does not match the body." };
const NO_OBJECT: Answer = { status: 400, text: "The body is not a JSON object." };

function handedOn(front: Front, delivery: Delivery): Answer | Promise<Answer> {
  const { id, name } = delivery;
  const work = () => received(front, delivery);
  return front.telemetry?.during({ kind: "delivery", id, event: name }, work, takenOr) ?? work();
}

function takenOr(outcome: Outcome<Answer>): string {
  return outcome.kind === "value" && outcome.value.status < 400 ? "done" : "failed";
}

function unread(kind: Exclude<Body["kind"], "read">): Answer {
  switch (kind) {
    case "tooLarge":
      return { status: 413, text: "The body is too large." };
    case "tooSlow":
      return { status: 408, text: "The body took too long." };
    case "noRoom":
      return notReady("Too many webhooks at once.");
    case "gone":
      return { status: 400, text: "The connection was cut." };
    default:
      return unreachable(kind);
  }
}

async function received(front: Front, delivery: Delivery): Promise<Answer> {
  try {
    await inTime(front, front.receive(delivery));
    return ACCEPTED;
  } catch (error) {
    const { id, name } = delivery;
    front.log.warn("A webhook could not be queued.", { delivery: id, event: name, ...errorFields(error) });
    return notReady("The webhook could not be queued.");
  }
}

function inTime(front: Front, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const callOff = front.receiveDeadline(() => reject(new Error("The queue did not answer in time.")));
    work.then(callOff, callOff);
    work.then(resolve, reject);
  });
}

/** A promise only where the client is still sending. */
function send(front: Front, request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> | void {
  const isUnread = !request.complete && hasBody(request);
  const headers = answer === ACCEPTED ? [...ACCEPTED_HEADERS] : headersOf(answer);
  if (isUnread || front.closing) headers.push("connection", "close");
  response.writeHead(answer.status, headers);
  if (!isUnread) return void response.end(`${answer.text}\n`);
  response.write(`${answer.text}\n`);
  return linger(front, request, response);
}

const PLAIN = { "content-type": "text/plain; charset=utf-8" };

/** Names and values in turn, as they are sent. */
function headersOf({ text, headers }: Answer): string[] {
  const length = String(Buffer.byteLength(text) + 1);
  return Object.entries({ ...PLAIN, ...headers, "content-length": length }).flat();
}

const ACCEPTED_HEADERS = headersOf(ACCEPTED);

async function linger({ limits }: Front, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await discard(request, limits.lingerMs);
  response.end();
  request.destroy();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
