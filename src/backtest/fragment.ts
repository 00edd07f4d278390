import { durationText } from "../config/duration.ts";
import { DEFAULT_SLOWDOWNS } from "../core/gate/latency.ts";
import { DEFAULT_PARTS } from "../core/gate/settings.ts";
import type { Name } from "../core/names.ts";
import type { Assessment } from "./assess.ts";
import type { Backtest } from "./backtest.ts";
import type { LatencyFound } from "./latency.ts";
import type { LatencyAdvice } from "./proposal.ts";
import type { Climb } from "./propose.ts";
import type { Shape } from "./shape.ts";

/** What of `.github/tidegate.yml` would change, as it may be written there; undefined where nothing would. */
export function fragmentOf(
  service: Name,
  { shape, climb, configured, proposed, latency, latencyAdvice }: Backtest,
): string | undefined {
  if (proposed === undefined) return undefined;
  const gates = [...errorLines(proposed, configured), ...latencyLines(latencyAdvice, latency)];
  const lines = [
    ...(climb === undefined ? [] : climbLines(climb, shape)),
    ...(gates.length === 0 ? [] : ["    gates:", ...gates]),
  ];
  return ["services:", `  - names: ["${service}"]`, ...lines, ""].join("\n");
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
