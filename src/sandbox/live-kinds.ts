import type { LivePath } from "./live-path.ts";

/** How well the canaries of one kind kept to what was committed; points are per cent of the traffic. */
export type LiveOfKind = {
  readonly kind: string;
  readonly canaries: number;
  /** Changes of a canary's share that were looked at. */
  readonly shares: number;
  /** The greatest rise above what was committed, points. */
  readonly excess: number;
  /** The greatest fall below it, points. */
  readonly dip: number;
};

/** The same of many canaries, one row a kind, in the order of their names. */
export function byKind(paths: readonly LivePath[]): readonly LiveOfKind[] {
  const kinds = [...Map.groupBy(paths, ({ kind }) => kind)].toSorted(([one], [two]) => (one < two ? -1 : 1));
  return kinds.map(([kind, of]) => ({
    kind,
    canaries: of.length,
    shares: of.reduce((sum, { shares }) => sum + shares.length, 0),
    excess: Math.max(...of.map(({ excess }) => excess)),
    dip: Math.max(...of.map(({ dip }) => dip)),
  }));
}
