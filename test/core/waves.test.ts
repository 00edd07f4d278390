import { describe, expect, it } from "vitest";
import { name } from "../../src/core/names.ts";
import type { Blocked } from "../../src/core/state.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { behindOf } from "../../src/core/waves.ts";
import { BUMP, commit, inFlight, member, NEW, NOON, OLD, version, waiting, workload } from "../support/member.ts";

/** A member called by its wave, from 1, and a letter. */
function placed(of: Member, place: string): Member {
  const index = Number(place.at(0)) - 1;
  return { ...of, target: name(`t-${place}`), policy: { ...of.policy, wave: { index, of: 3, targets: ["*"] } } };
}

const NEWER = version("1.43.0");
const ABORTING = { by: "gate", who: undefined, reason: "errors" } as const;
const RESTS = member();
const DONE = member({
  at: { stable: NEW },
  manifest: { canary: workload("canary", NEW), stable: workload("stable", NEW) },
});
const FLIES = inFlight(2);
const FALLS = inFlight(2, { release: { aborting: ABORTING } });
const WAITS = waiting();
const BLOCK: Blocked = { image: NEW, template: undefined, commit: BUMP.commit, by: "gate", reason: "errors" };

describe("what a version waits for in the second wave", () => {
  it.each<[string, readonly (readonly [string, Member])[], readonly (readonly [string, string])[]]>([
    ["nobody has it", [["1a", RESTS]], []],
    ["stable runs it in the wave before", [["1a", DONE]], []],
    ["it waits there", [["1a", WAITS]], [["t-1a", "waits"]]],
    ["it is under way there", [["1a", FLIES]], [["t-1a", "underWay"]]],
    ["it is being taken back there", [["1a", FALLS]], [["t-1a", "takenBack"]]],
    [
      "one of two has done it",
      [
        ["1a", DONE],
        ["1b", FLIES],
      ],
      [["t-1b", "underWay"]],
    ],
    [
      "it is under way beside it, and in a later wave",
      [
        ["2b", FLIES],
        ["3a", FLIES],
      ],
      [],
    ],
    [
      "another version is under way there",
      [["1a", inFlight(2, { bump: { ...BUMP, commit: commit("7") }, release: { image: NEWER, commit: commit("7") } })]],
      [],
    ],
    [
      "the same version came there by another commit",
      [["1a", inFlight(2, { release: { commit: commit("7") } })]],
      [["t-1a", "underWay"]],
    ],
    [
      "the same commit brought another image there",
      [["1a", inFlight(2, { release: { image: NEWER } })]],
      [["t-1a", "underWay"]],
    ],
    ["it is blocked there", [["1a", waiting({ state: { blocked: [BLOCK] } })]], []],
    [
      "the wave before it is told after it",
      [
        ["3a", FLIES],
        ["1a", FLIES],
      ],
      [["t-1a", "underWay"]],
    ],
  ])("where %s", (_, others, expected) => {
    const all = others.map(([place, of]) => placed(of, place));
    const found = behindOf(placed(WAITS, "2a"), all);
    expect(found.map(({ target, doing }) => [target, doing])).toEqual(expected);
  });

  it("is nothing for what is under way already, and for what is blocked", () => {
    const first = placed(FLIES, "1a");
    expect(behindOf(placed(FLIES, "2a"), [first])).toEqual([]);
    expect(behindOf(placed(waiting({ state: { blocked: [BLOCK] } }), "2a"), [first])).toEqual([]);
  });

  it("is the same commit alone, where no image changes", () => {
    const changed = (digits: string, at: string) =>
      placed(
        member({
          bump: { ...BUMP, commit: commit(digits) },
          manifest: { canary: { ...workload("canary", OLD), template: `changed ${at}` } },
        }),
        at,
      );
    expect(behindOf(changed("b", "2a"), [changed("b", "1a")])).toMatchObject([{ target: "t-1a" }]);
    expect(behindOf(changed("b", "2a"), [changed("7", "1a")])).toEqual([]);
  });
});

describe("a bump that was taken back in one target", () => {
  it("is blocked in all that it reached, whatever it is called there", () => {
    const elsewhere = waiting({ manifest: { canary: workload("canary", NEWER) }, state: { blocked: [BLOCK] } });
    expect(stageOf(elsewhere, NOON, 0)).toEqual({ kind: "blocked", block: BLOCK });
    const later = { ...elsewhere, bump: { ...BUMP, commit: commit("7") } };
    expect(stageOf({ ...later, pull: undefined }, NOON, 0)).toMatchObject({ kind: "proposing" });
  });
});
