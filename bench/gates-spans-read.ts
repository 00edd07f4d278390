import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A request that a pod answered: when it began, and how long it took; seconds. */
type Request = { readonly at: number; readonly took: number };

/** A fault that was injected into a pod, and what the pod's requests took right after. */
export type Fault = { readonly kind: string; readonly service: string; readonly after: Piece };

/** Requests of one stretch of time, by how long they took, and how long the stretch was; seconds. */
export type Piece = { readonly took: readonly number[]; readonly seconds: number };

/** The faults of a day, and per service of one of their pods what it answered before each fault, wherever that was. */
export type Day = {
  readonly faults: readonly Fault[];
  readonly pieces: ReadonlyMap<string, readonly Piece[]>;
};

const Faults = z.record(
  z.string(),
  z.array(z.object({ inject_timestamp: z.string(), inject_pod: z.string(), inject_type: z.string() })),
);

type Told = z.infer<typeof Faults>[string][number];

/** What one file holds: from when to when it was recorded, seconds, and what each pod answered. */
type Recording = {
  readonly from: number;
  readonly to: number;
  readonly answered: ReadonlyMap<string, readonly Request[]>;
};

/** Before a fault is usual for so long; what was recorded after it is over then. Seconds. */
const BEFORE = 120;
const AFTER = 150;

/** The faults of a day, with the requests of their pods after each. Files are named after a minute and begin some time in the one before: only the spans say when. */
export function dayOf(folder: string): Day {
  const [list] = globSync("*-fault_list.json", { cwd: folder });
  if (list === undefined) return { faults: [], pieces: new Map() };
  const told = Object.values(Faults.parse(JSON.parse(readFileSync(join(folder, list), "utf8")))).flat();
  const pods = new Set(told.map(({ inject_pod }) => inject_pod));
  const recordings = globSync("trace/*_trace.csv", { cwd: folder })
    .toSorted()
    .flatMap((path) => recordingOf(readFileSync(join(folder, path), "utf8"), pods));
  return {
    faults: told.map(({ inject_type, inject_pod, inject_timestamp }) => {
      const began = Number(inject_timestamp);
      const after = pieceOf(recordings, inject_pod, [began, began + AFTER]);
      return { kind: inject_type, service: serviceOf(inject_pod), after };
    }),
    pieces: new Map([...pods].map((pod) => [serviceOf(pod), told.map((one) => usualOf(recordings, pod, one))])),
  };
}

/** A Deployment's pod: its name, the hash of its template, and one of its own. */
function serviceOf(pod: string): string {
  return pod.split("-").slice(0, -2).join("-");
}

/** What any pod answered until a fault was injected, wherever that was. */
function usualOf(recordings: readonly Recording[], pod: string, { inject_timestamp }: Told): Piece {
  const began = Number(inject_timestamp);
  return pieceOf(recordings, pod, [began - BEFORE, began]);
}

/** What a pod answered between two times, and for how long of that anything was recorded. */
function pieceOf(
  recordings: readonly Recording[],
  pod: string,
  [low, high]: readonly [low: number, high: number],
): Piece {
  const requests = recordings.flatMap(({ answered }) => answered.get(pod) ?? []);
  const within = recordings.map(({ from, to }) => Math.max(0, Math.min(to, high) - Math.max(from, low)));
  return {
    took: requests.filter(({ at }) => at >= low && at < high).map(({ took }) => took),
    seconds: within.reduce((sum, seconds) => sum + seconds, 0),
  };
}

/** What each of the pods answered: its spans whose parents are not its own. Nothing of a file without spans. */
function recordingOf(text: string, pods: ReadonlySet<string>): readonly Recording[] {
  const rows = text
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))
    .filter(({ length }) => length >= 8);
  const times = rows.map(([, , , , , start]) => Number(start) / 1e9).filter(Number.isFinite);
  if (times.length === 0) return [];
  const ofPods = Map.groupBy(
    rows.filter(([, , , pod]) => pods.has(pod ?? "")),
    ([, , , pod]) => pod ?? "",
  );
  const [from, to] = times.reduce(([first, last], time) => [Math.min(first, time), Math.max(last, time)] as const, [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as const);
  return [{ from, to, answered: new Map([...ofPods].map(([pod, spans]) => [pod, answered(spans)])) }];
}

function answered(spans: readonly (readonly string[])[]): readonly Request[] {
  const own = new Set(spans.map(([, span]) => span));
  return spans.flatMap(([, , parent, , , start, , micros]) => {
    const [at, took] = [Number(start) / 1e9, Number(micros) / 1e6];
    return !own.has(parent) && took > 0 && Number.isFinite(at) ? [{ at, took }] : [];
  });
}
