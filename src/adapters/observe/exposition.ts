import { collectDefaultMetrics, Registry } from "prom-client";
import type { LimitsState } from "../../ports/limits.ts";
import type { QueueState } from "../../ports/queue.ts";
import type { Telemetry } from "../../ports/telemetry.ts";
import { showLimits } from "./limits.ts";
import { metersIn, type Meters } from "./meters.ts";
import { measuring } from "./measuring.ts";
import { seenHere } from "./seen.ts";
import type { Unready } from "./health.ts";
import { webhookTally } from "./webhooks.ts";

export type ExpositionOptions = {
  readonly version: string;
  /** Of the process itself: memory, processor time, event loop. Only one exposition of a process asks for it. */
  readonly ofProcess: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** For how long what a look has found is shown, milliseconds. */
  readonly keepMs: number;
};

/** What is asked when somebody reads metrics. */
export type Asked = {
  readonly queue: () => Promise<QueueState>;
  readonly limits: () => LimitsState;
  readonly unready: Unready;
};

export type Exposition = {
  readonly telemetry: Telemetry;
  /** All metrics in Prometheus' text format. */
  readonly metrics: (asked: Asked) => Promise<{ readonly contentType: string; readonly text: string }>;
};

/** A queue that does not answer is told of by that. */
const QUEUE_WITHIN_MS = 2_000;

/** Counts what it is told, and shows it to whoever asks. */
export function exposition({ version, ofProcess, now, keepMs }: ExpositionOptions): Exposition {
  const registry = new Registry();
  const meters = metersIn(registry);
  const webhooks = webhookTally(meters);
  const seen = seenHere({ keepMs, now });
  if (ofProcess) collectDefaultMetrics({ register: registry });
  meters.build.set({ version, node: process.versions.node }, 1);
  return {
    telemetry: measuring({ meters, webhooks, seen, now, stopwatch: () => performance.now() / 1000 }),
    metrics: async ({ queue, limits, unready }) => {
      webhooks.show();
      seen.show(meters, now());
      showLimits(meters, limits(), now());
      meters.ready.set(unready() === undefined ? 1 : 0);
      await showQueue(meters, queue, now);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

async function showQueue(meters: Meters, queue: Asked["queue"], now: () => number): Promise<void> {
  const gauges = [meters.queueWaiting, meters.queuePutOff, meters.queueRunning, meters.queueOldest];
  const state = await inTime(queue);
  meters.queueUp.set(state?.isUp === true ? 1 : 0);
  // What is not known is not shown as it last was.
  if (state === undefined) return gauges.forEach((gauge) => gauge.remove());
  meters.queueWaiting.set(state.waiting);
  meters.queuePutOff.set(state.putOff);
  meters.queueRunning.set(state.running);
  meters.queueOldest.set(state.oldestDue === undefined ? 0 : Math.max(0, now() - state.oldestDue) / 1000);
  meters.queueStalled.reset();
  meters.queueStalled.inc(state.stalled);
}

async function inTime(queue: Asked["queue"]): Promise<QueueState | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), QUEUE_WITHIN_MS);
  try {
    return await Promise.race([queue(), late.promise]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
