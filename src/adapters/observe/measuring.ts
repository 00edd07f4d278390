import { unreachable } from "../../core/unreachable.ts";
import type { Activity, News, Outcome, Telemetry } from "../../ports/telemetry.ts";
import type { Meters } from "./meters.ts";
import type { Seen } from "./seen.ts";
import type { WebhookTally } from "./webhooks.ts";

export type MeasuringOptions = {
  readonly meters: Meters;
  readonly webhooks: WebhookTally;
  readonly seen: Seen;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seconds of a clock that is never set. */
  readonly stopwatch: () => number;
};

/** Telemetry that counts and times into metrics. */
export function measuring(options: MeasuringOptions): Telemetry {
  return {
    // Of a webhook that is handed on nothing is counted: what became of it is told.
    during: (activity, work, cameTo) =>
      activity.kind === "delivery" ? work() : timed(options, { activity, work, cameTo }),
    tell: (news) => take(news, options),
  };
}

type Timed<T> = {
  readonly activity: Exclude<Activity, { readonly kind: "delivery" }>;
  readonly work: () => Promise<T>;
  readonly cameTo: ((outcome: Outcome<T>) => string) | undefined;
};

async function timed<T>(options: MeasuringOptions, { activity, work, cameTo = plainly }: Timed<T>): Promise<T> {
  const { stopwatch } = options;
  const began = stopwatch();
  const end = (outcome: Outcome<T>) =>
    ended(activity, { result: cameTo(outcome), seconds: stopwatch() - began }, options);
  try {
    const value = await work();
    end({ kind: "value", value });
    return value;
  } catch (error) {
    end({ kind: "thrown", error });
    throw error;
  }
}

/** "done", or "failed" where it threw. */
export function plainly(outcome: Outcome<unknown>): string {
  return outcome.kind === "value" ? "done" : "failed";
}

type End = { readonly result: string; readonly seconds: number };

function ended(
  activity: Timed<unknown>["activity"],
  { result, seconds }: End,
  { meters, seen, now }: MeasuringOptions,
): void {
  switch (activity.kind) {
    case "look":
      meters.looks.observe({ result }, seconds);
      seen.looked(activity.key, result === "done");
      if (result === "done") meters.lastLook.set(now() / 1000);
      return;
    case "part":
      return meters.lookParts.observe({ part: activity.part }, seconds);
    case "forgeCall":
      meters.requests.inc({ call: activity.call, lane: activity.lane, status: result });
      return meters.requestDuration.observe({ call: activity.call }, seconds);
    case "gitCommand":
      meters.gitCommands.inc({ command: activity.command, result });
      return meters.gitDuration.observe({ command: activity.command }, seconds);
    case "providerQuery":
      meters.queries.inc({ host: activity.host, result });
      return meters.queryDuration.observe({ host: activity.host }, seconds);
    case "sweep":
      meters.sweeps.inc({ result });
      meters.sweepDuration.set(seconds);
      if (result === "done") meters.lastSweep.set(now() / 1000);
      return;
    default:
      return unreachable(activity);
  }
}

function take(news: News, { meters, webhooks, seen, now }: MeasuringOptions): void {
  switch (news.kind) {
    case "webhook":
      return webhooks.note(news, now());
    case "throttled":
      return meters.throttled.inc({ lane: news.lane });
    case "stood":
      if (news.standings.stages.size > 0) beginAt0(meters, news.key.repo);
      return seen.stood(news.key, news.standings);
    case "stepped":
      return meters.steps.inc({ repository: news.key.repo, step: news.step, on: news.on }, news.members);
    case "landed":
      meters.landings.inc({ kind: news.what }, news.members);
      if (news.by !== undefined) meters.aborts.inc({ repository: news.key.repo, by: news.by }, news.members);
      return;
    case "heard":
      return meters.commands.inc({ verb: news.verb, outcome: news.outcome });
    case "swept":
      return meters.repositories.set(news.repositories);
    default:
      return unreachable(news);
  }
}

// Whoever asks how much a counter has grown is not told of its first appearance.
function beginAt0({ aborts, steps }: Meters, repository: string): void {
  for (const by of ["gate", "containment", "person"]) aborts.inc({ repository, by }, 0);
  steps.inc({ repository, step: "promote", on: "gate" }, 0);
}
