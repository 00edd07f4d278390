import { expect, it } from "vitest";
import { selects } from "../../src/manifest/layouts/arm-labels.ts";
import { evaluate, objectsOf } from "../../src/manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, type Built } from "../../src/manifest/kustomize/object.ts";
import { at } from "../../src/manifest/kustomize/value.ts";
import { bringerOf } from "../../src/opt-in/charts/bringer.ts";
import { renders } from "../../src/opt-in/charts/release.ts";
import type { Wish } from "../../src/opt-in/model.ts";
import { podLabels, selectorOf } from "../../src/opt-in/objects.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { optOut } from "../../src/opt-in/opt-out.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";
import { chartInput } from "../support/chart-ground.ts";
import { applied, groundOf, type Files } from "../support/opt-in-ground.ts";
import { shipped, templateIn } from "../template/facts.ts";

const LIBRARY = shipped();
const WISH: Wish = {
  service: "cart",
  targets: undefined,
  template: templateIn(LIBRARY, "canary-app-mesh"),
  parameters: new Map(),
  namespace: undefined,
};

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: cart }
spec:
  replicas: 3
  selector: { matchLabels: { app: shop, component: cart } }
  template:
    metadata: { labels: { app: shop, component: cart, tier: web } }
    spec: { containers: [{ name: cart, image: "registry.example.com/cart:1.0.0" }] }
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: shop, component: cart }, ports: [{ port: 8080 }] }
`;
const ROUTER = `apiVersion: appmesh.k8s.aws/v1beta2
kind: VirtualRouter
metadata: { name: cart } # people's
spec:
  listeners: [{ portMapping: { port: 8080, protocol: http } }]
  routes:
    - name: all
      httpRoute:
        match: { prefix: / }
        action:
          weightedTargets:
            - virtualNodeRef: { name: cart }
              weight: 1
`;

function node(name: string, hostname: string): string {
  return `apiVersion: appmesh.k8s.aws/v1beta2
kind: VirtualNode
metadata: { name: ${name} }
spec:
  podSelector: { matchLabels: { component: cart } }
  listeners: [{ portMapping: { port: 8080, protocol: http } }]
  serviceDiscovery: { dns: { hostname: ${hostname} } }
`;
}

function virtualService(provider: string): string {
  return `apiVersion: appmesh.k8s.aws/v1beta2
kind: VirtualService
metadata: { name: cart }
spec: { awsName: cart.shop.svc.cluster.local, provider: ${provider} }
`;
}

const BY_ROUTER = virtualService("{ virtualRouter: { virtualRouterRef: { name: cart } } }");

/** An overlay of a base that puts a label into all selectors, with more objects. */
function repository(more: Readonly<Record<string, string>>): Files {
  const own = Object.keys(more);
  return new Map(
    Object.entries({
      "apps/cart/base/kustomization.yaml": `resources: [${["deployment.yaml", "service.yaml", ...own].join(", ")}]\n`,
      "apps/cart/base/deployment.yaml": DEPLOYMENT,
      "apps/cart/base/service.yaml": SERVICE,
      ...Object.fromEntries(Object.entries(more).map(([path, text]) => [`apps/cart/base/${path}`, text])),
      "apps/cart/prod/kustomization.yaml":
        "namespace: shop\nresources: [../base]\nlabels:\n  - pairs: { team: checkout }\n    includeSelectors: true\n",
    }),
  );
}

function rendered(files: Files): readonly Built[] {
  return evaluate((path) => files.get(path), "apps/cart/prod").objects;
}

function nodesIn(objects: readonly Built[]): readonly Built[] {
  return objects.filter((object) => kindOf(object) === "VirtualNode");
}

/** Which VirtualNodes each Deployment's pods are of, by their names. */
function membership(nodes: readonly Built[], deployments: readonly Built[]) {
  return deployments.map((one) => [
    nameOf(one),
    nodes.filter((object) => selects(selectorOf(object), podLabels(one))).map(nameOf),
  ]);
}

function memberships(files: Files) {
  const objects = rendered(files);
  return membership(
    nodesIn(objects),
    objects.filter((object) => kindOf(object) === "Deployment"),
  );
}

function back(files: Files): Files {
  return applied(files, valueOf(optOut(groundOf(files), { service: "cart", targets: undefined })).files);
}

it("each arm's pods are of one VirtualNode, and of labels that the service alone has", () => {
  const before = repository({});
  const files = applied(before, valueOf(optIn(groundOf(before), WISH)).files);
  expect(memberships(files)).toEqual([
    ["cart", ["cart"]],
    ["cart-canary", ["cart-canary"]],
  ]);
  const selectors = nodesIn(rendered(files)).map((one) => at(one.value, "spec", "podSelector", "matchLabels"));
  expect(selectors).toContainEqual({ app: "shop-canary", component: "cart", team: "checkout" });
  expect(back(files)).toEqual(before);
});

it("a service behind a VirtualRouter is joined to it, whatever leads there", () => {
  const before = repository({ "mesh.yaml": `${node("cart", "cart.shop")}---\n${BY_ROUTER}`, "router.yaml": ROUTER });
  const conversion = valueOf(optIn(groundOf(before), WISH));
  const files = applied(before, conversion.files);
  const names = (of: Files) => nodesIn(rendered(of)).map(nameOf);
  expect([names(before), names(files)]).toEqual([["cart"], ["cart", "cart-canary"]]);
  expect(rendered(files).filter((object) => kindOf(object) === "VirtualRouter")).toHaveLength(1);
  expect(memberships(files)).toEqual([
    ["cart", ["cart"]],
    ["cart-canary", ["cart-canary"]],
  ]);
  expect(conversion.state?.claims.map(({ path }) => path)).toEqual(["apps/cart/base/router.yaml"]);
  expect(files.get("apps/cart/base/router.yaml")).toContain("name: cart-canary");
  expect(back(files)).toEqual(before);
});

it.each([
  ["a VirtualService that leads to its node", { "mesh.yaml": virtualService(to("cart")) }],
  [
    "a VirtualService that leads to a node of another name with its host",
    { "mesh.yaml": `${node("cart-v1", "cart.shop.svc.cluster.local")}---\n${virtualService(to("cart-v1"))}` },
  ],
  [
    "a VirtualRouter of a node that no arm is called as",
    {
      "mesh.yaml": node("cart-v1", "cart.shop.svc.cluster.local"),
      "router.yaml": ROUTER.replace("virtualNodeRef: { name: cart }", "virtualNodeRef: { name: cart-v1 }"),
    },
  ],
])("%s is refused", (_, more) => {
  expect(errorOf(optIn(groundOf(repository(more)), WISH)).map(({ code }) => code)).toEqual(["route"]);
});

function to(name: string): string {
  return `{ virtualNode: { virtualNodeRef: { name: ${name} } } }`;
}

it("of a chart each release's pods are of one VirtualNode", () => {
  const before = chartInput("chart-of-argo-cd");
  const conversion = valueOf(optIn(groundOf(before), { ...WISH, service: "checkout" }));
  const files = applied(before, conversion.files);
  const owned = conversion.state?.owned ?? [];
  expect(conversion.targets.length).toBeGreaterThan(0);
  for (const target of conversion.targets) {
    const deployments = deploymentsOf(before, files, target);
    const names = deployments.map(nameOf);
    const folder = owned.find((path) => path.includes(target) && path.endsWith("/")) ?? "nowhere";
    const paths = [...files.keys()].filter((path) => path.startsWith(folder));
    const nodes = nodesIn(paths.flatMap((path) => objectsOf((one) => files.get(one), path).objects));
    expect(names).toHaveLength(2);
    expect(membership(nodes, deployments)).toEqual(
      deployments.map((one, at) => [nameOf(one), [nameOf(nodes[at] ?? one)]]),
    );
  }
});

/** What both releases of the chart make after `files` are written. */
function deploymentsOf(before: Files, files: Files, target: string): readonly Built[] {
  const ground = groundOf(before);
  const service = ground.inventory.fleet.services.find(({ name }) => name === "checkout");
  const found = service?.targets.find(({ name }) => name === target);
  if (service === undefined || found === undefined) throw new Error("The chart's service is there.");
  const bringer = bringerOf(ground, service, found);
  if (bringer?.kind !== "ok") throw new Error("A chart brings it.");
  const read = (path: string) => files.get(path);
  return [bringer.value.stable(read), bringer.value.canary(read)].flatMap((release) =>
    valueOf(renders(ground, read, release)).objects.filter((object) => kindOf(object) === "Deployment"),
  );
}
