import { posix } from "node:path";
import { chartsIn, chartStubs, proveChart } from "./render-charts.ts";
import { madeKustomizations } from "./render-folders.ts";
import { proveOverlay } from "./render-overlays.ts";
import type { Outcome } from "./render-outcome.ts";
import type { Renderer } from "./render-tools.ts";
import { KUSTOMIZATION, withoutMissing, workplace, type Files, type Workplace } from "./render-tree.ts";

/** The outcomes of one overlay, of one folder without a kustomization, or of one chart with one values file, and whether the archive held all of it. */
export type Case = {
  readonly kind: "overlay" | "chart" | "folder";
  readonly path: string;
  readonly isMended: boolean;
  readonly outcomes: readonly Outcome[];
};

/** How the corpus is gone through: by how many workers, at most how many cases of a kind, taken evenly from all, and who is told how far it is. */
export type Pace = { readonly workers: number; readonly most: number; readonly tell: (words: string) => void };

/** Two copies of the corpus: as it is, and with what it misses left out or made up for. */
type Desk = { readonly whole: Workplace; readonly mended: Workplace };

type Job = {
  readonly kind: Case["kind"];
  readonly path: string;
  readonly prove: (place: Workplace) => Promise<readonly Outcome[]>;
};

/** Proves the overlays of a corpus, on as many copies of it as there are workers. */
export function proveOverlays(files: Files, kustomize: Renderer, pace: Pace): Promise<readonly Case[]> {
  const paths = [...files.keys()].filter((path) => KUSTOMIZATION.test(path)).toSorted();
  const jobs = paths.map((path): Job => {
    return { kind: "overlay", path, prove: (place) => proveOverlay({ place, kustomize, path }) };
  });
  return workOff(files, withoutMissing(files), jobs, pace);
}

/** Proves the folders of a corpus that Flux makes kustomizations of. */
export function proveFolders(files: Files, kustomize: Renderer, pace: Pace): Promise<readonly Case[]> {
  const made = madeKustomizations(files);
  const jobs = [...made.keys()].toSorted().map((path): Job => {
    return { kind: "folder", path, prove: (place) => proveOverlay({ place, kustomize, path }) };
  });
  return workOff(new Map([...files, ...made]), new Map(), jobs, pace);
}

/** Proves the charts of a corpus. */
export function proveCharts(files: Files, helm: Renderer, pace: Pace): Promise<readonly Case[]> {
  const stubs = chartStubs(files);
  const jobs = chartsIn(new Map([...files, ...stubs])).map(({ chart, values }): Job => {
    const path = values ?? posix.join(chart, "values.yaml");
    return { kind: "chart", path, prove: (place) => proveChart({ place, helm, chart, values }) };
  });
  return workOff(files, stubs, jobs, pace);
}

async function workOff(files: Files, mends: Files, jobs: readonly Job[], pace: Pace): Promise<readonly Case[]> {
  const desks = Array.from({ length: pace.workers }, (): Desk => {
    return { whole: workplace(files), mended: workplace(new Map([...files, ...mends])) };
  });
  try {
    // One list for all workers: each takes the next one.
    const chosen = evenly(jobs, pace.most);
    const left = told(chosen, pace.tell);
    const done = await Promise.all(desks.map((desk) => takeFrom(left, desk)));
    return done.flat().toSorted((a, b) => (a.path < b.path ? -1 : 1));
  } finally {
    for (const { whole, mended } of desks) [whole, mended].forEach(({ remove }) => remove());
  }
}

function evenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]).filter(
    (item) => item !== undefined,
  );
}

const OFTEN = 50;

function* told(jobs: readonly Job[], tell: Pace["tell"]): Generator<Job, undefined> {
  for (const [index, job] of jobs.entries()) {
    if (index > 0 && index % OFTEN === 0) tell(`${index} of ${jobs.length} ${job.kind}s`);
    yield job;
  }
  return undefined;
}

async function takeFrom(left: Iterable<Job>, desk: Desk): Promise<readonly Case[]> {
  const done: Case[] = [];
  for (const job of left) done.push(await proveCase(desk, job));
  return done;
}

async function proveCase({ whole, mended }: Desk, { kind, path, prove }: Job): Promise<Case> {
  const outcomes = await prove(whole);
  if (outcomes[0]?.kind !== "unrendered") return { kind, path, isMended: false, outcomes };
  return { kind, path, isMended: true, outcomes: await prove(mended) };
}
