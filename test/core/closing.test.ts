import { describe, expect, it } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Command } from "../../src/core/commands.ts";
import { decide } from "../../src/core/decide.ts";
import type { Closing, Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { weight } from "../../src/core/weight.ts";
import { missingList } from "../../src/render/missing.ts";
import { titleOf } from "../../src/render/title.ts";
import { commit, HEAD, inFlight, landingOf, MINUTE, SECOND } from "../support/member.ts";
import { says } from "../support/speech.ts";
import { snapshotOf } from "../support/snapshot.ts";

const NOW = landingOf(1) + 5 * MINUTE;
const UNNAMED: Closing = { kind: "unnamed", number: 4813, until: NOW + 40 * SECOND };
const BRANCH = "tidegate/checkout/prod/bbbbbbbbbb/2-25";

/** At 5%; the step's pull request is closed, its branch is there. */
function closed(closing: Closing | undefined, holds: Member["state"]["holds"] = []): Member {
  const of = inFlight(1, { pull: undefined, closed: closing });
  return { ...of, kept: { branch: BRANCH, headSha: HEAD, proposed: { ...of.state, holds } } };
}

function decided(of: Member, now = NOW): readonly Action[] {
  return decide(snapshotOf([of]), now);
}

describe("a closing of which it is not known whose it was", () => {
  it("has nothing done to the step, and GitHub asked again soon", () => {
    expect(decided(closed(UNNAMED))).toEqual([{ kind: "wakeAt", at: NOW + 15 * SECOND }]);
    expect(decided(closed(UNNAMED), NOW + 30 * SECOND)).toEqual([{ kind: "wakeAt", at: NOW + 40 * SECOND }]);
  });

  it("offers no weight of 0 anew", () => {
    const orphan = inFlight(1, { at: { release: undefined, weight: weight(0) }, pull: undefined, closed: UNNAMED });
    expect(decided(orphan)).toEqual([{ kind: "wakeAt", at: NOW + 15 * SECOND }]);
  });

  it("says what it waits for", () => {
    const of = closed(UNNAMED);
    const stage = stageOf(of, NOW, 0);
    expect(titleOf(of, stage)).toBe("Waiting for GitHub to say who closed #4813; it is asked again until 12:25:40 UTC");
    expect(missingList(of, stage)).toEqual(["GitHub's word on who closed #4813; it is asked again until 12:25:40 UTC"]);
  });

  it("keeps a hold unanswered until it can be written, and stops no abort", () => {
    const hold = says({ verb: "hold", reason: undefined }, { at: NOW });
    expect(decided({ ...closed(UNNAMED), heard: [hold] }).map(({ kind }) => kind)).toEqual(["wakeAt"]);
    const abort = says({ verb: "abort", reason: undefined }, { at: NOW });
    expect(decided({ ...closed(UNNAMED), heard: [abort] }).map(({ kind }) => kind)).toEqual(["land", "reply"]);
  });

  it.each<Command>([{ verb: "promote", reach: "step" }, { verb: "resume" }])("has $verb said again", (command) => {
    const [, reply] = decided({ ...closed(UNNAMED), heard: [says(command, { at: NOW })] });
    const why = "the step's pull request has just been closed, and GitHub has not said yet by whom: ask again";
    expect(reply).toMatchObject({ answers: [{ outcomes: [{ kind: "nothingTo", why }] }] });
  });
});

describe("a weight that is lowered by hand", () => {
  const edit = { commit: commit("9"), by: "Ben", at: NOW };
  const lowered = inFlight(2, { manifest: { weight: weight(5) }, edit });

  it.each<[string, Command, number, "nothingTo" | "done"]>([
    ["a resumption before it", { verb: "resume" }, -SECOND, "nothingTo"],
    ["an adoption before it", { verb: "adopt" }, -SECOND, "nothingTo"],
    ["a resumption after it", { verb: "resume" }, SECOND, "done"],
    ["an adoption in its second", { verb: "adopt" }, 0, "done"],
  ])("is adopted by what is said after it: %s", (_, command, after, kind) => {
    const actions = decided({ ...lowered, heard: [says(command, { at: NOW + after })] }, landingOf(2) + MINUTE);
    expect(actions.find((action) => action.kind === "reply")).toMatchObject({ answers: [{ outcomes: [{ kind }] }] });
    expect(actions.some((action) => action.kind === "land" && action.fall.kind === "adopt")).toBe(kind === "done");
  });
});

describe("a closing that is known", () => {
  const by = { by: "ben", at: NOW };

  it("is a hold that says when it was", () => {
    const [propose] = decided(closed({ kind: "named", number: 4813, ...by }));
    const hold = { target: "prod", comment: undefined, closed: 4813, reason: undefined, ...by };
    expect(propose).toMatchObject({ kind: "propose", pull: "kept", change: { state: { holds: [hold] } } });
  });

  it.each<[string, Command, number, "nothingTo" | "done"]>([
    ["a promotion before it", { verb: "promote", reach: "step" }, -SECOND, "nothingTo"],
    ["a promotion in its second", { verb: "promote", reach: "full" }, 0, "nothingTo"],
    ["a promotion after it", { verb: "promote", reach: "step" }, SECOND, "done"],
    ["a resumption before it", { verb: "resume" }, -SECOND, "nothingTo"],
    ["a resumption after it", { verb: "resume" }, SECOND, "done"],
  ])("is lifted by what is said after it: %s", (_, command, after, kind) => {
    const { target } = inFlight(1);
    const hold = { target, by: "ben", comment: undefined, closed: 4813, at: NOW, reason: undefined };
    const heard = [says(command, { at: NOW + after })];
    const actions = decided({ ...closed(undefined, [hold]), heard }, NOW + MINUTE);
    expect(actions.find((action) => action.kind === "reply")).toMatchObject({ answers: [{ outcomes: [{ kind }] }] });
    expect(actions.some((action) => action.kind === "propose")).toBe(kind === "done");
  });
});

it("a closing is lifted by no word from before it, not even by one that holds first", () => {
  const of = closed(undefined);
  const hold = { target: of.target, by: "ana", comment: undefined, closed: 4813, at: NOW - MINUTE, reason: undefined };
  const word = says({ verb: "hold", reason: undefined }, { at: NOW - 2 * MINUTE });
  const heard = [{ ...word, commands: [{ verb: "hold", reason: undefined }, { verb: "resume" }] as const }];
  const actions = decided({ ...closed(undefined, [hold]), heard });
  const proposed = actions.flatMap((action) => (action.kind === "propose" ? [action.change.state.holds] : []));
  expect(proposed).toHaveLength(1);
  expect(proposed[0]).toContainEqual(hold);
});
