import { describe, expect, it } from "vitest";
import type { Change } from "../../src/core/change.ts";
import { name } from "../../src/core/names.ts";
import { nothing, withTarget } from "../../src/core/proposal.ts";
import type { Places, TargetState } from "../../src/core/state.ts";
import { weight } from "../../src/core/weight.ts";
import { parsedOnce } from "../../src/reconcile/parsed.ts";
import type { Sources } from "../../src/reconcile/readings.ts";
import { commit, HEAD, member } from "../support/member.ts";

const PATH = "charts/prod.yaml";
const TEXT = "a: { share: 0 }\nb: { share: 0 }\n";
const SOURCES: Sources = {
  manifests: new Map([[PATH, { id: commit("1"), text: TEXT }]]),
  older: { canary: undefined, stable: undefined },
};

/** The share at another key of one values file, and nothing else. */
function placesAt(key: string): Places {
  const place = (at: string) => ({ path: PATH, at: `${key}.${at}` });
  return {
    layout: "places",
    canary: { ...place("canary"), image: undefined },
    stable: { ...place("stable"), image: undefined },
    weight: { kind: "values", ...place("share") },
    canaryReplicas: place("replicas"),
    stableReplicas: 10,
    workloads: { canary: name(`${key}-canary`), stable: name(key) },
    container: name("app"),
  };
}

function toFive(service: string, at: Partial<TargetState>): Change {
  const of = member({ at, state: { service: name(service) } });
  return { ...nothing(of, HEAD), weight: weight(5), state: withTarget(of, of.at) };
}

describe("changes that are made once", () => {
  const readings = () => parsedOnce({ hosts: [], forms: {}, environment: {}, mounted: () => undefined });
  const changedBy = (known: ReturnType<typeof readings>, change: Change) => {
    const made = known.changed(SOURCES, change);
    return made.kind === "read" ? made.value.get(PATH) : made.problems;
  };

  it("are each service's own where several are written in one file", () => {
    const known = readings();
    expect(changedBy(known, toFive("a", { manifests: placesAt("a") }))).toBe("a: { share: 5 }\nb: { share: 0 }\n");
    expect(changedBy(known, toFive("b", { manifests: placesAt("b") }))).toBe("a: { share: 0 }\nb: { share: 5 }\n");
  });

  it("are made anew when the state says another place for the same service", () => {
    const known = readings();
    expect(changedBy(known, toFive("a", { manifests: placesAt("c") }))).toEqual([expect.stringContaining(PATH)]);
    expect(changedBy(known, toFive("a", { manifests: placesAt("a") }))).toBe("a: { share: 5 }\nb: { share: 0 }\n");
  });

  it("are others where testers or copies go to the canary at the same weight", () => {
    const routed = (weights: readonly [number, number], copies: number) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: checkout }
spec:
  http:
    - match: [{ headers: { x-tester: { exact: "yes" } } }]
      route:
        - { destination: { host: checkout-stable }, weight: ${weights[0]} }
        - { destination: { host: checkout-canary }, weight: ${weights[1]} }
    - route:
        - { destination: { host: checkout-stable }, weight: 100 }
        - { destination: { host: checkout-canary }, weight: 0 }
      mirror: { host: checkout-canary }
      mirrorPercentage: { value: ${copies} }
`;
    const rest = routed([100, 0], 0);
    const of = member();
    const at: TargetState = {
      ...of.at,
      manifests: {
        ...placesAt("a"),
        weight: { kind: "route", path: PATH, router: "VirtualService", destinations: undefined },
      },
    };
    const known = readings();
    const made = (change: Partial<Change>) => {
      const all = { ...nothing(of, HEAD), weight: weight(0), state: withTarget(of, at), ...change };
      const changed = known.changed({ ...SOURCES, manifests: new Map([[PATH, { id: commit("2"), text: rest }]]) }, all);
      return changed.kind === "read" ? (changed.value.get(PATH) ?? rest) : changed.problems;
    };
    expect(made({})).toBe(rest);
    expect(made({ testers: true })).toBe(routed([0, 100], 0));
    expect(made({ mirror: 50 })).toBe(routed([100, 0], 50));
    expect(made({ mirror: 20 })).toBe(routed([100, 0], 20));
    expect(made({})).toBe(rest);
  });

  it("are the same ones for the same question", () => {
    const known = readings();
    const change = toFive("a", { manifests: placesAt("a") });
    expect(known.changed(SOURCES, change)).toBe(known.changed(SOURCES, { ...change, base: commit("e") }));
  });
});
