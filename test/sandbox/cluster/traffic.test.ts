import { describe, expect, it } from "vitest";
import type { Template } from "../../../src/sandbox/cluster/kinds/manifest.ts";
import { randomOf } from "../../../src/sandbox/cluster/random.ts";
import { neverReady, serve } from "../../../src/sandbox/cluster/traffic.ts";
import type { VersionFault } from "../../../src/sandbox/cluster/traffic.ts";
import type { Arm, Route } from "../../../src/sandbox/cluster/route.ts";
import type { Pod } from "../../../src/sandbox/cluster/pod.ts";

const pod = (workload: string, version: string, readyAt = 0): Pod => ({
  name: `${workload}-${version}-${readyAt}`,
  uid: `${workload}-${version}-${readyAt}`,
  namespace: "shop",
  workload,
  template: { hash: version, labels: { app: workload }, containers: [{ name: "app", image: `r/shop:${version}` }] },
  readyAt,
});

const arm = ({ service, weight }: { readonly service: string; readonly weight: number }): Arm => ({
  name: service,
  namespace: "shop",
  service,
  selector: { app: service },
  weight,
  empty: "unanswered",
});

const route = (...backends: readonly { readonly service: string; readonly weight: number }[]): Route => ({
  kind: "HTTPRoute",
  namespace: "shop",
  name: "shop",
  arms: backends.map(arm),
  canary: "canary",
});

const split = (canary: number) =>
  route({ service: "stable", weight: 100 - canary }, { service: "canary", weight: canary });

/** A hundred thousand requests, of which one in a hundred fails; what came to each Service. */
function outcome(on: Route, pods: readonly Pod[], faults: ReadonlyMap<string, VersionFault> = new Map()) {
  const traffic = { requestsPerSecond: 100_000, errorRate: 0.01, seconds: 1 };
  const { answers, unanswered } = serve(on, traffic, { pods, faults, now: 100 }, randomOf("traffic"));
  const sum = (service: string, code?: string) =>
    answers
      .filter((one) => one.arm.service === service && (code ?? one.code) === one.code)
      .reduce((total, { count }) => total + count, 0);
  const of = (service: string) => ({ share: sum(service) / 100_000, errors: sum(service, "500") / sum(service) });
  return { canary: of("canary"), stable: of("stable"), unanswered: unanswered / 100_000, answers };
}

const PODS = [pod("stable", "1"), pod("stable", "1", 1), pod("canary", "2")];

describe("serve", () => {
  it.each([0, 5, 50, 100])("gives the canary %d %% of the requests", (weight) => {
    const { canary, stable, unanswered } = outcome(split(weight), PODS);
    expect(canary.share).toBeCloseTo(weight / 100, 1.5);
    expect(stable.share).toBeCloseTo(1 - weight / 100, 1.5);
    expect(unanswered).toBe(0);
  });

  it("gives nothing at all at weight 0", () => {
    expect(outcome(split(0), PODS).canary.share).toBe(0);
  });

  it("answers copies besides, which nobody who asked hears of", () => {
    const route = split(0);
    const mirrored = {
      ...route,
      arms: route.arms.map((one) => (one.name === "canary" ? { ...one, copied: 0.2 } : one)),
    };
    const faults = new Map([["r/shop:2", { kind: "addedErrors", rate: 0.5 }]] as const);
    const { canary, stable, unanswered } = outcome(mirrored, PODS, faults);
    expect(canary.share).toBeCloseTo(0.2, 1.5);
    expect(canary.errors).toBeCloseTo(0.51, 1.5);
    expect([stable.share, stable.errors].map((one) => one.toFixed(2))).toEqual(["1.00", "0.01"]);
    expect(unanswered).toBe(0);
    expect(outcome(mirrored, [pod("stable", "1")]).unanswered).toBe(0);
  });

  it("spreads over the ready pods of a Service", () => {
    const { answers } = outcome(split(0), [pod("stable", "1"), pod("stable", "1", 50), pod("stable", "1", 101)]);
    const good = answers
      .filter((one) => one.arm.service === "stable" && one.code === "200")
      .map(({ count }) => count / 100_000);
    expect(good.map((share) => share.toFixed(1))).toEqual(["0.5", "0.5"]);
  });

  it.each<[string, Route, readonly Pod[], number]>([
    ["no ready canary pod", split(20), [pod("stable", "1"), pod("canary", "2", 101)], 0.2],
    ["no canary pod, at weight 0", split(0), [pod("stable", "1")], 0],
    ["no pods at all", split(20), [], 1],
    ["no weight at all", route({ service: "stable", weight: 0 }), PODS, 1],
    ["no backend", route(), PODS, 1],
    [
      "a Service that does not exist",
      route({ service: "gone", weight: 1 }, { service: "stable", weight: 1 }),
      PODS,
      0.5,
    ],
  ])("leaves the share of a backend unanswered: %s", (_, on, pods, share) => {
    expect(outcome(on, pods).unanswered).toBeCloseTo(share, 1.5);
  });

  it.each<[string, VersionFault | undefined, number]>([
    ["none", undefined, 0.01],
    ["a multiple of the errors", { kind: "errorRatio", ratio: 5 }, 0.05],
    ["errors in addition", { kind: "addedErrors", rate: 0.2 }, 0.21],
    ["more errors than requests", { kind: "addedErrors", rate: 5 }, 1],
  ])("lets a version fail by its fault, and no other: %s", (_, fault, expected) => {
    const faults = new Map(fault === undefined ? [] : [["r/shop:2", fault] as const]);
    const { canary, stable } = outcome(split(50), PODS, faults);
    expect(canary.errors).toBeCloseTo(expected, 2);
    expect(stable.errors).toBeCloseTo(0.01, 2);
  });
});

describe("neverReady", () => {
  const template: Template = pod("canary", "2").template;

  it.each<[VersionFault, boolean]>([
    [{ kind: "neverReady" }, true],
    [{ kind: "errorRatio", ratio: 2 }, false],
  ])("%j: %s", (fault, expected) => {
    expect(neverReady(template, new Map([["r/shop:2", fault]]))).toBe(expected);
    expect(neverReady(template, new Map([["r/shop:1", fault]]))).toBe(false);
  });
});
