import type { Guard, Mixture, WindowTerms } from "../core/gate/explain.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Arm, Counts } from "../core/window.ts";
import { columns } from "./columns.ts";
import { otherOf } from "./terms.ts";

/** A heading and what stands below it. */
export function part(heading: string, lines: readonly string[]): string {
  return [heading, ...lines].join("\n");
}

/** The alternatives of a mixture, and what their terms add up to. */
export function mixtureTable({ components, divisor, logE }: Mixture, at: string): string {
  const hasBefore = components.some(({ before }) => before !== 0);
  const head = [at, "weight w", ...(hasBefore ? ["S before"] : []), "S", `ln w + S ÷ ${said(divisor)}`];
  const rows = components.map((one) => [
    said(one.at),
    one.weight.toFixed(6),
    ...(hasBefore ? [ln(one.before)] : []),
    ln(one.sum),
    ln(one.logTerm),
  ]);
  return `${columns([head, ...rows], [])}\n  ln E = ln Σ exp = ${ln(logE)}`;
}

/** From where on a mixture proves its point. */
export function barLine(logBar: number, effect = "passes"): string {
  return `  ln E that ${effect} = ${ln(logBar)}`;
}

/** What must hold beside the evidence; `what` is counted: failed or slow requests. */
export function guardsTable(guards: readonly Guard[], what = "failed"): string {
  return columns(
    guards.map(({ name, has, bound, of, holds }) => [
      guardText(name, what),
      said(has),
      `${bound === "atLeast" ? "at least" : "at most"} ${said(of)}`,
      holds ? "holds" : "does not hold",
    ]),
    [0, 2, 3],
  );
}

function guardText(name: Guard["name"], what: string): string {
  switch (name) {
    case "failed":
      return `${what} requests that a block rests on`;
    case "failedWindows":
      return `windows with a ${what} request that a block rests on`;
    case "missingWindows":
      return "windows of the running step without the counts of an arm";
    case "leaning":
      return "ln E under which a step may pass";
    default:
      return unreachable(name);
  }
}

/** Of more windows only the latest are printed. */
export const MOST_WINDOWS = 400;

/** A moment, milliseconds, to the second. */
export function timeText(moment: number): string {
  return new Date(moment).toISOString().replace(".000Z", "Z");
}

/** What each window adds; `what` it counts: failed or slow requests. */
export function windowsTable(windows: readonly WindowTerms[], suspect: Arm, what = "failed"): string {
  const head = ["step", "from", `${suspect} ${what}`, "of", `${otherOf(suspect)} ${what}`, "of", "k", "m", "ρ", "p"];
  const left = windows.length - MOST_WINDOWS;
  const rows = windows
    .slice(-MOST_WINDOWS)
    .map((window) => [
      String(window.step),
      timeText(window.start),
      ...countsCells(window.suspect),
      ...countsCells(window.reference),
      ...tallyCells(window),
    ]);
  const table = columns([head, ...rows], [1]);
  return left > 0 ? `  ${left} earlier ones are left out here; --json has all.\n${table}` : table;
}

function countsCells(counts: Counts | undefined): readonly string[] {
  return counts === undefined ? ["no counts", ""] : [String(counts.failed), String(counts.requests)];
}

function tallyCells({ tally, tolerated }: WindowTerms): readonly string[] {
  if (tally === undefined) return ["", "", "", ""];
  const { failed, allFailed, share } = tally;
  return [String(failed), String(allFailed), share.toFixed(6), (tolerated ?? 0).toFixed(6)];
}

/** A logarithm, to as many digits as verdicts can be compared by. */
export function ln(value: number): string {
  return value.toFixed(9);
}

/** A number in as many digits as matter. */
export function said(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(9)));
}
