import type { GaugeExplanation, GaugeTerms } from "../core/explain-gauges.ts";
import { columns } from "./columns.ts";
import { ln, MOST_WINDOWS, part, said, timeText } from "./explain-parts.ts";

/** Every term of the gauges, one after the other. */
export function gaugesTermsText(explained: readonly GaugeExplanation[]): string {
  return explained.map(gaugeText).join("\n\n");
}

function gaugeText({ gauge, before, windows, count, sum, peak, found }: GaugeExplanation): string {
  const { name, worse, calibration, alpha, regression } = gauge;
  const sign = worse === "higher" ? "canary ÷ stable" : "stable ÷ canary";
  const start = before && [
    ["before these windows: Σy, their number, T", ln(before.sum), said(before.count), ln(before.peak)],
  ];
  const bars =
    calibration === undefined
      ? [["what it blocks above", "none: it only advises"]]
      : [
          ["T that blocks", ln(calibration.threshold)],
          ["its share of alpha", said(alpha)],
          ["drift up to which it may pass", ln(calibration.usual)],
          [`low + √n × ln ${said(regression)}, above which the regression would have been found`, ln(found ?? 0)],
        ];
  return part(`Gauge ${name}: y = ln(${sign}), drift = Σy ÷ √n, T = the highest drift`, [
    windowsTable(windows),
    ...(start === undefined ? [] : [columns(start, [0])]),
    columns(
      [["n", said(count)], ["Σy", ln(sum)], ["T", peak === undefined ? "nothing was compared" : ln(peak)], ...bars],
      [0],
    ),
  ]);
}

function windowsTable(windows: readonly GaugeTerms[]): string {
  const head = ["step", "from", "canary", "stable", "y", "Σy", "drift"];
  const left = windows.length - MOST_WINDOWS;
  const rows = windows
    .slice(-MOST_WINDOWS)
    .map(({ step, start, values: { canary, stable }, difference, sum, drift }) => [
      String(step),
      timeText(start),
      valueText(canary),
      valueText(stable),
      ...(difference === undefined ? ["", "", ""] : [ln(difference), ln(sum), ln(drift)]),
    ]);
  const table = columns([head, ...rows], [1]);
  return left > 0 ? `  ${left} earlier ones are left out here; --json has all.\n${table}` : table;
}

function valueText(value: number | undefined): string {
  return value === undefined ? "none" : said(value);
}
