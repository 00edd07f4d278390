import { usable } from "../core/gate/evidence.ts";
import type { Arm, Counts, Window } from "../core/window.ts";
import { fenced } from "./markdown.ts";
import { duration, percent, utc } from "./numbers.ts";

/** Requests and failures over time, both arms, in at most CELLS cells of one length; null is a gap. Moments and lengths in milliseconds. */
export type Series = {
  readonly from: number;
  readonly to: number;
  readonly cellMs: number;
  readonly canary: readonly Cell[];
  readonly stable: readonly Cell[];
};

export type Cell = readonly [requests: number, failed: number] | null;

export const CELLS = 60;
const BLOCKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const GAP = "·";

/** The series of closed windows, oldest first; undefined while none has requests. Many windows share a cell where there are too many. */
export function seriesOf(windows: readonly Window[], windowMs: number): Series | undefined {
  const from = windows[0]?.start;
  const to = windows.at(-1)?.end;
  if (from === undefined || to === undefined) return undefined;
  const cellMs = Math.ceil((to - from) / windowMs / CELLS) * windowMs;
  const cellsOf = (arm: Arm) => cells(windows, arm, { from, to, cellMs });
  const series = { from, to, cellMs, canary: cellsOf("canary"), stable: cellsOf("stable") };
  return [...series.canary, ...series.stable].some((cell) => rateOf(cell) !== undefined) ? series : undefined;
}

/** Both arms' error rates as blocks on one scale, and the scale. */
export function sparkline(series: Series): string {
  const { from, to, cellMs } = series;
  const top = topOf(series);
  const draw = (cells: readonly Cell[]) => cells.map((cell) => blockOf(cell, top)).join("");
  const scale = `${BLOCKS[0]} 0%${top > 0 ? `, ${BLOCKS[7]} ${percent(top)}` : ""}, ${GAP} no requests`;
  const span = `errors per ${duration(cellMs)}, ${utc(from, to)} to ${utc(to, to)}`;
  return fenced(
    [`canary ${draw(series.canary)}`, `stable ${draw(series.stable)}`, `${span}; ${scale}`].join("\n"),
    "text",
  );
}

/** The highest error rate of a cell, a fraction of 1. */
export function topOf({ canary, stable }: Series): number {
  return Math.max(0, ...[...canary, ...stable].map((cell) => rateOf(cell) ?? 0));
}

type Span = Pick<Series, "from" | "to" | "cellMs">;

function cells(windows: readonly Window[], arm: Arm, { from, to, cellMs }: Span): readonly Cell[] {
  const sums: Cell[] = Array.from({ length: Math.ceil((to - from) / cellMs) }, () => null);
  for (const { start, counts } of windows) {
    const index = Math.floor((start - from) / cellMs);
    sums[index] = added(sums[index] ?? null, usable(counts[arm]));
  }
  return sums;
}

function added(cell: Cell, counts: Counts | undefined): Cell {
  if (counts === undefined) return cell;
  return [(cell?.[0] ?? 0) + counts.requests, (cell?.[1] ?? 0) + counts.failed];
}

function rateOf(cell: Cell): number | undefined {
  return cell === null || cell[0] === 0 ? undefined : cell[1] / cell[0];
}

function blockOf(cell: Cell, top: number): string {
  const rate = rateOf(cell);
  if (rate === undefined) return GAP;
  if (rate === 0) return BLOCKS[0];
  // Anything above nothing stands above the floor.
  return BLOCKS[Math.max(1, Math.round((rate / top) * (BLOCKS.length - 1)))] ?? GAP;
}
