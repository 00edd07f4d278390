import type { Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import type { Destinations } from "../../core/state.ts";
import type { Weight } from "../../core/weight.ts";
import { refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";

/** Whose share of the traffic, and where it lives. */
export type RouteOf = {
  readonly namespace: Name;
  readonly arms: ByArm<Name>;
  /** What the route calls the arms, where that is not `arms`. */
  readonly destinations: Destinations | undefined;
  /** The keys that lead to the share, joined by dots; only the values router has use for them. */
  readonly at?: string;
};

export type Arm = "canary" | "stable";
export type ByArm<T> = { readonly [arm in Arm]: T };

/** Reads and writes the canary's share of what both arms get, in one kind of object. A pure editor of text. */
export type Router = {
  /** The same in every rule that sends to both arms; refused where that is not so. */
  readonly read: (file: TextFile, of: RouteOf) => Result<Weight, Refusal>;
  /** The text with the share set, and no copies sent to the canary; nothing else differs, and what the arms' weights add up to stays where the share can be written in it. */
  readonly set: (file: TextFile, of: RouteOf, weight: Weight) => Result<string, Refusal>;
  /** Absent where a kind has no rules for testers that are known here. */
  readonly testers?: Testers;
  /** Absent where a kind has no mirrors that are known here, or none whose percentage may be 0. */
  readonly mirror?: Mirroring;
};

/** Rules for requests with a header or a cookie, as testers send it: they go with the others, or to the canary while nobody else does. */
export type Testers = {
  /** Whether they go to the canary alone; undefined where the route has no such rule beside others. */
  readonly read: (file: TextFile, of: RouteOf) => Result<boolean | undefined, Refusal>;
  /** The text with the canary for all of them and for nobody else; nothing else differs. */
  readonly set: (file: TextFile, of: RouteOf) => Result<string, Refusal>;
};

/** Mirrors to the canary in rules with both arms: every other mirror is people's. */
export type Mirroring = {
  /** Of how many per cent of the requests copies go to the canary; undefined where it has no such mirror. */
  readonly read: (file: TextFile, of: RouteOf) => Result<number | undefined, Refusal>;
  /** The text with all of them at a percentage and every weight at 0; nothing else differs. */
  readonly set: (file: TextFile, of: RouteOf, percent: number) => Result<string, Refusal>;
};

export const ARMS: readonly Arm[] = ["canary", "stable"];

/** The arms' Services, for routers that know no subsets. Throws Refused where a subset is asked for. */
export function servicesOf(file: TextFile, { arms, destinations }: RouteOf, kind: string): ByArm<Name> {
  if (destinations === undefined) return arms;
  const { canary, stable } = destinations;
  const subset = canary.subset ?? stable.subset;
  if (subset !== undefined)
    refuse(file, 0, `the subset ${subset}`, `an ${kind} sends to Services and knows no subsets`);
  return { canary: canary.host, stable: stable.host };
}
