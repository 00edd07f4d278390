import type { AnalysisRuling } from "../core/analysis-gate.ts";
import type { AnalysisMetric, AnalysisWait, Limits } from "../core/gate/analysis.ts";
import { unreachable } from "../core/unreachable.ts";
import { quality, quantity, type Missing } from "./lacking.ts";
import { escaped, plain, table, withoutStop } from "./markdown.ts";
import { utc, whole } from "./numbers.ts";

/** What a gate by a template waits for; undefined where for nothing. */
export function analysisMissing({ gate, verdict }: AnalysisRuling): Missing | undefined {
  return verdict.kind === "wait" ? waitText(gate, verdict.reason) : undefined;
}

function waitText(gate: string, reason: AnalysisWait): Missing {
  switch (reason.kind) {
    case "notBegun":
      return quality(`${gate} has measured nothing yet`);
    case "inconclusive":
      return quality(`${gate} is inconclusive (${short(reason.why)}), and a person decides`);
    case "unanswered":
      return quality(`${gate} has no answer for ${short(reason.metric)} (${short(reason.why)})`);
    case "noEvidence":
      return quality(
        `${gate} has no evidence of ${short(reason.metric)} yet${reason.why === undefined ? "" : ` (${short(reason.why)})`}`,
      );
    case "unfinished":
      return quantity(
        `${gate} has measured ${short(reason.metric)} ${whole(reason.done)}${reason.of === undefined ? "" : ` of ${whole(reason.of)}`} times`,
      );
    default:
      return unreachable(reason);
  }
}

function short(text: string): string {
  return withoutStop(plain(text, 120));
}

/** Its numbers in one clause: "success-rate: success 5 of 5"; of those that judge nothing too. */
export function analysisNumbers({ gate, run, verdict }: AnalysisRuling): string {
  const judged = run?.metrics.filter(({ isDryRun }) => !isDryRun) ?? [];
  const metrics = judged.map((metric) => `${short(metric.name)} ${countsText(metric)}`);
  const all = metrics.length === 0 ? "nothing judged" : metrics.join(", ");
  return `${gate}${verdict.kind === "block" ? " failed" : ""}: ${all}`;
}

function countsText({ counts, last }: AnalysisMetric): string {
  const measured = counts.Successful + counts.Failed + counts.Inconclusive;
  const value = last === undefined ? "" : `, last ${short(last.value)}`;
  return `${whole(counts.Successful)} of ${whole(measured)} good${value}`;
}

/** What a gate by a template blocks a step for, as a sentence; undefined where it does not. */
export function analysisSentence({ gate, run, verdict }: AnalysisRuling): string | undefined {
  if (verdict.kind !== "block" || run === undefined) return undefined;
  return `The analysis ${gate} failed (${short(run.why)}).`;
}

/** A table for each template: every metric with its phase, what was measured of it, and what is allowed. */
export function analysisTable(ruling: AnalysisRuling, beside: number): string {
  const { gate, run } = ruling;
  if (run === undefined) return table([gate], [["nothing was measured"]]);
  const header = [
    `${gate} (${run.template})`,
    "phase",
    "last",
    "successful",
    "failed",
    "inconclusive",
    "errors",
    "no data",
  ];
  return table(
    header,
    run.metrics.map((metric) => rowOf(metric, beside)),
    [0, 1, 2],
  );
}

function rowOf(
  { name, phase, isDryRun, counts, limits, last, open }: AnalysisMetric,
  beside: number,
): readonly string[] {
  const at = last === undefined ? "" : ` (${utc(last.at, beside)})`;
  const waits = open === undefined ? "" : `; unanswered since ${utc(open.at, beside)}: ${cell(open.reason)}`;
  const why = last?.why === undefined ? "" : `: ${cell(last.why)}`;
  return [
    `${cell(name)}${isDryRun ? " (dry run)" : ""}`,
    phase,
    `${last === undefined ? "none" : cell(last.value)}${at}${why}${waits}`,
    wanted(counts.Successful, limits),
    allowed(counts.Failed, limits.failures),
    allowed(counts.Inconclusive, limits.inconclusive),
    `${whole(counts.Error)}, at most ${whole(limits.errorsInARow)} in a row`,
    whole(counts.Blank),
  ];
}

function wanted(count: number, { count: of, successesInARow }: Limits): string {
  const row = successesInARow === undefined ? "" : `, ${whole(successesInARow)} in a row wanted`;
  return `${whole(count)}${of === undefined ? "" : ` (${whole(of)} measurements wanted)`}${row}`;
}

function allowed(count: number, limit: number | undefined): string {
  return `${whole(count)}${limit === undefined ? "" : `, at most ${whole(limit)}`}`;
}

function cell(text: string): string {
  return escaped(withoutStop(text), 120);
}
