import type { Arm } from "../../core/window.ts";
import { bandText, took } from "../took.ts";
import { msOf, type Chart, type ChartQuantile, type Placed } from "./chart.ts";
import { label, PAGE } from "./frame.ts";
import { scale, type Scale } from "./scale.ts";
import { element } from "./xml.ts";

const PANEL = PAGE.times;
const ARMS: readonly Arm[] = ["canary", "stable"];
/** Between the bars of the two arms, and half the height of what marks a guess. */
const APART = 14;
const MARK = 4;

/** The third panel: p50, p90 and p99 of both arms, a bar each for where it surely lies and a mark for what it is guessed to be; nothing where they are not known. */
export function quantilesPanel({ quantiles = [] }: Pick<Chart, "quantiles">): string {
  if (quantiles.length === 0) return "";
  const x = timesOf(quantiles);
  const row = (PANEL.to - PANEL.from) / quantiles.length;
  return [
    label("Latency in this step, and between what it lies; for display only", {
      x: PAGE.left,
      y: PANEL.from - 12,
      look: "heading",
    }),
    ...ticks(x),
    ...quantiles.map((one, index) => rowOf(one, PANEL.from + (index + 0.5) * row, x.at)),
  ].join("");
}

/** Both arms at one quantile, in words: "p50 canary 41.7 ms (25 ms to 50 ms), stable 40 ms (25 ms to 50 ms)". */
export function quantileText(quantile: ChartQuantile): string {
  const arms = ARMS.flatMap((arm) => {
    const placed = quantile[arm];
    return placed === undefined ? [] : [`${arm} ${bandText(bandOf(placed))}`];
  });
  return `${quantile.name} ${arms.join(", ")}`;
}

function bandOf([guess, low, high]: Placed): { readonly guess: number; readonly low: number; readonly high?: number } {
  return { guess: msOf(guess), low: msOf(low), ...(high !== null && { high: msOf(high) }) };
}

type Times = { readonly from: number; readonly to: number; readonly at: Scale };

/** Whole powers of ten around all that is known, on a scale of them; `at` takes millionths of a second. */
function timesOf(quantiles: readonly ChartQuantile[]): Times {
  const all = quantiles
    .flatMap((one) => ARMS.flatMap((arm) => one[arm] ?? []))
    .filter((time) => time !== null && time > 0);
  const logs = all.map((time) => Math.log10(time ?? 1));
  const from = Math.floor(Math.min(...logs, LEAST));
  const to = Math.max(from + 1, Math.ceil(Math.max(...logs, from)));
  const place = scale({ from, to }, { from: PAGE.left, to: PAGE.right });
  return { from, to, at: (time) => place(Math.log10(Math.max(time, 1))) };
}

/** Where nothing is known but zeros: a second. */
const LEAST = 6;

const MOST_DECADES = 7;

function ticks({ from, to, at }: Times): readonly string[] {
  const step = Math.ceil((to - from) / MOST_DECADES);
  const powers = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
  return powers.map((power) => {
    const left = at(10 ** power);
    return (
      element("line", { class: "rule", x1: left, x2: left, y1: PANEL.from, y2: PANEL.to + 5 }) +
      label(took(msOf(10 ** power)), { x: left, y: PANEL.to + 19, look: "tick middle" })
    );
  });
}

function rowOf(quantile: ChartQuantile, middle: number, at: Scale): string {
  const bars = ARMS.flatMap((arm, index) => {
    const placed = quantile[arm];
    return placed === undefined ? [] : [barOf(placed, arm, { y: middle + (index - 0.5) * APART, at })];
  });
  return [label(quantile.name, { x: PAGE.left - 8, y: middle + 4, look: "tick end" }), ...bars].join("");
}

function barOf([guess, low, high]: Placed, arm: Arm, { y, at }: { readonly y: number; readonly at: Scale }): string {
  const [left, right] = [low === 0 ? PAGE.left : at(low), high === null ? PAGE.right : at(high)];
  const words = `${arm} ${took(Number(msOf(guess).toPrecision(3)))}`;
  return (
    element("line", { class: `band ${arm}`, x1: left, x2: right, y1: y, y2: y }) +
    element("line", { class: `line ${arm}`, x1: at(guess), x2: at(guess), y1: y - MARK, y2: y + MARK }) +
    label(words, { x: PAGE.right + 10, y: y + 4, look: `end-of ${arm}` })
  );
}
