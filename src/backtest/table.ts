import { chance as wholePercent, duration } from "../render/numbers.ts";
import type { Ends } from "./assess.ts";

/** Rows in columns, indented; all but the first column to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`.trimEnd(),
    )
    .join("\n");
}

/** So many of so many, as whole per cent. */
export function shareOf(part: number, of: number): string {
  return of === 0 ? "-" : wholePercent(part / of);
}

/** A length of time, milliseconds, where it is known. */
export function timeOf(ms: number | undefined): string {
  return ms === undefined ? "-" : duration(ms);
}

/** How many were found, and after how long half of those. */
export function foundText({ blocked, of, blockMs }: Ends): string {
  return blockMs === undefined ? shareOf(blocked, of) : `${shareOf(blocked, of)} ${duration(blockMs)}`;
}

/** A number a month. */
export function perMonth(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}
