import type { JudgedSeason, SeasonalWait } from "../core/season.ts";
import type { SeasonalRuling } from "../core/seasonal-gate.ts";
import { unreachable } from "../core/unreachable.ts";
import { quality, quantity, type Missing } from "./lacking.ts";
import { plain, table, withoutStop } from "./markdown.ts";
import { count, duration, percent, utc, whole } from "./numbers.ts";

/** What the service as a whole waits for, a clause for each metric. */
export function seasonalMissing({ judgement: { metrics } }: SeasonalRuling): readonly Missing[] {
  return metrics.flatMap(({ name, verdict }) => (verdict.kind === "wait" ? [waitText(name, verdict.reason)] : []));
}

function waitText(name: string, reason: SeasonalWait): Missing {
  switch (reason.kind) {
    case "unread":
      return quality(`the service's ${name} cannot be read (${withoutStop(plain(reason.why, 120))})`);
    case "notLive":
      return quality(`the service's ${name} is held against its own past once this step is seen live`);
    case "first":
      return quantity(`the service's first ${name} of this step, at ${utc(reason.at, reason.at)}`);
    case "noSamples":
      return quality(`the metrics have no ${name} of the service at ${utc(reason.at, reason.at)}`);
    case "gaps":
      return quality(`${whole(reason.missing)} of ${count(reason.of, "reading")} of the service's ${name} are missing`);
    case "noBaseline":
      return quality(`the time before the release does not tell where the service's ${name} stood`);
    default:
      return unreachable(reason);
  }
}

/** The numbers of what is unusual, in one clause; a release hangs on no number of the others. */
export function seasonalNumbers({ judgement: { metrics } }: SeasonalRuling): string | undefined {
  const blocking = metrics.filter(({ verdict }) => verdict.kind === "block");
  return blocking.length === 0 ? undefined : blocking.map(numbersOf).join("; ");
}

function numbersOf(metric: JudgedSeason): string {
  const { name, typical } = metric;
  return `the service's ${name} ${valueOf(metric, typical?.seen)}, ${valueOf(metric, typical?.usual)} is usual at this time`;
}

/** What the verdict of each metric rests on, and that nothing of it passes a step; undefined while all of them wait. */
export function seasonalSentence({ judgement: { metrics } }: SeasonalRuling): string | undefined {
  const usual = metrics.filter(({ verdict }) => verdict.kind === "usual").map(({ name }) => name);
  const stands =
    usual.length === 0
      ? []
      : [`As usual at this time: ${usual.join(", ")} of the service as a whole, which passes nothing by itself.`];
  const said = [...metrics.flatMap((metric) => sentenceOf(metric) ?? []), ...stands];
  return said.length === 0 ? undefined : said.join(" ");
}

function sentenceOf(metric: JudgedSeason): string | undefined {
  const { name, worse, verdict, placebos, alpha, drift, threshold } = metric;
  switch (verdict.kind) {
    case "block":
      return `The service's ${name} went ${worse} than is usual at this time, further than in all but ${percent(alpha)} of ${whole(placebos?.known ?? 0)} stretches of ${duration(placebos?.lengthMs ?? 0)} without a release (drift ${driftText(drift?.peak)}, above ${driftText(threshold)} blocks). Before and after cannot tell a release from an incident.`;
    case "advise":
      return adviceOf(metric, verdict.why);
    case "usual":
    case "wait":
      return undefined;
    default:
      return unreachable(verdict);
  }
}

function adviceOf({ name, worse, placebos, alpha, days }: JudgedSeason, why: "tooFew" | "flat"): string {
  const { known = 0, needed = 0, lengthMs = 0 } = placebos ?? {};
  if (why === "flat")
    return `The service's past only advises on ${name}: in it nothing was ever ${worse} than usual, so that the first little would block.`;
  const enough = known === 0 ? undefined : Math.ceil((days * needed) / known);
  const more = enough === undefined || enough > MOST_DAYS ? "" : `; \`days: ${enough}\` would have them`;
  return `The service's past only advises on ${name}: it has ${whole(known)} of the ${whole(needed)} stretches of ${duration(lengthMs)} without a release that a promise of ${percent(alpha)} needs${more}.`;
}

// What configuration takes.
const MOST_DAYS = 35;

/** Every metric with what was seen, what is usual, and how far that has drifted apart. */
export function seasonalTable({ judgement: { metrics } }: SeasonalRuling): string {
  return table(["the service as a whole", "seen", "usual at this time", "bound"], metrics.map(rowOf), [0, 3]);
}

function rowOf(metric: JudgedSeason): readonly string[] {
  const { name, worse, typical, drift } = metric;
  return [
    `${name} (${worse} is worse)`,
    valueOf(metric, typical?.seen),
    valueOf(metric, typical?.usual),
    drift === undefined ? boundOf(metric) : `drift ${driftText(drift.peak)}; ${boundOf(metric)}`,
  ];
}

function boundOf({ threshold }: JudgedSeason): string {
  return threshold === undefined ? "advises" : `above ${driftText(threshold)} blocks`;
}

/** A typical reading in the metric's own unit: counts with the time that they are of. */
function valueOf({ measure, everyMs }: JudgedSeason, value: number | undefined): string {
  if (value === undefined) return "not known";
  const number = value >= 100 ? whole(Math.round(value)) : String(Number(value.toPrecision(3)));
  return measure === "count" ? `${number} in ${duration(everyMs)}` : number;
}

/** A drift or what it blocks above, a number without a unit. */
function driftText(value: number | undefined): string {
  return value === undefined ? "none" : String(Number(value.toPrecision(3)));
}
