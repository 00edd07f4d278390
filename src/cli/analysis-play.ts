import { assess, type Assessment, type Taken } from "../analysis/assessment.ts";
import type { Phase } from "../analysis/phase.ts";
import { metricsOf, type Metric } from "../analysis/template/metric.ts";
import type { Template } from "../analysis/template/template.ts";
import { err, ok, type Result } from "../core/result.ts";
import { refusalText } from "../yaml/refusal.ts";

/** What a run is played with: arguments, and the measurements of each metric as letters. */
export type Play = { readonly args: ReadonlyMap<string, string>; readonly measured: ReadonlyMap<string, string> };

/** A run played through: what Argo says of it, and when each metric is to be measured next (ms after the start). */
export type Played = { readonly assessment: Assessment; readonly metrics: readonly Metric[] };

const LETTERS: ReadonlyMap<string, Phase> = new Map([
  ["S", "Successful"],
  ["F", "Failed"],
  ["I", "Inconclusive"],
  ["E", "Error"],
]);

/** A template's run with these measurements, each taken when it was due. */
export function played(template: Template, all: readonly Template[], { args, measured }: Play): Result<Played, string> {
  const metrics = metricsOf(template, all, args);
  if (metrics.kind === "err") return err(refusalText(metrics.error));
  const unknown = [...measured.keys()].find((name) => !metrics.value.some((metric) => metric.name === name));
  if (unknown !== undefined) return err(`${template.name} has no metric ${unknown}.`);
  const wrong = [...measured.values()].find((letters) => !/^[SFIE]*$/.test(letters));
  if (wrong !== undefined) return err(`${wrong}: a measurement is S, F, I or E.`);
  const measuring = metrics.value.map(({ name, rules, isDryRun }) => ({
    name,
    rules,
    isDryRun,
    taken: takenOf(measured.get(name) ?? "", rules.initialDelayMs, rules.intervalMs ?? 0),
  }));
  return ok({ assessment: assess({ startedAt: 0, isEnding: false, metrics: measuring }), metrics: metrics.value });
}

function takenOf(letters: string, startMs: number, intervalMs: number): readonly Taken[] {
  return Array.from(letters, (letter, index) => ({
    phase: LETTERS.get(letter) ?? "Error",
    at: startMs + index * intervalMs,
  }));
}

/** For people. */
export function playedText({ assessment: { phase, metrics, due, why } }: Played): string {
  const lines = metrics.map(({ name, phase: own }) => {
    const next = due.find((one) => one.name === name);
    return `  ${name}: ${own}${next === undefined ? "" : `, measured next ${next.at / 1000} s after the start`}`;
  });
  return `${phase}: ${why}\n${lines.join("\n")}\n`;
}
