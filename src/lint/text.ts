import { columns, counted, shown } from "../manifest/services/table.ts";
import { refusalText } from "../yaml/refusal.ts";
import { CATALOGUE, entryOf, isRule, type RuleId } from "./catalogue.ts";
import { AREAS } from "./finding.ts";
import type { Finding, Linted } from "./lint.ts";

/** How many were found, and allowed. */
export type Counts = { readonly errors: number; readonly warnings: number; readonly allowed: number };

export function countsOf({ findings, allowed }: Linted): Counts {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return { errors, warnings: findings.length - errors, allowed: allowed.length };
}

/** All of it as people read it: rule by rule, errors first, each with its places, why it matters and what mends it. */
export function lintedText(linted: Linted): string {
  const groups = [...Map.groupBy(linted.findings, ({ rule }) => rule)].toSorted(([a], [b]) => rank(a) - rank(b));
  const { errors, warnings, allowed } = countsOf(linted);
  const sum = `${counted(errors, "error")}, ${counted(warnings, "warning")}, ${allowed} allowed.`;
  return [
    ...groups.map(([rule, findings]) => groupText(rule, findings)),
    ...linted.refusals.map((one) => `refused  ${shown(refusalText(one))}\n`),
    `${sum}\n`,
  ].join("\n");
}

const ORDER: readonly RuleId[] = Object.keys(CATALOGUE).filter(isRule);

function rank(rule: RuleId): number {
  return ORDER.indexOf(rule) + (entryOf(rule).severity === "error" ? 0 : ORDER.length);
}

function groupText(rule: RuleId, findings: readonly Finding[]): string {
  const { severity, what, why, fix } = entryOf(rule);
  const lines = findings.flatMap((one) => [
    `  ${shown(one.path)}:${one.line}${ofServices(one)}`,
    `    ${words(one.what)}`,
  ]);
  return [`${severity}  ${rule}: ${what}`, ...lines, `  why: ${why}`, `  fix: ${fix} (docs/lint.md#${rule})`, ""].join(
    "\n",
  );
}

const MOST_NAMED = 3;

function ofServices({ services }: Finding): string {
  return services.length === 0 || services.length > MOST_NAMED ? "" : ` (${services.map(shown).join(", ")})`;
}

// Foreign text, of which the whole is wanted.
function words(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, " ");
}

/** The rules with their names, for those who ask which there are. */
export function rulesText(): string {
  return columns([
    ["RULE", "SEVERITY", "FINDS"],
    ...ORDER.map((rule) => [rule, entryOf(rule).severity, entryOf(rule).what]),
  ]);
}

/** The catalogue as the tables of docs/lint.md. */
export function ruleTables(): string {
  return AREAS.map((area) => {
    const own = ORDER.filter((rule) => entryOf(rule).area === area).map((rule) => {
      const { severity, what, why, fix } = entryOf(rule);
      return `### \`${rule}\`\n\n${severity}: ${what}.\n\n- Why: ${why}.\n- Fix: ${fix}.`;
    });
    return [`## ${area}`, ...own].join("\n\n");
  }).join("\n\n");
}
