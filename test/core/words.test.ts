import { describe, expect, it } from "vitest";
import type { Action } from "../../src/core/action.ts";
import type { Command } from "../../src/core/commands.ts";
import { decide } from "../../src/core/decide.ts";
import { NO_EVIDENCE } from "../../src/core/gate/evidence.ts";
import { image } from "../../src/core/image.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import type { Member, PastVersion } from "../../src/core/snapshot.ts";
import type { ReleaseState } from "../../src/core/state.ts";
import { weight } from "../../src/core/weight.ts";
import {
  BUMP,
  commit,
  HEAD,
  inFlight,
  landingOf,
  measured,
  member,
  MINUTE,
  NEW,
  NOON,
  OLD,
  stepPull,
  templateOf,
  version,
  waiting,
  workload,
} from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says } from "../support/speech.ts";

function kinds(of: Member, now: number): readonly string[] {
  return decide(snapshotOf([of]), now).map((action) => {
    if (action.kind === "land") return action.fall.kind;
    return action.kind === "reportGate" ? action.stage.kind : action.kind;
  });
}

function answerTo(of: Member, command: Command): { readonly actions: readonly Action[]; readonly words: string } {
  const actions = decide(snapshotOf([{ ...of, heard: [says(command)] }]), landingOf(9));
  const [outcome] = actions.flatMap((action) =>
    action.kind === "reply" ? action.answers.flatMap(({ outcomes }) => outcomes) : [],
  );
  if (outcome?.kind === "done") return { actions, words: outcome.note ?? "done" };
  return { actions, words: outcome?.kind === "nothingTo" ? outcome.why : "no answer" };
}

const SKIP = { gate: "errors", by: "ana", comment: 900, reason: "the provider is being moved" } as const;

/** A release in flight whose step's branch says so. */
function saying(index: number, words: Partial<ReleaseState>): Member {
  const of = inFlight(index);
  const at = of.pull?.proposed?.targets.get(of.target);
  if (of.pull?.proposed === undefined || at?.release === undefined) throw new Error("The builder opens the next step.");
  const targets = new Map([[of.target, { ...at, release: { ...at.release, ...words } }]]);
  return { ...of, pull: { ...of.pull, proposed: { ...of.pull.proposed, targets, heard: 900 } } };
}

describe("a gate that is left out", () => {
  const failing = { count: 20, canary: [500, 40], stable: [9500, 47] } as const;
  const swapped = { count: 20, canary: [1000, 5], stable: [1000, 120] } as const;

  it.each<[string, Member, number, readonly string[]]>([
    ["aborts what fails, as long as it is asked", measured(inFlight(1), failing), 20, ["abort", "failed"]],
    ["bakes what fails, when it is not", measured(saying(1, { skips: [SKIP] }), failing), 5, ["baking", "wakeAt"]],
    ["lets it pass, once baked", measured(saying(1, { skips: [SKIP] }), failing), 20, ["passed", "merge"]],
    [
      "passes nothing that is not seen live",
      measured(saying(1, { skips: [SKIP] }), { ...failing, pods: {} }),
      20,
      ["syncing", "wakeAt"],
    ],
    [
      "is left out in later steps",
      measured(inFlight(2, { release: { skips: [SKIP] } }), { ...failing, stable: [1500, 7] }),
      20,
      ["passed", "merge"],
    ],
    [
      "is left out after promotion",
      measured(inFlight(4, { release: { skips: [SKIP] } }), swapped),
      20,
      ["passed", "merge"],
    ],
    ["aborts after promotion, as long as it is asked", measured(inFlight(4), swapped), 20, ["abort", "failed"]],
  ])("%s", (_, of, minutes, expected) => {
    expect(kinds(of, of.changedAt + minutes * MINUTE)).toEqual(expected);
  });

  it("goes into the state of every step that follows", () => {
    const skips = [1, 2, 3, 4].map((index) => {
      const change = proposalOf(inFlight(index, { release: { skips: [SKIP] } }), HEAD);
      return change?.state.targets.get(change.target)?.release?.skips;
    });
    expect(skips).toEqual([[SKIP], [SKIP], [SKIP], [SKIP]]);
  });
});

describe("/promote full", () => {
  const full = { by: "ana", comment: 900, commit: undefined, reach: "full" } as const;

  it.each([
    [full, full],
    [{ ...full, reach: "step" } as const, undefined],
  ])("reaches to the steps that follow, and a step's override does not", (landed, carried) => {
    const change = proposalOf(inFlight(1, { release: { override: landed } }), HEAD);
    expect(change?.state.targets.get(change.target)?.release?.override).toEqual(carried);
  });

  it("lifts no draft and no contradiction", () => {
    const of = saying(1, { override: full });
    expect(kinds({ ...of, pull: of.pull && { ...of.pull, draft: true } }, landingOf(9))).toEqual(["held", "wakeAt"]);
    expect(kinds({ ...of, manifest: { ...of.manifest, weight: weight(3) } }, landingOf(9))).toEqual([
      "diverged",
      "wakeAt",
    ]);
  });
});

describe("/adopt", () => {
  const evidence = { ...NO_EVIDENCE, through: 1 };

  it("goes on from the step with the lowered weight, with no evidence, no override and no hold", () => {
    const hold = {
      target: inFlight(2).target,
      by: "ben",
      comment: 800,
      closed: undefined,
      at: undefined,
      reason: undefined,
    };
    const override = { by: "ben", comment: 800, commit: undefined, reach: "full" } as const;
    const of = inFlight(2, {
      manifest: { weight: weight(5), canary: workload("canary", NEW, 5) },
      release: { evidence, gauges: [{ name: "cpu", sum: 1, count: 9, peak: 2 }], override, skips: [SKIP] },
      state: { holds: [hold] },
    });
    const { actions, words } = answerTo(of, { verb: "adopt" });
    expect(words).toBe("the release goes on from 5%");
    const [first] = actions;
    if (first?.kind !== "land") throw new Error("Nothing is adopted.");
    const { change } = first;
    expect(change).toMatchObject({
      weight: undefined,
      canaryReplicas: 5,
      stableTemplate: undefined,
      canaryTemplate: undefined,
    });
    expect(change.state).toMatchObject({ holds: [], heard: 900 });
    expect(change.state.targets.get(change.target)).toMatchObject({
      weight: 5,
      release: { step: 1, evidence: NO_EVIDENCE, gauges: undefined, override: undefined, skips: [SKIP] },
    });
  });

  it("keeps a gate left out that only the step's branch tells of, when a weight is raised by hand", () => {
    const of = saying(1, { skips: [SKIP] });
    const [first] = decide(
      snapshotOf([
        { ...of, manifest: { ...of.manifest, weight: weight(25) }, edit: { commit: commit("9"), by: "Ben", at: NOON } },
      ]),
      landingOf(9),
    );
    if (first?.kind !== "land") throw new Error("The state does not follow.");
    expect(first.change.state.targets.get(of.target)?.release).toMatchObject({
      step: 2,
      skips: [SKIP],
      override: { by: "Ben", comment: undefined, commit: commit("9"), reach: "step" },
    });
  });

  it("makes a weight without a release one, of the bump that waits", () => {
    const of = waiting({ manifest: { weight: weight(25), canary: workload("canary", NEW, 1) }, pull: undefined });
    const [first] = answerTo({ ...of, pull: undefined }, { verb: "adopt" }).actions;
    if (first?.kind !== "land") throw new Error("Nothing is adopted.");
    expect(first.change).toMatchObject({ weight: undefined, canaryReplicas: 5 });
    expect(first.change.state.targets.get(of.target)).toMatchObject({
      weight: 25,
      release: { step: 2, image: NEW, from: OLD, commit: BUMP.commit, override: { by: "ana", comment: 900 } },
    });
  });

  it("follows a stable that was changed at rest, and blocks what the canary has beside it", () => {
    const stable = version("1.40.5");
    const of = member({ bump: BUMP, manifest: { stable: workload("stable", stable) } });
    const [first] = answerTo(of, { verb: "adopt" }).actions;
    if (first?.kind !== "land") throw new Error("Nothing is adopted.");
    expect(first.change).toMatchObject({ weight: undefined, stableTemplate: undefined, canaryTemplate: undefined });
    expect(first.change.state.targets.get(of.target)?.stable).toBe(stable);
    expect(first.change.state.blocked.map((block) => block.image)).toEqual([OLD]);
  });
});

describe("/rollback", () => {
  const digest = "0123456789abcdef".repeat(4);
  const PINNED = image(`registry.example.com/checkout@sha256:${digest}`);
  const past: readonly PastVersion[] = [NEW, OLD, PINNED, version("1.39.0")].map((of, index) => ({
    image: of,
    template: of === PINNED ? digest.slice(0, 16) : templateOf(of),
    commit: commit(`${index + 1}`),
  }));
  const blocked = { image: OLD, template: undefined, commit: undefined, by: "person", reason: "errors" } as const;
  const rested = member({
    at: { stable: NEW },
    manifest: { canary: workload("canary", NEW), stable: workload("stable", NEW) },
    past,
  });

  it.each<[string, Member, string | undefined, Member["manifest"]["stable"]["image"]]>([
    ["the newest earlier version", rested, undefined, OLD],
    [
      "the newest that is not blocked",
      { ...rested, state: { ...rested.state, blocked: [blocked] } },
      undefined,
      PINNED,
    ],
    ["a tag, even of a blocked version", { ...rested, state: { ...rested.state, blocked: [blocked] } }, "1.41.0", OLD],
    ["the beginning of a digest", rested, "sha256:012345", PINNED],
    ["a digest without its algorithm", rested, "0123456789", PINNED],
    ["an older tag", rested, "1.39.0", version("1.39.0")],
  ])("goes back to %s", (_, of, to, expected) => {
    const [first] = answerTo(of, { verb: "rollback", to }).actions;
    if (first?.kind !== "land" || first.fall.kind !== "rollback") throw new Error("Nothing is rolled back.");
    const { change, fall } = first;
    expect(fall.to.image).toBe(expected);
    expect(change).toMatchObject({
      weight: undefined,
      stableTemplate: { kind: "asAt", commit: fall.to.commit },
      canaryTemplate: { kind: "asStableAt", commit: fall.to.commit, aborted: { image: NEW } },
    });
    expect(change.state.targets.get(of.target)?.stable).toBe(expected);
    expect(change.state.blocked.map((block) => block.image)).toContain(NEW);
  });

  it.each([
    ["1.42.0", "stable has not had 1.42.0; it has had 1.41.0, 0123456789ab, 1.39.0"],
    ["01234", "stable has not had 01234; it has had 1.41.0, 0123456789ab, 1.39.0"],
  ])("knows no other version: %s", (to, expected) => {
    expect(answerTo(rested, { verb: "rollback", to }).words).toBe(expected);
  });

  it("says so where git has none", () => {
    expect(answerTo({ ...rested, past: [] }, { verb: "rollback", to: undefined }).words).toBe(
      "git has no earlier version of stable",
    );
  });
});

describe("/retry", () => {
  const block = { image: NEW, template: undefined, commit: BUMP.commit, by: "gate", reason: "errors" } as const;

  it("gives the canary back what was taken from it, at weight 0", () => {
    const [first] = answerTo(member({ state: { blocked: [block] } }), { verb: "retry" }).actions;
    expect(first).toMatchObject({
      kind: "land",
      change: { weight: undefined, canaryTemplate: { kind: "asAt", commit: BUMP.commit }, state: { blocked: [] } },
    });
  });

  it("gives nothing to a canary that has a weight", () => {
    const of = member({ state: { blocked: [block] }, manifest: { weight: weight(5) }, pull: stepPull() });
    expect(answerTo(of, { verb: "retry" }).words).toBe("the route sends 5% to the canary, the state says 0%");
  });
});

describe("a second bump under batch", () => {
  const batch = { secondBump: "batch", gatherMs: 5 * MINUTE } as const;
  const quiet = { count: 10, canary: [0, 0], stable: [1000, 5] } as const;
  const override = { by: "ana", comment: 900, commit: undefined, reach: "step" } as const;

  function landedAt(minutes: number): Member {
    return measured(waiting({ policy: batch, bump: { ...BUMP, at: NOON + minutes * MINUTE } }), quiet);
  }

  it.each<[string, Member, number, readonly string[]]>([
    ["begins when nothing new has landed for a while", landedAt(0), 5, ["passed", "merge"]],
    ["waits until then", landedAt(0), 4, ["gathering", "wakeAt"]],
    ["waits anew from the last that landed", landedAt(3), 7, ["gathering", "wakeAt"]],
    ["begins at once otherwise", measured(waiting(), quiet), 4, ["passed", "merge"]],
    [
      "begins at once for a queue",
      measured(waiting({ policy: { secondBump: "queue" } }), quiet),
      4,
      ["passed", "merge"],
    ],
    ["holds up nothing that is under way", measured(inFlight(0, { policy: batch }), quiet), 4, ["passed", "merge"]],
  ])("%s", (_, of, minutes, expected) => {
    expect(kinds(of, NOON + minutes * MINUTE)).toEqual(expected);
  });

  it("does not wait where somebody has promoted it", () => {
    const of = landedAt(0);
    const at = of.pull?.proposed?.targets.get(of.target);
    if (of.pull?.proposed === undefined || at?.release === undefined) throw new Error("The builder opens the warm-up.");
    const targets = new Map([[of.target, { ...at, release: { ...at.release, override } }]]);
    const promoted = { ...of, pull: { ...of.pull, proposed: { ...of.pull.proposed, targets } } };
    expect(kinds(promoted, NOON + 4 * MINUTE)).toEqual(["passed", "merge"]);
  });
});
