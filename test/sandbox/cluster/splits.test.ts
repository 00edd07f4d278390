import { describe, expect, it } from "vitest";
import { ManifestError } from "../../../src/sandbox/cluster/kinds/manifest.ts";
import { objectsIn } from "../../../src/sandbox/cluster/objects.ts";
import { mainMapping, MESH_KINDS, meshRoute } from "../../../src/sandbox/fleet-meshes.ts";
import { shareIn } from "../../../src/sandbox/fleet-shares.ts";
import { parse } from "yaml";

const OF = { name: "shop", namespace: "web", canary: "shop-canary", stable: "shop" };
const LISTED = MESH_KINDS.filter((kind) => !["ALBIngress", "SkipperIngress", "Mapping"].includes(kind));

describe("a route with weighted backends", () => {
  it.each(LISTED)("is a split between Services: %s", (kind) => {
    const text = meshRoute(kind, OF);
    const [object, second] = objectsIn(text).map((one) => one.object);
    expect(second).toBeUndefined();
    expect(object).toMatchObject({
      kind,
      name: "shop",
      namespace: "web",
      backends: [
        { service: "shop", weight: 100 },
        { service: "shop-canary", weight: 0 },
      ],
    });
    const moved = text.replace("weight: 100", "weight: 75").replace("weight: 0", "weight: 25");
    expect(shareIn(parse(moved), "shop")).toBe(25);
  });

  it.each([
    [
      "the first of several rules",
      "spec: { rules: [{ backendRefs: [{ name: a }] }, { backendRefs: [{ name: b }] }] }",
      [{ service: "a", weight: 1 }],
    ],
    ["no rules", "spec: {}", []],
  ])("has %s", (_, spec, backends) => {
    const text = `apiVersion: gateway.networking.k8s.io/v1\nkind: GRPCRoute\nmetadata: { name: x }\n${spec}\n`;
    expect(objectsIn(text)[0]?.object).toMatchObject({ backends });
  });

  it.each([
    ["a weight in words", "split.smi-spec.io/v1alpha4", "TrafficSplit", "backends: [{ service: a, weight: much }]"],
    ["a weight below 0", "split.smi-spec.io/v1alpha4", "TrafficSplit", "backends: [{ service: a, weight: -1 }]"],
    ["no name", "split.smi-spec.io/v1alpha4", "TrafficSplit", "backends: [{ weight: 1 }]"],
    [
      "more than a kind allows",
      "consul.hashicorp.com/v1alpha1",
      "ServiceSplitter",
      "splits: [{ service: a, weight: 101 }]",
    ],
    ["more than OpenShift allows", "route.openshift.io/v1", "Route", "to: { name: a, weight: 257 }"],
  ])("is refused with %s", (_, api, kind, spec) => {
    const text = `apiVersion: ${api}\nkind: ${kind}\nmetadata: { name: x }\nspec: { ${spec} }\n`;
    expect(() => objectsIn(text)).toThrow(ManifestError);
  });

  it("is none where an IngressRoute leads on to a TraefikService, which is one itself", () => {
    const to = (kind: string) =>
      `apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: { name: x }\nspec: { routes: [{ match: Host(\`x\`), services: [{ name: x, kind: ${kind} }] }] }\n`;
    expect(objectsIn(to("TraefikService"))).toEqual([]);
    expect(objectsIn(to("Service")).map(({ object }) => object.kind)).toEqual(["IngressRoute"]);
  });

  it("counts thousandths", () => {
    const text =
      "apiVersion: split.smi-spec.io/v1alpha1\nkind: TrafficSplit\nmetadata: { name: x }\nspec: { backends: [{ service: a, weight: 750m }] }\n";
    expect(objectsIn(text)[0]?.object).toMatchObject({ backends: [{ service: "a", weight: 0.75 }] });
  });
});

describe("what has no list", () => {
  it("is a Mapping, by the name of its Service", () => {
    expect(objectsIn(meshRoute("Mapping", OF))[0]?.object).toMatchObject({ service: "shop-canary", weight: 0 });
    expect(objectsIn(mainMapping(OF))[0]?.object).toMatchObject({ service: "shop", weight: undefined });
    expect(shareIn(parse(meshRoute("Mapping", OF).replace("weight: 0", "weight: 25")), "shop")).toBe(25);
  });

  it("is the JSON of an ALB's action", () => {
    const text = meshRoute("ALBIngress", OF)
      .replace('"Weight":100', '"Weight":75')
      .replace('"Weight":0', '"Weight":25');
    expect(shareIn(parse(text), "shop")).toBe(25);
  });

  it("is the JSON of Skipper's weights, of Services that have a path", () => {
    const text = meshRoute("SkipperIngress", OF).replace(": 100", ": 75").replace('canary": 0', 'canary": 25');
    expect(shareIn(parse(text), "shop")).toBe(25);
    const elsewhere = text.replace("name: shop-canary, port", "name: other, port");
    expect(objectsIn(elsewhere)[0]?.object).toMatchObject({ weights: [{ service: "shop", weight: 75 }] });
  });

  it("says nothing where the cluster would refuse it", () => {
    expect(shareIn(parse(meshRoute("TrafficSplit", OF).replace("100", "much")), "shop")).toBeUndefined();
  });
});
