import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Change } from "../../src/core/change.ts";
import { decide } from "../../src/core/decide.ts";
import { divergence } from "../../src/core/divergence.ts";
import { saidOf } from "../../src/core/proposal.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { MINUTE } from "../support/member.ts";
import { COMMENTS, MEMBERS, MOMENTS } from "../support/random-member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says } from "../support/speech.ts";
import { turn, worldOf, type World } from "../support/world.ts";

const RUNS = { numRuns: 3000 };

/** What anybody may have said of any member, decided at any moment. */
function forEveryLook(law: (actions: readonly Action[], of: Member) => void): void {
  fc.assert(
    fc.property(MEMBERS, COMMENTS, MOMENTS, (member, heard, now) => {
      const of = { ...member, heard };
      law(decide(snapshotOf([of]), now), of);
    }),
    RUNS,
  );
}

function changesIn(actions: readonly Action[]): readonly Change[] {
  return actions.flatMap((action) =>
    action.kind === "land" || action.kind === "propose" || action.kind === "offer" ? [action.change] : [],
  );
}

describe("whatever a member is and whatever people say", () => {
  it("one look commits one thing at most, and says nothing twice", () => {
    forEveryLook((actions) => {
      const commits = actions.filter(({ kind }) => ["land", "propose", "offer", "merge"].includes(kind));
      expect(commits.length).toBeLessThanOrEqual(1);
      const replied = actions.flatMap((action) => (action.kind === "reply" ? [action.comment.id] : []));
      expect(new Set(replied).size).toBe(replied.length);
    });
  });

  it("nothing merges that is held, another's, outdated, contradicted, refused, closed or on its way back", () => {
    forEveryLook((actions, of) => {
      if (!actions.some(({ kind }) => kind === "merge")) return;
      expect(saidOf(of).holds).toEqual([]);
      expect(of.pull).toMatchObject({ current: true, draft: false, foreign: undefined });
      expect(divergence(of)).toBeUndefined();
      expect([of.obstacle, of.closed, of.at.release?.aborting]).toEqual([undefined, undefined, undefined]);
      expect(of.refusal).toBeUndefined();
    });
  });

  it("what is merged at once never raises a weight", () => {
    forEveryLook((actions, { manifest }) => {
      const lands = actions.filter((action) => action.kind === "land");
      expect(lands.filter(({ change }) => (change.weight ?? 0) > manifest.weight)).toEqual([]);
    });
  });

  it("the state of every commit agrees with the weight and the stable that its manifests have", () => {
    forEveryLook((actions, of) => {
      for (const change of changesIn(actions)) {
        const at = change.state.targets.get(change.target);
        expect(at?.weight).toBe(change.weight ?? of.manifest.weight);
        // A stable that somebody has changed by hand stays contradicted until somebody says what is right.
        if (
          change.stableTemplate === undefined &&
          divergence(of)?.kind !== "stable" &&
          of.at.stable === of.manifest.stable.image
        )
          expect(at?.stable).toBe(of.manifest.stable.image);
      }
    });
  });

  it("no commit gives the canary another version under a weight, but one that takes it back", () => {
    forEveryLook((actions, of) => {
      const given = changesIn(actions).filter(({ canaryTemplate }) => canaryTemplate !== undefined);
      expect(given.filter(({ weight }) => (weight ?? of.manifest.weight) > 0)).toEqual([]);
    });
  });

  it("an abort can be had of every release, whatever stands in its way", () => {
    fc.assert(
      fc.property(MEMBERS, MOMENTS, (member, now) => {
        const { release } = member.at;
        if (release === undefined || release.aborting !== undefined) return;
        const of = { ...member, heard: [says({ verb: "abort", reason: undefined })] };
        const [first, ...others] = decide(snapshotOf([of]), now);
        expect(first).toMatchObject({ kind: "land", fall: { kind: "abort" } });
        expect(others.filter(({ kind }) => kind === "reply")).toHaveLength(1);
      }),
      RUNS,
    );
  });

  it("an abort ends at rest: weight 0, no release, the canary's version blocked or gone", () => {
    fc.assert(
      fc.property(MEMBERS, (member) => {
        if (member.at.release === undefined) return;
        const start = worldOf({ ...member, heard: [] }, member.changedAt + MINUTE);
        const ended = untilStill({ ...start, inbox: [says({ verb: "abort", reason: undefined }, { at: start.now })] });
        expect(ended.of.at).toMatchObject({ weight: 0, release: undefined });
        expect(ended.of.manifest).toMatchObject({ weight: 0, canary: { replicas: 0 } });
      }),
      RUNS,
    );
  });
});

/** Looks again until nothing more is committed, with no traffic to the canary. */
function untilStill(world: World): World {
  let now = world;
  for (let looks = 0; looks < 8 && now.of.at.release !== undefined; looks += 1)
    now = turn({ ...now, now: now.now + 5 * MINUTE }, () => ({ canary: [0, 0], stable: [1000, 5] }));
  return now;
}
