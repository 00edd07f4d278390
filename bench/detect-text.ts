import type { Negatives, Report, Score } from "./detect-report.ts";
import type { Move, Outcome } from "./detect-score.ts";

/** The report as tables for people. */
export function reportText({ byKind, byRepo, byCategory, apart, ...all }: Report): string {
  const lines = [
    `recall ${percent(all.recall)}, precision ${percent(all.precision)}, false on ${percent(all.falseOnNegatives)} of negatives`,
    `${all.cases.positive} positive and ${all.cases.negative} negative cases; macro recall by kind ${percent(all.macroRecall.byKind)}, by repository ${percent(all.macroRecall.byRepo)}`,
    `with the image's name as well: ${all.byImageName.found} of ${all.byImageName.expected} (${percent(all.byImageName.recall)})`,
    `\n${row(["file kind", "expected", "found", "recall"])}`,
    ...Object.entries(byKind).map(([name, score]) => row([name, score.expected, score.found, percent(score.recall)])),
    `\n${row(["repository", "expected", "found", "recall", "strays", "negatives", "false"])}`,
    ...Object.entries(byRepo).map(([name, score]) => repoRow(name, score)),
    `\n${row(["negatives", "cases", "false", "share"])}`,
    ...Object.entries(byCategory).map(([name, { cases, falseCases, share }]) =>
      row([name, cases, falseCases, percent(share)]),
    ),
    `\n${row(["apart", "cases", "expected", "found", "reports"])}`,
    ...Object.entries(apart).map(([name, { cases, expected, found, reports }]) =>
      row([name, cases, expected, found, reports]),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function repoRow(
  name: string,
  { expected, found, recall, strays, negatives }: Score & { readonly negatives: Negatives },
): string {
  return row([name, expected, found, percent(recall), strays, negatives.cases, negatives.falseCases]);
}

function row([first = "", ...rest]: readonly (string | number)[]): string {
  return `  ${String(first).padEnd(36)}${rest.map((cell) => String(cell).padStart(11)).join("")}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** The first `most` moves that were missed, or reported without a label, each with its case. */
export function missText(outcomes: readonly Outcome[], most: number, kind: string | undefined): string {
  const lines = outcomes.flatMap(({ of, missed, strays }) => [
    ...missed
      .filter((one) => kind === undefined || one.kind === kind)
      .map((one) => `missed ${one.kind}  ${moveText(of.id, one)}\n    ${one.text.trim().slice(0, 160)}`),
    ...(kind === undefined
      ? strays.map(
          (one) => `${of.label === "negative" ? `false ${of.category ?? ""}` : "stray"}  ${moveText(of.id, one)}`,
        )
      : []),
  ]);
  return lines
    .slice(0, most)
    .map((line) => `${line}\n`)
    .join("");
}

function moveText(id: string, { path, line, image, from, to }: Move): string {
  return `${id} ${path}:${line}  ${image ?? "?"}  ${from} -> ${to}`;
}
