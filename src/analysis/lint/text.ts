import { refusalText, type Refusal } from "../../yaml/refusal.ts";
import type { Finding } from "./finding.ts";

/** What was found in some files. */
export type Report = {
  readonly templates: number;
  readonly findings: readonly Finding[];
  readonly refusals: readonly Refusal[];
};

/** The report as people read it: a line for each finding, and below it what to write instead. */
export function findingsText({ templates, findings, refusals }: Report): string {
  const dangers = findings.filter(({ severity }) => severity === "danger").length;
  const lines = [...refusals.map((one) => `refused  ${refusalText(one)}`), ...findings.map(findingText)];
  const sum = `${counted(templates, "template")}, ${counted(dangers, "danger")}, ${findings.length - dangers} to look at, ${refusals.length} refused.`;
  return `${[...lines, sum].join("\n")}\n`;
}

function findingText({ severity, path, line, about, rule, why, safe }: Finding): string {
  const instead = Object.entries(safe ?? {}).map(([key, text]) => `           ${key}: ${quoted(text)}`);
  const head = `${severity.padEnd(8)} ${path}:${line}: ${about}: ${why} (${rule}).`;
  return [printable(head), ...(instead.length === 0 ? [] : ["         Safe:", ...instead.map(printable)])].join("\n");
}

/** As YAML has it, so that it can be copied. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, " ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
