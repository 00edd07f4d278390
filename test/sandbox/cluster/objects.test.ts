import { describe, expect, it } from "vitest";
import { ManifestError, selects } from "../../../src/sandbox/cluster/kinds/manifest.ts";
import { objectsIn as writtenIn } from "../../../src/sandbox/cluster/objects.ts";

const objectsIn = (text: string) => writtenIn(text).map(({ object }) => object);

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  replicas: 3
  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout, tier: web } }
    spec: { containers: [{ name: app, image: "r/checkout:1" }] }
`;

const ROUTE = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout }
spec:
  parentRefs: [{ name: gateway }]
  rules:
    - backendRefs: [{ name: checkout, weight: 95 }, { name: checkout-canary, weight: 5 }, { name: other }]
`;

describe("objectsIn", () => {
  it("reads a Deployment", () => {
    expect(objectsIn(DEPLOYMENT)).toMatchObject([
      {
        kind: "Deployment",
        namespace: "shop",
        name: "checkout",
        replicas: 3,
        selector: { app: "checkout" },
        template: { labels: { app: "checkout", tier: "web" }, containers: [{ name: "app", image: "r/checkout:1" }] },
      },
    ]);
  });

  it("reads a route, with the defaults of the API", () => {
    const backends = [
      { service: "checkout", weight: 95 },
      { service: "checkout-canary", weight: 5 },
      { service: "other", weight: 1 },
    ];
    expect(objectsIn(ROUTE)).toEqual([{ kind: "HTTPRoute", namespace: "default", name: "checkout", backends }]);
  });

  it("reads several documents and leaves out what it does not know", () => {
    const service =
      "apiVersion: v1\nkind: Service\nmetadata: { name: checkout }\nspec: { selector: { app: checkout } }\n";
    const other = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n";
    const objects = objectsIn([DEPLOYMENT, service, other, "just: text\n", ROUTE].join("\n---\n"));
    expect(objects.map(({ kind }) => kind)).toEqual(["Deployment", "Service", "HTTPRoute"]);
  });

  it.each([
    ["a label of the template", "tier: web", "tier: api", false],
    [
      "a field that only the kubelet reads",
      "spec: { containers",
      "spec: { terminationGracePeriodSeconds: 5, containers",
      false,
    ],
    ["replicas", "replicas: 3", "replicas: 4", true],
  ])("makes new pods exactly when the template changes: %s", (_, before, after, isSame) => {
    const hashes = [DEPLOYMENT, DEPLOYMENT.replace(before, after)].map((text) => {
      const [object] = objectsIn(text);
      return object?.kind === "Deployment" ? object.template.hash : undefined;
    });
    expect(hashes[0] === hashes[1]).toBe(isSame);
  });

  it.each([
    ["broken YAML", "a: [", ManifestError],
    [
      "a selector that does not match",
      DEPLOYMENT.replace("matchLabels: { app: checkout }", "matchLabels: { app: other }"),
      ManifestError,
    ],
    ["no containers", DEPLOYMENT.replace(/containers: .*\]/, "containers: []"), ManifestError],
    ["a weight below zero", ROUTE.replace("weight: 5", "weight: -5"), ManifestError],
    ["a weight that is a text", ROUTE.replace("weight: 5 ", 'weight: "5" '), ManifestError],
    ["replicas that are a half", DEPLOYMENT.replace("replicas: 3", "replicas: 0.5"), ManifestError],
    ["a name that is a path", DEPLOYMENT.replace("name: checkout,", "name: ../checkout,"), ManifestError],
  ])("refuses %s", (_, text, error) => {
    expect(() => objectsIn(text)).toThrow(error);
  });
});

describe("selects", () => {
  it.each([
    [{ app: "a" }, { app: "a", tier: "b" }, true],
    [{ app: "a", tier: "c" }, { app: "a", tier: "b" }, false],
    [{ app: "a" }, {}, false],
    [{}, { app: "a" }, false],
  ])("%j on %j: %s", (selector, labels, expected) => {
    expect(selects(selector, labels)).toBe(expected);
  });
});
