import type { Sha } from "../core/names.ts";
import type { Opting } from "../core/opting.ts";
import type { PolicedPull } from "../core/policy.ts";
import type { Branch, BumpPull, LetGo, Member, Unconcerned, Unreadable } from "../core/snapshot.ts";
import type { Backtests } from "../ports/backtests.ts";
import type { ForgeReader, Pull } from "../ports/forge.ts";
import type { GitReader } from "../ports/git.ts";
import type { TextFile } from "../yaml/refusal.ts";
import type { Memory } from "./memory.ts";
import type { ConfigReading, Readings } from "./readings.ts";

/** What a look may read; `git` remembers what it was asked, see remembered.ts. */
export type Eyes = {
  readonly git: GitReader;
  readonly forge: ForgeReader;
  readonly readings: Readings;
  readonly memory: Memory;
  /** What back-tests have found; absent where nothing is answered. */
  readonly backtests?: Pick<Backtests, "found">;
  /** The templates that come with Tidegate; none where it is absent. */
  readonly templates?: readonly TextFile[];
  /** `none`: what people say is not asked for, and whether a word still stands is not known. */
  readonly hearing?: "none";
};

/** Everything but the measurements: what git and the forge say. */
export type Facts = {
  readonly branch: string;
  readonly head: Sha;
  readonly refs: ReadonlyMap<string, Sha>;
  readonly members: readonly UnmeasuredMember[];
  readonly refusals: readonly Unreadable[];
  readonly bumps: readonly BumpPull[];
  readonly litter: readonly Branch[];
  readonly letGo: readonly LetGo[];
  readonly policed: readonly PolicedPull[];
  /** Heads that policy has yet to look into. */
  readonly unpoliced: number;
  readonly unconcerned: readonly Unconcerned[];
  readonly unheard: number;
  readonly opting: Opting;
  readonly lastMerge: number | undefined;
  /** When the newest commits of steps landed, milliseconds, newest first. */
  readonly landed: readonly number[];
  readonly config: ConfigReading;
};

/** A service that cannot be read, and the canaries' files that it has, or had when it could be. */
export type Refused = Unreadable & { readonly canaries: readonly string[] };

export type UnmeasuredMember = Omit<Member, "timeline">;

/** One tracked branch at one moment, with what is open on it. */
export type Scene = {
  readonly eyes: Eyes;
  readonly branch: string;
  readonly head: Sha;
  readonly refs: ReadonlyMap<string, Sha>;
  readonly pulls: readonly Pull[];
  readonly config: ConfigReading;
  /** For releases under way: the configuration as it last could be read and knew their targets. */
  readonly readable: ConfigReading;
};
