import { expect, it } from "vitest";
import { parseState } from "../../../src/config/state-file.ts";
import type { Places } from "../../../src/core/state.ts";
import { isOverlay, overlayLabels } from "../../../src/manifest/layouts/overlay-labels.ts";
import { layoutFiles, type LayoutService } from "../../support/layout-files.ts";

type Layout = LayoutService["layout"];

const OVERLAY = "apps/cart/prod/kustomization.yaml";
const BASE = "apps/cart/base/kustomization.yaml";
const DEPLOYMENT = "apps/cart/base/deployment.yaml";
const CANARY = "apps/cart/prod/tidegate/canary.yaml";

function optedIn(layout: Layout): { readonly files: ReadonlyMap<string, string>; readonly places: Places } {
  const files = layoutFiles({ name: "cart", layout, targets: ["prod"], bumps: "overlay" });
  const path = ".tidegate/services/cart.yaml";
  const state = parseState({ path, text: files.get(path) ?? "" });
  const [target] = state.kind === "ok" ? state.value.targets.values() : [];
  return {
    files,
    places: target?.manifests.layout === "places" ? target.manifests : expect.fail("It has places."),
  };
}

/** The labels of an opted-in overlay after an edit of one of its files. */
function labelled(edited = "", edit: (text: string) => string = (text) => text) {
  const { files, places } = optedIn("kustomize");
  if (edited !== "" && files.get(edited) === undefined) throw new Error(`There is no ${edited}.`);
  const texts = [...files].map(([path, text]) => ({ path, text: path === edited ? edit(text) : text }));
  const found = overlayLabels(texts, places);
  return found && { canary: Object.fromEntries(found.canary), stable: Object.fromEntries(found.stable) };
}

const more = (lines: string) => (text: string) => `${text}${lines}\n`;
const tier = (text: string) => text.replace(/^( +)app: cart$/gm, "$1app: cart\n$1tier: web");

it("gives stable's as its Deployment says them, and the canary's with its own put over them", () => {
  expect(labelled()).toEqual({ canary: { app: "cart-canary" }, stable: { app: "cart" } });
  expect(labelled(DEPLOYMENT, tier)).toEqual({
    canary: { app: "cart-canary", tier: "web" },
    stable: { app: "cart", tier: "web" },
  });
});

it("knows them where an overlay does what changes no labels", () => {
  const done = more("namePrefix: ''\nconfigMapGenerator: [{ name: flags, literals: [a=b] }]");
  expect(labelled(OVERLAY, done)).toEqual(labelled());
});

it.each<[string, string, (text: string) => string]>([
  ["a base with commonLabels", BASE, more("commonLabels: { team: shop }")],
  ["an overlay with labels", OVERLAY, more("labels: [{ pairs: { team: shop }, includeTemplates: true }]")],
  ["a JSON-like kustomization with labels", BASE, () => '{ "resources": ["deployment.yaml"], "labels": [] }'],
  ["an overlay with patches", OVERLAY, more("patches: [{ path: more.yaml }]")],
  ["an overlay with a component", OVERLAY, more("components: [../parts]")],
  ["another transformer", OVERLAY, (text) => text.replace(/^(transformers:\n)/m, "$1  - labels.yaml\n")],
  ["a transformer that is written out", OVERLAY, (text) => text.replace(/^(transformers:\n)/m, "$1  - { kind: A }\n")],
  ["a kustomization that cannot be read", BASE, more("a: [")],
  ["a kustomization that is empty", BASE, () => ""],
  ["labels that Flux fills in", DEPLOYMENT, (text) => text.replaceAll("app: cart\n", "app: ${app}\n")],
  ["a Deployment of another name", DEPLOYMENT, (text) => text.replace("name: cart\n", "name: basket\n")],
  ["a second file's Deployment of the name", "apps/cart/base/service.yaml", () => deploymentOnly()],
  ["no canary of the name", CANARY, (text) => text.replace("name: cart-canary\n", "name: other\n")],
])("does not know them with %s", (_, path, edit) => {
  expect(labelled(path, edit)).toBeUndefined();
});

function deploymentOnly(): string {
  return optedIn("kustomize").files.get(DEPLOYMENT) ?? "";
}

it.each<[Layout, boolean]>([
  ["kustomize", true],
  ["helm", false],
  ["flux", false],
])("%s is an overlay: %s", (layout, isOne) => {
  expect(isOverlay(optedIn(layout).places)).toBe(isOne);
});
