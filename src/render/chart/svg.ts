import { duration, percent, utc } from "../numbers.ts";
import { MILLION, type Chart } from "./chart.ts";
import { barText, evidencePanel, lineText } from "./evidence-panel.ts";
import { frameOf, PAGE } from "./frame.ts";
import { quantilesPanel, quantileText } from "./quantiles-panel.ts";
import { lastOf, ratesPanel } from "./rates.ts";
import { element, xmlText } from "./xml.ts";

/**
 * The chart as an SVG document: error rates above, evidence with its boundaries below. No script, no reference to anything outside.
 * The page behind it may be light or dark, and an image is not told which: every colour has a contrast of at least 3.5 to white and to near black.
 */
export function chartSvg(chart: Chart): string {
  const frame = frameOf(chart);
  const height = lowest(chart) + 32;
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${PAGE.width} ${height}`,
    width: PAGE.width,
    height,
    role: "img",
    "aria-labelledby": "title desc",
  };
  return element("svg", attributes, [
    element("title", { id: "title" }, [xmlText("Canary against stable")]),
    element("desc", { id: "desc" }, [xmlText(chartWords(chart))]),
    element("style", {}, [STYLE]),
    ratesPanel(frame),
    evidencePanel(frame),
    quantilesPanel(chart),
  ]);
}

function lowest({ lines, quantiles = [] }: Chart): number {
  if (quantiles.length > 0) return PAGE.times.to;
  return lines.length === 0 ? PAGE.rates.to : PAGE.logs.to;
}

/** What a chart shows, in words, for who does not see it. */
export function chartWords({ from, cellMs, canary, stable, weights, lines, quantiles = [] }: Chart): string {
  const to = from + canary.length * cellMs;
  const rateOf = (points: Chart["canary"]) => {
    const last = lastOf(points);
    return last === undefined ? "no requests" : percent(last / MILLION);
  };
  const weight = weights.at(-1)?.[1];
  const rates = `Failed requests per ${duration(cellMs)} from ${utc(from, to)} to ${utc(to, to)}: canary ${rateOf(canary)} and stable ${rateOf(stable)} at the end`;
  const evidences = lines.map((line) => `${lineText(line)} (${barText(line)})`);
  return [
    `${rates}.`,
    ...(weight === undefined ? [] : [`Weight ${weight}%.`]),
    ...(evidences.length === 0 ? [] : [`Evidence: ${evidences.join(", ")}.`]),
    ...(quantiles.length === 0 ? [] : [`Latency: ${quantiles.map(quantileText).join("; ")}.`]),
  ].join(" ");
}

const STYLE = [
  "text{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#737b85}",
  ".heading{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}",
  ".rule{stroke:#737b85;stroke-opacity:.3;stroke-width:1}",
  ".weight{fill:#737b85;fill-opacity:.2}",
  ".line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}",
  ".line.stable{stroke-width:4;stroke-opacity:.75}",
  ".band{stroke-width:7;stroke-opacity:.45}",
  ".bar{stroke-width:1.5;stroke-dasharray:6 4}",
  ".dash-1{stroke-dasharray:8 4}.dash-2{stroke-dasharray:2 4}.dash-3{stroke-dasharray:8 4 2 4}",
  ".end-of,.bar-of{font-weight:600}",
  ...[
    ["canary", "#c9680b"],
    ["stable", "#1f7ae0"],
    ["blocks", "#e0454b"],
    ["passes", "#238a41"],
  ].map(
    ([look, colour]) =>
      `.line.${look},.bar.${look},.band.${look}{stroke:${colour}}.dot.${look},text.${look}{fill:${colour}}`,
  ),
].join("");
