import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Command } from "../../src/core/commands.ts";
import { decide } from "../../src/core/decide.ts";
import { name } from "../../src/core/names.ts";
import type { HeardComment, Member } from "../../src/core/snapshot.ts";
import { weight } from "../../src/core/weight.ts";
import { commit, inFlight, landingOf, measured, MINUTE, waiting } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says, type Saying } from "../support/speech.ts";
import { turn, worldOf, type Traffic, type World } from "../support/world.ts";

const PROMOTE: Command = { verb: "promote", reach: "step" };

/** As many requests as show a share live, and far too few to judge it by. */
function unjudged({ manifest }: Member): Traffic {
  const canary = manifest.weight * 2;
  return { canary: [canary, 0], stable: [200 - canary, 0] };
}

function lookingOn(world: World, looks: number): World {
  let now = world;
  for (let look = 0; look < looks; look += 1) now = turn({ ...now, now: now.now + 3 * MINUTE }, unjudged);
  return now;
}

type Of<Kind extends Action["kind"]> = Extract<Action, { readonly kind: Kind }>;

/** Merges on somebody's word, and what no gate has passed. */
function mergesOnAWord({ done }: World): readonly Of<"merge">[] {
  return done
    .filter((action) => action.kind === "merge")
    .filter(({ override, verdict }) => override !== undefined || verdict?.kind !== "pass");
}

function outcomes(world: World, id: number): readonly string[] {
  const replies = world.done.filter((action) => action.kind === "reply" && action.comment.id === id);
  return replies.flatMap((action) =>
    action.kind === "reply" ? action.answers.flatMap((answer) => answer.outcomes.map(({ kind }) => kind)) : [],
  );
}

const START: World = worldOf(inFlight(1), landingOf(1));

function hearing(world: World, saying: Saying, command: Command = PROMOTE): World {
  const said = says(command, { pull: world.of.pull?.number ?? world.pulls, at: world.now, ...saying });
  return { ...world, inbox: [...world.inbox, said] };
}

describe("a second /promote", () => {
  const once = lookingOn(hearing(lookingOn(START, 2), { id: 900 }), 4);

  it("has had a first that let one step go", () => {
    expect(mergesOnAWord(once).map(({ step }) => step.index)).toEqual([2]);
    expect(outcomes(once, 900)).toEqual(["done"]);
  });

  it.each<[string, (world: World) => World]>([
    [
      "the same comment, heard again as if its reply was lost",
      (world) => hearing(world, { id: 900, at: landingOf(1) + 6 * MINUTE }),
    ],
    ["said before the last landing", (world) => hearing(world, { id: 901, at: world.of.changedAt - 1000 })],
    ["said in the very second of the landing", (world) => hearing(world, { id: 901, at: world.of.changedAt })],
    ["on the pull request of the step that has landed", (world) => hearing(world, { id: 901, pull: 4813 })],
    ["there, and known to have landed", (world) => hearing(world, { id: 901, pull: 4813, place: { kind: "landed" } })],
    ["with a button on another head", (world) => hearing(world, { id: 901, on: commit("7") })],
    [
      "on the bump's pull request before the landing",
      (world) => hearing(world, { id: 901, place: { kind: "bump" }, at: landingOf(1) }),
    ],
    ["by somebody who may only read", (world) => hearing(world, { id: 901, permission: "read" })],
  ])("lets no other step go: %s", (_, again) => {
    const after = lookingOn(again(once), 4);
    expect(mergesOnAWord(after)).toHaveLength(1);
    expect(after.inbox).toEqual([]);
  });

  it("lets the next one go when it is said of that", () => {
    expect(mergesOnAWord(lookingOn(hearing(once, { id: 901 }), 4)).map(({ step }) => step.index)).toEqual([2, 3]);
  });

  it("counts once when two people say it at once", () => {
    const both = lookingOn(hearing(hearing(lookingOn(START, 2), { id: 900 }), { id: 901, login: "ben" }), 8);
    expect(mergesOnAWord(both)).toHaveLength(1);
    expect([outcomes(both, 900), outcomes(both, 901)]).toEqual([["done"], ["nothingTo"]]);
  });

  it("before the bump has landed is not meant for its warm-up", () => {
    const heard = [says(PROMOTE, { place: { kind: "bump" }, pull: 4812, at: landingOf(0) })];
    const replies = decide(snapshotOf([{ ...waiting(), heard }]), landingOf(0) + MINUTE);
    expect(replies.find(({ kind }) => kind === "reply")).toMatchObject({
      answers: [{ outcomes: [{ kind: "nothingTo" }] }],
    });
  });

  it.each([
    ["before the last step landed", landingOf(1), /^it was said before the last step landed/],
    [
      "before somebody edited the state file",
      landingOf(1) + 2 * MINUTE,
      /^the state file was changed after it was said/,
    ],
  ])("is told why it does not count when it was said %s", (_, at, why) => {
    const of = { ...inFlight(1), changedAt: landingOf(1) + 3 * MINUTE, heard: [says(PROMOTE, { at })] };
    const replies = decide(snapshotOf([of]), landingOf(1) + 4 * MINUTE).filter(({ kind }) => kind === "reply");
    const outcomes = replies
      .flatMap((reply) => (reply.kind === "reply" ? reply.answers : []))
      .map((one) => one.outcomes);
    expect(outcomes).toEqual([[{ kind: "nothingTo", verb: "promote", why: expect.stringMatching(why) as string }]]);
  });

  it("carries to the end with full, and is said once", () => {
    const full = lookingOn(hearing(lookingOn(START, 2), { id: 900 }, { verb: "promote", reach: "full" }), 30);
    expect(mergesOnAWord(full).map(({ step, override }) => [step.kind, override?.comment])).toEqual([
      ["shift", 900],
      ["shift", 900],
      ["promote", 900],
      ["drain", 900],
      ["rest", 900],
    ]);
    expect(full.of.at.release).toBeUndefined();
    expect(outcomes(full, 900)).toEqual(["done"]);
  });
});

/** What may happen between two looks: something is said, a reply is lost, a process dies after some of its actions. */
const EVENTS = fc.array(
  fc.record({
    command: fc.constantFrom<Command>(
      PROMOTE,
      PROMOTE,
      { verb: "hold", reason: undefined },
      { verb: "resume" },
      { verb: "status" },
    ),
    login: fc.constantFrom("ana", "ben", "eve"),
    pull: fc.constantFrom(-1, 0, 0),
    before: fc.constantFrom(0, 0, 1000, 4 * MINUTE),
    looks: fc.integer({ min: 0, max: 3 }),
    crash: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  }),
  { minLength: 1, maxLength: 12 },
);

type Happening = typeof EVENTS extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

function happen(world: World, { command, login, pull, before, looks, crash }: Happening, index: number): World {
  const spoken = hearing(
    world,
    {
      id: 900 + index,
      login,
      permission: login === "eve" ? "read" : "write",
      pull: (world.of.pull?.number ?? world.pulls) + pull,
      at: world.now - before,
    },
    command,
  );
  const crashed = turn({ ...spoken, now: spoken.now + 1000 }, unjudged, crash);
  return lookingOn(crashed, looks);
}

describe("whatever is said in whatever order, with processes dying in between", () => {
  it("one /promote lets one step go at most, by somebody who may, and every comment has one reply", () => {
    fc.assert(
      fc.property(EVENTS, (events) => {
        const world = lookingOn(events.reduce(happen, lookingOn(START, 1)), 3);
        const words = mergesOnAWord(world).map(({ override }) => override?.comment);
        expect(words).not.toContain(undefined);
        expect(new Set(words).size).toBe(words.length);
        expect(mergesOnAWord(world).filter(({ override }) => override?.by === "eve")).toEqual([]);
        expect(world.inbox).toEqual([]);
        for (const [index] of events.entries()) expect(outcomes(world, 900 + index)).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a comment whose reply was lost", () => {
  it("has no second effect after what was said later", () => {
    const hold = { verb: "hold", reason: undefined } as const;
    const held = turn(
      { ...hearing(lookingOn(START, 1), { id: 900 }, hold), now: landingOf(1) + 4 * MINUTE },
      unjudged,
      1,
    );
    expect(held.inbox.map(({ id }) => id)).toEqual([900]);
    expect(held.of.pull?.proposed?.holds).toHaveLength(1);
    const [lost] = held.inbox;
    const resumed = lookingOn({ ...hearing({ ...held, inbox: [] }, { id: 901 }, { verb: "resume" }) }, 1);
    expect(resumed.of.pull?.proposed?.holds).toEqual([]);
    const again = lookingOn({ ...resumed, inbox: lost === undefined ? [] : [lost] }, 1);
    expect(again.of.pull?.proposed?.holds).toEqual([]);
    expect([again.inbox, outcomes(again, 900)]).toEqual([[], ["done"]]);
  });
});

describe("a comment that several members hear", () => {
  const now = landingOf(1) + 5 * MINUTE;
  const fine = measured(inFlight(1), { count: 5, canary: [500, 2], stable: [9500, 47] });
  const heard: readonly HeardComment[] = [says({ verb: "hold", reason: undefined })];
  const other = (of: Member): Member => ({ ...of, target: name("staging") });

  function answersTo(members: readonly Member[]): readonly number[] {
    const actions = decide(snapshotOf(members.map((of) => ({ ...of, heard }))), now);
    return actions.flatMap((action) => (action.kind === "reply" ? [action.answers.length] : []));
  }

  it("has one reply with an answer for each", () => {
    expect(answersTo([fine, other(fine), { ...fine, target: name("dev") }])).toEqual([3]);
  });

  it("has none while what somebody did by hand goes first", () => {
    const { pull, ...closed } = fine;
    const kept = pull && { branch: pull.branch, headSha: pull.headSha, proposed: pull.proposed };
    const of = { ...closed, pull: undefined, kept };
    expect(answersTo([of])).toEqual([1]);
    expect(answersTo([{ ...of, manifest: { ...of.manifest, weight: weight(25) } }])).toEqual([]);
  });

  it("has none before all of them can commit", () => {
    expect(answersTo([fine, { ...other(fine), pull: undefined }])).toEqual([]);
  });
});
