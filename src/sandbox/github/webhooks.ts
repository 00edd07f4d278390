import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** An event on its way to the App's webhook URL. */
export type HookEvent = { readonly guid: string; readonly event: string; readonly action: string | undefined; readonly body: string };

/** One attempt to deliver; `status` is undefined when nobody answered in time, then `error` says why. */
export type Delivery = HookEvent & {
  readonly id: number;
  readonly at: number;
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly redelivery: boolean;
};

/** What happens to an event: `late` ones leave the order and arrive when they do. */
export type Fate = { readonly kind: "once" } | { readonly kind: "drop" } | { readonly kind: "repeat"; readonly times: number } | { readonly kind: "late"; readonly ms: number };

export type HookOptions = {
  readonly secret: string;
  readonly appId: number;
  readonly now: () => number;
  /** Called once per event; default: every event is delivered once, in order. */
  readonly fate?: (event: HookEvent) => Fate;
  /** GitHub gives up after 10,000 ms. */
  readonly timeoutMs?: number;
};

export type Hook = {
  /** Queues an event; the payload is built when its turn comes. Never throws and never waits. */
  readonly emit: (event: string, action: string | undefined, payload: () => Promise<object> | object) => void;
  /** Sends an event again with the same GUID; false if there is none. */
  readonly redeliver: (guid: string) => Promise<boolean>;
  /** Resolves when every event emitted so far has been delivered, refused or dropped. */
  readonly settled: () => Promise<void>;
  readonly deliveries: () => readonly Delivery[];
  /** Undefined: events are built and logged nowhere. */
  readonly setUrl: (url: string | undefined) => void;
  readonly setFate: (fate: ((event: HookEvent) => Fate) | undefined) => void;
  readonly close: () => void;
};

/** The App's webhook: signed, in order, logged, and indifferent to who listens. */
export function createHook(options: HookOptions): Hook {
  const log: Delivery[] = [];
  const closing = new AbortController();
  const late = new Set<Promise<void>>();
  let url: string | undefined;
  let fate = options.fate;
  let queue: Promise<void> = Promise.resolve();

  async function send(event: HookEvent, redelivery: boolean): Promise<void> {
    if (url === undefined || closing.signal.aborted) return;
    const at = options.now();
    const { status, error } = await post(url, event, options, closing.signal);
    log.push({ ...event, id: log.length + 1, at, status, error, redelivery });
  }

  function sendLate(event: HookEvent, ms: number): void {
    const sent: Promise<void> = sleep(ms, undefined, { signal: closing.signal })
      .then(() => send(event, false))
      .catch(() => undefined)
      .finally(() => late.delete(sent));
    late.add(sent);
  }

  async function deliver(event: HookEvent): Promise<void> {
    const decided = fate?.(event) ?? { kind: "once" };
    if (decided.kind === "drop") return;
    if (decided.kind === "late") return sendLate(event, decided.ms);
    const times = decided.kind === "repeat" ? decided.times : 1;
    for (let sent = 0; sent < times; sent += 1) await send(event, false);
  }

  return {
    emit(event, action, payload) {
      const guid = randomUUID();
      queue = queue.then(async () => deliver({ guid, event, action, body: JSON.stringify(await payload()) })).catch((error: unknown) => {
        log.push({ guid, event, action, body: "", id: log.length + 1, at: options.now(), status: undefined, error: String(error), redelivery: false });
      });
    },
    async redeliver(guid) {
      const event = log.find((delivery) => delivery.guid === guid);
      if (event === undefined) return false;
      await send({ guid, event: event.event, action: event.action, body: event.body }, true);
      return true;
    },
    async settled() {
      await queue;
      await Promise.all(late);
    },
    deliveries: () => log,
    setUrl: (next) => void (url = next),
    setFate: (next) => void (fate = next),
    close: () => closing.abort(),
  };
}

type Outcome = { readonly status: number | undefined; readonly error: string | undefined };

async function post(url: string, { guid, event, body }: HookEvent, { secret, appId, timeoutMs = 10_000 }: HookOptions, closing: AbortSignal): Promise<Outcome> {
  const headers = {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/sandbox",
    "x-github-delivery": guid,
    "x-github-event": event,
    "x-github-hook-id": String(appId),
    "x-github-hook-installation-target-id": String(appId),
    "x-github-hook-installation-target-type": "integration",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
  try {
    const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]) });
    await answer.arrayBuffer();
    return { status: answer.status, error: undefined };
  } catch (error) {
    return { status: undefined, error: String(error) };
  }
}
