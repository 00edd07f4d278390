import { describe, expect, it } from "vitest";
import { affectedBy } from "../../../src/manifest/services/inventory.ts";
import { LAYOUTS } from "./layouts.ts";
import { application, deployment, flux, inventoryOf, kustomization, linesOf, targetAt } from "./repo.ts";

it.each(LAYOUTS)("understands %s", (_, files, lines) => {
  const { fleet } = inventoryOf(files);
  expect(linesOf(fleet)).toEqual(lines);
  expect(fleet.unplaced).toEqual([]);
});

it("takes the target of what has no sibling from those that have", () => {
  const { fleet } = inventoryOf({
    "apps/cart/summit/deployment.yaml": deployment("cart", "cart:2"),
    "apps/cart/tucson/deployment.yaml": deployment("cart", "cart:1"),
    "apps/mail/summit/deployment.yaml": deployment("mail", "mail:1"),
    "apps/lone/prod/deployment.yaml": deployment("lone", "lone:1"),
    "overlays/other/kustomization.yaml": kustomization(["deployment.yaml"]),
    "overlays/other/deployment.yaml": deployment("held", "held:1"),
  });
  expect(linesOf(fleet).slice(2)).toEqual([
    "held/other held:1 overlays/other/deployment.yaml:10 folder",
    "lone/prod lone:1 apps/lone/prod/deployment.yaml:10 name",
    "mail/summit mail:1 apps/mail/summit/deployment.yaml:10 siblings",
  ]);
});

it("lets configuration win over all else, and places what nothing reads", () => {
  const files = {
    "clusters/a/apps.yaml": flux("apps", "./apps/cart/x"),
    "apps/cart/x/kustomization.yaml": kustomization(["deployment.yaml"]),
    "apps/cart/x/deployment.yaml": deployment("cart", "cart:1"),
    "tags/live/mail": "image_tag: v7\n",
    "tags/test/mail": "image_tag: v8\n",
  };
  const patterns = [targetAt("mine", "apps/*/x"), targetAt("live", "tags/live/*")];
  const { fleet } = inventoryOf(files, patterns);
  expect(linesOf(fleet)).toEqual([
    "cart/mine cart:1 apps/cart/x/deployment.yaml:10 configuration",
    "mail/live ?:v7 tags/live/mail:1 configuration",
  ]);
  expect(fleet.unplaced.map(({ path }) => path)).toEqual(["tags/test/mail"]);
});

it("gives each of several clusters that take one folder what its own delivery says", () => {
  const tag = (version: string) => `  postBuild:\n    substitute: { WEB: "${version}" }\n`;
  const files = {
    "clusters/east/apps.yaml": flux("apps", "./apps/web", tag("1")),
    "clusters/west/apps.yaml": flux("apps", "./apps/web", tag("2")),
    "apps/web/kustomization.yaml": kustomization(["deployment.yaml"]),
    "apps/web/deployment.yaml": deployment("web", "acme/web:${WEB}"),
  };
  const inventory = inventoryOf(files);
  expect(linesOf(inventory.fleet)).toEqual([
    "web/east acme/web:1 clusters/east/apps.yaml:12 reference",
    "web/west acme/web:2 clusters/west/apps.yaml:12 reference",
  ]);
  const [web] = inventory.fleet.services;
  const own = ["apps/web/deployment.yaml", "apps/web/kustomization.yaml"];
  expect(web?.targets.map(({ reads, why }) => [reads, why.files])).toEqual([
    [[...own, "clusters/east/apps.yaml"], ["clusters/east/apps.yaml"]],
    [[...own, "clusters/west/apps.yaml"], ["clusters/west/apps.yaml"]],
  ]);
  expect(affectedBy(inventory, ["clusters/west/apps.yaml"])).toEqual([
    { service: "web", home: "apps/web", target: "west" },
  ]);
  expect(affectedBy(inventory, ["apps/web/deployment.yaml"])).toHaveLength(2);
});

it("gives each of several Applications of one folder its own images", () => {
  const app = (cluster: string, version: string) =>
    application(
      `web-${cluster}`,
      `path: apps/web\nkustomize: { images: ["acme/web:${version}"] }`,
      `name: ${cluster}\n    namespace: ns-${cluster}`,
    );
  const { fleet } = inventoryOf({
    "argocd/east.yaml": app("east", "1"),
    "argocd/west.yaml": app("west", "2"),
    "apps/web/kustomization.yaml": kustomization(["deployment.yaml"]),
    "apps/web/deployment.yaml": deployment("web", "acme/web:0"),
  });
  expect(linesOf(fleet)).toEqual([
    "web/east acme/web:1 argocd/east.yaml:9 reference",
    "web/west acme/web:2 argocd/west.yaml:9 reference",
  ]);
  expect(fleet.services.flatMap(({ targets }) => targets.map(({ namespace }) => namespace))).toEqual([
    "ns-east",
    "ns-west",
  ]);
});

it.each([
  ["in a file", ["patches:\n  - path: gone.yaml\n"]],
  ["in a file for a target", ["patches:\n  - path: gone.yaml\n    target: { kind: Deployment, name: cart }\n"]],
  ["in a list of merges", ["patchesStrategicMerge:\n  - gone.yaml\n"]],
  [
    "inline",
    ["patches:\n  - patch: |\n      kind: Deployment\n      metadata: { name: cart }\n      $patch: delete\n"],
  ],
])("lists nothing that an overlay takes away by a patch %s", (_, patches) => {
  const { fleet } = inventoryOf({
    "apps/cart/base/kustomization.yaml": kustomization(["deployment.yaml"]),
    "apps/cart/base/deployment.yaml": deployment("cart", "cart:1"),
    "apps/cart/overlays/dev/kustomization.yaml": kustomization(["../../base", "mail.yaml"]) + patches.join(""),
    "apps/cart/overlays/dev/mail.yaml": deployment("mail", "mail:1"),
    "apps/cart/overlays/dev/gone.yaml":
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: cart }\n$patch: delete\n",
    "apps/cart/overlays/prod/kustomization.yaml": kustomization(["../../base"]),
  });
  expect(fleet.services.map(({ name, targets }) => [name, targets.map((one) => one.name)])).toEqual([
    ["cart", ["prod"]],
    ["mail", ["dev"]],
  ]);
});

it("lets stay what a patch may or may not take away", () => {
  const { fleet } = inventoryOf({
    "apps/cart/kustomization.yaml": `${kustomization(["deployment.yaml"])}patches:
  - { patch: "$patch: delete\\nkind: Deployment", target: { kind: Deployment, labelSelector: "tier=batch" } }
  - { patch: "$patch: delete\\nkind: Service\\nmetadata: { name: cart }" }
`,
    "apps/cart/deployment.yaml": deployment("cart", "cart:1"),
  });
  expect(fleet.services.map(({ name }) => name)).toEqual(["cart"]);
});

describe("a name that a kustomization makes", () => {
  const named = (affix: string) => `${kustomization(["../base"])}${affix}\n`;
  const names = (files: Readonly<Record<string, string>>) =>
    inventoryOf({ ...files }).fleet.services.map(({ name, targets }) => [
      name,
      targets.map((one) => [one.name, one.workloads.map((workload) => workload.name).join(" ")].join(": ")),
    ]);

  it("is the service's own without the place that its overlays put before it", () => {
    const files = {
      "apps/cart/base/kustomization.yaml": kustomization(["deployment.yaml"]),
      "apps/cart/base/deployment.yaml": deployment("cart", "cart:1"),
      "apps/cart/eu/kustomization.yaml": named("namePrefix: eu-"),
      "apps/cart/us/kustomization.yaml": named("nameSuffix: -us"),
    };
    expect(names(files)).toEqual([["cart", ["eu: eu-cart", "us: cart-us"]]]);
  });

  it("is that of an instance where it is not called as its folder", () => {
    const files = {
      "bases/redis/kustomization.yaml": kustomization(["deployment.yaml"]),
      "bases/redis/deployment.yaml": deployment("redis", "redis:7"),
      "apps/cart/kustomization.yaml": `${kustomization(["../../bases/redis"])}namePrefix: cart-\n`,
      "apps/mail/kustomization.yaml": `${kustomization(["../../bases/redis"])}namePrefix: mail-\n`,
    };
    expect(names(files).map(([name]) => name)).toEqual(["cart-redis", "mail-redis"]);
  });
});
