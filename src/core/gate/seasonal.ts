import { addDifferences, NO_DRIFT, type Drift } from "./drift.ts";
import { placeboThreshold, placebosNeeded } from "./placebo.ts";

/** A metric of a service as a whole at a time, milliseconds since the epoch. */
export type Reading = { readonly at: number; readonly value: number };

/** A count or rate is made even by its root, a latency by its logarithm. */
export type Measure = "count" | "latency";

/** What is usual at each time of the day, or of the week once four weeks are known; on the measure's scale. */
export type Profile = {
  readonly measure: Measure;
  readonly periodMs: number;
  /** One per five minutes of the period; undefined where nothing is known of that time. */
  readonly slots: readonly (number | undefined)[];
};

export type SeasonalSettings = {
  readonly profile: Profile;
  readonly worse: "higher" | "lower";
  /** What T of stretches without a release exceeds with a probability of at most alpha; undefined while too few are known. */
  readonly threshold: number | undefined;
};

/** Where there is no control group a release cannot be told from an incident, so what is unusual speaks against a pass, and what is usual does not pass by itself. */
export type SeasonalVerdict =
  | { readonly kind: "block" }
  | { readonly kind: "stands" }
  | { readonly kind: "advise" }
  | { readonly kind: "wait"; readonly reason: { readonly kind: "noSamples" } | { readonly kind: "noBaseline" } };

export type SeasonalJudgement = { readonly verdict: SeasonalVerdict; readonly evidence: Drift };

/** What stretches without a release have in common with the one that is judged, besides their length. */
export type Likeness = {
  /** From the end of the time that gives the level to the beginning of the stretch, milliseconds; none unless said. */
  readonly gapMs?: number | undefined;
  /** Readings of a whole stretch: one that has fewer, or whose level rests on less than half as many as it could, is left out. Any will do unless said. */
  readonly readings?: number | undefined;
};

/** What stretches without a release say; `needed`: fewest of them that can promise `alpha`. */
export type SeasonalPlacebos = {
  readonly threshold: number | undefined;
  readonly placebos: number;
  readonly needed: number;
};

const SLOT_MS = 5 * 60_000;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
const SMOOTHED_MS = 35 * 60_000;

/** The median by time of day, or of the week once four weeks are known, over 35 minutes to either side, every five minutes. */
export function profileOf(history: readonly Reading[], measure: Measure): Profile {
  const known = history.flatMap(({ at, value }) => {
    const z = scaled(value, measure);
    return z === undefined ? [] : [{ at, z }];
  });
  const ats = known.map(({ at }) => at);
  const spanMs = known.length === 0 ? 0 : ats.reduce((a, b) => Math.max(a, b)) - ats.reduce((a, b) => Math.min(a, b));
  const periodMs = spanMs >= 4 * WEEK_MS ? WEEK_MS : DAY_MS;
  const count = periodMs / SLOT_MS;
  const bySlot = Map.groupBy(known, ({ at }) => slotOf(at, periodMs));
  const reach = SMOOTHED_MS / SLOT_MS;
  const slots = Array.from({ length: count }, (_, slot) =>
    median(around(slot, reach).flatMap((near) => (bySlot.get((near + count) % count) ?? []).map(({ z }) => z))),
  );
  return { measure, periodMs, slots };
}

/**
 * Judges a metric of the service as a whole against its profile. `before` are the readings right before the release, as long as the release and at least
 * an hour: their median residual is the level that the release is held against.
 */
export function judgeSeasonal(
  before: readonly Reading[],
  running: readonly Reading[],
  settings: SeasonalSettings,
): SeasonalJudgement {
  const evidence = driftFrom(before, running, settings);
  if (evidence === undefined) return { verdict: { kind: "wait", reason: { kind: "noBaseline" } }, evidence: NO_DRIFT };
  const last = running.at(-1);
  if (settings.threshold === undefined) return { verdict: { kind: "advise" }, evidence };
  if (evidence.peak > settings.threshold) return { verdict: { kind: "block" }, evidence };
  if (last === undefined || residual(last, settings.profile) === undefined)
    return { verdict: { kind: "wait", reason: { kind: "noSamples" } }, evidence };
  return { verdict: { kind: "stands" }, evidence };
}

/** How long the time is that gives the level of a stretch of `lengthMs`: whole stretches, at least an hour. Milliseconds. */
export function leadMs(lengthMs: number): number {
  return Math.ceil(Math.max(lengthMs, HOUR_MS) / lengthMs) * lengthMs;
}

/**
 * What T of stretches of `lengthMs` of the service's past, which do not overlap, exceeds with a probability of at most `alpha`. Each is held against the time
 * right before it, or as far before it as is said, as a release is; that this is another stretch's own time costs nothing, and leaves as many of them as the
 * past has room for.
 * A past that hardly ever drifted upwards, such as one without a failure or from before the service was used, has none: the first failure would block.
 */
export function seasonalThreshold(
  history: readonly Reading[],
  lengthMs: number,
  alpha: number,
  settings: Omit<SeasonalSettings, "threshold"> & Likeness,
): SeasonalPlacebos {
  const begin = history[0]?.at ?? 0;
  const { gapMs = 0, readings = 0 } = settings;
  const stretches = Map.groupBy(history, ({ at }) => Math.floor((at - begin) / lengthMs));
  const lead = leadMs(lengthMs) / lengthMs;
  const first = lead + Math.ceil(gapMs / lengthMs);
  const peaks = [...stretches].flatMap(([index, running]) => {
    if (index < first || running.length < readings) return [];
    const before = Array.from({ length: lead }, (_, back) => stretches.get(index - first + back) ?? []).flat();
    if (2 * before.length < lead * readings) return [];
    const drift = driftFrom(before, running, settings);
    return drift === undefined || drift.count === 0 ? [] : [drift.peak];
  });
  const found = placeboThreshold(peaks, alpha);
  const threshold = found !== undefined && found > 0 ? found : undefined;
  return { threshold, placebos: peaks.length, needed: placebosNeeded(alpha) };
}

/** What was seen and what would have been usual, as the typical value of some readings; undefined where there is no level, or none of them can be held against it. */
export function seenAndUsual(
  before: readonly Reading[],
  running: readonly Reading[],
  profile: Profile,
): { readonly seen: number; readonly usual: number } | undefined {
  const level = levelOf(before, profile);
  const seen = running.flatMap((reading) => {
    const rest = residual(reading, profile);
    const z = scaled(reading.value, profile.measure);
    return rest === undefined || z === undefined ? [] : [{ z, rest }];
  });
  if (level === undefined || seen.length === 0) return undefined;
  const mean = (of: (one: { readonly z: number; readonly rest: number }) => number) =>
    seen.reduce((sum, one) => sum + of(one), 0) / seen.length;
  const value = (z: number) => (profile.measure === "count" ? Math.max(0, z) ** 2 : Math.exp(z));
  return { seen: value(mean(({ z }) => z)), usual: value(mean(({ z, rest }) => z - rest + level)) };
}

function driftFrom(
  before: readonly Reading[],
  running: readonly Reading[],
  { profile, worse }: Pick<SeasonalSettings, "profile" | "worse">,
): Drift | undefined {
  const level = levelOf(before, profile);
  if (level === undefined) return undefined;
  const sign = worse === "higher" ? 1 : -1;
  const residuals = running.map((reading) => residual(reading, profile)).filter((one) => one !== undefined);
  return addDifferences(
    NO_DRIFT,
    residuals.map((one) => sign * (one - level)),
  );
}

function levelOf(before: readonly Reading[], profile: Profile): number | undefined {
  return median(before.map((reading) => residual(reading, profile)).filter((one) => one !== undefined));
}

function residual({ at, value }: Reading, { measure, periodMs, slots }: Profile): number | undefined {
  const z = scaled(value, measure);
  const usual = slots[slotOf(at, periodMs)];
  return z === undefined || usual === undefined ? undefined : z - usual;
}

function scaled(value: number, measure: Measure): number | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  if (measure === "count") return Math.sqrt(value);
  return value > 0 ? Math.log(value) : undefined;
}

function slotOf(at: number, periodMs: number): number {
  return Math.floor((((at % periodMs) + periodMs) % periodMs) / SLOT_MS);
}

function around(slot: number, reach: number): readonly number[] {
  return Array.from({ length: 2 * reach + 1 }, (_, step) => slot - reach + step);
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
