import { describe, expect, it } from "vitest";
import { abortOf, fallOf } from "../../src/core/fall.ts";
import { scaleThemselves } from "../../src/core/manifests.ts";
import { name } from "../../src/core/names.ts";
import { planFor } from "../../src/core/plan.ts";
import { trespassesOf } from "../../src/core/ownership.ts";
import { read } from "../../src/core/reading.ts";
import { seenOf } from "../../src/core/stage.ts";
import type { TargetState } from "../../src/core/state.ts";
import { NO_WEIGHT, weight } from "../../src/core/weight.ts";
import type { Pods, Window } from "../../src/core/window.ts";
import {
  HEAD,
  inFlight,
  KNATIVE,
  member,
  MINUTE,
  NEW,
  OLD,
  windows,
  workload,
  type TrafficOf,
} from "../support/member.ts";

const ready = (image: string, pods = 1): Pods => ({ image, ready: pods, total: pods });
const unready = (image: string): Pods => ({ image, ready: 0, total: 1 });
const STABLE = [ready(OLD, 4)];

const LANDED = inFlight(0).bump?.at ?? 0;
const LONG_AGO = LANDED - 10 * MINUTE;

type Seen = {
  readonly canary: readonly Pods[];
  readonly stable?: readonly Pods[];
  readonly traffic?: readonly [canary: TrafficOf, stable: TrafficOf];
  /** The canary's, in the windows from the bump to the warm-up. */
  readonly before?: readonly Pods[];
  /** When those windows begin, milliseconds. */
  readonly landed?: number;
  /** How many pods its revisions keep. */
  readonly least?: number;
};

/** What is seen of a member of Knative's whose step has landed. */
function seen(
  step: number,
  {
    canary,
    stable = STABLE,
    traffic = [
      [0, 0],
      [1000, 0],
    ],
    least = 0,
    before = [],
    landed = LANDED,
  }: Seen,
): string {
  const of = inFlight(step, { at: { manifests: KNATIVE } });
  const arms = {
    canary: { ...of.manifest.canary, replicas: least },
    stable: { ...of.manifest.stable, replicas: least },
  };
  const manifest = { ...of.manifest, ...arms };
  const pods: Window["pods"] = { canary, stable };
  const [canaryTraffic, stableTraffic] = traffic;
  const own = windows({ from: of.changedAt, count: 4, canary: canaryTraffic, stable: stableTraffic, pods });
  const earlier = windows({
    from: landed,
    count: 3,
    canary: [0, 0],
    stable: [1000, 0],
    pods: { canary: before, stable },
  });
  const timeline = read([...earlier, ...own]);
  const found = seenOf({ ...of, manifest, plan: planFor(of.policy, of.at, manifest), timeline });
  return found.kind === "unseen" ? found.why.kind : found.kind;
}

const [WARM_UP, FIVE, PROMOTE, DRAIN] = [0, 1, 4, 5];
const SHARED = [
  [50, 0],
  [950, 0],
] as const;
const HALF = [
  [500, 0],
  [500, 0],
] as const;

describe("pods that come and go with requests", () => {
  it.each<[string, number, Seen, string]>([
    ["at weight 0 there need be none, once it was ready", WARM_UP, { canary: [], before: [ready(NEW)] }, "live"],
    ["one that never was ready is not warm", WARM_UP, { canary: [] }, "pods"],
    ["nor by what was ready before it landed", WARM_UP, { canary: [], before: [ready(NEW)], landed: LONG_AGO }, "pods"],
    ["nor by one that was there and not ready", WARM_UP, { canary: [], before: [unready(NEW)] }, "pods"],
    ["nor by one of another version", WARM_UP, { canary: [], before: [ready(OLD)] }, "pods"],
    ["one that is there is ready", WARM_UP, { canary: [unready(NEW)] }, "pods"],
    ["and of the version", WARM_UP, { canary: [ready(OLD)] }, "leaving"],
    ["as many as git asks for are", WARM_UP, { canary: [ready(NEW)], least: 2 }, "pods"],
    ["and then it is warm", WARM_UP, { canary: [ready(NEW, 2)], least: 2 }, "live"],
    ["at a weight one answers", FIVE, { canary: [], traffic: SHARED }, "pods"],
    ["however many there are", FIVE, { canary: [ready(NEW, 7)], traffic: SHARED }, "live"],
    [
      "where the version never gets ready the one before it answers",
      FIVE,
      { canary: [ready(OLD), unready(NEW)], traffic: SHARED },
      "pods",
    ],
    ["and no other one beside it", FIVE, { canary: [ready(OLD), ready(NEW)], traffic: SHARED }, "leaving"],
    ["promoted, stable has one of the version", PROMOTE, { canary: [ready(NEW)], stable: [], traffic: HALF }, "pods"],
    [
      "and none of another",
      PROMOTE,
      { canary: [ready(NEW)], stable: [ready(NEW), ready(OLD)], traffic: HALF },
      "leaving",
    ],
    ["as soon as it has", PROMOTE, { canary: [ready(NEW)], stable: [ready(NEW)], traffic: HALF }, "live"],
    ["nobody waits for the canary's to go", DRAIN, { canary: [ready(NEW, 3)] }, "live"],
  ])("%s", (_, step, pods, expected) => {
    expect(seen(step, pods)).toBe(expected);
  });

  it("may stay at rest, where those of a Deployment are gone", () => {
    const pods: Window["pods"] = { canary: [ready(OLD)], stable: STABLE };
    const resting = (manifests?: typeof KNATIVE) => {
      const of = member(manifests && { at: { manifests } });
      const timeline = read(windows({ from: of.changedAt, count: 4, canary: [0, 0], stable: [1000, 0], pods }));
      const found = seenOf({ ...of, timeline });
      return found.kind === "unseen" ? found.why.kind : found.kind;
    };
    expect([resting(), resting(KNATIVE)]).toEqual(["leaving", "live"]);
  });

  it("are those of rendered arms too, where the state has no place for replicas", () => {
    const place = { path: "kustomization.yaml", at: "images[checkout].newTag", image: undefined };
    const places: TargetState["manifests"] = {
      layout: "places",
      canary: place,
      stable: { ...place, path: "tidegate/kustomization.yaml" },
      weight: { kind: "values", path: "tidegate/values.yaml", at: "canary.percent" },
      canaryReplicas: undefined,
      stableReplicas: 0,
      workloads: { canary: name("checkout-canary"), stable: name("checkout") },
      container: name("user-container"),
    };
    expect(scaleThemselves(places)).toBe(true);
    expect(scaleThemselves({ ...places, canaryReplicas: { path: "canary.yaml", at: "spec.replicas" } })).toBe(false);
    expect(trespassesOf({ owned: ["tidegate/"], claims: [] }, { manifests: places })).toEqual([]);
  });

  it("are nobody's to write, on the way back either", () => {
    const aborting = { by: "gate", who: undefined, reason: "it fails" } as const;
    const manifest = { weight: NO_WEIGHT, canary: workload("canary", NEW, 0), stable: workload("stable", OLD) };
    const back = (manifests?: typeof KNATIVE) =>
      fallOf(
        inFlight(1, { manifest, at: { weight: NO_WEIGHT, ...(manifests && { manifests }) }, release: { aborting } }),
        HEAD,
      );
    expect([back()?.change.canaryReplicas, back(KNATIVE)?.change.canaryReplicas]).toEqual([0, undefined]);
    expect(trespassesOf({ owned: ["stable.yaml", "route.yaml"], claims: [] }, { manifests: KNATIVE })).toEqual([]);
  });

  it("have the old version on both arms with the first commit back: their route stays while either is not ready", () => {
    const aborting = { by: "gate", who: undefined, reason: "it fails" } as const;
    const abort = (step: number, at: number, stable: typeof OLD) => {
      const manifest = { weight: weight(at), canary: workload("canary", NEW), stable: workload("stable", stable) };
      const {
        weight: left,
        canaryTemplate,
        stableTemplate,
      } = abortOf(
        inFlight(step, { manifest, at: { manifests: KNATIVE, weight: weight(at), stable } }),
        HEAD,
        aborting,
        0,
      );
      return { left, canary: canaryTemplate?.kind, stable: stableTemplate?.kind };
    };
    expect(abort(2, 25, OLD)).toEqual({ left: 0, canary: "asAt", stable: undefined });
    expect(abort(4, 50, NEW)).toEqual({ left: 50, canary: "asStableAt", stable: "asAt" });
  });
});
