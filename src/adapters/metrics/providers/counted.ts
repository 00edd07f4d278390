import { createHash } from "node:crypto";
import { UserError } from "../../../core/error.ts";
import type { Fillings } from "../../../core/placeholders.ts";
import { read, unavailable, type Reading } from "../../../core/reading.ts";
import type { Arm, Counts, Window } from "../../../core/window.ts";
import type { CountedSettings } from "../../../ports/counted.ts";
import type { TimelineQuestion } from "../../../ports/metrics.ts";
import type { IdentifiedMetrics } from "../cached.ts";
import { connectionOf } from "./source.ts";
import type { Connection, CountingProvider, Source, WindowCounts, Windows } from "./source.ts";
import { PROVIDERS } from "./table.ts";

/** A provider that is asked for counts by the queries of configuration; it knows no pods. Throws a UserError on settings that cannot be used. */
export function countedMetrics(
  settings: CountedSettings,
  ports: Pick<Connection, "fetch" | "now">,
): IdentifiedMetrics & Pick<Source, "probe"> {
  const provider = Object.hasOwn(PROVIDERS, settings.by) ? PROVIDERS[settings.by] : undefined;
  if (provider === undefined) throw new UserError(`There is no provider ${JSON.stringify(settings.by)}.`);
  const source = provider.connect(connectionOf(settings, provider.called, ports));
  return {
    identity: identityOf(settings),
    changesForMs: CHANGES_FOR_MS,
    probe: source.probe,
    timelines: async (questions) => {
      const readings: Reading<readonly Window[]>[] = [];
      for (let index = 0; index < questions.length; index += AT_ONCE) {
        const some = questions.slice(index, index + AT_ONCE);
        // oxlint-disable-next-line no-await-in-loop -- a few at a time: these providers allow few requests a minute
        readings.push(...(await Promise.all(some.map((one) => timelineOf(one, settings, { source, ...provider })))));
      }
      return readings;
    },
  };
}

type Asked = Pick<CountingProvider, "called" | "mostWindows"> & { readonly source: Source };

async function timelineOf(
  question: TimelineQuestion,
  settings: CountedSettings,
  asked: Asked,
): Promise<Reading<readonly Window[]>> {
  const windows: Window[] = [];
  for (const part of partsOf(question, asked.mostWindows)) {
    // oxlint-disable-next-line no-await-in-loop -- likewise
    const found = await windowsOf({ ...question, ...part }, settings, asked);
    if (found.kind === "unavailable") return found;
    windows.push(...found.value);
  }
  return read(windows);
}

/** Members asked about at the same time: a provider that does not answer must not keep all others waiting for each time-out in turn. */
const AT_ONCE = 8;

// Agents and gateways send what happened in batches, and some again.
const CHANGES_FOR_MS = 300_000;

// Keys and accounts choose whose metrics these are; only their digest is kept.
function identityOf({ by, url, headers, secrets, options, counts }: CountedSettings): string {
  return createHash("sha256")
    .update(JSON.stringify([by, url, headers, secrets, options, counts]))
    .digest("hex");
}

function partsOf({ from, to, windowMs }: Windows, most: number): readonly Windows[] {
  const parts: Windows[] = [];
  for (let start = from; start < to; start += most * windowMs)
    parts.push({ from: start, to: Math.min(to, start + most * windowMs), windowMs });
  return parts;
}

const ARMS: readonly Arm[] = ["canary", "stable"];

async function windowsOf(
  question: TimelineQuestion,
  { counts: { total, failed } }: CountedSettings,
  { source, called }: Asked,
): Promise<Reading<readonly Window[]>> {
  const names = ARMS.map((arm) => namesOf(question, arm));
  const queries = names.flatMap((ofArm) => [total, failed].map((text) => ({ text, names: ofArm })));
  const { from, to, windowMs } = question;
  const found = await source.counts(queries, { from, to, windowMs });
  if (found.kind === "unavailable") return found;
  const [ofCanary = [], badOfCanary = [], ofStable = [], badOfStable = []] = found.value;
  const canary = countsOf(ofCanary, badOfCanary, called);
  const stable = countsOf(ofStable, badOfStable, called);
  if (canary.kind === "unavailable") return canary;
  if (stable.kind === "unavailable") return stable;
  return read(
    stable.value.map((counts, index) => {
      const start = from + index * windowMs;
      return { start, end: start + windowMs, counts: bothOf(canary.value[index], counts), pods: {} };
    }),
  );
}

function namesOf({ service, namespace, arms, workloads }: TimelineQuestion, arm: Arm): Fillings {
  return { service, namespace, arm: arms[arm], workload: workloads[arm] };
}

/** A number of failed requests that is not told beside one of requests is none: most providers leave out what did not happen. */
function countsOf(
  totals: WindowCounts,
  failures: WindowCounts,
  called: string,
): Reading<readonly (Counts | undefined)[]> {
  const counts = totals.map((total, index) => {
    const failed = failures[index];
    if (total === undefined) return failed === undefined || failed === 0 ? undefined : IMPOSSIBLE;
    return { requests: Math.round(total), failed: Math.round(failed ?? 0) };
  });
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  const areCounts = counts.every((one) => one === undefined || (isCount(one.requests) && isCount(one.failed)));
  if (!areCounts) return unavailable(`${called} answered with numbers that are no counts of requests.`);
  const areParts = counts.every((one) => one === undefined || one.failed <= one.requests);
  return areParts ? read(counts) : unavailable(`${called} counts more failed requests than requests.`);
}

const IMPOSSIBLE: Counts = { requests: 0, failed: 1 };

/**
 * What a window says. These providers do not tell "nobody asked" from "nothing is known": a canary of which nothing is told beside a stable that
 * serves has zeros, for the split sent it nothing; a window in which neither is told to serve says nothing.
 */
function bothOf(canary: Counts | undefined, stable: Counts | undefined): Window["counts"] {
  const serves = (one: Counts | undefined): boolean => one !== undefined && one.requests > 0;
  if (serves(stable) && stable !== undefined) return { canary: canary ?? { requests: 0, failed: 0 }, stable };
  return serves(canary) && canary !== undefined ? { canary } : {};
}
