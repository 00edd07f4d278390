import { describe, expect, it } from "vitest";
import { saidOf } from "../../src/core/proposal.ts";
import type { Member } from "../../src/core/snapshot.ts";
import type { Override } from "../../src/core/state.ts";
import { inFlight } from "../support/member.ts";

const WORD: Override = { by: "eve", comment: 27, commit: undefined, reach: "step" };

/** At its second step, which landed by a word, and with that word in the state that its wave's branch proposes, at this step. */
function behind(reach: Override["reach"], step: number): Member {
  const word = { ...WORD, reach };
  const member = inFlight(2, { release: { override: word } });
  const { release } = member.at;
  if (release === undefined || member.pull === undefined)
    throw new Error("The builder is in flight, with a step open.");
  const there = { ...member.at, release: { ...release, step, override: word } };
  const proposed = { ...member.state, targets: new Map([...member.state.targets, [member.target, there]]) };
  return { ...member, pull: { ...member.pull, proposed } };
}

it("is a word for the step to come where it was said after a member had fallen behind", () => {
  const of = behind("step", 2);
  const at = of.pull?.proposed?.targets.get(of.target);
  if (of.pull?.proposed === undefined || at?.release === undefined) throw new Error("The builder proposes it.");
  const later = { ...WORD, comment: 28 };
  const targets = new Map([[of.target, { ...at, release: { ...at.release, override: later } }]]);
  expect(saidOf({ ...of, pull: { ...of.pull, proposed: { ...of.pull.proposed, targets } } }).override).toEqual(later);
});

describe("a word that let a step merge", () => {
  it("is none for the next step where a member stayed behind its wave, whose branch has it as it landed", () => {
    expect(saidOf(behind("step", 2)).override).toBeUndefined();
  });

  it("is one for the step that the branch proposes", () => {
    expect(saidOf(behind("step", 3)).override).toEqual(WORD);
  });

  it("reaches to the end where it was said for the whole release", () => {
    expect(saidOf(behind("full", 2)).override).toEqual({ ...WORD, reach: "full" });
  });
});
