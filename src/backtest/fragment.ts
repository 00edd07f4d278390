import { durationText } from "../config/duration.ts";
import type { Name } from "../core/names.ts";
import type { Backtest } from "./backtest.ts";

/** What of `.github/tidegate.yml` would change, as it may be written there; undefined where nothing would. */
export function fragmentOf(service: Name, { shape, climb, configured, proposed }: Backtest): string | undefined {
  if (proposed === undefined) return undefined;
  const weights = climb === undefined || climb.weights.join() === shape.weights.join() ? undefined : climb.weights;
  const bake = climb === undefined || climb.bakeMs === shape.bakeMs ? undefined : climb.bakeMs;
  const { settings } = proposed;
  const isSpread = settings.dispersion !== configured.settings.dispersion;
  const isRaised = settings.placeboLogE !== configured.settings.placeboLogE;
  const errors = [
    ...(isSpread ? [`        dispersion: ${settings.dispersion}`] : []),
    ...(isRaised && settings.placeboLogE !== undefined
      ? [`        threshold: ${Number(Math.exp(settings.placeboLogE).toPrecision(6))}`]
      : []),
  ];
  return [
    "services:",
    `  - names: ["${service}"]`,
    ...(weights === undefined ? [] : [`    steps: [${weights.map((one) => Math.round(one * 100)).join(", ")}]`]),
    ...(bake === undefined ? [] : [`    bake: ${durationText(bake)}`]),
    ...(errors.length === 0 ? [] : ["    gates:", "      errors:", ...errors]),
    "",
  ].join("\n");
}
