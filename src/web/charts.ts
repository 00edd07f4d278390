import type { Chart } from "../render/chart/chart.ts";
import { chartSvg } from "../render/chart/svg.ts";
import { chartIn, chartToken, type ChartKey } from "./chart-token.ts";

/** What is answered to one who reads a page. */
export type Page = {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
};

const FOLDER = "/charts/";
const LONGEST_ADDRESS = 4_000;

/** The address of a chart under the App's own; undefined where it would be too long. The same chart has the same address. */
export function chartAddress(publicUrl: string, key: ChartKey): (chart: Chart) => string | undefined {
  return (chart) => {
    const token = chartToken(chart, key);
    const address = `${publicUrl}${FOLDER}${token}.svg`;
    return token === undefined || address.length > LONGEST_ADDRESS ? undefined : address;
  };
}

/** Draws the charts that one of the keys has signed. Undefined for a path that is none of theirs. */
export function chartPages(keys: readonly ChartKey[]): (path: string) => Page | undefined {
  return (path) => {
    if (!path.startsWith(FOLDER)) return undefined;
    const token = path.slice(FOLDER.length).replace(/\.svg$/, "");
    const chart = path.endsWith(".svg") ? chartIn(token, keys) : undefined;
    return chart === undefined ? NO_CHART : { status: 200, text: chartSvg(chart), headers: IMAGE };
  };
}

const NO_CHART: Page = { status: 404, text: "There is no such chart.", headers: { "cache-control": "no-store" } };

const IMAGE: Page["headers"] = {
  "content-type": "image/svg+xml; charset=utf-8",
  "cache-control": "public, max-age=31536000, immutable",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  "x-content-type-options": "nosniff",
};
