import { binomialInterval } from "../core/gate/binomial.ts";
import { percent, ratio, whole } from "../render/numbers.ts";
import type { Backtest } from "./backtest.ts";
import { calibrationOf } from "./fragment.ts";
import type { Crossed, GaugeFound } from "./gauges.ts";
import { shareOf } from "./table.ts";

/** What the past says of each gauge. */
export function gaugesText({ gauges }: Backtest): string {
  if (gauges.length === 0) return "";
  const width = Math.max(...gauges.map(({ name }) => name.length));
  const lines = gauges.flatMap((gauge) => {
    const [first = "", ...more] = linesOf(gauge);
    return [`  ${gauge.name.padEnd(width)}  ${first}`, ...more.map((line) => `  ${" ".repeat(width)}  ${line}`)];
  });
  return ["Gauges (releases of nothing new, some pods of stable against the others)", ...lines].join("\n");
}

function linesOf(gauge: GaugeFound): readonly string[] {
  const { past, now, alpha } = gauge;
  const today =
    now === undefined
      ? []
      : [`as it is calibrated, ${now.blocked} of ${now.of} are blocked; ${percent(alpha)} is its share`];
  switch (past.kind) {
    case "unread":
      return [`cannot be told: ${past.why}`, ...today];
    case "tooFew":
      return [
        `needs ${whole(past.needed)} placebo releases for its share of alpha, ${percent(alpha)}, and there are ${whole(past.placebos)}: ask for more days`,
        ...today,
      ];
    default:
      return [
        `${whole(past.placebos)} placebo releases: a drift above ${String(Number(past.bars.threshold.toPrecision(3)))} blocks, at its share of alpha, ${percent(alpha)}`,
        crossedText(past.crossed, alpha),
        foundIn(past.crossed),
        ...today,
      ];
  }
}

function crossedText({ blocked, of, alpha }: Crossed, share: number): string {
  const { low, high } = binomialInterval(blocked, Math.max(1, of));
  const promised = alpha > share ? `; a half can promise no less than ${percent(alpha)}` : "";
  return `learnt of one half and counted on the other: ${blocked} of ${of} blocked (95%: ${percent(low)} to ${percent(high)}${promised})`;
}

function foundIn({ found, passed, of }: Crossed): string {
  const said = found.map(({ times, blocked }) => `x${ratio(times)} ${shareOf(blocked, of)}`).join(", ");
  return `found by the end of the last bake: ${said}; ${shareOf(passed, of)} of good ones could pass there`;
}

/** What the calibrations that are proposed change besides. */
export function gaugeAdviceText({ gauges }: Backtest): string {
  const fresh = gauges.filter((gauge) => gauge.configured === undefined && calibrationOf(gauge) !== undefined);
  if (fresh.length === 0) return "";
  const names = fresh.map(({ name }) => name).join(", ");
  return `Calibrated, ${names} ${fresh.length === 1 ? "judges" : "judge"} instead of advising, and ${fresh.length === 1 ? "takes its" : "take their"} part of alpha from the other gates.`;
}
