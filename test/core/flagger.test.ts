import { describe, expect, it } from "vitest";
import { divergence } from "../../src/core/divergence.ts";
import { abortOf, fallOf } from "../../src/core/fall.ts";
import { gatesOf } from "../../src/core/flagger.ts";
import type { Image } from "../../src/core/image.ts";
import type { CanaryGates } from "../../src/core/manifest.ts";
import { name, sha } from "../../src/core/names.ts";
import { claimedWeight, trespassesOf } from "../../src/core/ownership.ts";
import { unplannable } from "../../src/core/plan.ts";
import { settledOn, untoldStep } from "../../src/core/rollout.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import type { Aborting } from "../../src/core/state.ts";
import { NO_WEIGHT, weight } from "../../src/core/weight.ts";
import type { Pods } from "../../src/core/window.ts";
import { HEAD, measured, MINUTE, NEW, OLD, POLICY, templateOf, version } from "../support/member.ts";
import type { MemberChanges } from "../support/member.ts";
import { pod as podOf, ROLLOUT, rolloutInFlight, rolloutWaiting, STEPS } from "../support/rollout-member.ts";

const OTHER = version("1.43.0");
const PERSON: Aborting = { by: "person", who: "ana", reason: "we saw something" };
const FOREIGN: Aborting = { by: "containment", who: undefined, reason: "something else landed" };
const [BEGUN, AT_25, PROMOTING] = [0, 2, 4];
/** How many pods there are no file says: at least one. */
const pod = (image: Image) => ({ ...podOf(image), replicas: 1 });
const PRIMARY = { ...pod(OLD), deployment: name("checkout-primary") };

/** The release of 1.42.0 whose step `index` has landed, by a Canary. */
function inFlight(index: number, changes: MemberChanges = {}): Member {
  const { manifest, ...rest } = changes;
  const flagger: CanaryGates = index === BEGUN ? "begin" : index === PROMOTING ? "promotion" : "weight";
  return rolloutInFlight(index, { ...rest, manifest: { canary: pod(NEW), stable: PRIMARY, flagger, ...manifest } });
}

const some = (...pods: readonly (readonly [Image, number])[]): readonly Pods[] =>
  pods.map(([image, count]) => ({ image, ready: count, total: count }));

/** The pods of both Deployments, and how many of a thousand requests a minute go to the canary. */
const seen = (canary: readonly Pods[], stable: readonly Pods[], share = 0) =>
  ({ count: 20, canary: [share * 10, 0], stable: [1000 - share * 10, 0], pods: { canary, stable } }) as const;

const stageAfter = (of: Member, windows: Parameters<typeof measured>[1], minutes = 15) =>
  stageOf(measured(of, windows), of.changedAt + minutes * MINUTE, 0);

describe("a step of a Canary", () => {
  it("is seen at its beginning by ready pods of the version, and by no request to them", () => {
    const begun = inFlight(BEGUN);
    expect(stageAfter(begun, seen([], some([OLD, 3])))).toMatchObject({
      kind: "syncing",
      why: { kind: "pods", arm: "canary", ready: 0, wanted: 1 },
    });
    expect(stageAfter(begun, seen(some([NEW, 1]), some([OLD, 3]), 5))).toMatchObject({ why: { kind: "draining" } });
    expect(stageAfter(begun, seen(some([NEW, 1]), some([OLD, 3])))).toMatchObject({ kind: "passed" });
  });

  it("is seen at a weight by the share, however many pods there are", () => {
    const low = stageAfter(inFlight(AT_25), seen(some([NEW, 3]), some([OLD, 3]), 5));
    expect(low).toMatchObject({ kind: "syncing", why: { kind: "share" } });
    expect(stageAfter(inFlight(AT_25), seen(some([NEW, 3]), some([OLD, 3]), 25)).kind).not.toBe("syncing");
  });

  it.each<readonly [string, readonly Pods[], readonly Pods[], object]>([
    ["not before the canary's pods have gone", some([NEW, 1]), some([NEW, 3]), { kind: "leaving", arm: "canary" }],
    ["not while stable's pods are the old ones", [], some([OLD, 3]), { kind: "pods", arm: "stable" }],
    ["not while some of them are", [], some([OLD, 1], [NEW, 2]), { kind: "leaving", arm: "stable" }],
  ])("is seen at promotion %s", (_, canary, stable, why) => {
    expect(stageAfter(inFlight(PROMOTING), seen(canary, stable))).toMatchObject({ kind: "syncing", why });
  });

  it("is seen at promotion by stable's pods on the version, and none of the canary's", () => {
    expect(stageAfter(inFlight(PROMOTING), seen([], some([NEW, 3])))).toMatchObject({ kind: "passed" });
  });

  it("of one image shows no promotion, whatever pods there are, and says so before", () => {
    const other = { ...pod(OLD), template: templateOf(OTHER) };
    const release = inFlight(PROMOTING).at.release ?? expect.fail("no release");
    const alike = inFlight(PROMOTING, {
      at: { release: { ...release, image: OLD, template: other.template } },
      manifest: { canary: other },
    });
    expect(stageAfter(alike, seen([], some([OLD, 3])))).toMatchObject({ kind: "syncing", why: { kind: "alike" } });
    expect(untoldStep(alike, alike.manifest)).toBe("promote");
  });

  it("begins although pods of what came in between are there", () => {
    const waiting = rolloutWaiting({ manifest: { canary: pod(NEW), stable: PRIMARY, flagger: "rest" } });
    expect(stageAfter(waiting, seen(some([NEW, 1]), some([OLD, 3])))).toMatchObject({ kind: "passed" });
  });
});

describe("the way back of a Canary", () => {
  it.each([BEGUN, AT_25, PROMOTING])("gives the old pod template back with the weight (step %i)", (index) => {
    const change = abortOf(inFlight(index), HEAD, PERSON, 0);
    expect(change).toMatchObject({ weight: 0, canaryTemplate: { kind: "asAt", aborted: { image: NEW } } });
  });

  it.each([BEGUN, AT_25, PROMOTING])(
    "gives what stable runs back with the weight, whatever stood there before the bump (step %i)",
    (index) => {
      const { bump } = inFlight(index);
      const was = { image: OTHER, template: templateOf(OTHER) };
      const stood = sha("5".repeat(40));
      const after = inFlight(index, { bump: bump && { ...bump, was }, beforePromotion: stood });
      const canaryTemplate = { kind: "asAt", commit: stood, aborted: { image: NEW } };
      expect(abortOf(after, HEAD, PERSON, 0)).toMatchObject({ weight: 0, canaryTemplate });
      const unknown = { ...after, beforePromotion: undefined };
      expect(abortOf(unknown, HEAD, PERSON, 0)).toMatchObject({ weight: 0 });
      expect(abortOf(unknown, HEAD, PERSON, 0).canaryTemplate).toBeUndefined();
    },
  );

  it.each([AT_25, PROMOTING])("leaves what came in between, which starts over by itself (step %i)", (index) => {
    const between = inFlight(index, { manifest: { canary: pod(OTHER) } });
    expect(abortOf(between, HEAD, FOREIGN, 0)).toMatchObject({ weight: 0 });
    expect(abortOf(between, HEAD, FOREIGN, 0).canaryTemplate).toBeUndefined();
  });

  it("closes the gates again as it ends", () => {
    const falling = aborting(AT_25, PERSON, { weight: NO_WEIGHT, canary: pod(OLD) });
    expect(fallOf(falling, HEAD)).toMatchObject({ kind: "takeBack", change: { weight: 0 } });
  });

  it.each<readonly [string, readonly Pods[], number, object | undefined]>([
    ["while requests go to the canary", some([OLD, 1]), 5, { kind: "draining" }],
    ["while it has pods", some([OLD, 1]), 0, { kind: "leaving", arm: "canary", pods: 1 }],
    ["no longer", [], 0, undefined],
  ])("is waited for %s", (_, pods, share, unseen) => {
    const falling = aborting(AT_25, PERSON, { weight: NO_WEIGHT, canary: pod(OLD) });
    const stage = stageAfter(falling, seen(pods, some([OLD, 3]), share));
    expect(stage).toMatchObject({ kind: "aborting" });
    expect("unseen" in stage ? stage.unseen : "none").toEqual(
      unseen === undefined ? undefined : expect.objectContaining(unseen),
    );
  });

  it("waits for no pods of what came in between, which keeps them", () => {
    const falling = aborting(AT_25, FOREIGN, { weight: NO_WEIGHT, canary: pod(OTHER) });
    expect(stageAfter(falling, seen(some([OTHER, 1]), some([OLD, 3])))).toMatchObject({ unseen: undefined });
    expect(stageAfter(falling, seen(some([NEW, 1]), some([OLD, 3])))).toMatchObject({ unseen: { kind: "leaving" } });
  });

  it.each<readonly [string, readonly Pods[], Image | undefined]>([
    ["what it was, where Flagger has not promoted", some([OLD, 3]), OLD],
    ["the new version, where it has", some([NEW, 3]), NEW],
    ["nobody knows what, while it does", some([OLD, 1], [NEW, 2]), undefined],
  ])("ends from promotion on with stable on %s", (_, pods, image) => {
    const falling = measured(aborting(PROMOTING, PERSON, { weight: NO_WEIGHT, canary: pod(OLD) }), seen([], pods));
    expect(settledOn(falling)?.image).toBe(image);
    const stage = stageOf(falling, falling.changedAt + 15 * MINUTE, 0);
    expect("unseen" in stage && stage.unseen === undefined).toBe(image !== undefined);
  });
});

describe("the deadline of a way back", () => {
  const LATE = 300;
  it.each<readonly [string, number, ReturnType<typeof seen>, object | undefined]>([
    ["not by pods that stay", AT_25, seen(some([OLD, 1]), some([OLD, 3])), undefined],
    ["by requests that still go to them", AT_25, seen(some([OLD, 1]), some([OLD, 3]), 5), { kind: "draining" }],
    ["by a promotion under way", PROMOTING, seen([], some([OLD, 1], [NEW, 2])), { kind: "leaving", arm: "stable" }],
    ["not by a version of stable's that nobody knows", PROMOTING, seen([], some([OTHER, 3])), undefined],
  ])("is held up %s", (_, step, windows, unseen) => {
    const falling = aborting(step, PERSON, { weight: NO_WEIGHT, canary: pod(OLD) });
    const stage = stageAfter(falling, { ...windows, count: LATE }, LATE);
    expect("unseen" in stage ? stage.unseen : "none").toEqual(
      unseen === undefined ? undefined : expect.objectContaining(unseen),
    );
  });
});

describe("the gates of a Canary in git", () => {
  it.each<readonly [CanaryGates, number]>([
    ["begin", 0],
    ["weight", 1],
    ["promotion", 4],
  ])("are those of %s while step %i is live", (gates, index) => {
    expect(gatesOf(inFlight(index).at)).toBe(gates);
    expect(divergence(inFlight(index))).toBeUndefined();
  });

  it.each<readonly [CanaryGates, object | undefined]>([
    ["back", undefined],
    ["rest", undefined],
    ["begin", { kind: "gates" }],
  ])("at %s are a way back's own, or somebody's hand", (flagger, found) => {
    const falling = aborting(AT_25, PERSON, { weight: NO_WEIGHT, canary: pod(OLD), flagger });
    expect(divergence(falling)).toEqual(found && expect.objectContaining(found));
  });

  it("diverge where somebody has opened one without a weight", () => {
    const opened = rolloutWaiting({ manifest: { canary: pod(NEW), stable: PRIMARY, flagger: "begin" } });
    expect(divergence(opened)).toMatchObject({ kind: "gates" });
  });

  it.each<readonly [string, readonly number[], object | undefined]>([
    ["lacks the weight and goes beyond it", [50], { kind: "gates" }],
    ["goes beyond it, having it", [25, 50], { kind: "raised" }],
    ["ends before it", [5], { kind: "lowered" }],
    ["has it", [5, 25], undefined],
  ])("end a release whose list %s only where Flagger would go to 100%% from there", (_, list, found) => {
    const listed = list.map(weight);
    const edited = inFlight(AT_25, { manifest: { listed, weight: listed.at(-1) ?? NO_WEIGHT } });
    expect(divergence(edited)).toEqual(found && expect.objectContaining(found));
    const isOver = found !== undefined && list.every((one) => one > 25);
    const stage = stageAfter(edited, seen(some([NEW, 3]), some([OLD, 3]), 25));
    const said = stage.kind === "failed" ? `${stage.aborting.by}: ${stage.aborting.reason}` : undefined;
    const leap = "person: the Canary's list of weights lacks 25%, from which Flagger goes to 100%";
    expect(said).toBe(isOver ? leap : undefined);
    if (isOver) expect(abortOf(edited, HEAD, PERSON, 0)).toMatchObject({ weight: 0, canaryTemplate: { kind: "asAt" } });
  });

  it("are not followed from a leap while none is possible: before the first weight, and at promotion", () => {
    const listed = [weight(50)];
    expect(divergence(inFlight(BEGUN, { manifest: { flagger: "weight", listed, weight: weight(50) } }))).toMatchObject({
      kind: "raised",
    });
    expect(divergence(inFlight(PROMOTING, { manifest: { listed } }))).toBeUndefined();
  });

  it("leave the weight where it is when the list is made shorter", () => {
    expect(divergence(inFlight(AT_25, { manifest: { weight: weight(5) } }))).toMatchObject({
      kind: "lowered",
      step: undefined,
    });
  });

  it("are both to be claimed, and either tells that they are", () => {
    const path = ROLLOUT.rollout;
    const [hooks, weights] = ["spec.analysis.webhooks", "spec.analysis.stepWeights"].map((at) => ({ path, at }));
    const at = { manifests: ROLLOUT };
    const one = { owned: [], claims: [hooks ?? expect.fail()] };
    expect(trespassesOf(one, at, { flagger: "rest" })).toEqual([
      `spec.analysis.stepWeights of ${path} is written by releases, and claims does not list it`,
    ]);
    expect(
      trespassesOf({ owned: [], claims: [hooks, weights].flatMap((it) => it ?? []) }, at, { flagger: "rest" }),
    ).toEqual([]);
    expect([trespassesOf(one, at), claimedWeight(one, at)]).toEqual([[], hooks]);
  });

  it("go by weights above 0 alone", () => {
    const found = unplannable({ ...POLICY, weights: [0, 50].map(weight) }, { manifests: ROLLOUT }, { flagger: "rest" });
    expect(found).toMatch(/^steps have 0, and the Canary in /);
  });
});

/** On its way back since step `index`. */
function aborting(index: number, by: Aborting, manifest: MemberChanges["manifest"] = {}): Member {
  const bare = inFlight(index);
  const release = bare.at.release ?? expect.fail("no release");
  const share = manifest.weight ?? STEPS[index]?.weight ?? NO_WEIGHT;
  return inFlight(index, { at: { weight: share, release: { ...release, aborting: by } }, manifest });
}
