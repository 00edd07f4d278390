import { durationText } from "../config/duration.ts";
import type { Name } from "../core/names.ts";
import type { Assessment } from "./assess.ts";
import type { Backtest } from "./backtest.ts";
import type { Climb } from "./propose.ts";
import type { Shape } from "./shape.ts";

/** What of `.github/tidegate.yml` would change, as it may be written there; undefined where nothing would. */
export function fragmentOf(service: Name, { shape, climb, configured, proposed }: Backtest): string | undefined {
  if (proposed === undefined) return undefined;
  const lines = [...(climb === undefined ? [] : climbLines(climb, shape)), ...errorLines(proposed, configured)];
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
  return lines.length === 0 ? [] : ["    gates:", "      errors:", ...lines];
}
