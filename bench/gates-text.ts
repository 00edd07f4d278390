import type { Interval } from "../src/core/gate/interval.ts";
import { backtest } from "../src/core/gate/placebo.ts";
import {
  blockedIn,
  medianMinute,
  medianOf,
  ofKind,
  shareOf,
  standingOf,
  sumOf,
  type Cell,
  type Figure,
  type Standing,
} from "./gates-figures.ts";
import type { Played } from "./gates-job.ts";
import { NOT_SLOW, type LatencyEnds, type LatencyJob } from "./gates-latency.ts";
import { LATENCY_OTHERS } from "./gates-latency-methods.ts";
import { OURS_5 } from "./gates-methods.ts";

/** The shares that each method blocks, by scenario, as a table in text: means over the classes, and the worst class of identical releases. */
export function comparisonText(cells: readonly Cell[]): string {
  const scenarios = [...new Set(cells.map(({ job }) => job.scenario.name))];
  const methods = [...new Set(cells.flatMap(({ blocked }) => [...blocked.keys()]))];
  const rows = methods.map((method) => [
    method,
    ...scenarios.map((name) => percent(shareOf(sumOf(under(cells, name).map((cell) => blockedIn(cell, method)))))),
    percent(Math.max(0, ...under(cells, "A/A").map((cell) => shareOf(blockedIn(cell, method))))),
  ]);
  return table([["share of releases blocked", ...scenarios, "worst A/A"], ...rows]);
}

/** The same for every class by itself, and the median minute of the block. */
export function classText(cells: readonly Cell[], method: string): string {
  const scenarios = [...new Set(cells.map(({ job }) => job.scenario.name))];
  const services = [...new Set(cells.map(({ job }) => job.service.name))];
  const rows = services.map((service) => [
    service,
    ...scenarios.map((name) => {
      const cell = under(cells, name).find(({ job }) => job.service.name === service);
      if (cell === undefined) return "";
      const minute = medianMinute(cell.blocked.get(method) ?? []);
      return `${percent(shareOf(blockedIn(cell, method)))}${minute === undefined ? "" : ` @${minute}`}`;
    }),
  ]);
  return table([[`${method}, median minute`, ...scenarios], ...rows]);
}

/** What each method blocks by latency, over all traffic with classic buckets: identical releases on pods so far apart, their worst traffic, and slow ones. */
export function latencyText(played: readonly Played[]): string {
  const classic = ofKind(played, "latency").filter(({ job }) => job.buckets === "classic");
  const columns = [...new Set(classic.map(({ job }) => cellOf(job)))];
  const methods: readonly (readonly [string, (end: LatencyEnds[number]) => number])[] = [
    ...LATENCY_OTHERS.map(({ name }, at) => [name, (end: LatencyEnds[number]) => end.others[at] ?? 0] as const),
    [OURS_5, ({ blocked }) => blocked],
  ];
  const rows = methods.map(([name, minute]) => {
    const shares = (of: typeof classic) =>
      shareOf(sumOf([{ hits: hitsIn(of, minute), runs: of.flatMap(({ latency }) => latency).length }]));
    const ofColumn = columns.map((column) => classic.filter(({ job }) => cellOf(job) === column));
    const same = Map.groupBy(
      classic.filter(({ job }) => job.slowness.name === NOT_SLOW.name),
      ({ job }) => `${job.traffic.canary} ${job.podSpread}`,
    );
    return [
      name,
      ...ofColumn.map((of) => percent(shares(of))),
      percent(Math.max(0, ...[...same.values()].map(shares))),
    ];
  });
  return columns.length === 0 ? "" : table([["latency, share of hours blocked", ...columns, "worst A/A"], ...rows]);
}

function hitsIn(
  of: readonly { readonly latency: LatencyEnds }[],
  minute: (end: LatencyEnds[number]) => number,
): number {
  return of.flatMap(({ latency }) => latency).filter((end) => minute(end) > 0).length;
}

function cellOf({ slowness, podSpread }: LatencyJob): string {
  return slowness.name === NOT_SLOW.name ? `${slowness.name} pods ${percent(podSpread)}` : slowness.name;
}

/** What the blocked identical releases mean a month, at RELEASES_A_MONTH, by class: as a back-test says it. */
export function backtestText(cells: readonly Cell[], method: string): string {
  const rows = under(cells, "A/A").map((cell) => {
    const { hits, runs } = blockedIn(cell, method);
    const { expected, low, high } = backtest(hits, runs, RELEASES_A_MONTH);
    return [
      cell.job.service.name,
      `${hits} of ${runs}`,
      expected.toFixed(2),
      `${low.toFixed(2)} to ${high.toFixed(2)}`,
    ];
  });
  return table([[`back-test, ${method}`, "blocked", `a month, of ${RELEASES_A_MONTH}`, "95 % interval"], ...rows]);
}

const RELEASES_A_MONTH = 40;

/** How releases end that climb as the gate lets them, by class. */
export function climbText(played: readonly Played[]): string {
  const groups = Map.groupBy(ofKind(played, "climb"), ({ job }) => `${job.service.name}, ${job.scenario.name}`);
  const rows = [...groups].map(([name, group]) => {
    const ends = group.flatMap((one) => one.ends);
    const share = (kind: string) => percent(ends.filter((end) => end.kind === kind).length / ends.length);
    const minutes = medianOf(ends.filter(({ kind }) => kind === "passed").map((end) => end.minutes));
    return [name, minutes === undefined ? "–" : `${minutes} min`, share("passed"), share("held"), share("blocked")];
  });
  const head = ["1, 5, 10, 25 %, bake 15 min, deadline 2 h a step", "median pass", "passed", "undecidable", "blocked"];
  return rows.length === 0 ? "" : table([head, ...rows]);
}

const STANDINGS: Readonly<Record<Standing, string>> = {
  holds: "holds",
  open: "open: --full tells",
  fails: "DOES NOT HOLD",
};

/** Every figure with its interval, its bound, and whether it holds. */
export function figureText(figures: readonly Figure[], isFull: boolean): string {
  const rows = figures.map((figure) => [
    `${figure.target}`,
    figure.what,
    valueText(figure),
    boundText(figure),
    figure.bound === undefined ? "" : STANDINGS[standingOf(figure, isFull)],
  ]);
  return table([["target", "figure", "measured (95 % interval)", "bound", ""], ...rows]);
}

function valueText({ value, interval, runs, unit }: Figure): string {
  if (value === undefined) return "not measured, or more than half were not found";
  if (unit === "minutes") return `${value} min${rangeText(interval, (minutes) => `${minutes}`)}`;
  if (unit === "ratio") return `${value.toFixed(2)}${rangeText(interval, (ratio) => ratio.toFixed(2))}`;
  const of = interval === undefined ? "" : ` (${percent(interval.low)} to ${percent(interval.high)} of ${runs})`;
  return percent(value) + of;
}

function rangeText(interval: Interval | undefined, text: (value: number) => string): string {
  if (interval === undefined) return "";
  return ` (${text(interval.low)} to ${Number.isFinite(interval.high) ? text(interval.high) : "never"})`;
}

function boundText({ bound, unit }: Figure): string {
  if (bound === undefined) return "";
  const text = (value: number) => (unit === "share" ? percent(value) : `${value}${unit === "minutes" ? " min" : ""}`);
  if (bound.kind === "between") return `${text(bound.low)} to ${text(bound.high)}`;
  return `${bound.kind === "atMost" ? "≤" : "≥"} ${text(bound.than)}`;
}

function under(cells: readonly Cell[], scenario: string): readonly Cell[] {
  return cells.filter(({ job }) => job.scenario.name === scenario);
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(Math.abs(share) < 0.1 ? 2 : 1)} %`;
}

/** Rows as a table in text, the first being its head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ");
  return `${rows.map((row) => line(row).trimEnd()).join("\n")}\n`;
}
