import type { Arm } from "../../core/window.ts";
import { duration, percent } from "../numbers.ts";
import { MILLION, type Chart, type Point } from "./chart.ts";
import { label, PAGE, rule, timeAxis, trace, type Frame } from "./frame.ts";
import { roundAbove, scale, spread, type Scale } from "./scale.ts";
import { element, rounded } from "./xml.ts";

const ARMS: readonly Arm[] = ["stable", "canary"];
const PANEL = PAGE.rates;
const LINE_HEIGHT = 17;
/** Where nothing failed, an axis all the same: failed per million. */
const LEAST_TOP = 10_000;

/** The upper panel: error rates of both arms per cell, and the committed weight behind them. */
export function ratesPanel(frame: Frame): string {
  const { chart } = frame;
  const top = topOf(chart);
  const y = scale({ from: 0, to: top }, { from: PANEL.to, to: PANEL.from });
  const rules = [0, top / 2, top].map((rate) => rule(y(rate), percent(rate / MILLION)));
  const traces = ARMS.map((arm) => trace(chart[arm], y, frame, { look: arm, at: 0.5 }));
  const heading = `Failed requests, per ${duration(chart.cellMs)}`;
  return [
    label(heading, { x: PAGE.left, y: PANEL.from - 26, look: "heading" }),
    weightArea(frame),
    ...rules,
    ...traces,
    ...endLabels(chart, y),
    timeAxis(frame, PANEL),
  ].join("");
}

/** The last rate that is known, failed per million. */
export function lastOf(points: readonly Point[]): number | undefined {
  return points.findLast((point) => point !== null) ?? undefined;
}

function topOf({ canary, stable }: Chart): number {
  const highest = Math.max(0, ...[...canary, ...stable].map((point) => point ?? 0));
  return highest === 0 ? LEAST_TOP : Math.min(MILLION, roundAbove(highest));
}

function endLabels(chart: Chart, y: Scale): readonly string[] {
  const ends = ARMS.flatMap((arm) => {
    const rate = lastOf(chart[arm]);
    return rate === undefined ? [] : [{ arm, rate }];
  });
  const places = spread(
    ends.map(({ rate }) => y(rate)),
    LINE_HEIGHT,
    PANEL,
  );
  return ends.map(({ arm, rate }, index) =>
    label(`${arm} ${percent(rate / MILLION)}`, {
      x: PAGE.right + 10,
      y: (places[index] ?? PANEL.to) + 4,
      look: `end-of ${arm}`,
    }),
  );
}

const LEAST_BETWEEN_WEIGHTS = 84;

// The newest weights are worth their room most.
function isApart(left: number, later: readonly { readonly left: number }[]): boolean {
  return later.every((step) => step.left - left >= LEAST_BETWEEN_WEIGHTS);
}

/** The committed weight, whole height for 100 %, with its number where it changes. */
function weightArea({ chart: { weights, cellMs }, cells, x }: Frame): string {
  const y = scale({ from: 0, to: 100 }, { from: PANEL.to, to: PANEL.from });
  const steps = weights.map(([second, weight], index) => {
    const next = weights[index + 1]?.[0];
    const left = x((second * 1000) / cellMs);
    return { left, right: next === undefined ? x(cells) : x((next * 1000) / cellMs), top: y(weight), weight };
  });
  const [first] = steps;
  if (first === undefined) return "";
  const corners = steps.flatMap(({ left, right, top }) => [
    `${rounded(left)},${rounded(top)}`,
    `${rounded(right)},${rounded(top)}`,
  ]);
  const ends = [
    `${rounded(first.left)},${rounded(PANEL.to)}`,
    ...corners,
    `${rounded(PAGE.right)},${rounded(PANEL.to)}`,
  ];
  const shown = steps.filter(({ left }, index) => isApart(left, steps.slice(index + 1)));
  const words = shown.map(({ left, weight }) =>
    label(`weight ${weight}%`, { x: left + 4, y: PANEL.from - 6, look: "tick" }),
  );
  return [element("polygon", { class: "weight", points: ends.join(" ") }), ...words].join("");
}
