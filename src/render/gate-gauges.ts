import type { GaugesRuling, JudgedGauge } from "../core/gauge-gate.ts";
import { kayentaGrounds, kayentaMissing, kayentaNumbers, kayentaRows } from "./kayenta.ts";
import { unreachable } from "../core/unreachable.ts";
import type { GateWords } from "./gates.ts";
import { firstWindowText, quality, quantity, type Missing, type Times } from "./lacking.ts";
import { plain, withoutStop } from "./markdown.ts";
import { count, percent, ratio, whole } from "./numbers.ts";

/** What is said of the gauges: a row for each. */
export function gaugesWords({ judgement: { gauges, kayenta } }: GaugesRuling): GateWords {
  const missing = (times: Times) => [
    ...gauges.flatMap((gauge) => missingOf(gauge, times) ?? []),
    ...[kayenta && kayentaMissing(kayenta)].filter((one) => one !== undefined),
  ];
  return {
    numbers: joined([numbersOf(gauges), kayenta && kayentaNumbers(kayenta)], "; "),
    grounds: joined([groundsOf(gauges), kayenta && kayentaGrounds(kayenta)], " "),
    rows: () => [...gauges.map(rowOf), ...(kayenta === undefined ? [] : kayentaRows(kayenta))],
    seen: undefined,
    missing: (times) => missing(times).find(({ kind }) => kind === "quality") ?? missing(times)[0],
    isOfTraffic: false,
  };
}

function joined(texts: readonly (string | undefined)[], by: string): string | undefined {
  const said = texts.filter((text) => text !== undefined);
  return said.length === 0 ? undefined : said.join(by);
}

/** Those that block; a release hangs on no number of the others. */
function numbersOf(gauges: readonly JudgedGauge[]): string | undefined {
  const blocking = gauges.filter(({ verdict }) => verdict.kind === "block");
  const said = blocking.map((gauge) => `${gauge.name} ${timesOf(gauge)}`);
  return said.length === 0 ? undefined : said.join("; ");
}

function groundsOf(gauges: readonly JudgedGauge[]): string | undefined {
  const said = [...gauges.flatMap((gauge) => groundOf(gauge) ?? []), ...advisingText(gauges)];
  return said.length === 0 ? undefined : said.join(" ");
}

function advisingText(gauges: readonly JudgedGauge[]): readonly string[] {
  const names = gauges.filter(({ bar }) => bar === undefined).map(({ name }) => name);
  if (names.length === 0) return [];
  const [them, advise] = names.length === 1 ? ["gauge", "advises"] : ["gauges", "advise"];
  return [`The ${them} ${names.join(", ")} only ${advise}: nothing is known of what identical releases do.`];
}

function groundOf({ name, worse, regression, verdict, drift, bar }: JudgedGauge): string | undefined {
  switch (verdict.kind) {
    case "block":
      return `The canary's ${name} is ${worse} than stable's by more than identical releases differ, but for ${percent(bar?.alpha ?? 0)} of them (drift ${driftText(drift?.peak)}, above ${driftText(bar?.threshold)} blocks).`;
    case "pass":
      return `The canary's ${name} stands as in identical releases, and ${changeText(worse, regression)} would have been found in four of five.`;
    case "advise":
    case "unread":
    case "wait":
      return undefined;
    default:
      return unreachable(verdict);
  }
}

function rowOf(gauge: JudgedGauge): readonly string[] {
  const { name, worse, drift } = gauge;
  const what = `${name} (${worse} is worse)`;
  return [
    what,
    timesOf(gauge),
    "",
    drift === undefined ? boundOf(gauge) : `drift ${driftText(drift.peak)}; ${boundOf(gauge)}`,
  ];
}

function boundOf({ verdict, drift, bar }: JudgedGauge): string {
  if (verdict.kind === "advise")
    return drift === undefined ? "advises" : `advises: ${percent(verdict.chance)} to be so far apart by chance`;
  if (verdict.kind === "unread") return `advises: cannot be read (${reasonText(verdict.why)})`;
  return `above ${driftText(bar?.threshold)} blocks`;
}

function timesOf({ ratio: mean }: JudgedGauge): string {
  return mean === undefined ? "not compared" : `${ratio(mean)} times stable's`;
}

/** A regression, as a change of the gauge: 25% more, 20% less. */
function changeText(worse: JudgedGauge["worse"], regression: number): string {
  return worse === "higher" ? `${percent(regression - 1)} more` : `${percent(1 - 1 / regression)} less`;
}

/** A drift or what it blocks above, a number without a unit: 0.42, -0.03. */
function driftText(value: number | undefined): string {
  return value === undefined ? "none" : String(Number(value.toPrecision(3)));
}

function missingOf({ name, verdict, worse, regression }: JudgedGauge, times: Times): Missing | undefined {
  if (verdict.kind !== "wait") return undefined;
  const { reason } = verdict;
  switch (reason.kind) {
    case "unread":
      return quality(`${name} cannot be read (${reasonText(reason.why)})`);
    case "noSamples":
      return reason.windows === 0
        ? quality(firstWindowText(times))
        : quality(`the metrics have no ${name} of canary or stable in the last ${count(reason.windows, "window")}`);
    case "gaps":
      return quality(
        `${whole(reason.missing)} of ${count(reason.windows, "window")} lack the ${name} of canary or stable`,
      );
    case "leaning":
      return quality(
        `the canary's ${name} leans towards being ${worse}: drift ${driftText(reason.now)}, up to ${driftText(reason.usual)} is usual`,
      );
    case "tooLittle":
      return quantity(
        `more than ${count(reason.windows, "window")} of ${name}, so that ${changeText(worse, regression)} would be found`,
      );
    default:
      return unreachable(reason);
  }
}

function reasonText(why: string): string {
  return withoutStop(plain(why, 120));
}
