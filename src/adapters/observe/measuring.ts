import { unreachable } from "../../core/unreachable.ts";
import type { Activity, News, Outcome, Telemetry } from "../../ports/telemetry.ts";
import { eventLabel } from "./events.ts";
import type { Meters } from "./meters.ts";
import type { Seen } from "./seen.ts";

export type MeasuringOptions = {
  readonly meters: Meters;
  readonly seen: Seen;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seconds of a clock that is never set. */
  readonly stopwatch: () => number;
};

/** Telemetry that counts and times into metrics. */
export function measuring(options: MeasuringOptions): Telemetry {
  const { stopwatch } = options;
  return {
    during: async (activity, work, cameTo = plainly) => {
      const began = stopwatch();
      const end = (outcome: Parameters<typeof cameTo>[0]) =>
        ended(activity, { result: cameTo(outcome), seconds: stopwatch() - began }, options);
      try {
        const value = await work();
        end({ kind: "value", value });
        return value;
      } catch (error) {
        end({ kind: "thrown", error });
        throw error;
      }
    },
    tell: (news) => take(news, options),
  };
}

/** "done", or "failed" where it threw. */
export function plainly(outcome: Outcome<unknown>): string {
  return outcome.kind === "value" ? "done" : "failed";
}

type End = { readonly result: string; readonly seconds: number };

function ended(activity: Activity, { result, seconds }: End, { meters, seen, now }: MeasuringOptions): void {
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
    case "delivery":
      return;
    case "sweep":
      meters.sweeps.inc({ result });
      meters.sweepDuration.set(seconds);
      if (result === "done") meters.lastSweep.set(now() / 1000);
      return;
    default:
      return unreachable(activity);
  }
}

function take(news: News, { meters, seen, now }: MeasuringOptions): void {
  switch (news.kind) {
    case "webhook":
      return webhook(news, meters, now());
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

function webhook({ status, event, seconds }: Extract<News, { readonly kind: "webhook" }>, meters: Meters, now: number) {
  const label = eventLabel(event);
  meters.webhooks.inc({ event: label, status });
  meters.webhookDuration.observe(seconds);
  if (event !== undefined && status < 300) meters.lastWebhook.set({ event: label }, now / 1000);
}

// Whoever asks how much a counter has grown is not told of its first appearance.
function beginAt0({ aborts, steps }: Meters, repository: string): void {
  for (const by of ["gate", "containment", "person"]) aborts.inc({ repository, by }, 0);
  steps.inc({ repository, step: "promote", on: "gate" }, 0);
}
