import { together } from "../core/gate/histogram.ts";
import type { Reading } from "../core/reading.ts";
import { read } from "../core/reading.ts";
import type { Window } from "../core/window.ts";
import type { Metrics, TimelineQuestion } from "../ports/metrics.ts";
import type { PodCounts, PodsAt, ReadPods } from "../ports/pod-counts.ts";
import type { GaugeAt, ReadGauges } from "../ports/pod-gauges.ts";
import { digestOf } from "./chance.ts";
import { momentsOf, type Moment } from "./history.ts";

/** What a past is read with. */
export type Reader = {
  readonly metrics: Metrics;
  /** Undefined where the provider cannot tell pods apart. */
  readonly pods: ReadPods | undefined;
  /** Absent where the provider cannot tell gauges of pods. */
  readonly gauges?: ReadGauges | undefined;
  /** More pods than this are bundled; as many as there is room for unless said. */
  readonly mostPods?: number | undefined;
  /** Told before each part, of so many in all, from 1. */
  readonly progress: (part: number, of: number) => void;
};

/** So much is asked for at once, and no less after answers that were too long. Milliseconds. */
const PART_MS = 6 * 3_600_000;
const LEAST_MS = PART_MS / 8;
const LEAST_WINDOWS = 12;

/** The past of a service in parts, one after the other; unavailable with the provider's reason where a part is, however small. */
export async function readPast(question: TimelineQuestion, reader: Reader): Promise<Reading<readonly Moment[]>> {
  const length = Math.max(LEAST_WINDOWS * question.windowMs, floorTo(PART_MS, question.windowMs));
  const most = Math.min(reader.mostPods ?? MOST_PODS, mostPods(question));
  const parts = Math.ceil((question.to - question.from) / length);
  const moments: Moment[] = [];
  for (let part = 0; part < parts; part += 1) {
    reader.progress(part + 1, parts);
    const from = question.from + part * length;
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that no more than one part's samples are ever held
    const found = await readPart({ ...question, from, to: Math.min(question.to, from + length) }, reader, most);
    if (found.kind === "unavailable") return found;
    moments.push(...found.value);
  }
  return read(moments);
}

/** An answer that is longer than is read is asked for in halves; the least part that is too long is read without how long requests took. */
async function readPart(question: TimelineQuestion, reader: Reader, most: number): Promise<Reading<readonly Moment[]>> {
  const whole = await readOnce(question, reader, most);
  const { from, to, windowMs, latency } = question;
  const middle = from + floorTo((to - from) / 2, windowMs);
  if (whole.kind === "read") return whole;
  if (to - from < 2 * LEAST_MS || middle === from)
    return latency === undefined ? whole : readOnce({ ...question, latency: undefined }, reader, most);
  const first = await readPart({ ...question, to: middle }, reader, most);
  if (first.kind === "unavailable") return first;
  const second = await readPart({ ...question, from: middle }, reader, most);
  return second.kind === "unavailable" ? second : read([...first.value, ...second.value]);
}

async function readOnce(
  question: TimelineQuestion,
  { metrics, pods, gauges }: Reader,
  most: number,
): Promise<Reading<readonly Moment[]>> {
  // Of gauges no more is wanted than what each pod says.
  const [[timeline], podsAt, told] = await Promise.all([
    metrics.timelines([{ ...question, gauges: undefined }]),
    pods?.(question) ?? NO_PODS,
    gauges?.(question),
  ]);
  if (podsAt.kind === "unavailable") return podsAt;
  const windows: Reading<readonly Window[]> = timeline ?? {
    kind: "unavailable",
    reason: "The provider gave no answer.",
  };
  if (windows.kind === "unavailable") return windows;
  const moments = momentsOf(windows.value, bundled(podsAt.value, most));
  return read(told === undefined ? moments : withGauges(moments, told));
}

/** A gauge that cannot be read says so in every window, and nothing of the others. */
function withGauges(moments: readonly Moment[], told: ReadonlyMap<string, Reading<GaugeAt>>): readonly Moment[] {
  return moments.map((moment) => ({
    ...moment,
    gauges: Object.fromEntries(
      [...told].map(([name, reading]) => [
        name,
        reading.kind === "unavailable" ? reading : read(reading.value.get(moment.start) ?? NO_VALUES),
      ]),
    ),
  }));
}

const NO_VALUES: ReadonlyMap<string, number> = new Map();

const NO_PODS: Reading<PodsAt> = read(new Map());

/** More pods than this are bundled by their names: their arms need no finer grain, and years of pods would need much room. */
const MOST_PODS = 64;
/** Of some twenty buckets each, these take a hundred megabytes: of a past of eight days at least, since one may be read part by part. */
const MOST_HISTOGRAMS = 400_000;
const USUAL_PAST_MS = 8 * 86_400_000;
const LEAST_PODS = 8;

function mostPods({ from, to, windowMs, latency }: TimelineQuestion): number {
  if (latency === undefined) return MOST_PODS;
  const span = Math.max(to - from, USUAL_PAST_MS);
  return Math.max(LEAST_PODS, Math.min(MOST_PODS, Math.floor((MOST_HISTOGRAMS * windowMs) / span)));
}

function bundled(podsAt: PodsAt, most: number): PodsAt {
  const names = new Set([...podsAt.values()].flatMap((pods) => pods.map(({ pod }) => pod)));
  if (names.size <= most) return podsAt;
  return new Map([...podsAt].map(([start, pods]) => [start, bundlesOf(pods, most)]));
}

function bundlesOf(pods: readonly PodCounts[], most: number): readonly PodCounts[] {
  const byBundle = Map.groupBy(pods, ({ pod }) => digestOf(pod) % most);
  return [...byBundle].map(([bundle, inside]) => ({
    pod: `bundle ${bundle}`,
    requests: inside.reduce((sum, { requests }) => sum + requests, 0),
    failed: inside.reduce((sum, { failed }) => sum + failed, 0),
    latency: together(inside.flatMap(({ latency }) => latency ?? [])),
  }));
}

function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
