import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { shareInterval } from "../src/core/gate/always-valid.ts";
import { evidenceOf, canaryOf, stableOf, totalOf } from "../src/core/gate/evidence.ts";
import { err, ok, type Result } from "../src/core/result.ts";
import type { Arm, Counts, Window } from "../src/core/window.ts";
import { blockedAt } from "./gates-errors.ts";
import { shareFigure, type Figure } from "./gates-figures.ts";
import { calibrationAt, OTHERS, ours, OURS_1, OURS_5, settingsAt, type Method } from "./gates-methods.ts";
import { isSeriesFolder, seriesFigures } from "./gates-series.ts";
import { isSpansFolder, spanFigures } from "./gates-spans.ts";
import { percent, table } from "./gates-text.ts";
import { DEFAULT_GATE } from "../src/core/gate/settings.ts";

/** What came of real data: a text, and the figures of it. */
export type Real = { readonly text: string; readonly figures: readonly Figure[] };

/** `isFull`: with as many releases as figures are held against; where they are drawn from real requests. */
type Asked = { readonly seed: number; readonly isFull: boolean };

/** A release that somebody has recorded. `kind` is the folder of its file: what is known of it. */
type Recorded = {
  readonly name: string;
  readonly kind: "identical" | "regressed" | "unknown";
  readonly windows: readonly Window[];
};

const MINUTE = 60_000;

/** Judges what a folder holds: a clone of one of two public sets of real data, or one's own releases, one a file of lines of `time,arm,requests,failed`. */
export function judgeData(folder: string, asked: Asked): Result<Real, string> {
  if (isSpansFolder(folder)) return ok(spanFigures(folder, asked));
  if (isSeriesFolder(folder)) return ok({ text: "", figures: seriesFigures(folder) });
  const paths = globSync("{*.csv,*/*.csv}", { cwd: folder }).toSorted();
  const releases: Recorded[] = [];
  for (const path of paths) {
    const windows = windowsOf(readFileSync(join(folder, path), "utf8"));
    if (windows.kind === "err") return err(`${path}: ${windows.error}`);
    releases.push({ name: path, kind: kindOf(path), windows: windows.value });
  }
  return releases.length === 0 ? err(`${folder} holds no data that is known.`) : ok(realOf(releases, asked.seed));
}

function kindOf(path: string): Recorded["kind"] {
  const folder = basename(dirname(path));
  return folder === "identical" || folder === "regressed" ? folder : "unknown";
}

/** Every second identical release is the past of all others, the others are that of the former: none is judged by what it has taught. */
function realOf(releases: readonly Recorded[], seed: number): Real {
  const identical = releases.filter(({ kind }) => kind === "identical");
  const halves = [0, 1].map((half) => identical.filter((_, at) => at % 2 === half));
  const judges = halves.map((past) => methodsFrom(past));
  const judged = releases.map((release) => {
    const methods = judges[halves[0]?.includes(release) === true ? 1 : 0] ?? [];
    const minutes = methods.map((method) => [method.name, blockedAt(method, release.windows, seed)] as const);
    return { ...release, minutes: new Map(minutes) };
  });
  const names = [...(judged[0]?.minutes.keys() ?? [])];
  const figures = (["identical", "regressed"] as const).flatMap((kind) => {
    const own = judged.filter((one) => one.kind === kind);
    return own.length === 0 ? [] : names.map((name) => figureOf(own, kind, name));
  });
  const rows = judged.map((one) => [one.name, ...ratesOf(one.windows), ...oursOf(one.minutes)]);
  const head = ["release", "windows", "canary failed", "stable failed", `${OURS_1}, window`, `${OURS_5}, window`];
  return { text: table([head, ...rows]), figures };
}

type Judged = Recorded & { readonly minutes: ReadonlyMap<string, number> };

function figureOf(own: readonly Judged[], kind: string, name: string): Figure {
  const hits = own.filter(({ minutes }) => (minutes.get(name) ?? 0) > 0).length;
  const alpha = name === OURS_1 ? 0.01 : name === OURS_5 ? 0.05 : undefined;
  return shareFigure(
    { hits, runs: own.length },
    {
      target: 1,
      what: `own data, ${kind}: blocked by ${name}`,
      ...(kind === "identical" && alpha !== undefined && { bound: { kind: "atMost", than: alpha } }),
    },
  );
}

function methodsFrom(past: readonly Recorded[]): readonly Method[] {
  const placebos = past.map(({ windows }) => windows);
  const at = (alpha: number) =>
    settingsAt(alpha, placebos.length === 0 ? undefined : calibrationAt(alpha, placebos.flat(), placebos));
  return [...OTHERS, ours(OURS_5, at(0.05)), ours(OURS_1, at(0.01))];
}

const CERTAINTY = 0.05;
const TIGHT_AT = 10_000;

/** Windows, and each arm's failed requests with an interval that holds at every look. */
function ratesOf(windows: readonly Window[]): readonly string[] {
  const total = totalOf(evidenceOf(windows, DEFAULT_GATE).strata);
  return [`${windows.length}`, ...[canaryOf(total), stableOf(total)].map(rateText)];
}

function rateText({ requests, failed }: Counts): string {
  if (requests === 0) return "no request";
  const { low, high } = shareInterval({ hits: failed, trials: requests }, CERTAINTY, TIGHT_AT);
  return `${percent(failed / requests)} (${percent(low)} to ${percent(high)} of ${requests})`;
}

function oursOf(minutes: ReadonlyMap<string, number>): readonly string[] {
  return [OURS_1, OURS_5].map((name) => {
    const at = minutes.get(name) ?? 0;
    return at === 0 ? "not blocked" : `blocked @${at}`;
  });
}

/** Lines of time, arm, requests and failed ones, each for a window; a window that lacks an arm, or has no numbers for it, was not measured. */
export function windowsOf(text: string): Result<readonly Window[], string> {
  const [head = "", ...lines] = text.trim().split(/\r?\n/);
  const columns = head.split(",").map((column) => column.trim().toLowerCase());
  const at = ["time", "arm", "requests", "failed"].map((column) => columns.indexOf(column));
  if (at.includes(-1)) return err("the first line must name time, arm, requests and failed.");
  const rows = lines.map((line) => {
    const cells = line.split(",").map((cell) => cell.trim());
    const [time = "", arm = "", requests = "", failed = ""] = at.map((column) => cells[column] ?? "");
    return { time: timeOf(time), arm: armOf(arm), counts: { requests: countOf(requests), failed: countOf(failed) } };
  });
  const bad = rows.findIndex(({ time, arm }) => Number.isNaN(time) || arm === undefined);
  if (bad !== -1) return err(`line ${bad + 2}: a time, and canary or stable, are needed.`);
  const times = [...new Set(rows.map(({ time }) => time))].toSorted((a, b) => a - b);
  return ok(
    times.map((time, minute) =>
      windowFrom(
        rows.filter((row) => row.time === time),
        minute,
      ),
    ),
  );
}

type Row = { readonly arm: Arm | undefined; readonly counts: Counts };

/** As a window of one minute: the compared methods reckon steps by minutes. An arm that is told of twice was not measured. */
function windowFrom(rows: readonly Row[], minute: number): Window {
  const of = (arm: Arm) => {
    const [own, ...more] = rows.filter((row) => row.arm === arm);
    return own === undefined || more.length > 0 ? {} : { [arm]: own.counts };
  };
  return {
    start: minute * MINUTE,
    end: (minute + 1) * MINUTE,
    counts: { ...of("canary"), ...of("stable") },
    pods: {},
  };
}

function timeOf(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text);
}

function armOf(text: string): Arm | undefined {
  return text === "canary" || text === "stable" ? text : undefined;
}

function countOf(text: string): number {
  return text === "" ? Number.NaN : Number(text);
}
