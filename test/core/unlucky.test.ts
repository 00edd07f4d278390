import { describe, expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { divergence } from "../../src/core/divergence.ts";
import { image } from "../../src/core/image.ts";
import { name } from "../../src/core/names.ts";
import { planOf } from "../../src/core/plan.ts";
import { stageOf } from "../../src/core/stage.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { weight } from "../../src/core/weight.ts";
import { BUMP, inFlight, landingOf, measured, MINUTE, NOON, POLICY, waiting } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says } from "../support/speech.ts";

const SOON = landingOf(1) + 5 * MINUTE;

function kindsOf(of: Member, now = SOON): readonly string[] {
  return decide(snapshotOf([of]), now).map((action) => (action.kind === "land" ? action.fall.kind : action.kind));
}

describe("an abort", () => {
  const abort = says({ verb: "abort", reason: undefined }, { id: 900, at: SOON });

  it.each([
    ["the other target of the service has it in git already", 900],
    ["the state file says that more was heard than was ever said", 4_000_000_000],
  ])("is obeyed where %s", (_, heard) => {
    expect(kindsOf(inFlight(1, { state: { heard }, heard: [abort] }))[0]).toBe("abort");
  });

  it("is only answered where it has had its effect", () => {
    const aborting = { by: "person", who: "ana", reason: "asked by ana" } as const;
    const of = inFlight(1, { release: { aborting }, at: { weight: weight(0) }, state: { heard: 900 }, heard: [abort] });
    const reply = decide(snapshotOf([of]), SOON).find(({ kind }) => kind === "reply");
    expect(reply).toMatchObject({ answers: [{ outcomes: [{ kind: "done", verb: "abort" }] }] });
  });

  it("reaches a release whose bump is dated by a clock that is fast, once a step has landed", () => {
    const since = NOON + 600 * MINUTE;
    const of = inFlight(1, { release: { since }, bump: { ...BUMP, at: since }, heard: [abort] });
    expect(kindsOf(of)[0]).toBe("abort");
    const before = says({ verb: "abort", reason: undefined }, { id: 900, at: NOON - MINUTE });
    expect(kindsOf(inFlight(1, { heard: [before] }))).not.toContain("abort");
  });
});

it("a step that was closed, opened again and merged by hand does not hold the next one", () => {
  const hold = { target: name("prod"), by: "ben", comment: undefined, closed: 4800, at: undefined, reason: undefined };
  const of = inFlight(1, { state: { holds: [hold] }, pull: undefined });
  expect(stageOf(of, SOON, 0).kind).toBe("proposing");
});

describe("steps that were changed under way", () => {
  const shorter = planOf({ weights: [5, 50].map(weight), bakeMs: POLICY.bakeMs }, 10);
  const longer = planOf({ weights: [5, 25, 50].map(weight), bakeMs: POLICY.bakeMs }, 10);

  it("hold the release where the weights agree and stable has not been given the version that they say it has", () => {
    expect(divergence(inFlight(3, { plan: shorter }))).toMatchObject({ kind: "plan" });
    expect(divergence(inFlight(3, { plan: longer }))).toBeUndefined();
  });

  it("tell nothing where the release changes no image", () => {
    const same = image("registry.example.com/checkout:1.41.0");
    const of = inFlight(4, { release: { image: same, from: same } });
    expect(divergence({ ...of, at: { ...of.at, stable: of.manifest.stable.image } })).toBeUndefined();
  });

  it("do not concern a way back", () => {
    const aborting = { by: "gate", who: undefined, reason: "errors" } as const;
    const of = inFlight(2, { release: { aborting }, at: { weight: weight(0) }, manifest: { weight: weight(0) } });
    expect(divergence(of)).toBeUndefined();
  });
});

it.each([
  ["later than can be", SOON + 600 * MINUTE, true],
  ["just now", SOON - 1, false],
])("the pace of a commit that is dated %s", (_, lastMerge, merges) => {
  const of = waiting({ at: {}, policy: { mergeEveryMs: 5 * MINUTE } });
  const seen = measured(of, { count: 5, canary: [0, 0], stable: [1000, 5] });
  const kinds = decide(snapshotOf([seen], { lastMerge }), SOON).map(({ kind }) => kind);
  expect(kinds.includes("merge")).toBe(merges);
});
