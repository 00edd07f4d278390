import type { Buckets } from "../../core/gate/native.ts";

/** One sample; `at` is milliseconds since the epoch, `value` is finite. */
export type Sample = { readonly at: number; readonly value: number };

/** A native histogram at one time, times in the unit of its metric; `buckets` is undefined where what was told is none. */
export type NativeSample = { readonly at: number; readonly buckets: Buckets | undefined };

/** One time series as a provider returned it: samples in strictly rising order of time. `native` is absent where none of them is a native histogram. */
export type Series = {
  readonly labels: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
  readonly native?: readonly NativeSample[];
};

/** A series that is not to be trusted up to a time (milliseconds, Infinity where it is not at all), and why; whose it is can be told. */
export type Flawed = { readonly labels: ReadonlyMap<string, string>; readonly until: number; readonly reason: string };

/** What a provider returned: what is wrong with one series says nothing of another. */
export type Answer = { readonly series: readonly Series[]; readonly flawed: readonly Flawed[] };

/** Equal for equal sets of labels, whatever their order. */
export function identityOf({ labels }: Series): string {
  return JSON.stringify([...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
