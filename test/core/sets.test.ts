import { describe, expect, it } from "vitest";
import { isFormer, type Action } from "../../src/core/action.ts";
import { decide } from "../../src/core/decide.ts";
import { name, type Name } from "../../src/core/names.ts";
import { saidOf, withTarget, type Said } from "../../src/core/proposal.ts";
import { setProposalOf } from "../../src/core/sets.ts";
import type { Member } from "../../src/core/snapshot.ts";
import type { Hold, Override, ServiceState, Skip } from "../../src/core/state.ts";
import { weight } from "../../src/core/weight.ts";
import { HEAD, inFlight, landingOf, measured, MINUTE, stepPull } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says } from "../support/speech.ts";

const [EU, US, ASIA] = ["eu", "us", "asia"].map(name) as [Name, Name, Name];
const ALL = [EU, US, ASIA];
const NOW = landingOf(1) + 20 * MINUTE;
const LATE = landingOf(1) + 130 * MINUTE;

const FINE = { count: 130, canary: [500, 2], stable: [9500, 47] } as const;
const FAILS = { count: 20, canary: [1000, 120], stable: [1000, 5] } as const;
const FEW = { count: 130, canary: [1, 0], stable: [19, 0] } as const;

type Changes = Parameters<typeof inFlight>[1];
type Traffic = Parameters<typeof measured>[1];

/** The members of a wave, all at 5%, with the pull request of the next step open that moves those. */
function wave(
  traffic: Readonly<Record<string, Traffic>>,
  {
    moves = ALL,
    changes = {},
    holds = [],
  }: {
    readonly moves?: readonly Name[];
    readonly changes?: Readonly<Record<string, Changes>>;
    readonly holds?: readonly Hold[];
  } = {},
): readonly Member[] {
  const bare = ALL.map((target) =>
    inFlight(1, { target, fellows: ALL.filter((other) => other !== target), pull: undefined, ...changes[target] }),
  );
  const state = bare.reduce<ServiceState>((all, of) => withTarget({ ...of, state: all }, of.at), {
    ...(bare[0]?.state ?? expect.fail("There is one.")),
    targets: new Map(),
  });
  const members = bare.map((of) => ({ ...of, state }));
  const voices = members.map((member) => ({
    member,
    said: { holds, heard: 0, override: undefined, skips: [] },
    isMoving: moves.includes(member.target),
  }));
  const proposed = setProposalOf(voices, HEAD)?.state;
  return members.map((member) =>
    measured({ ...member, pull: stepPull({ proposed, moves }) }, traffic[member.target] ?? FINE),
  );
}

const HOLD: Hold = { target: US, by: "ben", comment: 7, closed: undefined, at: undefined, reason: undefined };

/** What is done, in words. */
function words(members: readonly Member[], now: number): readonly string[] {
  return decide(snapshotOf(members), now).flatMap(wordsOf);
}

function wordsOf(action: Action): readonly string[] {
  const others = (fellows: readonly { readonly target: Name }[] = []) => fellows.map(({ target }) => target);
  switch (action.kind) {
    case "merge":
      return [`merge ${[action.member.target, ...others(action.fellows?.map(({ member }) => member))].join(" ")}`];
    case "propose":
      return [`propose ${[action.member.target, ...others(action.fellows)].join(" ")}`];
    case "land":
      return [
        `${action.fall.kind} ${[action.member.target, ...others(action.fellows?.map(({ member }) => member))].join(" ")}`,
      ];
    default:
      return [];
  }
}

describe("the members of a wave at one step", () => {
  it.each<[string, readonly Member[], number, readonly string[]]>([
    ["move together when all have passed", wave({}), NOW, ["merge eu us asia"]],
    ["wait for the one that has not", wave({ us: FEW }), NOW, []],
    ["go on without the one that fails", wave({ us: FAILS }), NOW, ["abort us", "propose eu asia"]],
    ["go on without what is late", wave({ us: FEW }), LATE, ["propose eu asia"]],
    ["do so once that one is out", wave({ us: FEW }, { moves: [EU, ASIA] }), LATE, ["merge eu asia"]],
    ["wait where all are late", wave({ eu: FEW, us: FEW, asia: FEW }), LATE, []],
    ["go on without the one that is held", wave({}, { holds: [HOLD] }), NOW, ["propose eu asia"]],
    [
      "do so once that one is out, and it stays held",
      wave({}, { holds: [HOLD], moves: [EU, ASIA] }),
      NOW,
      ["merge eu asia"],
    ],
    ["stay where all are held", wave({}, { holds: ALL.map((target) => ({ ...HOLD, target })) }), NOW, []],
    [
      "go on without the one whose weight was lowered",
      wave({}, { changes: { us: { manifest: { weight: weight(0) } } } }),
      NOW,
      ["propose eu asia"],
    ],
    ["take the one in again that agrees", wave({}, { moves: [EU, ASIA] }), NOW, ["propose eu us asia"]],
    [
      "are built anew where one of them has gone",
      wave({}).filter(({ target }) => target !== US),
      NOW,
      ["propose eu asia"],
    ],
    ["are built anew for the last", wave({}).filter(({ target }) => target === EU), NOW, ["propose eu"]],
  ])("%s", (_, members, now, expected) => {
    expect(words(members, now)).toEqual(expected);
  });

  it("all go down at once where one fails and configuration wants that", () => {
    const changes = Object.fromEntries(ALL.map((target) => [target, { policy: { onAbort: "all" as const } }]));
    expect(words(wave({ us: FAILS }, { changes }), NOW)).toEqual(["abort eu us asia"]);
  });

  it("go down in one commit that blocks the version once", () => {
    const [action] = decide(snapshotOf(wave({ us: FAILS, eu: FAILS })), NOW);
    const change = action?.kind === "land" ? action.change : expect.fail("An abort comes first.");
    expect(change.state.blocked).toHaveLength(1);
    expect([EU, US, ASIA].map((target) => change.state.targets.get(target)?.weight)).toEqual([0, 0, 5]);
    expect(change.also?.map(({ target, weight: to }) => [target, to])).toEqual([[US, 0]]);
  });

  it.each<[string, Parameters<typeof says>[0], readonly string[]]>([
    [
      "a word that names one is about that one",
      { verb: "abort", reason: undefined, target: US },
      ["abort us", "propose eu asia"],
    ],
    ["a word without a name is about all", { verb: "abort", reason: undefined }, ["abort eu us asia"]],
    ["a hold that names one lets the others go", { verb: "hold", reason: undefined, target: US }, ["propose eu asia"]],
    [
      "a promotion of one that stays behind takes it in",
      { verb: "promote", reach: "step", target: US },
      ["propose eu us asia"],
    ],
  ])("%s", (_, command, expected) => {
    const members = wave({ us: FEW }, { moves: command.verb === "promote" ? [EU, ASIA] : ALL });
    const heard = members.map((of) => ({ ...of, heard: [says(command)] }));
    expect(words(heard, LATE)).toEqual(expected);
  });
});

describe("what was said to one of a wave", () => {
  const SKIP: Skip = { gate: "errors", by: "ana", comment: 6, reason: "the provider is being moved" };
  const PROMOTE: Override = { by: "ana", comment: 6, commit: undefined, reach: "step" };
  const LOWERED = { us: { manifest: { weight: weight(0) } } } as const;

  /** The wave whose pull request moves those, and says so to `us`. */
  function told(words: Partial<Said>, moves: readonly Name[], changes: Readonly<Record<string, Changes>> = {}) {
    const members = wave({}, { moves, changes });
    const voices = members.map((member) => ({
      member,
      said: { ...saidOf(member), heard: 6, ...(member.target === US ? words : {}) },
      isMoving: moves.includes(member.target),
    }));
    const proposed = setProposalOf(voices, HEAD)?.state;
    return members.map((member) => ({ ...member, pull: stepPull({ proposed, moves }) }));
  }

  /** The wave as the next look finds it, once what this one decides is pushed. */
  function rebuilt(members: readonly Member[], heard: Member["heard"] = []): readonly Member[] {
    const spoken = members.map((of) => ({ ...of, heard }));
    const [found] = decide(snapshotOf(spoken), NOW).flatMap((one) => (one.kind === "propose" ? [one] : []));
    const { change, member, fellows = [] } = found ?? expect.fail("The branch is built anew.");
    const moves = [member, ...fellows].map(({ target }) => target);
    return members.map((of) => ({ ...of, pull: stepPull({ proposed: change.state, moves }) }));
  }

  function saidToUs(members: readonly Member[]): Said {
    return saidOf(members.find(({ target }) => target === US) ?? expect.fail("There is one."));
  }

  it.each<[string, Partial<Said>]>([
    ["a gate left out", { skips: [SKIP] }],
    ["a promotion", { override: PROMOTE }],
    ["a promotion to the end", { override: { ...PROMOTE, reach: "full" } }],
    ["a hold", { holds: [HOLD] }],
  ])("is kept while it stays behind, and when it is in again: %s", (_, words) => {
    const behind = rebuilt(told(words, ALL, LOWERED));
    expect(behind[0]?.pull?.moves).toEqual([EU, ASIA]);
    expect(saidToUs(behind)).toMatchObject(words);
    const agreeing = behind.map((of) => ({ ...of, manifest: { ...of.manifest, weight: of.at.weight } }));
    const again = "holds" in words ? agreeing : rebuilt(agreeing);
    expect(saidToUs(again)).toMatchObject(words);
  });

  it("is none of the others'", () => {
    const [eu] = rebuilt(told({ skips: [SKIP], override: PROMOTE }, ALL, LOWERED));
    expect(saidOf(eu ?? expect.fail("There is one."))).toMatchObject({ skips: [], override: undefined, holds: [] });
  });

  it("lets a hold take back a promotion to the end that has landed", () => {
    const full: Override = { ...PROMOTE, reach: "full" };
    const held = rebuilt(wave({}, { changes: { us: { release: { override: full } } } }), [
      says({ verb: "hold", reason: undefined, target: US }),
    ]);
    expect(saidToUs(held).override).toBeUndefined();
    expect(saidToUs(held).holds).toMatchObject([{ target: US, by: "ana" }]);
  });
});

describe("a wave that has become another", () => {
  const FORMER = "tidegate/checkout/us/bbbbbbbbbb/2-25";
  const proposedAlone = (holds: readonly Hold[]) => {
    const alone = inFlight(1, { target: US, pull: undefined });
    const said = { holds, heard: 7, override: undefined, skips: [] };
    return setProposalOf([{ member: alone, said, isMoving: true }], HEAD)?.state;
  };
  const kept = { branch: FORMER, headSha: HEAD, pull: 4800, proposed: proposedAlone([HOLD]) };
  /** `us` has joined a wave whose pull request does not know of it. */
  const joined = (moves: readonly Name[]) =>
    wave({}, { moves }).map((of) =>
      of.target === US ? { ...of, kept, pull: of.pull && { ...of.pull, current: false } } : of,
    );

  it("hears what was said where its members stood before, and says it on the new branch", () => {
    const [action] = decide(snapshotOf(joined([EU, ASIA])), NOW).flatMap((one) =>
      one.kind === "propose" ? [one] : [],
    );
    expect(action?.change.state).toMatchObject({ holds: [HOLD], heard: 7 });
    expect([action?.member, ...(action?.fellows ?? [])].map((of) => of?.target)).toEqual([EU, ASIA]);
    expect(action?.branch).toBe("tidegate/checkout/wave-1/bbbbbbbbbb/2-25");
  });

  it("leaves to others what was said to them on the branch that they shared", () => {
    const others = { ...HOLD, target: EU };
    const of = inFlight(1, { target: US, pull: undefined, kept: { ...kept, proposed: proposedAlone([others, HOLD]) } });
    expect(saidOf(of).holds).toEqual([HOLD]);
  });

  it("lets go of the hold that a closing was, where that pull request is open again", () => {
    const closed: Hold = { ...HOLD, comment: undefined, closed: 4800, at: NOW };
    const of = inFlight(1, { target: US, pull: undefined, kept: { ...kept, proposed: proposedAlone([closed]) } });
    expect(saidOf(of).holds).toEqual([]);
    expect(saidOf({ ...of, kept: { ...kept, pull: undefined, proposed: proposedAlone([closed]) } }).holds).toEqual([
      closed,
    ]);
  });

  it("writes down at once what somebody says there, on the branch that the step has now", () => {
    const of = inFlight(1, { target: US, pull: undefined, kept, heard: [says({ verb: "resume" }, { pull: 4800 })] });
    const [action] = decide(snapshotOf([of]), NOW);
    expect(action).toMatchObject({ kind: "propose", pull: "open", branch: "tidegate/checkout/us/bbbbbbbbbb/2-25" });
    expect(action?.kind === "propose" && action.change.state).toMatchObject({ holds: [], heard: 900 });
  });

  it.each([
    [inFlight(1), FORMER.replace("/us/", "/prod/"), "tidegate/checkout/wave-1/bbbbbbbbbb/2-25", true],
    [inFlight(1), "tidegate/checkout/wave-2/bbbbbbbbbb/2-25", "tidegate/checkout/wave-1/bbbbbbbbbb/2-25", true],
    [inFlight(1), "tidegate/checkout/wave-1/bbbbbbbbbb/2-25", "tidegate/checkout/wave-1/bbbbbbbbbb/2-25", false],
    [inFlight(1), "tidegate/checkout/wave-2/bbbbbbbbbb/1-5", "tidegate/checkout/wave-1/bbbbbbbbbb/2-25", false],
    [inFlight(1), "tidegate/checkout/wave-2/cccccccccc/2-25", "tidegate/checkout/wave-1/bbbbbbbbbb/2-25", false],
    [inFlight(1), "tidegate/checkout/other/bbbbbbbbbb/2-25", "tidegate/checkout/wave-1/bbbbbbbbbb/2-25", false],
    [inFlight(1), "tidegate/web/prod/bbbbbbbbbb/2-25", "tidegate/checkout/wave-1/bbbbbbbbbb/2-25", false],
  ])("knows its step's branch by the name that it had: %#", (of, branch, wanted, expected) => {
    expect(isFormer(of, branch, wanted)).toBe(expected);
  });
});
