import { utc } from "../numbers.ts";
import type { Chart, Point } from "./chart.ts";
import { moments, scale, type Scale, type Span } from "./scale.ts";
import { element, rounded, xmlText } from "./xml.ts";

/** Where things are on the page, in its own units. */
export const PAGE = {
  width: 880,
  left: 58,
  right: 660,
  rates: { from: 44, to: 174 },
  logs: { from: 236, to: 376 },
  times: { from: 448, to: 550 },
};

export type Frame = { readonly chart: Chart; readonly cells: number; readonly x: Scale };

/** The frame of a chart: `x` takes cells, from 0 to `cells`. */
export function frameOf(chart: Chart): Frame {
  const cells = Math.max(1, chart.canary.length);
  return { chart, cells, x: scale({ from: 0, to: cells }, { from: PAGE.left, to: PAGE.right }) };
}

/** Points as lines with a break at each gap; `at` is where in its cell a point lies, from 0 to 1. A point by itself is a dot. */
export function trace(points: readonly Point[], y: Scale, { x }: Frame, how: { look: string; at: number }): string {
  return runsOf(points)
    .map((run) => {
      const places = run.map(({ cell, value }) => [x(cell + how.at), y(value)] as const);
      const [only] = places;
      if (places.length === 1 && only !== undefined)
        return element("circle", { class: `dot ${how.look}`, cx: only[0], cy: only[1], r: 3 });
      const path = places.map(([left, top]) => `${rounded(left)},${rounded(top)}`).join(" ");
      return element("polyline", { class: `line ${how.look}`, points: path });
    })
    .join("");
}

type Placed = { readonly cell: number; readonly value: number };

function runsOf(points: readonly Point[]): readonly (readonly Placed[])[] {
  const runs: Placed[][] = [];
  for (const [cell, value] of points.entries()) {
    if (value === null) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1)?.cell === cell - 1) last.push({ cell, value });
    else runs.push([{ cell, value }]);
  }
  return runs;
}

/** A line across the plot at a height, and what it stands for to its left. */
export function rule(top: number, words: string): string {
  return (
    element("line", { class: "rule", x1: PAGE.left, x2: PAGE.right, y1: top, y2: top }) +
    label(words, { x: PAGE.left - 8, y: top + 4, look: "tick end" })
  );
}

/** Words at a place. */
export function label(words: string, { x, y, look }: { x: number; y: number; look: string }): string {
  return element("text", { class: look, x, y }, [xmlText(words)]);
}

/** Round moments below a panel. */
export function timeAxis({ chart: { from, cellMs }, cells, x }: Frame, { to }: Span): string {
  const span = { from, to: from + cells * cellMs };
  const marks = moments(span, 6).map((moment) => {
    const left = x((moment - from) / cellMs);
    const mark = element("line", { class: "rule", x1: left, x2: left, y1: to, y2: to + 5 });
    return mark + label(clock(moment, span.to), { x: left, y: to + 19, look: "tick middle" });
  });
  return [...marks, label("UTC", { x: PAGE.right + 10, y: to + 19, look: "tick" })].join("");
}

// The axis says once that it is UTC.
function clock(moment: number, near: number): string {
  return utc(moment, near).replace(/ UTC$/, "");
}
