import { printedE } from "../../core/gate/mixture.ts";
import { evidence, whole } from "../numbers.ts";
import { logAt, logOf, type Chart, type ChartLine, type Point } from "./chart.ts";
import { label, PAGE, rule, timeAxis, trace, type Frame } from "./frame.ts";
import { decades, scale, spread, type Scale, type Span } from "./scale.ts";
import { element } from "./xml.ts";

const PANEL = PAGE.logs;
const LINE_HEIGHT = 17;
const LN10 = Math.LN10;

/** The lower panel: each gate's evidence, and the boundary at which it decides; nothing where nothing is judged. */
export function evidencePanel(frame: Frame): string {
  const { chart } = frame;
  if (chart.lines.length === 0) return "";
  const span = spanOf(chart);
  const y = scale(span, { from: PANEL.to, to: PANEL.from });
  return [
    label("Evidence, and where it blocks or passes", { x: PAGE.left, y: PANEL.from - 16, look: "heading" }),
    ...decades(span).map((power) => rule(y(power), powerText(power))),
    ...boundaries(chart, y),
    ...chart.lines.map((line, index) =>
      trace(inDecades(line.points), y, frame, { look: lookOf(line, index, chart), at: 1 }),
    ),
    ...endLabels(chart, y),
    timeAxis(frame, PANEL),
  ].join("");
}

/** What a line has come to: "regression 0.29". */
export function lineText({ name, value }: Pick<ChartLine, "name" | "value">): string {
  return `${name} ${evidence(printedE(logOf(value)))}`;
}

/** An e-value from which on something is decided: "100 blocks". */
export function barText({ bar, effect }: Pick<ChartLine, "bar" | "effect">): string {
  return `${barE(bar)} ${effect}`;
}

// As it was configured: what is carried is rounded, and 1/0.01 is 100.
function barE(bar: number): string {
  const e = Number(printedE(logOf(bar)).toPrecision(3));
  return e >= 10 ? whole(e) : String(e);
}

// Far above a boundary is no nearer to anything, and far below 1 is as good as 1.
function spanOf({ lines }: Chart): Span {
  return { from: -1, to: Math.max(1, ...lines.map(({ bar }) => logOf(bar) / LN10)) + 1 };
}

function inDecades(points: readonly Point[]): readonly Point[] {
  return points.map((point) => (point === null ? null : logAt(point) / LN10));
}

function powerText(power: number): string {
  return power >= 0 ? (power < 7 ? whole(10 ** power) : `10^${power}`) : String(Number((10 ** power).toPrecision(1)));
}

/** Lines of one effect are told apart by their dashes. */
function lookOf(line: ChartLine, index: number, { lines }: Chart): string {
  const alike = lines.slice(0, index).filter(({ effect }) => effect === line.effect).length;
  return alike === 0 ? line.effect : `${line.effect} dash-${Math.min(alike, 3)}`;
}

const LEAST_BETWEEN_BARS = 16;
const LONGEST_BAR_LABEL = 96;

function boundaries({ lines }: Chart, y: Scale): readonly string[] {
  const bars = [...new Map(lines.map((line) => [barText(line), line])).values()].toSorted((a, b) => b.bar - a.bar);
  return bars.map((line, index) => {
    const top = y(logOf(line.bar) / LN10);
    const above = bars[index - 1];
    const isClose = above !== undefined && top - y(logOf(above.bar) / LN10) < LEAST_BETWEEN_BARS;
    const place = isClose
      ? { x: PAGE.left + 6 + LONGEST_BAR_LABEL * index, y: top + 13 }
      : { x: PAGE.left + 6, y: top - 5 };
    return (
      element("line", { class: `bar ${line.effect}`, x1: PAGE.left, x2: PAGE.right, y1: top, y2: top }) +
      label(barText(line), { ...place, look: `bar-of ${line.effect}` })
    );
  });
}

function endLabels({ lines }: Chart, y: Scale): readonly string[] {
  const places = spread(
    lines.map(({ value }) => y(logOf(value) / LN10)),
    LINE_HEIGHT,
    PANEL,
  );
  return lines.map((line, index) =>
    label(lineText(line), { x: PAGE.right + 10, y: (places[index] ?? PANEL.to) + 4, look: `end-of ${line.effect}` }),
  );
}
