import { expect, it } from "vitest";
import { selects } from "../../src/manifest/layouts/arm-labels.ts";
import { evaluate } from "../../src/manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, type Built } from "../../src/manifest/kustomize/object.ts";
import { podLabels, selectorOf } from "../../src/opt-in/objects.ts";
import { optIn } from "../../src/opt-in/opt-in.ts";
import { valueOf } from "../manifest/builders.ts";
import { applied, groundOf, wishOf, type Files } from "../support/opt-in-ground.ts";

const NAMES = ["cart", "till"];

/** Two services of one application in one namespace, each in an overlay of its own; `labels`: what their pods are told by. */
function repository(labels: (name: string) => string): Files {
  const files = NAMES.flatMap((name): readonly (readonly [string, string])[] => [
    [`apps/${name}/base/kustomization.yaml`, "resources: [all.yaml]\n"],
    [
      `apps/${name}/base/all.yaml`,
      `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 3
  selector: { matchLabels: ${labels(name)} }
  template:
    metadata: { labels: ${labels(name)} }
    spec: { containers: [{ name: app, image: "registry.example.com/${name}:1.0.0" }] }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: ${labels(name)}, ports: [{ port: 80 }] }
`,
    ],
    [`apps/${name}/prod/kustomization.yaml`, "namespace: shop\nresources: [../base]\n"],
  ]);
  return new Map(files);
}

/** All that is rendered after both are opted in. */
function rendered(before: Files): readonly Built[] {
  const files = NAMES.reduce(
    (now, name) =>
      applied(now, valueOf(optIn(groundOf(now), wishOf(`${name} canary-gateway-api gateway=public`))).files),
    before,
  );
  return NAMES.flatMap((name) => evaluate((path) => files.get(path), `apps/${name}/prod`).objects);
}

it.each([
  ["the same first", (name: string) => `{ app: shop, component: ${name} }`],
  ["the same last", (name: string) => `{ app: ${name}, part-of: shop }`],
  ["one of its own", (name: string) => `{ app: ${name} }`],
])("what selects an arm's pods of one service selects no other's, with labels of which %s", (_, labels) => {
  const objects = rendered(repository(labels));
  const deployments = objects.filter((one) => kindOf(one) === "Deployment");
  const selected = objects
    .filter((one) => kindOf(one) === "Service" || kindOf(one) === "Deployment")
    .map((one) => [
      `${kindOf(one)} ${nameOf(one)}`,
      deployments.filter((other) => selects(selectorOf(one), podLabels(other))).map(nameOf),
    ]);
  const arms = NAMES.flatMap((name) => [name, `${name}-canary`]);
  expect(Object.fromEntries(selected)).toEqual(
    Object.fromEntries(["Deployment", "Service"].flatMap((kind) => arms.map((arm) => [`${kind} ${arm}`, [arm]]))),
  );
});
