import { branchOf, type Action } from "../../src/core/action.ts";
import type { Change } from "../../src/core/change.ts";
import { decide } from "../../src/core/decide.ts";
import { abortOf } from "../../src/core/fall.ts";
import { name } from "../../src/core/names.ts";
import { read } from "../../src/core/reading.ts";
import type { Member, Snapshot } from "../../src/core/snapshot.ts";
import type { Hold, ServiceState } from "../../src/core/state.ts";
import type { World } from "../../src/reconcile/reconcile.ts";
import type { Law } from "./laws.ts";
import type { Kind } from "./seeds.ts";
import type { Options } from "./story.ts";

/** A bot that breaks a law, and the stories in which that shows. */
export type Mutant = {
  readonly what: string;
  readonly law: Law;
  readonly kind: Kind;
  readonly how: Pick<Options, "decide" | "tamper">;
};

type How = Mutant["how"];

/** The real rules over a snapshot that was tampered with. */
function seeing(tamper: (member: Member) => Member): How {
  return { decide: (snapshot: Snapshot, now) => decide({ ...snapshot, members: snapshot.members.map(tamper) }, now) };
}

/** The real rules, whose actions are tampered with. */
function doing(tamper: (action: Action) => readonly Action[]): How {
  return { decide: (snapshot, now) => decide(snapshot, now).flatMap(tamper) };
}

/** The real rules, whose commits are tampered with. */
function committing(tamper: (change: Change, action: Action) => Change): How {
  return doing((action) => ("change" in action ? [{ ...action, change: tamper(action.change, action) }] : [action]));
}

/** A gate that takes fifty times the errors for equal. */
const credulous = seeing((member) => ({
  ...member,
  policy: { ...member.policy, gate: { ...member.policy.gate, tolerance: 50, regression: 60, unhealthy: 0.999 } },
}));

/** Sees everything live as soon as it is committed, and windows enough of it. */
const impatient = seeing((member) => {
  if (member.timeline.kind === "unavailable") return member;
  const { canary, stable, weight } = member.manifest;
  const step = member.policy.windowMs;
  const pods = (of: typeof canary) =>
    of.replicas === 0 ? [] : [{ image: of.image, ready: of.replicas, total: of.replicas }];
  const windows = Array.from({ length: 20 }, (_, index) => ({
    start: member.changedAt + index,
    end: member.changedAt + index + step,
    counts: {
      canary: { requests: weight * 100, failed: weight / 5 },
      stable: { requests: (100 - weight) * 100, failed: (100 - weight) / 5 },
    },
    pods: { canary: pods(canary), stable: pods(stable) },
  }));
  return {
    ...member,
    policy: { ...member.policy, bakeMs: 0 },
    plan: { steps: member.plan.steps.map((one) => ({ ...one, bakeMs: 0 })) },
    timeline: read(windows),
  };
});

/** Does not notice another version under the weight. */
const blind = seeing((member) => {
  const { release } = member.at;
  return release === undefined
    ? member
    : {
        ...member,
        manifest: { ...member.manifest, canary: { ...member.manifest.canary, template: release.template } },
      };
});

/** Does not read the holds that people write into the state file. */
const unheld = seeing((member) => {
  const isOurs = ({ comment, closed }: Hold) => comment !== undefined || closed !== undefined;
  const read = (state: ServiceState): ServiceState => ({ ...state, holds: state.holds.filter(isOurs) });
  const { state, pull, kept } = member;
  return {
    ...member,
    state: read(state),
    pull: pull?.proposed === undefined ? pull : { ...pull, proposed: read(pull.proposed) },
    kept: kept?.proposed === undefined ? kept : { ...kept, proposed: read(kept.proposed) },
  };
});

/** Merges whatever the pull request's head is by now. */
function unpinned({ forge, ...world }: World): World {
  const headOf = async (number: number) =>
    (await forge.openPulls("main")).find((pull) => pull.number === number)?.headSha;
  const mergePull: World["forge"]["mergePull"] = async (number, judged, message, lane) => {
    const outcome = await forge.mergePull(number, judged, message, lane);
    const head = outcome.kind === "moved" ? await headOf(number) : undefined;
    return head === undefined ? outcome : forge.mergePull(number, head, message, lane);
  };
  return { ...world, forge: { ...forge, mergePull } };
}

/** Hears an /adopt wherever a weight was lowered. */
function imagined({ at, manifest, state, pull, edit }: Member): Member["heard"] {
  if (at.release?.aborting !== undefined || manifest.weight >= at.weight) return [];
  const human = {
    login: "ana",
    permission: "write",
    role: "write",
    teams: [],
    codeOwner: false,
    byBot: false,
  } as const;
  const place = { kind: "step" } as const;
  const spoken = { id: state.heard + 1, pull: pull?.number ?? 1, at: (edit?.at ?? 0) + 1, on: undefined, place };
  return [{ ...spoken, human, commands: [{ verb: "adopt" }] }];
}

/** Reads no block at rest. */
function forgetful(world: World): World {
  const state: World["readings"]["state"] = (path, blob) => {
    const found = world.readings.state(path, blob);
    if (found.kind === "refused") return found;
    const isAtRest = [...found.value.targets.values()].every(({ release }) => release === undefined);
    return isAtRest ? { ...found, value: { ...found.value, blocked: [] } } : found;
  };
  return { ...world, readings: { ...world.readings, state } };
}

/** Reads no waves out of the configuration. */
function waveless(world: World): World {
  const config: World["readings"]["config"] = (blob, base) => {
    const reading = world.readings.config(blob, base);
    const policyFor: typeof reading.policyFor = (target, paths) => {
      const found = reading.policyFor(target, paths);
      return found.kind === "refused" ? found : { ...found, value: { ...found.value, wave: ALL_AT_ONCE } };
    };
    return { ...reading, policyFor };
  };
  return { ...world, readings: { ...world.readings, config } };
}

const ALL_AT_ONCE = { index: 0, of: 1, targets: ["*"] };

/** A person's word for one step is kept for the next. */
const generous = committing((change, action) => {
  if (action.kind !== "propose") return change;
  const { member } = action;
  const kept = member.at.release?.override;
  const at = change.state.targets.get(change.target);
  if (kept === undefined || at?.release === undefined) return change;
  const release = { ...at.release, override: at.release.override ?? kept };
  return { ...change, state: { ...change.state, targets: new Map([[change.target, { ...at, release }]]) } };
});

/** Takes every target of a service back as soon as one of them is taken back. */
function withTheOthers(snapshot: Snapshot, now: number): readonly Action[] {
  const down = snapshot.members.some(({ at }) => at.release?.aborting !== undefined);
  const aborting = { by: "person", who: "ana", reason: "one of them failed" } as const;
  const taken = snapshot.members.flatMap((member): readonly Action[] => {
    if (!down || member.at.release === undefined || member.at.release.aborting !== undefined) return [];
    const change = abortOf(member, snapshot.head, aborting, 0);
    return [
      {
        kind: "land",
        member,
        fall: { kind: "abort", aborting, verdict: undefined },
        change,
        branch: branchOf(member, "abort"),
      },
    ];
  });
  return taken.length > 0 ? taken : decide(snapshot, now);
}

/** Writes twice the weight into the steps of an Argo Rollout. */
function doubled(world: World): World {
  const changed: World["readings"]["changed"] = (sources, change) => {
    const found = world.readings.changed(sources, change);
    if (found.kind === "refused") return found;
    const twice = (text: string) =>
      text.replace(/(?<= {8}- setWeight: )\d+(?=\n {8}- pause: \{\})/, (weight) => String(2 * Number(weight)));
    return { ...found, value: new Map([...found.value].map(([path, text]) => [path, twice(text)])) };
  };
  return { ...world, readings: { ...world.readings, changed } };
}

/** Takes the promotion of an Argo Rollout for seen as soon as it is committed. */
const hasty = seeing((member) => {
  const { at, plan, manifest, changedAt, policy } = member;
  const isOut = at.manifests.layout === "rollout" && plan.steps[at.release?.step ?? 0]?.kind === "promote";
  if (!isOut) return member;
  const pods = [{ image: manifest.canary.image, ready: manifest.stable.replicas, total: manifest.stable.replicas }];
  const none = { requests: 0, failed: 0 };
  const windows = [0, 1, 2].map((index) => ({
    start: changedAt + index,
    end: changedAt + index + policy.windowMs,
    counts: { canary: none, stable: none },
    pods: { canary: pods, stable: pods },
  }));
  return { ...member, timeline: read(windows) };
});

export const MUTANTS: readonly Mutant[] = [
  { what: "a gate that believes everything", law: "evidence", kind: "alone", how: credulous },
  {
    what: "a merge whose verdict was never posted",
    law: "evidence",
    kind: "alone",
    how: doing((action) => (action.kind === "reportGate" ? [] : [action])),
  },
  { what: "a change committed before the last one is seen", law: "oneChange", kind: "alone", how: impatient },
  { what: "another version under the weight overlooked", law: "containment", kind: "alone", how: blind },
  {
    what: "an abort that changes the state and forgets the route",
    law: "stateAgrees",
    kind: "alone",
    how: doing((action) =>
      action.kind === "land" ? [{ ...action, change: { ...action.change, weight: undefined } }] : [action],
    ),
  },
  {
    what: "a state written under another name",
    law: "ownedOnly",
    kind: "alone",
    how: doing((action) =>
      action.kind === "land" ? [{ ...action, change: { ...action.change, service: name("another") } }] : [action],
    ),
  },
  {
    what: "an image that is never given back",
    law: "ends",
    kind: "alone",
    how: doing((action) => (action.kind === "land" && action.fall.kind === "takeBack" ? [] : [action])),
  },
  {
    what: "an abort that is never made",
    law: "ends",
    kind: "alone",
    how: doing((action) => (action.kind === "land" && action.fall.kind === "abort" ? [] : [action])),
  },
  {
    what: "a step that is never proposed",
    law: "ends",
    kind: "alone",
    how: doing((action) => (action.kind === "propose" && action.step.kind === "drain" ? [] : [action])),
  },
  {
    what: "an image given back by a commit that does not end the release",
    law: "nothingTwice",
    kind: "alone",
    how: committing((change, action) =>
      action.kind === "land" && action.fall.kind === "takeBack" ? { ...change, state: action.member.state } : change,
    ),
  },
  {
    what: "people without the right who are not answered",
    law: "everybodyHeard",
    kind: "people",
    how: doing((action) =>
      action.kind === "reply" && action.answers.some(({ outcomes }) => outcomes.some(({ kind }) => kind === "denied"))
        ? []
        : [action],
    ),
  },
  {
    what: "a merge that is not pinned to the head that was judged",
    law: "noForeign",
    kind: "people",
    how: { tamper: unpinned },
  },
  {
    what: "a list of blocked versions that is not read",
    law: "blockedStays",
    kind: "people",
    how: { tamper: forgetful },
  },
  {
    what: "a closing that nobody looks for",
    law: "closedStays",
    kind: "people",
    how: { tamper: (world) => ({ ...world, forge: { ...world.forge, closedPulls: async () => [] } }) },
  },
  {
    what: "a weight lowered by hand that is adopted though nobody says so",
    law: "handsWin",
    kind: "people",
    how: seeing((member) => ({ ...member, heard: [...member.heard, ...imagined(member)] })),
  },
  { what: "a hold in the state file that is overlooked", law: "handsWin", kind: "people", how: unheld },
  { what: "one /promote that is taken for all", law: "promoteOnce", kind: "people", how: generous },
  { what: "steps of twice the weight", law: "neverAbove", kind: "alone", how: { tamper: doubled } },
  { what: "a promotion that is taken for seen", law: "trueRecord", kind: "alone", how: hasty },
  {
    what: "a wave that does not wait for the one before",
    law: "wavesInOrder",
    kind: "alone",
    how: { tamper: waveless },
  },
  {
    what: "an abort that takes the others of its wave with it",
    law: "failsAlone",
    kind: "alone",
    how: { decide: withTheOthers },
  },
  {
    what: "a look that fails by itself",
    law: "explained",
    kind: "alone",
    how: {
      decide: (snapshot, now) => {
        const actions = decide(snapshot, now);
        if (actions.some(({ kind }) => kind === "summarise")) throw new TypeError("undefined is not a function");
        return actions;
      },
    },
  },
];
