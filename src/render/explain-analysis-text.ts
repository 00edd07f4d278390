import type { AnalysisMetric, AnalysisRun, Limits } from "../core/gate/analysis.ts";
import { columns } from "./columns.ts";
import { part, timeText } from "./explain-parts.ts";
import { plain } from "./markdown.ts";

/** Of what a provider or a template says, so many characters. */
const MOST = 300;

/** Every count of a template's run, metric by metric, with the limits that decide it; `since`: when the weight was seen live, milliseconds. */
export function analysisText(run: AnalysisRun | undefined, gate: string, since: number | undefined): string {
  if (run === undefined) return part(`Analysis ${gate}`, ["  nothing has been measured"]);
  const { template, runs, startedAt, phase, why, metrics } = run;
  const rows = [
    ["template", plain(template, MOST)],
    ["one run", runs === "step" ? "for each weight" : "beside the whole release"],
    ["began", startedAt === undefined ? "not yet" : timeText(startedAt)],
    ["weight seen live", since === undefined ? "not yet" : timeText(since)],
    ["phase", phase],
    ["why", plain(why, MOST)],
  ];
  return [part(`Analysis ${gate}`, [columns(rows, [0, 1])]), ...metrics.map((metric) => metricText(metric, gate))].join(
    "\n\n",
  );
}

function metricText(
  { name, phase, isDryRun, counts, limits, last, succeededAt, open }: AnalysisMetric,
  gate: string,
): string {
  const measured = Object.entries(counts).map(([outcome, count]) => `${outcome} ${count}`);
  const rows = [
    ["phase", isDryRun ? `${phase}, of a dry run: it judges nothing` : phase],
    ["measurements", measured.join(", ")],
    ["limits", limitsText(limits)],
    [
      "last",
      last === undefined
        ? "none"
        : `${timeText(last.at)} ${last.outcome}: ${plain(last.value, MOST)}${last.why === undefined ? "" : ` (${plain(last.why, MOST)})`}`,
    ],
    ["last success", succeededAt === undefined ? "none" : timeText(succeededAt)],
    ...(open === undefined ? [] : [["due and unanswered", `${timeText(open.at)}: ${plain(open.reason, MOST)}`]]),
  ];
  return part(`Metric ${plain(name, MOST)} of ${gate}`, [columns(rows, [0, 1])]);
}

function limitsText({ count, failures, inconclusive, errorsInARow, successesInARow }: Limits): string {
  return [
    count === undefined ? "measured without an end" : `measured ${count} times`,
    failures === undefined ? "failures do not count" : `more than ${failures} failures fail it`,
    `more than ${inconclusive} inconclusive make it so`,
    `more than ${errorsInARow} errors in a row are one`,
    ...(successesInARow === undefined ? [] : [`${successesInARow} successes in a row are enough`]),
  ].join("; ");
}
