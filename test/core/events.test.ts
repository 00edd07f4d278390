import { describe, expect, it } from "vitest";
import { EVENTS, MOMENTS, type Doing, type Event, type EventName, type Moment } from "../../scripts/events.ts";
import type { Action } from "../../src/core/action.ts";
import { decide } from "../../src/core/decide.ts";
import type { Manifest } from "../../src/core/manifest.ts";
import { name } from "../../src/core/names.ts";
import type { Member, Snapshot, StepPull } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { weight } from "../../src/core/weight.ts";
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
  version,
  waiting,
  workload,
} from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";

type Standing = { readonly of: Member; readonly now: number };

const REST = { count: 3, canary: [0, 0], stable: [1000, 5] } as const;
const EVEN = { count: 20, canary: [5000, 25], stable: [5000, 25] } as const;
const ABORTING = { by: "gate", who: undefined, reason: "errors" } as const;

/** Whatever is due at the moment would be done at this look, if nothing happened. */
const STANDING: Readonly<Record<Moment, Standing>> = {
  "at rest": { of: member(), now: NOON },
  "before the warm-up": { of: measured(waiting(), REST), now: NOON + 3 * MINUTE },
  "at 0%": { of: measured(inFlight(0), { ...REST, count: 5 }), now: landingOf(0) + 5 * MINUTE },
  "at 5%": {
    of: measured(inFlight(1), { count: 20, canary: [500, 2], stable: [9500, 47] }),
    now: landingOf(1) + 20 * MINUTE,
  },
  "at 50%": { of: measured(inFlight(3), EVEN), now: landingOf(3) + 20 * MINUTE },
  promoted: { of: measured(inFlight(4), EVEN), now: landingOf(4) + 20 * MINUTE },
  draining: { of: measured(inFlight(5), REST), now: landingOf(5) + 3 * MINUTE },
  "being taken back": {
    of: measured(
      inFlight(2, {
        at: { weight: weight(0) },
        manifest: { weight: weight(0), canary: workload("canary", NEW, 5) },
        release: { aborting: ABORTING },
        pull: undefined,
      }),
      REST,
    ),
    now: landingOf(2) + 3 * MINUTE,
  },
};

const EDIT = { commit: commit("9"), by: "Ben", at: NOON } as const;
const CLOSED = { target: name("prod"), by: "ben", comment: undefined, closed: 4813, at: undefined, reason: undefined };
const LOWER: Partial<Record<Moment, number>> = { "at 5%": 0, "at 50%": 25, promoted: 25 };
const RAISED: Partial<Record<Moment, number>> = { "at 0%": 5, "at 5%": 25 };

/** What the event does to the facts of the next look. */
const HAPPENS: Readonly<Record<EventName, (of: Member, moment: Moment) => Member | Partial<Snapshot>>> = {
  mergedByHand: (of) => ({ ...of, merger: "ben" }),
  closed: (of) => ({ ...withoutPull(of), closed: { kind: "named", number: 4813, by: "ben", at: NOON } }),
  stillClosed: (of) => ({
    ...withoutPull(of),
    kept: of.pull?.proposed && { ...of.pull, proposed: { ...of.pull.proposed, holds: [CLOSED] } },
  }),
  reopened: (of) => proposing(of, { proposed: of.pull?.proposed && { ...of.pull.proposed, holds: [CLOSED] } }),
  drafted: (of) => proposing(of, { draft: true }),
  relabelled: (of) => of,
  retargeted: withoutPull,
  pushedTo: (of) => proposing(of, { foreign: EDIT, current: false }),
  updated: (of) => proposing(of, { current: false }),
  reverted: (of, moment) => ({
    ...edited(of, { canary: workload("canary", OLD, of.manifest.canary.replicas) }),
    ...(moment === "before the warm-up" ? { bump: undefined, pull: undefined } : {}),
  }),
  amended: (of, moment) => ({
    ...edited(of, { canary: workload("canary", version("1.43.0"), of.manifest.canary.replicas) }),
    // Before a release begins the newest bump is the one that counts, and its branches have other names.
    ...(of.at.release === undefined ? { bump: { ...BUMP, commit: commit("8") }, pull: undefined } : {}),
    ...(moment === "being taken back" ? { pull: undefined } : {}),
  }),
  withoutPull: (of) => ({ ...of, bump: { ...BUMP, source: undefined } }),
  lowered: (of, moment) => edited(of, { weight: weight(LOWER[moment] ?? 0) }),
  raised: (of, moment) => edited(of, { weight: weight(RAISED[moment] ?? 50) }),
  strayed: (of, moment) => edited(of, { weight: weight(moment === "promoted" ? 25 : 40) }),
  orphaned: (of) => ({ ...edited(of, { weight: weight(5) }), pull: undefined }),
  offerClosed: (of) => ({
    ...withoutPull(edited(of, { weight: weight(5) })),
    closed: { kind: "named", number: 4813, by: "ben", at: NOON },
  }),
  stableEdited: (of) => ({
    ...edited(of, { stable: workload("stable", version("1.40.5")) }),
    bump: BUMP,
  }),
  rebased: (of) => ({ ...of, bump: undefined }),
  broken: (of) =>
    of.at.release === undefined
      ? { members: [], refusals: [{ service: "checkout", problems: ["line 3"], pulls: [stepPull()] }] }
      : { ...of, obstacle: "line 3" },
  letGo: ({ at, pull }) => ({
    members: [],
    letGo: pull === undefined && at.release === undefined ? [] : [{ service: "checkout", pull: stepPull() }],
  }),
};

function withoutPull(of: Member): Member {
  return { ...of, pull: undefined };
}

function proposing(of: Member, changes: Partial<StepPull>): Member {
  return { ...of, pull: of.pull && { ...of.pull, ...changes } };
}

/** A manifest changed by hand: what stands on the step's branch was made from the files before. */
function edited(of: Member, manifest: Partial<Manifest>): Member {
  return { ...proposing(of, { current: false }), manifest: { ...of.manifest, ...manifest }, edit: EDIT };
}

function doneIn(moment: Moment, event: EventName): Doing {
  const { of, now } = STANDING[moment];
  const happened = HAPPENS[event](of, moment);
  const snapshot = "at" in happened ? snapshotOf([happened]) : snapshotOf([], happened);
  const actions = decide(snapshot, now);
  const seen = "at" in happened ? happened : of;
  const found = actions.map((action) => doing(action, seen)).find((one) => one !== undefined);
  if (found !== undefined) return found === "proposed" && kindsOf(actions).includes("note") ? "hold written" : found;
  if (actions.some(({ kind }) => kind === "merge" || kind === "land")) return "goes on";
  return isHeld(seen, now) ? "held" : "nothing";
}

function isHeld(of: Member, now: number): boolean {
  return ["held", "diverged"].includes(stageOf(of, now, 0).kind);
}

function kindsOf(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => (action.kind === "land" ? action.fall.kind : action.kind));
}

function doing(action: Action, { pull }: Member): Doing | undefined {
  switch (action.kind) {
    case "land":
      return landed(action);
    case "propose":
      return pull === undefined ? "proposed" : "rebuilt";
    case "offer":
      return "offers 0";
    case "reportRefusal":
      return "refused";
    case "close":
      return "let go";
    default:
      return undefined;
  }
}

function landed({ fall, change }: Extract<Action, { readonly kind: "land" }>): Doing | undefined {
  if (fall.kind === "takeBack") return undefined;
  if (fall.kind === "lower") return "weight to 0";
  if (fall.kind !== "abort") return "state follows";
  if (change.stableTemplate !== undefined) return "stable back";
  return fall.aborting.by === "containment" ? "contained" : "abort";
}

describe.each(Object.entries(EVENTS) as readonly [EventName, Event][])("%s", (event, { does }) => {
  it.each(MOMENTS.flatMap((moment, index) => (does[index] === "" ? [] : [[moment, does[index]] as const])))(
    "%s: %s",
    (moment, expected) => {
      expect(doneIn(moment, event)).toBe(expected);
    },
  );
});

describe("if nothing happens", () => {
  it.each<[Moment, readonly string[]]>([
    ["at rest", []],
    ["before the warm-up", ["reportGate", "merge"]],
    ["at 0%", ["reportGate", "merge"]],
    ["at 5%", ["reportGate", "merge"]],
    ["at 50%", ["reportGate", "merge"]],
    ["promoted", ["reportGate", "merge"]],
    ["draining", ["reportGate", "merge"]],
    ["being taken back", ["takeBack"]],
  ])("%s the next look does what is due", (moment, expected) => {
    const { of, now } = STANDING[moment];
    expect(kindsOf(decide(snapshotOf([of]), now))).toEqual(expected);
  });
});
