import { describe, expect, it } from "vitest";
import { image } from "../../../src/core/image.ts";
import { name } from "../../../src/core/names.ts";
import { canaryLabels } from "../../../src/manifest/layouts/arm-labels.ts";
import type { OverlayOptIn } from "../../../src/manifest/layouts/arms.ts";
import { optInOverlay } from "../../../src/manifest/layouts/kustomize.ts";
import { readMember } from "../../../src/manifest/member.ts";
import { changedLines, errorOf, valueOf } from "../builders.ts";
import { goldenFiles } from "./golden.ts";

const PODS = { app: "checkout", "app.kubernetes.io/part-of": "shop" };
const CONTAINERS = [
  { list: "containers", name: "app" },
  { list: "initContainers", name: "migrate" },
] as const;

function optIn(
  running: string,
  { own = "checkout", namespace }: { own?: string; namespace?: string } = {},
): OverlayOptIn {
  return {
    workload: {
      kind: "Deployment",
      name: name(own),
      namespace: namespace === undefined ? undefined : name(namespace),
      image: image(running),
      containers: CONTAINERS,
    },
    labels: canaryLabels(PODS, [{ app: "checkout" }, PODS]),
    folder: "tidegate/checkout",
    ports: [{ name: "http", port: 80, targetPort: "http" }],
    objects: [],
  };
}

const CASES: readonly (readonly [string, OverlayOptIn])[] = [
  ["overlay", optIn("registry.example.com/checkout:1.41.0", { own: "eu-checkout", namespace: "shop" })],
  ["component", optIn("registry.example.com/checkout:1.41.0")],
  ["digest", optIn(`mirror.example.com/shop/checkout@sha256:${"4".repeat(64)}`)],
];

const KUSTOMIZATION = "prod/kustomization.yaml";

function kustomizationOf(folder: string): { readonly path: string; readonly text: string } {
  return { path: KUSTOMIZATION, text: goldenFiles(`${folder}/before`).get(KUSTOMIZATION) ?? "" };
}

describe("opting an overlay in", () => {
  it.each(CASES)("%s: makes these files, byte for byte", (folder, wanted) => {
    const { texts } = valueOf(optInOverlay(kustomizationOf(folder), wanted));
    expect(Object.fromEntries(texts)).toEqual(Object.fromEntries(goldenFiles(`${folder}/after`)));
  });

  it.each(CASES)("%s: adds one entry to each of two lists and takes nothing away", (folder, wanted) => {
    const before = kustomizationOf(folder);
    const after = valueOf(optInOverlay(before, wanted)).texts.get(KUSTOMIZATION) ?? "";
    expect(changedLines(after, before.text).filter((line) => !after.includes(line.replace(/\]$/, "")))).toEqual([]);
    expect(changedLines(before.text, after).length).toBeLessThanOrEqual(3);
    expect(after).toMatch(/tidegate\/checkout\b(?!\/)/);
    expect(after).toContain("tidegate/checkout/arms.yaml");
  });

  it.each(CASES)("%s: says where the pin and the canary's replicas are", (folder, wanted) => {
    const { texts, canary, stable, canaryReplicas } = valueOf(optInOverlay(kustomizationOf(folder), wanted));
    const values = { path: "values.yaml", at: "weight" };
    const manifests = {
      layout: "places",
      canary: stable,
      stable,
      weight: { kind: "values", ...values },
      canaryReplicas,
      stableReplicas: 3,
      workloads: { canary: canary.rendered, stable: wanted.workload.name },
      container: name("app"),
    } as const;
    const arms = { canary: canary.rendered, stable: wanted.workload.name, by: "workload" } as const;
    const read = readMember(
      new Map([...texts, [values.path, "weight: 0\n"]]),
      { namespace: name("shop"), arms, manifests, stable: wanted.workload.image },
      name("checkout"),
    );
    expect(valueOf(read)).toMatchObject({ canary: { replicas: 0 }, stable: { image: wanted.workload.image } });
  });

  it("calls the canary as the overlay's prefix and suffix will have it", () => {
    const file = { path: KUSTOMIZATION, text: "namePrefix: eu-\nnameSuffix: -v2\nresources: [../base]\n" };
    const wanted = optIn("registry.example.com/checkout:1.41.0", { own: "eu-checkout-v2" });
    expect(valueOf(optInOverlay(file, wanted)).canary).toEqual({
      written: "checkout-canary",
      rendered: "eu-checkout-canary-v2",
    });
  });

  it.each([
    ["a component", "kind: Component\nresources: [a.yaml]\n", "a Component"],
    ["two documents", "resources: []\n---\nresources: []\n", "no kustomization"],
    ["nothing", "", "no kustomization"],
    ["a list that is none", "resources: ../base\n", '"../base"'],
    ["an alias", "resources: &r [../base]\ncomponents: *r\n", "an anchor"],
    ["a name that gets too long", `namePrefix: ${"a".repeat(60)}-\n`, `the name "${"a".repeat(60)}-checkout-canary"`],
  ])("is refused: %s", (_, text, found) => {
    const refusal = errorOf(optInOverlay({ path: KUSTOMIZATION, text }, optIn("registry.example.com/checkout:1.41.0")));
    expect(refusal.found).toBe(found);
  });
});
