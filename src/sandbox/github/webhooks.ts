import { createHmac, randomUUID } from "node:crypto";
import type { Witness } from "./witness.ts";

/** An event on its way to the App's webhook URL. */
export type HookEvent = {
  readonly guid: string;
  readonly event: string;
  readonly action: string | undefined;
  readonly body: string;
};

/** One attempt to deliver; `status` is undefined when nobody answered in time, then `error` says why. */
export type Delivery = HookEvent & {
  readonly id: number;
  readonly at: number;
  readonly status: number | undefined;
  readonly error: string | undefined;
  /** How long the listener took. */
  readonly seconds: number;
  readonly redelivery: boolean;
};

/** What happens to an event: a `late` one leaves the order and is sent when its promise is kept. */
export type Fate =
  | { readonly kind: "once" }
  | { readonly kind: "drop" }
  | { readonly kind: "repeat"; readonly times: number }
  | { readonly kind: "late"; readonly until: Promise<unknown> };

export type HookOptions = {
  readonly secret: string;
  readonly appId: number;
  readonly now: () => number;
  readonly url: string | undefined;
  /** Called once per event; undefined: every event is delivered once, in order. */
  readonly fate: ((event: HookEvent) => Fate) | undefined;
  /** How long the listener may take to answer. */
  readonly timeoutMs: number;
  readonly onDelivery: Witness["onDelivery"] | undefined;
};

export type Hook = {
  /** Queues an event; the payload is built when its turn comes. Never throws and never waits. */
  readonly emit: (event: string, action: string | undefined, payload: () => Promise<object> | object) => void;
  /** Sends an event again with the same GUID; false if there is none. */
  readonly redeliver: (guid: string) => Promise<boolean>;
  /** Resolves when every event emitted so far has been delivered, refused or dropped. */
  readonly settled: () => Promise<void>;
  readonly deliveries: () => readonly Delivery[];
  readonly url: () => string | undefined;
  /** Undefined: events go nowhere, as for an App without a webhook. */
  readonly setUrl: (url: string | undefined) => void;
  readonly setFate: (fate: ((event: HookEvent) => Fate) | undefined) => void;
  readonly close: () => Promise<void>;
};

/** How long GitHub waits for an answer. */
export const GITHUB_TIMEOUT_MS = 10_000;

/** The App's webhook: signed, in order, logged, and indifferent to who listens. */
export function createHook(options: HookOptions): Hook {
  const line: Line = {
    ...options,
    closing: new AbortController(),
    log: [],
    late: new Set(),
    queue: Promise.resolve(),
  };
  return {
    emit: (event, action, payload) => emit(line, { guid: randomUUID(), event, action }, payload),
    redeliver: (guid) => redeliver(line, guid),
    async settled() {
      await line.queue;
      await Promise.all(line.late);
    },
    deliveries: () => line.log,
    url: () => line.url,
    setUrl: (url) => void (line.url = url),
    setFate: (fate) => void (line.fate = fate),
    async close() {
      line.closing.abort();
      await line.queue;
    },
  };
}

type Line = Omit<HookOptions, "url" | "fate"> & {
  readonly closing: AbortController;
  readonly log: Delivery[];
  readonly late: Set<Promise<void>>;
  url: string | undefined;
  fate: HookOptions["fate"];
  queue: Promise<void>;
};

type Outcome = Pick<Delivery, "status" | "error" | "seconds">;

function emit(line: Line, event: Omit<HookEvent, "body">, payload: () => Promise<object> | object): void {
  const turn = async (): Promise<void> => {
    if (line.closing.signal.aborted) return;
    const built = { ...event, body: JSON.stringify(await payload()) };
    line.onDelivery?.({ ...built, headers: headersOf(line, built) });
    await deliver(line, built);
  };
  // a payload that cannot be built is a fault of ours: it stands in the log, and the line goes on
  const failed = (error: unknown) =>
    record(line, { ...event, body: "" }, { status: undefined, error: String(error), seconds: 0 });
  line.queue = line.queue.then(turn).catch(failed);
}

async function deliver(line: Line, event: HookEvent): Promise<void> {
  const fate = line.fate?.(event) ?? { kind: "once" };
  if (fate.kind === "drop") return;
  if (fate.kind === "late") {
    sendLate(line, event, fate.until);
    return;
  }
  const times = fate.kind === "repeat" ? fate.times : 1;
  for (let sent = 0; sent < times; sent += 1) await send(line, event, false);
}

function sendLate(line: Line, event: HookEvent, until: Promise<unknown>): void {
  const sent: Promise<void> = until
    .then(() => send(line, event, false))
    .catch(() => undefined)
    .finally(() => line.late.delete(sent));
  line.late.add(sent);
}

async function redeliver(line: Line, guid: string): Promise<boolean> {
  const known = line.log.find((delivery) => delivery.guid === guid);
  if (known === undefined) return false;
  await send(line, { guid, event: known.event, action: known.action, body: known.body }, true);
  return true;
}

async function send(line: Line, event: HookEvent, redelivery: boolean): Promise<void> {
  if (line.url === undefined || line.closing.signal.aborted) return;
  record(line, event, await post(line, line.url, event), redelivery);
}

function record(line: Line, event: HookEvent, outcome: Outcome, redelivery = false): void {
  line.log.push({ ...event, ...outcome, id: line.log.length + 1, at: line.now(), redelivery });
}

async function post(line: Line, url: string, event: HookEvent): Promise<Outcome> {
  const headers = headersOf(line, event);
  const { body } = event;
  const signal = AbortSignal.any([line.closing.signal, AbortSignal.timeout(line.timeoutMs)]);
  const start = performance.now();
  try {
    const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    await answer.arrayBuffer();
    return { status: answer.status, error: undefined, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    return { status: undefined, error: String(error), seconds: (performance.now() - start) / 1000 };
  }
}

function headersOf(line: Line, { guid, event, body }: HookEvent): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/sandbox",
    "x-github-delivery": guid,
    "x-github-event": event,
    "x-github-hook-id": String(line.appId),
    "x-github-hook-installation-target-id": String(line.appId),
    "x-github-hook-installation-target-type": "integration",
    "x-hub-signature-256": `sha256=${createHmac("sha256", line.secret).update(body).digest("hex")}`,
  };
}
