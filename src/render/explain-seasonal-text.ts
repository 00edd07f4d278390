import type { JudgedSeason } from "../core/season.ts";
import type { SeasonalRuling } from "../core/seasonal-gate.ts";
import { columns } from "./columns.ts";
import { part, said } from "./explain-parts.ts";
import { duration } from "./numbers.ts";

/** What each metric's drift from what is usual is held against. */
export function seasonalTermsText({ judgement: { metrics } }: SeasonalRuling): string {
  return metrics.map(metricText).join("\n\n");
}

function metricText({ name, worse, measure, typical, drift, threshold, alpha, placebos }: JudgedSeason): string {
  const scale = measure === "count" ? "√ of the count" : "logarithm";
  return part(`Season of ${name}, on the scale of its ${scale}, ${worse} is worse`, [
    columns(
      [
        ["typical readings of the step", numberText(typical?.seen)],
        ["usual at their time", numberText(typical?.usual)],
        ["drift now", numberText(drift?.now)],
        ["T, the highest drift", numberText(drift?.peak)],
        ["T that blocks", threshold === undefined ? "none: it only advises" : said(threshold)],
        ["its share of alpha in this step", said(alpha)],
        ["stretches of the past", placebosText(placebos)],
      ],
      [0],
    ),
  ]);
}

function numberText(value: number | undefined): string {
  return value === undefined ? "none" : said(value);
}

function placebosText(placebos: JudgedSeason["placebos"]): string {
  if (placebos === undefined) return "not read";
  const { known, needed, lengthMs } = placebos;
  return `${known} of ${duration(lengthMs)}; ${needed} are needed`;
}
