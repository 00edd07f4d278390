import { describe, expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { unavailable } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { weight } from "../../src/core/weight.ts";
import { BUMP, commit, inFlight, landingOf, measured, MINUTE, NEW, OLD, version, workload } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says } from "../support/speech.ts";

const ABORTING = { by: "gate", who: undefined, reason: "errors" } as const;
const EVEN = { count: 5, canary: [1000, 5], stable: [1000, 5] } as const;

function takenBack(index: number, from: number, manifest: Partial<Member["manifest"]>): Member {
  return inFlight(index, {
    at: { weight: weight(from), stable: OLD },
    manifest: { canary: workload("canary", NEW, 5), stable: workload("stable", OLD), ...manifest },
    release: { aborting: ABORTING },
    pull: undefined,
  });
}

function falls(of: Member): readonly string[] {
  return decide(snapshotOf([of]), landingOf(4) + 5 * MINUTE).map((action) =>
    action.kind === "land" ? action.fall.kind : action.kind,
  );
}

describe("a hand in a way back", () => {
  it.each<[string, Member, readonly string[]]>([
    [
      "a weight that somebody gives back to what was aborted is taken at once, seen or not",
      { ...takenBack(2, 0, { weight: weight(25) }), timeline: unavailable("connection refused") },
      ["lower"],
    ],
    [
      "a weight under a stable that is being restored stays until stable is seen",
      { ...takenBack(4, 50, { weight: weight(50) }), timeline: unavailable("connection refused") },
      ["wakeAt"],
    ],
    [
      "a stable that somebody gives a third version meanwhile does not keep the weight up",
      measured(takenBack(4, 50, { weight: weight(50), stable: workload("stable", version("1.40.5")) }), EVEN),
      ["lower"],
    ],
    [
      "testers that somebody sends to what was aborted are taken from it at once, seen or not",
      { ...takenBack(2, 0, { testers: true }), timeline: unavailable("connection refused") },
      ["lower"],
    ],
  ])("%s", (_, of, expected) => {
    expect(falls(of)).toEqual(expected);
  });
});

/** The canary has what it had before the bump, and that was this version. */
function putBack(index: number, to: typeof OLD): Member {
  const canary = workload("canary", to, 5);
  return inFlight(index, {
    bump: { ...BUMP, was: { image: to, template: canary.template } },
    manifest: { weight: weight(50), canary },
    at: { weight: weight(50) },
  });
}

describe("a bump that is reverted in flight", () => {
  it.each<[string, typeof OLD, string]>([
    ["to what stable had is an abort by a person", OLD, "person"],
    ["to what never was stable brings what nobody has judged", version("1.41.5"), "containment"],
  ])("%s", (_, to, by) => {
    const actions = decide(snapshotOf([putBack(4, to)]), landingOf(4) + 5 * MINUTE);
    expect(actions[0]).toMatchObject({ kind: "land", fall: { kind: "abort", aborting: { by } } });
  });
});

it("gives stable what it had right before the promotion, not what stood there before the bump", () => {
  const heard = [says({ verb: "abort", reason: undefined }, { at: landingOf(4) + MINUTE })];
  const [action] = decide(
    snapshotOf([inFlight(4, { beforePromotion: commit("e"), heard })]),
    landingOf(4) + 2 * MINUTE,
  );
  expect(action).toMatchObject({
    change: { stableTemplate: { kind: "asAt", commit: commit("e") }, state: { heard: 900 } },
  });
});

it("gives stable its own version back where only the commit that brought the bump is gone", () => {
  const heard = [says({ verb: "abort", reason: undefined }, { at: landingOf(4) + MINUTE })];
  const gone = inFlight(4, { beforePromotion: commit("e"), bump: undefined, heard });
  const [action] = decide(snapshotOf([gone]), landingOf(4) + 2 * MINUTE);
  expect(action).toMatchObject({ change: { weight: gone.manifest.weight, stableTemplate: { commit: commit("e") } } });
});
