import { count } from "../render/numbers.ts";
import { wrapped } from "../render/wrap.ts";
import { AREAS, type Severity } from "./entry.ts";
import { worst, type Finding } from "./finding.ts";

/** How findings are written; `paint` colours a word by its severity, or leaves it. */
export type Style = { readonly columns: number; readonly paint: (severity: Severity, word: string) => string };

/** Without colour, at a width that any terminal has. */
export const PLAIN: Style = { columns: 100, paint: (_, word) => word };

/** Colours of a terminal that takes ANSI's codes. */
export function coloured(columns: number): Style {
  const codes = { ok: 32, warning: 33, error: 31 } as const;
  return { columns, paint: (severity, word) => `\u001B[${codes[severity]}m${word}\u001B[0m` };
}

/** Findings for people: by subject and area, what is fine in one line, the rest with what it means and its fix; a count at the end. */
export function findingsText(findings: readonly Finding[], style: Style): string {
  const subjects = [...Map.groupBy(findings, ({ about }) => about)];
  const parts = subjects.map(([about, own]) => subjectText(about, own, style));
  return `${[...parts, summaryText(findings, style)].join("\n\n")}\n`;
}

function subjectText(about: string, findings: readonly Finding[], style: Style): string {
  const areas = AREAS.flatMap((area) => {
    const own = findings.filter((one) => one.area === area);
    return own.length === 0 ? [] : [[`  ${area}`, ...own.map((one) => findingText(one, style))].join("\n")];
  });
  return [about, ...areas].join("\n");
}

const MARKS: Readonly<Record<Severity, string>> = { ok: "ok     ", warning: "warning", error: "error  " };
const INDENT = " ".repeat(12);

function findingText({ id, severity, found, means, fix, at }: Finding, { columns, paint }: Style): string {
  const head = `    ${paint(severity, MARKS[severity])} `;
  const wrap = (words: string): string => wrapped(words, INDENT, columns);
  if (severity === "ok") return `${head}${wrapped(found, INDENT, columns).trimStart()}`;
  const lines = [
    wrap(found).trimStart(),
    wrap(means),
    fix === undefined ? "" : wrap(`Fix: ${fix}`),
    at === undefined ? "" : wrap(at),
    wrap(`[${id}]`),
  ];
  return head + lines.filter((line) => line !== "").join("\n");
}

function summaryText(findings: readonly Finding[], { paint }: Style): string {
  const number = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  const words = `${count(number("error"), "error")}, ${count(number("warning"), "warning")}, ${number("ok")} fine`;
  const more = worst(findings) === "ok" ? "" : " Every finding is explained in docs/doctor.md.";
  return `${paint(worst(findings), words)}.${more}`;
}

/** Findings for machines: one object; docs/doctor.md describes it. */
export function findingsJson(findings: readonly Finding[]): string {
  const number = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  const counts = { ok: number("ok"), warning: number("warning"), error: number("error") };
  return `${JSON.stringify({ version: 1, status: worst(findings), counts, findings: findings.map(recordOf) }, undefined, 2)}\n`;
}

function recordOf({ id, severity, area, about, found, means, fix, at }: Finding) {
  return { id, severity, area, about, found, means, fix: fix ?? null, at: at ?? null };
}
