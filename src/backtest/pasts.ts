import type { Reading } from "../core/reading.ts";
import type { BacktestedMember } from "../ports/backtests.ts";
import type { TimelineQuestion } from "../ports/metrics.ts";
import type { Moment } from "./history.ts";
import { lastDays } from "./member.ts";
import { readPast, type Reader } from "./read.ts";

/** So far back is read for a comment: eight days, or as many windows of half a minute. */
const DAYS = 8;
const MOST_WINDOWS = 23_040;
/** Of more pods bundles are held against each other. */
const MOST_PODS = 16;
/** About so much is kept of each window, of each pod in it, and of how long that one's requests took. */
const [WINDOW_BYTES, POD_BYTES, LATENCY_BYTES] = [200, 100, 500];
/** What is asked for at once; milliseconds. */
const PART_MS = 6 * 3_600_000;

/** What a member's past is read with. */
export type PastReader = Pick<Reader, "metrics" | "pods" | "gauges">;

/** Whose past is wanted, and what it is read with. */
export type PastWanted = { readonly member: BacktestedMember; readonly reader: PastReader };

/** How long reading may take, by which clock, milliseconds; and about how much is kept of all pasts together, bytes. */
export type PastLimit = { readonly now: () => number; readonly withinMs: number; readonly bytes: number };

/** What has been read of a member's past. */
export type PastRead = PastWanted & {
  /** Oldest first. */
  readonly moments: readonly Moment[];
  /** Why nothing older was read; `all`: no more was asked for. */
  readonly end: PastEnd;
};

export type PastEnd =
  | { readonly kind: "all" }
  | { readonly kind: "late" | "full" }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * The pasts of some members side by side, newest part first, so that what there is when time is up has no gap and all of them go equally far back.
 * A member whose provider refuses keeps what was read of it; the others go on.
 */
export async function readPasts(
  wanted: readonly PastWanted[],
  { now, withinMs, bytes }: PastLimit,
): Promise<readonly PastRead[]> {
  const begun = now();
  let tracks = wanted.map((one) => trackOf(one, begun));
  while (tracks.some(({ end }) => end === undefined)) {
    const end = now() - begun >= withinMs ? LATE : fullOf(tracks, bytes);
    // oxlint-disable-next-line no-await-in-loop -- one part after the other, so that time can be up between them
    tracks = end ? tracks.map((track) => ended(track, end)) : await Promise.all(tracks.map(furtherBack));
  }
  return tracks.map(({ member, reader, parts, end = LATE }) => ({
    member,
    reader,
    moments: parts.toReversed().flat(),
    end,
  }));
}

const LATE: PastEnd = { kind: "late" };

type Track = PastWanted & {
  readonly whole: TimelineQuestion;
  /** Newest first; the next one ends at `to`. */
  readonly parts: readonly (readonly Moment[])[];
  readonly to: number;
  /** About so much is kept of it. */
  readonly bytes: number;
  readonly end: PastEnd | undefined;
};

function trackOf({ member, reader }: PastWanted, now: number): Track {
  const whole = lastDays(member, DAYS, now);
  const from = Math.max(whole.from, whole.to - MOST_WINDOWS * whole.windowMs);
  return { member, reader, whole: { ...whole, from }, parts: [], to: whole.to, bytes: 0, end: undefined };
}

async function furtherBack(track: Track): Promise<Track> {
  const { reader, whole, parts, to } = track;
  if (track.end !== undefined) return track;
  if (to <= whole.from) return { ...track, end: { kind: "all" } };
  const from = Math.max(whole.from, to - lengthOf(whole));
  const found: Reading<readonly Moment[]> = await readPast(
    { ...whole, from, to },
    { ...reader, mostPods: MOST_PODS, progress },
  );
  if (found.kind === "unavailable") return { ...track, end: { kind: "refused", reason: found.reason } };
  return { ...track, parts: [...parts, found.value], to: from, bytes: track.bytes + bytesOf(found.value) };
}

function ended(track: Track, end: PastEnd): Track {
  return track.end === undefined ? { ...track, end } : track;
}

/** The end of all where there is no room for more. */
function fullOf(tracks: readonly Track[], most: number): PastEnd | undefined {
  const kept = tracks.reduce((sum, { bytes }) => sum + bytes, 0);
  return kept >= most ? { kind: "full" } : undefined;
}

function bytesOf(moments: readonly Moment[]): number {
  return moments.reduce((sum, { pods }) => {
    const timed = pods.filter(({ latency }) => latency !== undefined).length;
    return sum + WINDOW_BYTES + pods.length * POD_BYTES + timed * LATENCY_BYTES;
  }, 0);
}

function lengthOf({ windowMs }: TimelineQuestion): number {
  return Math.max(1, Math.floor(PART_MS / windowMs)) * windowMs;
}

function progress(): void {}
