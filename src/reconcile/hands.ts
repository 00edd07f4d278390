import type { Sha } from "../core/names.ts";
import type { ForgeWriter } from "../ports/forge.ts";
import type { GitReader, GitWriter } from "../ports/git.ts";
import type { Readings } from "./readings.ts";

/** What a look may do to the world; a dry run is another value of this type. */
export type Hands = {
  readonly git: GitReader & GitWriter;
  readonly forge: ForgeWriter;
  readonly readings: Pick<Readings, "changed">;
  /** Every ref of the look that decided. */
  readonly refs: ReadonlyMap<string, Sha>;
  readonly branch: string;
  /** GitHub has refused to merge a head; it is not asked again at once. */
  readonly refused: (headSha: Sha, reason: string) => void;
  readonly wakeAt: (at: number) => Promise<void>;
  /** Something was changed: the next look is due now. */
  readonly lookAgain: () => Promise<void>;
};
