import { describe, expect, it } from "vitest";
import type { Change } from "../../src/core/change.ts";
import { image } from "../../src/core/image.ts";
import { name, sha } from "../../src/core/names.ts";
import type { Destinations, ServiceState, TargetState, WorkloadFiles } from "../../src/core/state.ts";
import { weight } from "../../src/core/weight.ts";
import { applyChange } from "../../src/manifest/change.ts";
import type { Material } from "../../src/manifest/layouts/edit.ts";
import { readMember } from "../../src/manifest/member.ts";
import { changedLines, errorOf, valueOf } from "./builders.ts";

const CANARY = "apps/checkout/canary.yaml";
const STABLE = "apps/checkout/tidegate/stable.yaml";
const ROUTE = "apps/checkout/tidegate/route.yaml";

const WORKLOADS: WorkloadFiles = {
  layout: "workloads",
  router: "HTTPRoute",
  destinations: undefined,
  canary: CANARY,
  stable: STABLE,
  route: ROUTE,
};

const AT: TargetState = {
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout-stable"), by: "service" },
  manifests: WORKLOADS,
  weight: weight(25),
  stable: image("checkout:1"),
  release: undefined,
};

const STATE_OF_CHECKOUT: ServiceState = {
  service: name("checkout"),
  template: { name: "canary", revision: sha("a".repeat(40)) },
  owned: [],
  claims: [],
  targets: new Map([[name("prod"), AT]]),
  blocked: [],
  holds: [],
  heard: 0,
};

const NOTHING: Change = {
  service: name("checkout"),
  target: name("prod"),
  base: sha("b".repeat(40)),
  weight: undefined,
  canaryReplicas: undefined,
  stableTemplate: undefined,
  canaryTemplate: undefined,
  state: STATE_OF_CHECKOUT,
};

const deployment = (own: string, version: string, env = "x") => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${own}, namespace: shop }
spec:
  replicas: 3
  template:
    metadata: { labels: { app: ${own} } }
    spec:
      containers:
        - name: checkout
          image: checkout:${version}
          env: [{ name: MODE, value: ${env} }]
`;

const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout, namespace: shop }
spec:
  rules:
    - backendRefs:
        - { name: checkout-stable, port: 80, weight: 75 }
        - { name: checkout-canary, port: 80, weight: 25 }
`;

const virtualService = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout]
  http:
    - route:
        - { destination: { host: checkout, subset: stable }, weight: 75 }
        - { destination: { host: checkout, subset: canary }, weight: 25 }
`;

const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout-canary
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "25"
spec:
  rules:
    - http:
        paths: [{ path: /, pathType: Prefix, backend: { service: { name: checkout-canary, port: { number: 80 } } } }]
`;

const SUBSETS: Destinations = {
  canary: { host: name("checkout"), subset: name("canary") },
  stable: { host: name("checkout"), subset: name("stable") },
};

const FILES: ReadonlyMap<string, string> = new Map([
  [CANARY, deployment("checkout-canary", "2")],
  [STABLE, deployment("checkout-stable", "1")],
  [ROUTE, route],
]);

const material = (changes: Partial<Material> = {}): Material => ({
  files: FILES,
  older: {},
  ...changes,
});

const apply = (change: Partial<Change>, changes: Partial<Material> = {}) =>
  valueOf(applyChange(material(changes), { ...NOTHING, ...change }));

const member = (files = FILES, at = AT) => readMember(files, at, name("checkout"));

describe("a member", () => {
  it("is read from its three files", () => {
    const { weight: share, canary, stable } = valueOf(member());
    expect([share, canary.image, stable.image]).toEqual([25, "checkout:2", "checkout:1"]);
    expect([canary.deployment, stable.deployment]).toEqual(["checkout-canary", "checkout-stable"]);
    expect(canary.template).not.toBe(stable.template);
  });

  it.each([CANARY, STABLE, ROUTE])("without %s is refused", (path) => {
    const files = new Map([...FILES].filter(([other]) => other !== path));
    expect(errorOf(member(files))).toMatchObject({ path, line: 1, found: "no file" });
  });

  it("whose canary and stable are one Deployment is refused", () => {
    const files = new Map(FILES).set(STABLE, deployment("checkout-canary", "1"));
    expect(errorOf(member(files))).toMatchObject({ path: STABLE, why: "canary and stable are two workloads" });
  });
});

describe("a member behind another kind of route", () => {
  it.each([
    ["VirtualService", SUBSETS, virtualService, ["weight: 50", "weight: 50"]],
    ["Ingress", undefined, ingress, ['canary-weight: "50"']],
  ] as const)("%s", (router, destinations, text, changed) => {
    const at: TargetState = { ...AT, manifests: { ...WORKLOADS, router, destinations } };
    const files = new Map(FILES).set(ROUTE, text);
    expect(valueOf(member(files, at)).weight).toBe(25);
    const state = { ...STATE_OF_CHECKOUT, targets: new Map([[name("prod"), at]]) };
    const lines = changedLines(text, apply({ state, weight: weight(50) }, { files }).get(ROUTE) ?? "");
    expect(lines.map((line, index) => line.includes(changed[index] ?? "?"))).toEqual(changed.map(() => true));
    expect(errorOf(member(FILES, at))).toMatchObject({ path: ROUTE });
  });
});

describe("a change", () => {
  it("of nothing but the state touches no manifest", () => {
    expect(apply({})).toEqual(new Map());
  });

  it("of weight and replicas touches three lines in two files", () => {
    const texts = apply({ weight: weight(50), canaryReplicas: 5 });
    expect([...texts.keys()].toSorted()).toEqual([CANARY, ROUTE].toSorted());
    expect(changedLines(FILES.get(CANARY) ?? "", texts.get(CANARY) ?? "")).toEqual(["  replicas: 5"]);
    expect(changedLines(route, texts.get(ROUTE) ?? "")).toHaveLength(2);
  });

  it("that is there already touches nothing", () => {
    expect([...apply({ weight: weight(25), canaryReplicas: 3 }).keys()]).toEqual([]);
  });

  it("promotes: stable is written as the canary is", () => {
    const texts = apply({ stableTemplate: { kind: "fromCanary" } });
    expect(texts.get(STABLE)).toBe(deployment("checkout-stable", "2"));
    expect(texts.has(CANARY)).toBe(false);
  });

  it("gives stable its older template back", () => {
    const files = new Map(FILES).set(STABLE, deployment("checkout-stable", "2"));
    const stableTemplate = { kind: "asAt", commit: NOTHING.base } as const;
    const texts = apply({ stableTemplate }, { files, older: { stable: deployment("checkout-stable", "1") } });
    expect(texts.get(STABLE)).toBe(deployment("checkout-stable", "1"));
  });

  it("to a route in the same file as stable makes both edits", () => {
    const one = new Map(FILES).set(STABLE, `${deployment("checkout-stable", "1")}---\n${route}`);
    const at = { ...AT, manifests: { ...WORKLOADS, route: STABLE } };
    const state = { ...STATE_OF_CHECKOUT, targets: new Map([[name("prod"), at]]) };
    const texts = apply({ state, weight: weight(0), stableTemplate: { kind: "fromCanary" } }, { files: one });
    expect(texts.get(STABLE)).toBe(
      `${deployment("checkout-stable", "2")}---\n${route.replace("75", "100").replace("25", "0")}`,
    );
  });
});

describe("a bump that is taken back", () => {
  const aborted = { image: image("checkout:2"), template: valueOf(member()).canary.template };
  const older = { canary: deployment("checkout-canary", "1", "before") };
  const canaryTemplate = { kind: "asAt", commit: NOTHING.base, aborted } as const;
  const takenBack = (present: string) =>
    apply({ canaryTemplate, canaryReplicas: 0 }, { files: new Map(FILES).set(CANARY, present), older }).get(CANARY);
  const resting = (text: string) => text.replace("replicas: 3", "replicas: 0");

  it.each([
    [
      "whole, where it stands as it was",
      deployment("checkout-canary", "2"),
      deployment("checkout-canary", "1", "before"),
    ],
    [
      "by its image, where something else has changed",
      deployment("checkout-canary", "2", "newer"),
      deployment("checkout-canary", "1", "newer"),
    ],
    [
      "not at all, where another image stands",
      deployment("checkout-canary", "3", "newer"),
      deployment("checkout-canary", "3", "newer"),
    ],
  ])("%s", (_, present, after) => {
    expect(takenBack(present)).toBe(resting(after));
  });
});

describe("a canary that is given what stable runs", () => {
  const aborted = { image: image("checkout:2"), template: valueOf(member()).canary.template };
  const given = (present: string) =>
    apply({ canaryTemplate: { kind: "asStable", aborted } }, { files: new Map(FILES).set(CANARY, present) }).get(
      CANARY,
    );

  it.each([
    ["whole, where the aborted one stands", deployment("checkout-canary", "2"), deployment("checkout-canary", "1")],
    ["by its image", deployment("checkout-canary", "2", "newer"), deployment("checkout-canary", "1", "newer")],
    ["not at all, where another image stands", deployment("checkout-canary", "3"), undefined],
  ])("%s", (_, present, after) => {
    expect(given(present)).toBe(after);
  });
});

describe("a change that is refused", () => {
  it.each([
    [
      "a file that is gone",
      { weight: weight(5) },
      { files: new Map([...FILES].filter(([path]) => path !== ROUTE)) },
      ROUTE,
    ],
    ["no older text", { stableTemplate: { kind: "asAt", commit: NOTHING.base } as const }, {}, STABLE],
    [
      "an unreadable source",
      { stableTemplate: { kind: "fromCanary" } as const },
      { files: new Map(FILES).set(CANARY, "{{ x }}") },
      CANARY,
    ],
  ])("%s", (_, change, changes, path) => {
    const refused = applyChange(material(changes), { ...NOTHING, ...change });
    expect(errorOf(refused).path).toBe(path);
  });
});
