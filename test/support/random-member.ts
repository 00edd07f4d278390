import fc from "fast-check";
import type { Command } from "../../src/core/commands.ts";
import type { EvidenceKind } from "../../src/core/plan.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import type { HeardComment, Member, Place, StepPull } from "../../src/core/snapshot.ts";
import type { Hold, ServiceState } from "../../src/core/state.ts";
import { name } from "../../src/core/names.ts";
import { withTarget } from "../../src/core/proposal.ts";
import { weight } from "../../src/core/weight.ts";
import {
  BUMP,
  commit,
  inFlight,
  landingOf,
  member,
  MINUTE,
  NEW,
  NOON,
  OLD,
  podsOf,
  stepPull,
  templateOf,
  version,
  waiting,
  windows,
  workload,
} from "./member.ts";
import { says } from "./speech.ts";

const REASON = "lunch";
const EDIT = { commit: commit("9"), by: "Ben", at: NOON } as const;
const COMMANDS: readonly Command[] = [
  { verb: "promote", reach: "step" },
  { verb: "promote", reach: "full" },
  { verb: "abort", reason: REASON },
  { verb: "hold", reason: undefined },
  { verb: "resume" },
  { verb: "retry" },
  { verb: "adopt" },
  { verb: "skip", gate: "errors", reason: REASON },
  { verb: "rollback", to: undefined },
  { verb: "rollback", to: "1.40.0" },
  { verb: "status" },
];
const PLACES: readonly Place[] = [
  { kind: "step" },
  { kind: "landed" },
  { kind: "bump" },
  { kind: "past" },
  { kind: "proposal", to: { image: NEW, template: templateOf(NEW) } },
];

/** Windows of some kind since the last landing: none, an outage, quiet, even, failing, too few. */
const TRAFFIC = fc.constantFrom<(of: Member) => Member["timeline"]>(
  () => read([]),
  () => unavailable("connection refused"),
  (of) => read(windows({ from: of.changedAt, count: 20, canary: [0, 0], stable: [1000, 5], pods: podsOf(of) })),
  (of) => read(windows({ from: of.changedAt, count: 20, canary: [500, 2], stable: [9500, 47], pods: podsOf(of) })),
  (of) => read(windows({ from: of.changedAt, count: 20, pods: podsOf(of) })),
  (of) => read(windows({ from: of.changedAt, count: 20, canary: [5000, 25], stable: [5000, 25], pods: podsOf(of) })),
  (of) => read(windows({ from: of.changedAt, count: 4, canary: [500, 40], stable: [9500, 47] })),
  (of) => read(windows({ from: of.changedAt, count: 4, canary: [500, 2], stable: [500, 90], pods: podsOf(of) })),
  (of) => read(windows({ from: of.changedAt, count: 12, canary: [5, 0], stable: [95, 0], pods: podsOf(of) })),
);

const BASE = fc.oneof(
  { weight: 1, arbitrary: fc.constant(member()) },
  { weight: 1, arbitrary: fc.constant(member({ state: { blocked: [blockOf()] } })) },
  {
    weight: 1,
    arbitrary: fc.constant(
      member({ bump: BUMP, manifest: { canary: workload("canary", NEW) }, state: { blocked: [blockOf()] } }),
    ),
  },
  { weight: 2, arbitrary: fc.constant(waiting()) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom<EvidenceKind>("compare", "compare", "health", "bake"))
      .map(([index, evidence]) => inFlight(index, { policy: { evidence } })),
  },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5 }).map(takenBack) },
);

function blockOf(): ServiceState["blocked"][number] {
  return { image: NEW, template: undefined, commit: BUMP.commit, by: "gate", reason: "errors" };
}

/** An abort at a step whose first commit has landed. */
function takenBack(index: number): Member {
  const of = inFlight(index);
  const isPromoted = index >= 4;
  const at = { weight: isPromoted ? of.at.weight : weight(0), stable: OLD };
  return inFlight(index, {
    at,
    manifest: { ...of.manifest, weight: at.weight, stable: workload("stable", OLD) },
    release: { aborting: { by: "gate", who: undefined, reason: "errors" } },
    pull: undefined,
  });
}

/** What people may have done besides, each once in a while. */
const HANDS = fc.record(
  {
    weight: fc.constantFrom(0, 3, 5, 25, 40, 50, 100).map(weight),
    canary: fc.constantFrom(OLD, NEW, version("1.43.0")),
    stable: fc.constantFrom(OLD, NEW, version("1.40.5")),
    pull: fc.constantFrom<"none" | Partial<StepPull>>(
      "none",
      { current: false },
      { draft: true },
      { current: false, foreign: EDIT },
    ),
    hold: fc.constantFrom<Partial<Hold>>({ comment: 800 }, { closed: 4813 }, { closed: 4700 }),
    said: fc.constantFrom("override", "skip", "full"),
    bump: fc.constant("gone"),
    facts: fc.constantFrom<Partial<Member>>(
      { obstacle: "line 3" },
      { refusal: { reason: "a review", until: landingOf(9) } },
      { closed: { kind: "named", number: 4813, by: "ben", at: NOON } },
    ),
  },
  { requiredKeys: [] },
);

type Hands = typeof HANDS extends fc.Arbitrary<infer Of> ? Partial<Of> : never;

/** Comments of anybody about anything, anywhere, oldest first. */
export const COMMENTS: fc.Arbitrary<readonly HeardComment[]> = fc
  .array(
    fc.record({
      command: fc.constantFrom(...COMMANDS),
      place: fc.constantFrom(...PLACES),
      permission: fc.constantFrom("write" as const, "write" as const, "read" as const),
      at: fc.constantFrom(NOON, landingOf(1), landingOf(5), landingOf(9)),
      on: fc.constantFrom(undefined, undefined, undefined, commit("e"), commit("f")),
    }),
    { maxLength: 3 },
  )
  .map((said) => said.map(({ command, ...saying }, index) => says(command, { ...saying, id: 900 + index })));

/** Any member in any state that the builders can make and people can bring about. */
export const MEMBERS: fc.Arbitrary<Member> = fc
  .tuple(BASE, fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, { weight: 3, arbitrary: HANDS }), TRAFFIC)
  .map(([base, hands, traffic]) => {
    const of = handled(base, hands);
    return { ...of, timeline: traffic(of), past: [PAST_VERSION] };
  });

const PAST_VERSION = { image: version("1.40.0"), template: templateOf(version("1.40.0")), commit: commit("2") };

/** A moment of the look, milliseconds. */
export const MOMENTS: fc.Arbitrary<number> = fc.integer({ min: 0, max: 200 }).map((minutes) => NOON + minutes * MINUTE);

function handled(base: Member, hands: Hands): Member {
  const { canary, stable } = base.manifest;
  const manifest = {
    weight: hands.weight ?? base.manifest.weight,
    canary: hands.canary === undefined ? canary : workload("canary", hands.canary, canary.replicas),
    stable: hands.stable === undefined ? stable : workload("stable", hands.stable),
  };
  const of = { ...base, ...hands.facts, manifest, edit: EDIT, bump: hands.bump === undefined ? base.bump : undefined };
  return withBranch({ ...of, state: withTarget(of, of.at) }, hands);
}

function withBranch(of: Member, hands: Hands): Member {
  const proposed = of.pull?.proposed && said(of, of.pull.proposed, hands);
  const isOpen = of.pull !== undefined && hands.pull !== "none" && of.closed === undefined;
  if (!isOpen) return { ...of, pull: undefined, kept: proposed && { branch: "b", headSha: commit("e"), proposed } };
  return { ...of, pull: stepPull({ proposed, ...(hands.pull === "none" ? {} : hands.pull) }) };
}

function said(of: Member, proposed: ServiceState, { hold, said: word }: Hands): ServiceState {
  const held: Hold = {
    target: name("prod"),
    by: "ben",
    comment: undefined,
    closed: undefined,
    at: undefined,
    reason: undefined,
  };
  const at = proposed.targets.get(of.target);
  const override = { by: "ana", comment: 800, commit: undefined, reach: word === "full" ? "full" : "step" } as const;
  const skip = { gate: "errors", by: "ana", comment: 800, reason: REASON } as const;
  const release = at?.release && {
    ...at.release,
    override: word === "override" || word === "full" ? override : undefined,
    skips: word === "skip" ? [skip] : [],
  };
  const targets = at === undefined ? proposed.targets : new Map([[of.target, { ...at, release }]]);
  return { ...proposed, targets, heard: 800, holds: hold === undefined ? [] : [{ ...held, ...hold }] };
}
