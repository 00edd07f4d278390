import type { Verb } from "../src/core/commands.ts";

/** What a command that changes something comes to: what git gets by it, `-` where it changes nothing, `waits` where it is heard again as soon as it can be obeyed. */
export type Meaning =
  | "override"
  | "abort"
  | "hold"
  | "lift"
  | "rebuild"
  | "retry"
  | "adopt"
  | "toZero"
  | "skip"
  | "rollback"
  | "waits"
  | "-";

/** The verbs that change something, in the order of the columns. */
export const CHANGING = [
  "promote",
  "abort",
  "hold",
  "resume",
  "retry",
  "adopt",
  "skip",
  "rollback",
] as const satisfies readonly Verb[];
export type Changing = (typeof CHANGING)[number];

type Row = readonly [Meaning, Meaning, Meaning, Meaning, Meaning, Meaning, Meaning, Meaning];

const RISING: Row = ["override", "abort", "hold", "-", "-", "-", "skip", "-"];
const LIFTABLE: Row = ["override", "abort", "hold", "lift", "-", "-", "skip", "-"];
const NO_PROMOTION: Row = ["-", "abort", "hold", "-", "-", "-", "skip", "-"];
const ABORT_ALONE: Row = ["-", "abort", "-", "-", "-", "-", "-", "-"];
const AFTER_THE_WAY_BACK: Row = ["waits", "abort", "waits", "-", "-", "-", "waits", "-"];

/** What each verb comes to on the pull request of the open step, said by somebody who may; on a service at rest, on the one that was open last. */
export const VERB_BY_STAGE = {
  // promote, abort, hold, resume, retry, adopt, skip, rollback
  "at rest": ["-", "-", "-", "-", "-", "-", "-", "rollback"],
  "at rest, the version taken back": ["-", "-", "-", "-", "retry", "-", "-", "rollback"],
  "at rest, the version blocked": ["-", "-", "-", "-", "retry", "-", "-", "rollback"],
  "at rest, stable changed by hand": ["-", "-", "-", "-", "-", "adopt", "-", "-"],
  "bump landed": ["waits", "abort", "waits", "-", "-", "-", "waits", "-"],
  "queued behind an earlier wave": ABORT_ALONE,
  "warm-up proposed": RISING,
  gathering: RISING,
  syncing: RISING,
  baking: RISING,
  measuring: RISING,
  passed: RISING,
  "waiting for its turn": RISING,
  "refused by the rules": RISING,
  "held by a comment": LIFTABLE,
  "held, its pull request closed": LIFTABLE,
  "pull request just closed": NO_PROMOTION,
  "a draft": RISING,
  "somebody's commit on the branch": ["-", "abort", "-", "rebuild", "-", "-", "-", "-"],
  "configuration unreadable": RISING,
  promoted: RISING,
  draining: ["-", "abort", "hold", "-", "-", "-", "-", "-"],
  "canary failing": AFTER_THE_WAY_BACK,
  "stable failing on the new version": AFTER_THE_WAY_BACK,
  "another version under the weight": AFTER_THE_WAY_BACK,
  "bump reverted": AFTER_THE_WAY_BACK,
  "being taken back": ["-", "-", "-", "-", "-", "-", "-", "-"],
  "weight lowered to one of the plan": ["-", "abort", "-", "adopt", "-", "adopt", "-", "-"],
  "weight lowered to another": ABORT_ALONE,
  "weight raised to one of the plan": ["-", "abort", "waits", "-", "-", "-", "waits", "-"],
  "weight raised to another": ABORT_ALONE,
  "weight without a release": ["-", "toZero", "-", "-", "-", "-", "-", "-"],
  "weight without a release, a bump waiting": ["-", "toZero", "-", "-", "-", "adopt", "-", "-"],
  "stable changed by hand": NO_PROMOTION,
  "steps changed under way": ABORT_ALONE,
  "the bump's commit gone": NO_PROMOTION,
} as const satisfies Readonly<Record<string, Row>>;

export type StageName = keyof typeof VERB_BY_STAGE;

/** Where else people may speak, and what then differs from the table; the first that fits counts. */
export type Exception = {
  readonly verbs: readonly Changing[];
  readonly stages?: readonly StageName[];
  readonly meaning: Meaning | "as there";
};

const ORPHANS: readonly StageName[] = ["weight without a release", "weight without a release, a bump waiting"];

export const BY_PLACE: Readonly<Record<"landed" | "bump" | "past" | "proposal", readonly Exception[]>> = {
  // What was said of a step that has landed is not meant for the next one; to slow down or go back is meant in any case.
  landed: [{ verbs: ["promote", "skip"], meaning: "-" }],
  bump: [],
  // An earlier release's pull request speaks for the service at rest, and for a weight that no release has.
  past: [
    { verbs: ["abort"], stages: ORPHANS, meaning: "as there" },
    { verbs: ["adopt"], stages: [...ORPHANS, "at rest, stable changed by hand"], meaning: "as there" },
    { verbs: ["retry", "rollback"], meaning: "as there" },
    { verbs: CHANGING, meaning: "-" },
  ],
  // It has not landed: all that can be asked of it is that its version be let in.
  proposal: [
    {
      verbs: ["retry"],
      stages: ["at rest, the version taken back", "at rest, the version blocked"],
      meaning: "as there",
    },
    { verbs: CHANGING, meaning: "-" },
  ],
};

/** The stages in the order of the table. */
export const STAGE_NAMES: readonly StageName[] = Object.keys(VERB_BY_STAGE).filter(isStageName);

function isStageName(key: string): key is StageName {
  return key in VERB_BY_STAGE;
}
