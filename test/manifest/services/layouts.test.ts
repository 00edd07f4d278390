import { expect, it } from "vitest";
import { LAYOUTS } from "./layouts.ts";
import { deployment, flux, inventoryOf, kustomization, linesOf, targetAt } from "./repo.ts";

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
