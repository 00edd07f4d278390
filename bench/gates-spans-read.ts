import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A request that a pod answered: when it began, and how long it took; seconds. */
type Request = { readonly at: number; readonly took: number };

/** A fault that was injected into a pod, and what the pod's requests took right after. */
export type Fault = { readonly kind: string; readonly service: string; readonly after: Piece };

/** Requests of one stretch of time, by how long they took, and how long the stretch was; seconds. */
export type Piece = { readonly took: readonly number[]; readonly seconds: number };

/** The faults of a day, and per service of one of their pods what it answered in the minute of each fault until it was injected, wherever that was. */
export type Day = {
  readonly faults: readonly Fault[];
  readonly pieces: ReadonlyMap<string, readonly Piece[]>;
};

const Faults = z.record(
  z.string(),
  z.array(z.object({ inject_timestamp: z.string(), inject_pod: z.string(), inject_type: z.string() })),
);

type Told = z.infer<typeof Faults>[string][number];

/** What a folder of one day holds: per pod and minute, what the pod answered. */
type Minutes = { readonly folder: string; readonly minutes: Map<number, ReadonlyMap<string, readonly Request[]>> };

/** The faults of a day, with the requests of their pods in the two minutes after each. */
export function dayOf(folder: string): Day {
  const [list] = globSync("*-fault_list.json", { cwd: folder });
  if (list === undefined) return { faults: [], pieces: new Map() };
  const told = Object.values(Faults.parse(JSON.parse(readFileSync(join(folder, list), "utf8")))).flat();
  const day: Minutes = { folder, minutes: new Map() };
  const pods = new Set(told.map(({ inject_pod }) => inject_pod));
  return {
    faults: told.map((one) => ({
      kind: one.inject_type,
      service: serviceOf(one.inject_pod),
      after: afterOf(one, day),
    })),
    pieces: new Map([...pods].map((pod) => [serviceOf(pod), told.map((one) => beforeOf(one, pod, day))])),
  };
}

/** A Deployment's pod: its name, the hash of its template, and one of its own. */
function serviceOf(pod: string): string {
  return pod.split("-").slice(0, -2).join("-");
}

/** What any pod answered in the minute of a fault until it was injected, wherever that was. */
function beforeOf({ inject_timestamp }: Told, pod: string, day: Minutes): Piece {
  const began = Number(inject_timestamp);
  const minute = minuteOf(began);
  const requests = requestsOf(day, minute).get(pod) ?? [];
  return {
    took: requests.filter(({ at }) => at < began).map(({ took }) => took),
    seconds: Math.max(1, began - minute),
  };
}

function afterOf({ inject_timestamp, inject_pod }: Told, day: Minutes): Piece {
  const minute = minuteOf(Number(inject_timestamp));
  const known = [minute + 60, minute + 120].map((later) => requestsOf(day, later)).filter(({ size }) => size > 0);
  const took = known.flatMap((pods) => (pods.get(inject_pod) ?? []).map((request) => request.took));
  return { took, seconds: 60 * known.length };
}

function minuteOf(seconds: number): number {
  return 60 * Math.floor(seconds / 60);
}

/** What each pod answered in a minute: its spans whose parents are not its own. Nothing where that minute is not in the folder. */
function requestsOf({ folder, minutes }: Minutes, minute: number): ReadonlyMap<string, readonly Request[]> {
  const known = minutes.get(minute);
  if (known !== undefined) return known;
  const time = new Date(1000 * minute).toISOString().slice(11, 16).replace(":", "_");
  const path = join(folder, "trace", `${time}_trace.csv`);
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(1) : [];
  const spans = Map.groupBy(
    lines.map((line) => line.split(",")).filter(({ length }) => length >= 8),
    ([, , , pod]) => pod ?? "",
  );
  const read = new Map([...spans].map(([pod, ofPod]) => [pod, answered(ofPod)]));
  minutes.set(minute, read);
  return read;
}

function answered(spans: readonly (readonly string[])[]): readonly Request[] {
  const own = new Set(spans.map(([, span]) => span));
  return spans.flatMap(([, , parent, , , start, , micros]) => {
    const [at, took] = [Number(start) / 1e9, Number(micros) / 1e6];
    return !own.has(parent) && took > 0 && Number.isFinite(at) ? [{ at, took }] : [];
  });
}
