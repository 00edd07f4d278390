import { expect, it } from "vitest";
import { takeInventory } from "../../../src/manifest/services/inventory.ts";
import { unpinnedOf } from "../../../src/manifest/services/pinned.ts";
import type { Places } from "../../../src/core/state.ts";
import { layoutFiles, type LayoutService } from "../../support/layout-files.ts";
import { parseState } from "../../../src/config/state-file.ts";

type Edit = (text: string, path: string) => string;

/** What is said of an opted-in service after an edit of its files. */
function said(service: Omit<LayoutService, "name" | "targets">, edit: Edit = (text) => text) {
  const files = layoutFiles({ name: "cart", targets: ["prod-eu"], ...service });
  const edited = new Map([...files].map(([path, text]) => [path, edit(text, path)]));
  const inventory = takeInventory(new Map([...edited.keys()].map((path) => [path, path])), (path) => edited.get(path));
  return unpinnedOf(inventory, placesIn(files));
}

function placesIn(files: ReadonlyMap<string, string>): Places {
  const path = ".tidegate/services/cart.yaml";
  const state = parseState({ path, text: files.get(path) ?? "" });
  const [target] = state.kind === "ok" ? state.value.targets.values() : [];
  return target?.manifests.layout === "places" ? target.manifests : expect.fail("It has places.");
}

const withoutTransformers: Edit = (text) => text.replace(/^transformers:\n.*\n/m, "");
const withoutLastValues: Edit = (text) => text.replaceAll(/\n.*stable-values\.yaml"?(?=\n)/g, "");

it.each<[string, Omit<LayoutService, "name" | "targets">]>([
  ["an overlay", { layout: "kustomize", bumps: "overlay" }],
  ["a base and its overlay", { layout: "kustomize", bumps: "base" }],
  ["two releases of a chart", { layout: "helm", bumps: "overlay" }],
  ["a chart with both arms", { layout: "flux", bumps: "overlay" }],
])("stable of %s takes its version from the pin", (_, service) => {
  expect(said(service)).toBeUndefined();
});

const UNREAD =
  "does not take stable's version from apps/cart/prod-eu/tidegate/stable.yaml: a new version would reach stable as it lands, without a gate; have it read again (its arms.yaml is an entry of transformers)";

it.each([
  ["overlay", "apps/cart/prod-eu/kustomization.yaml"],
  ["base", "apps/cart/base/deployment.yaml"],
] as const)("an overlay that has lost its transformers, bumped in its %s, is said to be wrong", (bumps, bumped) => {
  const found = said({ layout: "kustomize", bumps }, withoutTransformers);
  expect(found?.kind).toBe("wrong");
  expect(found?.what).toBe(`what renders ${bumped} ${UNREAD}`);
});

it("a release that has lost its last values file may be wrong", () => {
  const found = said({ layout: "helm", bumps: "overlay" }, withoutLastValues);
  expect(found?.kind).toBe("unsure");
  expect(found?.what).toContain("(it is the last of the values files)");
});

it("an overlay whose pin names a container that is gone is not rendered at all, which is said elsewhere", () => {
  const renamed: Edit = (text, path) => (path.includes("/base/") ? text.replace("- name: app", "- name: main") : text);
  expect(said({ layout: "kustomize", bumps: "overlay" }, renamed)).toBeUndefined();
});

it("nothing is said where nothing is seen to render it", () => {
  const lone: Edit = (text, path) => (path.endsWith("values.yaml") || path.endsWith("kustomization.yaml") ? "" : text);
  expect(said({ layout: "kustomize", bumps: "overlay" }, lone)).toBeUndefined();
});
