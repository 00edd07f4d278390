import { closest } from "../core/closest.ts";
import { quote, type Refusal } from "../yaml/refusal.ts";
import { CATALOGUE, isRule, type RuleId } from "./catalogue.ts";
import type { Read } from "./objects.ts";

/** A comment that allows findings of a rule from its line to `until`. */
export type Allowance = {
  readonly rule: RuleId;
  readonly because: string;
  readonly from: number;
  readonly until: number;
};

type Finding = { readonly path: string; readonly line: number; readonly rule: RuleId };

const WORD = "tidegate-lint:";
const COMMENT = /(?:^|\s)#\s*tidegate-lint:\s*(?<rest>.*)$/;
const ALLOW = /^allow\s+(?<rule>\S+)(?:\s+because\s+(?<because>\S.*))?$/;

/** What comments of some files allow, and those that are not understood. A comment on a line of its own is about the next line that is none; above the first line of a document about all of it. */
export function allowancesBy(
  paths: readonly string[],
  read: Read,
): {
  readonly allowing: (finding: Finding) => Allowance | undefined;
  readonly refusals: readonly Refusal[];
} {
  const known = new Map<string, readonly Allowance[]>();
  const refusals: Refusal[] = [];
  for (const path of paths) {
    const text = read(path);
    if (text?.includes(WORD) !== true) continue;
    const found = allowancesIn(path, text.split("\n"));
    known.set(
      path,
      found.flatMap((one) => ("because" in one ? [one] : [])),
    );
    refusals.push(...found.flatMap((one) => ("why" in one ? [one] : [])));
  }
  return {
    allowing: ({ path, line, rule }) =>
      known.get(path)?.find((one) => one.rule === rule && one.from <= line && line <= one.until),
    refusals,
  };
}

function allowancesIn(path: string, lines: readonly string[]): readonly (Allowance | Refusal)[] {
  return lines.flatMap((text, index): readonly (Allowance | Refusal)[] => {
    const rest = COMMENT.exec(text)?.groups?.["rest"];
    if (rest === undefined) return [];
    const { rule = "", because } = ALLOW.exec(rest.trim())?.groups ?? {};
    const line = index + 1;
    const found = `the comment ${quote(rest.trim())}`;
    if (rule === "") return [{ path, line, found, why: `say: # ${WORD} allow <rule> because <reason>` }];
    if (!isRule(rule)) return [{ path, line, found, why: `there is no rule ${rule}${meant(rule)}` }];
    if (because === undefined) return [{ path, line, found, why: "a reason is needed: because …" }];
    return [{ rule, because, ...extentOf(lines, index) }];
  });
}

function meant(word: string): string {
  const near = closest(word, Object.keys(CATALOGUE));
  return near === undefined ? "" : `; did you mean ${near}?`;
}

const OWN_LINE = /^\s*#/;
const SEPARATOR = /^---(?:\s|$)/;
const EMPTY = /^\s*(?:#.*)?$/;

/** Lines count from 1. */
function extentOf(lines: readonly string[], index: number): Pick<Allowance, "from" | "until"> {
  if (!OWN_LINE.test(lines[index] ?? "")) return { from: index + 1, until: index + 1 };
  const next = lines.findIndex((text, at) => at > index && !EMPTY.test(text) && !SEPARATOR.test(text));
  if (next === -1) return { from: index + 1, until: index + 1 };
  const isFirst = !lines
    .slice(lastSeparator(lines, index), next)
    .some((text) => !EMPTY.test(text) && !SEPARATOR.test(text));
  if (!isFirst) return { from: index + 1, until: next + 1 };
  const end = lines.findIndex((text, at) => at > next && SEPARATOR.test(text));
  return { from: index + 1, until: end === -1 ? lines.length : end };
}

function lastSeparator(lines: readonly string[], index: number): number {
  const at = lines.findLastIndex((text, position) => position <= index && SEPARATOR.test(text));
  return Math.max(0, at);
}
