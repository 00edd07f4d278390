import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divergence } from "../../src/core/divergence.ts";
import { abortOf, fallOf, isPromoted, takesBack } from "../../src/core/fall.ts";
import type { Image } from "../../src/core/image.ts";
import type { Ratio } from "../../src/core/manifest.ts";
import { trespassesOf } from "../../src/core/ownership.ts";
import { planFor, rolloutPlanOf, type Policy } from "../../src/core/plan.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import { nearestShare } from "../../src/core/ratio.ts";
import { versionMeant } from "../../src/core/rollback.ts";
import { untoldStep } from "../../src/core/rollout.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import type { Aborting, ReleaseState } from "../../src/core/state.ts";
import { NO_WEIGHT, weight, WHOLE } from "../../src/core/weight.ts";
import type { Pods } from "../../src/core/window.ts";
import {
  BUMP,
  commit,
  HEAD,
  measured,
  member,
  MINUTE,
  NEW,
  OLD,
  POLICY,
  templateOf,
  version,
} from "../support/member.ts";
import { pod, rollout, ROLLOUT, rolloutInFlight, rolloutWaiting, STEPS } from "../support/rollout-member.ts";

const OTHER = version("1.43.0");
const PROMOTED = STEPS.findIndex(({ kind }) => kind === "promote");
const AT_FIFTY = PROMOTED - 1;
const GATE: Aborting = { by: "gate", who: undefined, reason: "the canary fails more requests than stable" };
const FOREIGN: Aborting = { by: "containment", who: undefined, reason: "the canary's pod template changed under way" };

/** Pods of the Rollout: both arms' workloads bear its name, so each arm is told of all of them. */
function running(...images: readonly (readonly [Image, number])[]): {
  canary: readonly Pods[];
  stable: readonly Pods[];
} {
  const pods = images.map(([image, count]) => ({ image, ready: count, total: count }));
  return { canary: pods, stable: pods };
}

function releaseOf({ at: { release } }: Member): ReleaseState {
  if (release === undefined) throw new Error("A release is under way here.");
  return release;
}

describe("the plan of an Argo Rollout", () => {
  it("begins, goes over the weights, runs out and rests; its replicas are the controller's", () => {
    expect(STEPS.map(({ kind, weight: share, judge, bakeMs }) => [kind, share, judge, bakeMs / MINUTE])).toEqual([
      ["begin", 0, "seen", 0],
      ["shift", 5, "healthy", 0],
      ["shift", 25, "compare", 10],
      ["shift", 50, "compare", 10],
      ["promote", 100, "compare", 10],
      ["rest", 0, "seen", 0],
    ]);
    expect(new Set(STEPS.map(({ replicas }) => replicas))).toEqual(new Set([undefined]));
  });

  it("says the share that so many pods come nearest to", () => {
    const ratio = { replicas: 5, surge: 0 };
    const { steps } = planFor(POLICY, rollout().at, { ...rollout().manifest, ratio });
    expect(steps.map(({ nearest }) => nearest)).toEqual([undefined, 20, 20, 60, undefined, undefined]);
  });

  it.each([
    // argo-rollouts 9f8d111d, utils/replicaset/canary.go: the examples at CalculateReplicaCountsForBasicCanary.
    [10, 10, 1, 10],
    [30, 10, 0, 30],
    [5, 10, 1, 100 / 11],
    [5, 1, 1, 50],
    [95, 1, 1, 50],
    // A tie: the larger canary.
    [50, 3, 0, 200 / 3],
    [50, 1, 0, 100],
    [0, 4, 1, 0],
    [100, 4, 1, 100],
    // The controller is left without a choice here, and takes none; no plan has a weight above 50.
    [75, 2, 0, 0],
    [90, 5, 0, 0],
  ])("%d%% of %d pods, and %d more: %d%%", (share, replicas, surge, expected) => {
    expect(nearestShare(weight(share), { replicas, surge })).toBeCloseTo(expected, 10);
  });

  it("has with more pods a share that is nearer, and never all or none of several", () => {
    const shares = fc.integer({ min: 1, max: 50 }).map(weight);
    fc.assert(
      fc.property(
        shares,
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 0, max: 3 }),
        (share, replicas, surge) => {
          const nearest = nearestShare(share, { replicas, surge });
          expect(Math.abs(nearest - share)).toBeLessThanOrEqual(100 / replicas);
          expect(nearest).toBeGreaterThan(0);
          expect(nearest).toBeLessThan(100);
        },
      ),
    );
  });
});

describe("the steps of an Argo Rollout", () => {
  it("move the weight and nothing else", () => {
    for (const index of [0, 1, 2]) {
      const change = proposalOf(rolloutInFlight(index), HEAD);
      expect(change).toMatchObject({ weight: STEPS[index + 1]?.weight });
      expect([change?.canaryReplicas, change?.stableTemplate, change?.canaryTemplate]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  it("record what stable runs when promotion has been seen, not before", () => {
    const stableAfter = (of: Member) => {
      const at = proposalOf(of, HEAD)?.state.targets.get(of.target);
      return [at?.weight, at?.stable, at?.manifests, at?.release?.step];
    };
    expect(stableAfter(rolloutInFlight(AT_FIFTY))).toEqual([WHOLE, OLD, ROLLOUT, PROMOTED]);
    const recorded = { ...ROLLOUT, stableTemplate: templateOf(NEW) };
    expect(stableAfter(rolloutInFlight(PROMOTED))).toEqual([NO_WEIGHT, NEW, recorded, undefined]);
  });

  it("agree with the state at every one of them", () => {
    for (const { index } of STEPS.slice(0, -1)) expect(divergence(rolloutInFlight(index))).toBeUndefined();
    expect(divergence(rollout())).toBeUndefined();
  });
});

describe("what contradicts itself about an Argo Rollout", () => {
  it.each([
    [
      "lowered to a step",
      rolloutInFlight(2, { manifest: { weight: weight(5) } }),
      { kind: "lowered", step: { index: 1 } },
    ],
    [
      "lowered to its beginning",
      rolloutInFlight(2, { manifest: { weight: NO_WEIGHT } }),
      { kind: "lowered", step: { index: 0 } },
    ],
    [
      "raised to a step",
      rolloutInFlight(1, { manifest: { weight: weight(50) } }),
      { kind: "raised", step: { index: 3 } },
    ],
    ["run out by hand", rolloutInFlight(1, { manifest: { weight: WHOLE } }), { kind: "offPlan", to: 100 }],
    [
      "lowered while it runs out",
      rolloutInFlight(PROMOTED, { manifest: { weight: weight(50) } }),
      { kind: "lowered", step: undefined },
    ],
    ["a weight without a release", rollout({ manifest: { weight: weight(25) } }), { kind: "orphan", weight: 25 }],
    ["stable set by hand", rollout({ manifest: { stable: pod(NEW), canary: pod(NEW) } }), { kind: "stable" }],
  ])("%s", (_, of, expected) => {
    expect(divergence(of)).toMatchObject(expected);
  });
});

describe("the way back of an Argo Rollout", () => {
  it("sends the weight to 0 first, and gives the image back when that is seen", () => {
    const flying = rolloutInFlight(2);
    const first = abortOf(flying, HEAD, GATE, 0);
    expect(first).toMatchObject({ weight: 0, canaryTemplate: undefined, stableTemplate: undefined });
    const begun = rolloutInFlight(2, {
      release: { aborting: GATE },
      manifest: { weight: NO_WEIGHT },
      at: { weight: NO_WEIGHT },
    });
    expect(fallOf(begun, HEAD)).toMatchObject({
      kind: "takeBack",
      change: {
        canaryReplicas: undefined,
        canaryTemplate: { kind: "asAt", commit: BUMP.before, aborted: { image: NEW } },
      },
    });
  });

  it("gives from promotion on the pod template that stable had, under steps that stay, and rests after that", () => {
    const promoted = rolloutInFlight(PROMOTED, { beforePromotion: commit("9") });
    expect(isPromoted(promoted, releaseOf(promoted))).toBe(true);
    const first = abortOf(promoted, HEAD, GATE, 0);
    expect(first).toMatchObject({
      weight: 100,
      stableTemplate: undefined,
      canaryTemplate: { kind: "asAt", commit: commit("9"), aborted: { image: NEW, template: templateOf(NEW) } },
    });
    const at = first.state.targets.get(promoted.target);
    expect(at).toMatchObject({ weight: 100, stable: OLD, manifests: ROLLOUT });
    const restored = rolloutInFlight(PROMOTED, { release: { aborting: GATE }, manifest: { canary: pod(OLD) } });
    expect(fallOf(restored, HEAD)).toMatchObject({ kind: "lower", change: { weight: 0, canaryTemplate: undefined } });
    const lowered = { ...restored, manifest: { ...restored.manifest, weight: NO_WEIGHT } };
    expect(takesBack(lowered, releaseOf(lowered))).toBe(false);
    expect(fallOf(lowered, HEAD)).toMatchObject({ kind: "takeBack", change: { canaryTemplate: undefined } });
  });

  it("gives the template of the bump's parent where stable's own is not found", () => {
    const change = abortOf(rolloutInFlight(PROMOTED, { beforePromotion: undefined }), HEAD, GATE, 0);
    expect(change.canaryTemplate).toMatchObject({ kind: "asAt", commit: BUMP.before });
  });

  it("gives stable its own pod template back where only the commit that brought the bump is gone", () => {
    const promoted = rolloutInFlight(PROMOTED, { bump: undefined, beforePromotion: commit("9") });
    const change = abortOf(promoted, HEAD, GATE, 0);
    expect(change).toMatchObject({ weight: 100, canaryTemplate: { kind: "asAt", commit: commit("9") } });
  });

  it.each([
    ["where that is found", commit("9"), { kind: "asAt", commit: commit("9") }],
    ["and leaves the bump where it is not", undefined, undefined],
  ])("gives what stable runs where the bump stood on a blocked version, %s", (_, beforePromotion, expected) => {
    const was = { image: OTHER, template: templateOf(OTHER) };
    const begun = rolloutInFlight(2, {
      release: { aborting: GATE },
      at: { weight: NO_WEIGHT },
      manifest: { weight: NO_WEIGHT },
      bump: { ...BUMP, was },
      beforePromotion,
      state: { blocked: [{ image: OTHER, template: undefined, commit: undefined, by: "gate", reason: "errors" }] },
    });
    const template = fallOf(begun, HEAD)?.change.canaryTemplate;
    if (expected === undefined) expect(template).toBeUndefined();
    else expect(template).toMatchObject(expected);
  });

  it("contains another pod template at weight 0, also while it runs out, and leaves that template", () => {
    for (const index of [1, 2, PROMOTED]) {
      const landed = rolloutInFlight(index, { manifest: { canary: pod(OTHER) } });
      expect(stageOf(landed, 0, 0)).toMatchObject({ kind: "failed", aborting: { by: "containment" } });
      expect(abortOf(landed, HEAD, FOREIGN, 0)).toMatchObject({ weight: 0, canaryTemplate: undefined });
    }
  });

  it.each([
    ["what it ran", running([OLD, 10]), OLD],
    ["what was promoted", running([NEW, 10]), NEW],
    ["what landed under it and ran out", running([OTHER, 10]), OTHER],
    ["what it ran, beside pods that the canary Service keeps", running([OLD, 10], [NEW, 5]), OLD],
  ])("records, where something landed while it ran out, what stable's pods run: %s", (_, pods, expected) => {
    const contained = rolloutInFlight(PROMOTED, {
      release: { aborting: FOREIGN },
      at: { weight: NO_WEIGHT },
      manifest: { weight: NO_WEIGHT, canary: pod(OTHER) },
    });
    const seen = measured(contained, { count: 3, canary: [0, 0], stable: [900, 0], pods });
    expect(stageOf(seen, seen.changedAt + 3 * MINUTE, 0)).toMatchObject({ kind: "aborting", unseen: undefined });
    const at = fallOf(seen, HEAD)?.change.state.targets.get(seen.target);
    expect(at).toMatchObject({
      stable: expected,
      manifests: { stableTemplate: templateOf(expected) },
      release: undefined,
    });
  });

  it("waits while the pods are of several versions, no longer than the deadline", () => {
    const contained = rolloutInFlight(PROMOTED, {
      release: { aborting: FOREIGN },
      at: { weight: NO_WEIGHT },
      manifest: { weight: NO_WEIGHT, canary: pod(OTHER) },
    });
    const seen = measured(contained, {
      count: 3,
      canary: [0, 0],
      stable: [900, 0],
      pods: running([OLD, 10], [NEW, 10]),
    });
    expect(stageOf(seen, seen.changedAt + 3 * MINUTE, 0)).toMatchObject({
      unseen: { kind: "leaving", pods: 10 },
    });
    expect(stageOf(seen, seen.changedAt + POLICY.deadlineMs, 0)).toMatchObject({ unseen: undefined });
    expect(fallOf(seen, HEAD)?.change.state.targets.get(seen.target)?.stable).toBe(OLD);
  });

  it("takes a bump back that has not begun", () => {
    const change = abortOf(rolloutWaiting(), HEAD, GATE, 0);
    expect(change).toMatchObject({
      weight: undefined,
      canaryReplicas: undefined,
      canaryTemplate: { commit: BUMP.before },
    });
  });

  it("has no /rollback: there is no commit that gives stable alone another version", () => {
    const place = { kind: "past" } as const;
    const human = {
      login: "ana",
      permission: "write",
      role: "write",
      teams: [],
      codeOwner: false,
      byBot: false,
    } as const;
    const comment = { id: 1, pull: 1, at: 0, on: undefined, place, human, commands: [] };
    expect(versionMeant(rollout(), comment, undefined)).toMatchObject({ kind: "err" });
  });
});

describe("what of an Argo Rollout is seen", () => {
  const seen = (of: Member, traffic: Parameters<typeof measured>[1]) => {
    const { kind, ...stage } = stageOf(measured(of, traffic), of.changedAt + 4 * MINUTE, 0);
    return kind === "syncing" && "why" in stage ? stage.why : kind;
  };
  const quiet = { count: 3, canary: [0, 0], stable: [900, 0] } as const;

  it.each([
    ["a bump at rest makes no pods", rolloutWaiting(), { ...quiet, pods: running([OLD, 10]) }, "passed"],
    [
      "a bump at rest that makes pods all the same",
      rolloutWaiting(),
      { ...quiet, pods: running([OLD, 8], [NEW, 2]) },
      { kind: "leaving", arm: "canary", pods: 2 },
    ],
    [
      "pods of the image that stood there before: the controller keeps them until the next version has its own",
      rolloutWaiting({ bump: { ...BUMP, was: { image: NEW, template: "f".repeat(16) } } }),
      { ...quiet, pods: running([OLD, 8], [NEW, 2]) },
      "passed",
    ],
    [
      "no pods of a new image that the metrics do not know",
      rolloutWaiting(),
      { ...quiet, pods: {} },
      { kind: "noPods", arm: "canary" },
    ],
    [
      "a weight, by the share alone",
      rolloutInFlight(2),
      { count: 4, canary: [250, 0], stable: [750, 0], pods: {} },
      "baking",
    ],
    [
      "a weight that is not there",
      rolloutInFlight(2),
      { count: 4, canary: [50, 0], stable: [950, 0], pods: {} },
      { kind: "share", observed: 0.05, wanted: 0.25, requests: 4000, split: "pending" },
    ],
    ["a promotion", rolloutInFlight(PROMOTED), { ...quiet, pods: running([NEW, 10]) }, "passed"],
    [
      "a promotion with old pods left",
      rolloutInFlight(PROMOTED),
      { ...quiet, pods: running([OLD, 3], [NEW, 10]) },
      { kind: "leaving", arm: "stable", pods: 3 },
    ],
    [
      "a promotion whose pods are not all there",
      rolloutInFlight(PROMOTED),
      { ...quiet, pods: running([NEW, 7]) },
      { kind: "pods", arm: "stable", ready: 7, wanted: 10, image: NEW },
    ],
  ] as const)("%s", (_, of, traffic, expected) => {
    expect(seen(of, traffic)).toEqual(expected);
  });

  describe("of a promotion that changes no image", () => {
    const template = "f".repeat(16);
    const of = rolloutInFlight(PROMOTED, {
      release: { image: OLD, from: OLD, template },
      manifest: { canary: { ...pod(OLD), template } },
    });

    it.each([
      [
        "while the canary is sent requests",
        { count: 3, canary: [450, 0], stable: [450, 0], pods: running([OLD, 10]) },
        { kind: "draining" },
      ],
      ["while old pods are left", { ...quiet, pods: running([OLD, 15]) }, { kind: "leaving", pods: 5 }],
      ["where pods are not known", { ...quiet, pods: {} }, { kind: "noPods" }],
    ] as const)("is not seen %s", (_, traffic, why) => {
      expect(seen(of, traffic)).toMatchObject(why);
    });

    it("is seen when the canary is sent nothing any more and no pod is left over", () => {
      expect(seen(of, { ...quiet, pods: running([OLD, 10]) })).toBe("passed");
    });

    it("is told by nothing where pods alone make the share, and is assumed where that is configured", () => {
      const alike = { ...of, manifest: { ...of.manifest, ratio: { replicas: 10, surge: 0 } } };
      expect(seen(alike, { ...quiet, pods: running([OLD, 10]) })).toEqual({ kind: "alike" });
      const assumed = { ...alike, policy: { ...alike.policy, assumedAfterMs: MINUTE } };
      expect(seen(assumed, { ...quiet, pods: running([OLD, 10]) })).toBe("passed");
    });

    it("is told by its controller alone where an autoscaler says how many pods there are, and by one pod", () => {
      const { canary, stable } = of.manifest;
      const one = { canary: { ...canary, replicas: 1 }, stable: { ...stable, replicas: 1 }, scaled: true } as const;
      const scaled = { ...of, manifest: { ...of.manifest, ...one } };
      expect(seen(scaled, { ...quiet, pods: running([OLD, 10]) })).toEqual({ kind: "alike" });
      expect(seen(scaled, { ...quiet, pods: running([OLD, 1]) })).toBe("passed");
      expect(untoldStep(scaled, scaled.manifest)).toBe("promote");
    });
  });

  it.each([
    ["bake", 2, undefined, 3],
    ["health", 3, undefined, 5],
    ["bake", 2, { replicas: 10, surge: 0 }, 2],
  ] as const)(
    "where nothing is compared (%s, step %d, %j), takes %d pods for the weight's",
    (evidence, index, ratio, pods) => {
      const bare = rolloutInFlight(index, { policy: { evidence } });
      const of = { ...bare, manifest: { ...bare.manifest, ...(ratio && { ratio }) } };
      const seenWith = (count: number) =>
        seen(of, { count: 4, canary: [0, 0], stable: [0, 0], pods: running([OLD, 10], [NEW, count]) });
      expect(seenWith(pods - 1)).toMatchObject({ kind: "pods", arm: "canary", wanted: pods });
      expect(seenWith(pods)).not.toHaveProperty("wanted");
      const template = "f".repeat(16);
      const alike = {
        ...of,
        at: { ...of.at, release: { ...releaseOf(of), image: OLD, template } },
        manifest: { ...of.manifest, canary: { ...pod(OLD), template } },
      };
      expect(seen(alike, { count: 4, pods: running([OLD, 12]) })).toEqual({ kind: "alike" });
    },
  );

  describe("of a change that leaves the image as it is", () => {
    const template = "f".repeat(16);
    const released = (index: number, policy: Partial<Policy>, ratio: Ratio | undefined) =>
      rolloutInFlight(index, {
        policy,
        release: { image: OLD, from: OLD, template },
        manifest: { canary: { ...pod(OLD), template }, ...(ratio && { ratio }) },
      });
    const byPods = { replicas: 10, surge: 0 };
    const assumed = { assumedAfterMs: MINUTE };
    const reported = { reports: { by: "acme-flux", of: { kind: "status", label: "flux" }, afterMs: 0 } } as const;

    it.each<readonly [string, Partial<Policy>, Ratio | undefined, ReturnType<typeof untoldStep>]>([
      ["compared, behind a router", {}, undefined, undefined],
      ["compared, by pods", {}, byPods, "promote"],
      ["compared, by pods, assumed", assumed, byPods, undefined],
      ["compared, by pods, reported", reported, byPods, "promote"],
      ["judged by health, behind a router", { evidence: "health" }, undefined, "shift"],
      ["judged by health, by pods", { evidence: "health" }, byPods, "shift"],
      ["judged by health, behind a router, reported", { evidence: "health", ...reported }, undefined, undefined],
      ["judged by health, by pods, reported", { evidence: "health", ...reported }, byPods, "promote"],
      ["judged by health, by pods, assumed", { evidence: "health", ...assumed }, byPods, undefined],
      ["only baked", { evidence: "bake" }, undefined, "shift"],
    ])("says beforehand what stays unseen: %s", (_, policy, ratio, untold) => {
      const resting = rollout({ policy });
      const to = { ...resting.manifest, canary: { ...pod(OLD), template }, ...(ratio && { ratio }) };
      expect(untoldStep(resting, to)).toBe(untold);
      expect(untoldStep(resting, { ...to, canary: pod(NEW) })).toBeUndefined();
      const unseenAt = (index: number) => {
        const why = seen(released(index, policy, ratio), {
          count: 4,
          canary: [0, 0],
          stable: [0, 0],
          pods: running([OLD, 10]),
        });
        return typeof why === "object" && why.kind === "alike";
      };
      expect([unseenAt(AT_FIFTY), unseenAt(PROMOTED)]).toEqual([
        untold === "shift",
        ratio !== undefined && policy.assumedAfterMs === undefined,
      ]);
    });

    it("is of no account where another pod template makes the canary's pods of its own", () => {
      const of = member({ policy: { evidence: "health" } });
      expect(untoldStep(of, { ...of.manifest, ratio: byPods })).toBeUndefined();
    });
  });

  it("takes the share that so many pods come nearest to for the weight's", () => {
    const ratio = { replicas: 5, surge: 0 };
    const plan = rolloutPlanOf(POLICY, ratio);
    const traffic = { count: 4, canary: [200, 0], stable: [800, 0], pods: {} } as const;
    const at = (index: number) => ({ ...rolloutInFlight(index), plan });
    expect(seen(at(1), traffic)).toBe("baking");
    expect(seen(at(2), traffic)).toBe("baking");
    expect(seen(at(3), traffic)).toMatchObject({ kind: "share", wanted: 0.6 });
  });

  it("takes all of the requests for the share where one pod is all that there may be", () => {
    const plan = rolloutPlanOf(POLICY, { replicas: 1, surge: 0 });
    const seenAt = (index: number, canary: number) =>
      seen(
        { ...rolloutInFlight(index), plan },
        { count: 4, canary: [canary, 0], stable: [1000 - canary, 0], pods: {} },
      );
    expect(plan.steps[3]?.nearest).toBe(100);
    expect(seenAt(3, 1000)).toBe("baking");
    expect(seenAt(3, 900)).toMatchObject({ kind: "share", wanted: 1 });
  });

  it("is a restored stable when only the old image runs", () => {
    const restored = rolloutInFlight(PROMOTED, { release: { aborting: GATE }, manifest: { canary: pod(OLD) } });
    const unseen = (pods: ReturnType<typeof running>) =>
      stageOf(measured(restored, { ...quiet, pods }), restored.changedAt + 4 * MINUTE, 0);
    expect(unseen(running([NEW, 10]))).toMatchObject({ unseen: { kind: "pods", ready: 0 } });
    expect(unseen(running([OLD, 10], [NEW, 2]))).toMatchObject({ unseen: { kind: "leaving" } });
    expect(unseen(running([OLD, 10]))).toMatchObject({ unseen: undefined });
  });

  it("is a restored stable that an autoscaler holds small, once the deadline has come", () => {
    const restored = rolloutInFlight(PROMOTED, { release: { aborting: GATE }, manifest: { canary: pod(OLD) } });
    const after = (minutes: number, pods: ReturnType<typeof running>) =>
      stageOf(measured(restored, { ...quiet, pods }), restored.changedAt + minutes * MINUTE, 0);
    const deadline = restored.policy.deadlineMs / MINUTE;
    expect(after(deadline - 1, running([OLD, 3]))).toMatchObject({ unseen: { kind: "pods", ready: 3 } });
    expect(after(deadline, running([OLD, 3]))).toMatchObject({ unseen: undefined });
    expect(after(deadline, running([OLD, 3], [NEW, 1]))).toMatchObject({ unseen: { kind: "leaving" } });
    expect(after(deadline, running([NEW, 10]))).toMatchObject({ unseen: { kind: "pods", ready: 0 } });
  });
});

describe("what Tidegate may write of an Argo Rollout", () => {
  it.each([
    [["apps/checkout/prod/tidegate/"], [], []],
    [[], [{ path: ROLLOUT.rollout, at: "spec.strategy.canary.steps" }], []],
    [[], [], [/spec\.strategy\.canary\.steps of apps\/checkout\/prod\/tidegate\/rollout\.yaml/]],
    [[], [{ path: ROLLOUT.workload, at: "spec.strategy.canary.steps" }], [/claims does not list it/]],
  ])("with %j owned and %j claimed, a release misses %j", (owned, claims, missing) => {
    const found = trespassesOf({ owned, claims }, { manifests: ROLLOUT });
    expect(found).toHaveLength(missing.length);
    for (const [index, words] of missing.entries()) expect(found[index]).toMatch(words);
  });
});
