import { duration, percent, ratio, whole } from "../render/numbers.ts";
import { SLOWDOWN_NAMES } from "./assess.ts";
import type { Backtest } from "./backtest.ts";
import type { Bound, LatencyTested, SlowBlocks } from "./latency.ts";
import { foundText, perMonth, shareOf, table, timeOf } from "./table.ts";

/** What is slow, among what is told of the past. */
export function slowLines({ latency }: Backtest): readonly string[] {
  if (latency.kind === "none")
    return ["  latency   no histogram in all that time: releases are judged by errors alone"];
  if (latency.kind !== "judged" || latency.bounds.length === 0) return [];
  const bounds = latency.bounds.map(
    ({ bound, quantile }) => `${timeText(bound)} (p${Number((quantile * 100).toPrecision(3))})`,
  );
  const tolerated = latency.bounds.map((one) => ratio(one.tolerated)).join(", ");
  const known = latency.bounds.flatMap(({ dispersion }) => (dispersion === undefined ? [] : [ratio(dispersion)]));
  const clusters = known.length === 0 ? "" : `; slow requests come ${known.join(", ")} at a time`;
  return [
    `  latency   slow is above ${bounds.join(", ")}: ${tolerated} times stable's share is tolerated${clusters}`,
    ...(latency.isNative
      ? ["            by classic buckets; releases are judged by the native histograms beside them, which are finer"]
      : []),
  ];
}

/** A bound, milliseconds. */
function timeText(ms: Bound["bound"]): string {
  return ms < 1000 ? `${Number(ms.toPrecision(4))} ms` : `${Number((ms / 1000).toPrecision(4))} s`;
}

/** How often latency, and both gates together, would have blocked releases of nothing new. */
export function slowBlockLines({ latency }: Backtest): readonly string[] {
  const found = latency.kind === "judged" ? latency.identical : undefined;
  if (latency.kind !== "judged" || found === undefined) return [];
  return [...latencyLines(latency, found), ...togetherLines(found), ...learntLines(found)];
}

function latencyLines({ alpha }: LatencyTested, { blocked, of, month, unjudged }: SlowBlocks): readonly string[] {
  const some = unjudged === 0 ? "" : `, ${whole(unjudged)} more had no histograms before them`;
  return [`  latency   ${blocked} of ${of} (E ≥ ${whole(1 / alpha)}${some}): ${monthText(month)}`];
}

function togetherLines({ together: { errors, latency, either, month } }: SlowBlocks): readonly string[] {
  return [
    `  together  ${either.blocked} of ${either.of} under one alpha, ${errors} by errors and ${latency} by latency: ${monthText(month)}`,
  ];
}

function learntLines({ later }: SlowBlocks): readonly string[] {
  if (later === undefined) return [];
  return [`  learnt    what the earlier half says of latency blocks ${later.blocked} of ${later.of} in the later one`];
}

function monthText({ expected, low, high }: SlowBlocks["month"]): string {
  return `${perMonth(expected)} a month (95%: ${perMonth(low)} to ${perMonth(high)})`;
}

/** How slow releases end, by all gates, and what latency decides of steps by itself. */
export function slowParts({ configured, lookedForMs }: Backtest, best: string): readonly string[] {
  const { latency, climbs } = configured;
  if (latency === undefined) return [];
  const slow = climbs.bad.filter(({ regression }) => SLOWDOWN_NAMES.some((name) => name === regression));
  const releases = table([
    ["", ...slow.map(({ regression }) => regression)],
    ["blocked", ...slow.map(({ blocked, of }) => shareOf(blocked, of))],
    ["  half of them after", ...slow.map(({ blockMs }) => timeOf(blockMs))],
    ["got through all steps", ...slow.map(({ passed, of }) => shareOf(passed, of))],
    ["undecided, held", ...slow.map(({ held, of }) => shareOf(held, of))],
  ]);
  const steps = table([
    ["weight", "good: half pass after", "most", "undecided", ...SLOWDOWN_NAMES],
    ...latency.map(({ weight, good, bad }) => [
      `${Math.round(weight * 100)}%`,
      timeOf(good.passMs.half),
      timeOf(good.passMs.most),
      shareOf(good.held, good.of),
      ...bad.map(foundText),
    ]),
  ]);
  return [
    `Whole releases whose canary answers more slowly (2% +1 s: two of a hundred requests take a second more${best})\n${releases}`,
    `Steps by latency alone (up to ${duration(lookedForMs.step)}; found, and after how long half of those${best})\n${steps}`,
  ];
}

/** The proposal in words, where there is one. */
export function latencyAdviceText({ latencyAdvice, latency }: Backtest): string {
  if (latencyAdvice === undefined || latency.kind !== "judged") return "";
  return latencyAdvice.kind === "off"
    ? "Without latency, errors have all of alpha."
    : `A slow-down by ${percent(latencyAdvice.tolerated)} is called equal then, instead of ${percent(latency.slowdowns.tolerated)}.`;
}
