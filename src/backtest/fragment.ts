import { durationText } from "../config/duration.ts";
import type { GaugeBars } from "../core/gate/gauge.ts";
import { DEFAULT_SLOWDOWNS } from "../core/gate/latency.ts";
import { DEFAULT_PARTS } from "../core/gate/settings.ts";
import type { Name } from "../core/names.ts";
import type { Assessment } from "./assess.ts";
import type { Backtest } from "./backtest.ts";
import { writtenBars, type GaugeFound } from "./gauges.ts";
import type { LatencyFound } from "./latency.ts";
import type { LatencyAdvice } from "./proposal.ts";
import type { Climb } from "./propose.ts";
import type { Shape } from "./shape.ts";

/** What of `.github/tidegate.yml` would change, as it may be written there; undefined where nothing would. */
export function fragmentOf(service: Name, found: Backtest): string | undefined {
  const { shape, climb, configured, proposed, latency, latencyAdvice, gauges } = found;
  const gates = [
    ...(proposed === undefined ? [] : errorLines(proposed, configured)),
    ...(proposed === undefined ? [] : latencyLines(latencyAdvice, latency)),
    ...gaugeLines(gauges),
  ];
  const lines = [
    ...(climb === undefined || proposed === undefined ? [] : climbLines(climb, shape)),
    ...(gates.length === 0 ? [] : ["    gates:", ...gates]),
  ];
  if (proposed === undefined && lines.length === 0) return undefined;
  return ["services:", `  - names: ["${service}"]`, ...lines, ""].join("\n");
}

/** What a gauge is to be calibrated by: where nothing is written, or what is blocks too much; undefined where nothing is proposed. */
export function calibrationOf({ past, configured, isMore }: GaugeFound): GaugeBars | undefined {
  if (past.kind !== "calibrated" || (configured !== undefined && !isMore)) return undefined;
  return writtenBars(past.bars);
}

/** Whole entries: one of a service takes the place of that of the same name for all. */
function gaugeLines(gauges: readonly GaugeFound[]): readonly string[] {
  const lines = gauges.flatMap((gauge) => {
    const bars = calibrationOf(gauge);
    return bars === undefined ? [] : gaugeEntry(gauge, bars);
  });
  return lines.length === 0 ? [] : ["      gauges:", ...lines];
}

function gaugeEntry({ name, query, worse, regression, part }: GaugeFound, bars: GaugeBars): readonly string[] {
  const share = worse === "higher" ? regression - 1 : 1 - 1 / regression;
  return [
    `        - name: "${name}"`,
    `          query: ${JSON.stringify(query)}`,
    `          worse: ${worse}`,
    `          regression: ${percentText(share)}`,
    ...(part === 1 ? [] : [`          part: ${part}`]),
    `          calibration: { threshold: ${bars.threshold}, usual: ${bars.usual}, low: ${bars.low} }`,
  ];
}

function climbLines({ weights, bakeMs }: Climb, shape: Shape): readonly string[] {
  const isSame = weights.join() === shape.weights.join();
  return [
    ...(isSame ? [] : [`    steps: [${weights.map((one) => Math.round(one * 100)).join(", ")}]`]),
    ...(bakeMs === shape.bakeMs ? [] : [`    bake: ${durationText(bakeMs)}`]),
  ];
}

function errorLines({ settings: is }: Assessment, { settings: was }: Assessment): readonly string[] {
  const isSpread = is.dispersion !== was.dispersion || is.exactDispersion !== was.exactDispersion;
  const threshold = is.placeboLogE === was.placeboLogE ? undefined : is.placeboLogE;
  const lines = [
    ...(isSpread ? [`        dispersion: ${is.dispersion}`] : []),
    ...(threshold === undefined ? [] : [`        threshold: ${Number(Math.exp(threshold).toPrecision(6))}`]),
  ];
  return lines.length === 0 ? [] : ["      errors:", ...lines];
}

/** All of it: an entry of a service takes the place of what is said for all. */
function latencyLines(advice: LatencyAdvice | undefined, latency: LatencyFound): readonly string[] {
  if (advice === undefined || latency.kind !== "judged") return [];
  if (advice.kind === "off") return ["      latency: off"];
  const { slowdowns, part } = latency;
  const keys = [
    `tolerated: ${percentText(advice.tolerated)}`,
    ...(slowdowns.regression === DEFAULT_SLOWDOWNS.regression
      ? []
      : [`regression: ${percentText(slowdowns.regression)}`]),
    ...(part === DEFAULT_PARTS.latency ? [] : [`part: ${part}`]),
  ];
  return [`      latency: { ${keys.join(", ")} }`];
}

function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`;
}
