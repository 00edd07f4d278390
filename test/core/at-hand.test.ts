import { expect, it } from "vitest";
import { earlierThan } from "../../src/core/at-hand.ts";
import { name, type Name } from "../../src/core/names.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { BUMP, commit, inFlight } from "../support/member.ts";

const FLYING = inFlight(2);
const NO_STEP: Member = { ...FLYING, pull: undefined };

function keptWith(closed: number, target: Name = FLYING.target): Member {
  const holds = [{ target, by: "ana", comment: undefined, closed, at: undefined, reason: undefined }];
  const proposed = { ...FLYING.state, holds };
  return { ...NO_STEP, kept: { branch: "tidegate/checkout/prod/b/2-5", headSha: commit("d"), proposed } };
}

it.each<[of: string, member: Member, number: number | undefined]>([
  ["the open step", FLYING, FLYING.pull?.number],
  ["the step that somebody closed", keptWith(4830), 4830],
  ["the bump, where it was another target's step that somebody closed", keptWith(4830, name("staging")), BUMP.source],
  ["the bump, where no step is open", NO_STEP, BUMP.source],
])("a word on an earlier release's pull request is told of %s", (_, member, number) => {
  expect(earlierThan(member)).toBe(`this pull request is of an earlier release, the one at hand is on #${number}`);
});

it("names none where the release came by no pull request", () => {
  const { release } = FLYING.at;
  if (release === undefined) throw new Error("The builder is in flight.");
  const at = { ...FLYING.at, release: { ...release, source: undefined } };
  expect(earlierThan({ ...NO_STEP, at })).toBe("this pull request is of an earlier release");
});
