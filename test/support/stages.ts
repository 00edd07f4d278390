import type { Stage } from "../../src/core/stage.ts";
import type { Member, PastVersion } from "../../src/core/snapshot.ts";
import type { Hold, ServiceState } from "../../src/core/state.ts";
import { name } from "../../src/core/names.ts";
import { weight } from "../../src/core/weight.ts";
import type { StageName } from "../../scripts/meanings.ts";
import {
  BUMP,
  commit,
  inFlight,
  landingOf,
  measured,
  member,
  MINUTE,
  NEW,
  NOON,
  OLD,
  stepPull,
  templateOf,
  version,
  queued,
  waiting,
  workload,
  type MemberChanges,
} from "./member.ts";

/** A member in a stage that has a name, at a moment, milliseconds; `kind` is what `stageOf` is to call it. */
export type Staged = {
  readonly of: Member;
  readonly now: number;
  readonly kind: Stage["kind"];
  /** When the repository's newest step landed, milliseconds. */
  readonly lastMerge?: number;
};

const HEALTHY = [1000, 5] as const;
const FAILING = [1000, 120] as const;
const QUIET = [0, 0] as const;
const FEW = [5, 0] as const;

/** What stable ran before, newest first: what it has now among them, as its file's history has it. */
export const PAST: readonly PastVersion[] = ["1.41.0", "1.40.0", "1.39.0"].map((tag, index) => ({
  image: version(tag),
  template: templateOf(version(tag)),
  commit: commit(`${index + 1}`),
}));

const BLOCK = { image: NEW, template: undefined, commit: BUMP.commit, by: "gate", reason: "errors" } as const;

const AT_FIVE = inFlight(1);
const FINE = measured(AT_FIVE, { count: 20, canary: [500, 2], stable: [9500, 47] });
const REST_SEEN = { count: 3, canary: QUIET, stable: HEALTHY } as const;
const SOON = landingOf(1) + 5 * MINUTE;
const DUE = landingOf(1) + 20 * MINUTE;

const HOLD: Hold = {
  target: name("prod"),
  by: "ben",
  comment: 800,
  closed: undefined,
  at: undefined,
  reason: undefined,
};
const CLOSED: Hold = { ...HOLD, comment: undefined, closed: 4813 };
const EDIT = { commit: commit("9"), by: "Ben", at: NOON } as const;
const ABORTING = { by: "gate", who: undefined, reason: "errors" } as const;

/** The state on the head of the member's step, and what is said there besides. */
export function proposedOf({ pull }: Member, changes: Partial<ServiceState> = {}): ServiceState {
  if (pull?.proposed === undefined) throw new Error("The builder opens the next step.");
  return { ...pull.proposed, ...changes };
}

/** What is on the branch is what its files were before somebody changed them on the tracked branch. */
function outdated(index: number, manifest: MemberChanges["manifest"]): Member {
  const before = inFlight(index);
  const of = inFlight(index, { manifest: { ...before.manifest, ...manifest }, edit: EDIT });
  return { ...of, pull: stepPull({ proposed: proposedOf(before), current: false }) };
}

const HELD: Member = { ...FINE, pull: stepPull({ proposed: proposedOf(FINE, { holds: [HOLD], heard: 800 }) }) };
const KEPT = { branch: stepPull().branch, headSha: commit("e"), proposed: proposedOf(FINE, { holds: [CLOSED] }) };
const AT_FIFTY = inFlight(3);
const PROMOTED = measured(inFlight(4), { count: 5, canary: [5000, 25], stable: [5000, 25] });
const LOWERED = weight(0);

function staged(kind: Stage["kind"], of: Member, now = SOON): Staged {
  return { of: { ...of, past: PAST }, now, kind };
}

/** One member for every stage that the tables of meanings speak of. */
export const STAGES: Readonly<Record<StageName, Staged>> = {
  "at rest": staged("resting", member()),
  "at rest, the version taken back": staged("resting", member({ state: { blocked: [BLOCK] } })),
  "at rest, the version blocked": staged(
    "blocked",
    member({ bump: BUMP, manifest: { canary: workload("canary", NEW) }, state: { blocked: [BLOCK] } }),
  ),
  "at rest, stable changed by hand": staged(
    "diverged",
    member({ bump: BUMP, edit: EDIT, manifest: { stable: workload("stable", version("1.40.5")) } }),
  ),
  "bump landed": staged("proposing", { ...waiting(), pull: undefined }, NOON),
  "queued behind an earlier wave": staged("queued", queued(), NOON),
  "warm-up proposed": staged("syncing", waiting(), NOON),
  gathering: staged("gathering", measured(waiting({ policy: { secondBump: "batch" } }), REST_SEEN), NOON + 3 * MINUTE),
  syncing: staged("syncing", AT_FIVE),
  baking: staged("baking", measured(AT_FIVE, { count: 5, canary: [500, 2], stable: [9500, 47] })),
  measuring: staged("measuring", measured(AT_FIVE, { count: 12, canary: FEW, stable: [95, 0] }), DUE),
  passed: staged("passed", FINE, DUE),
  "waiting for its turn": { ...staged("paced", FINE, DUE), lastMerge: DUE - 1000 },
  "refused by the rules": staged("refused", { ...FINE, refusal: { reason: "a review", until: DUE + 1 } }, DUE),
  "held by a comment": staged("held", HELD, DUE),
  "held, its pull request closed": staged("held", { ...FINE, pull: undefined, kept: KEPT }, DUE),
  "pull request just closed": staged(
    "proposing",
    {
      ...FINE,
      pull: undefined,
      kept: { ...KEPT, proposed: proposedOf(FINE) },
      closed: { kind: "named", number: 4813, by: "ben", at: NOON },
    },
    DUE,
  ),
  "a draft": staged("held", { ...FINE, pull: stepPull({ proposed: proposedOf(FINE), draft: true }) }, DUE),
  "somebody's commit on the branch": staged(
    "held",
    { ...FINE, pull: stepPull({ proposed: proposedOf(FINE), foreign: EDIT, current: false }) },
    DUE,
  ),
  "configuration unreadable": staged("held", { ...FINE, obstacle: "line 3 of .github/tidegate.yml" }, DUE),
  promoted: staged("baking", PROMOTED, landingOf(4) + 5 * MINUTE),
  draining: staged("syncing", inFlight(5), landingOf(5)),
  "canary failing": staged("failed", measured(AT_FIVE, { count: 4, canary: [500, 40], stable: [9500, 47] })),
  "stable failing on the new version": staged(
    "failed",
    measured(inFlight(4), { count: 4, canary: HEALTHY, stable: FAILING }),
    landingOf(4) + 4 * MINUTE,
  ),
  "another version under the weight": staged(
    "failed",
    outdated(2, { weight: weight(25), canary: workload("canary", version("1.43.0"), 3) }),
  ),
  "bump reverted": staged("failed", outdated(2, { weight: weight(25), canary: workload("canary", OLD, 3) })),
  "being taken back": staged(
    "aborting",
    inFlight(2, {
      at: { weight: LOWERED },
      manifest: { weight: LOWERED, canary: workload("canary", NEW, 5) },
      release: { aborting: ABORTING },
      pull: undefined,
    }),
  ),
  "weight lowered to one of the plan": staged("diverged", outdated(2, { weight: weight(5) })),
  "weight lowered to another": staged("diverged", outdated(2, { weight: weight(3) })),
  "weight raised to one of the plan": staged("raised", outdated(1, { weight: weight(50) })),
  "weight raised to another": staged("diverged", outdated(1, { weight: weight(40) })),
  "weight without a release": staged(
    "orphan",
    member({ manifest: { weight: weight(5) }, pull: stepPull(), edit: EDIT }),
  ),
  "weight without a release, a bump waiting": staged(
    "orphan",
    member({
      bump: BUMP,
      edit: EDIT,
      manifest: { weight: weight(5), canary: workload("canary", NEW) },
      pull: stepPull(),
    }),
  ),
  "stable changed by hand": staged("diverged", {
    ...AT_FIVE,
    manifest: { ...AT_FIVE.manifest, stable: workload("stable", version("1.40.5")) },
    edit: EDIT,
  }),
  "steps changed under way": staged("diverged", {
    ...inFlight(2, {
      at: { weight: weight(30) },
      manifest: { weight: weight(30), canary: workload("canary", NEW, 5) },
    }),
    pull: stepPull({ proposed: proposedOf(AT_FIFTY), current: false }),
  }),
  "the bump's commit gone": staged("diverged", { ...inFlight(2), bump: undefined }),
};
