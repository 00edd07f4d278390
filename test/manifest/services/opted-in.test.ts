import { expect, it } from "vitest";
import { goldenFiles } from "../layouts/golden.ts";
import { inventoryOf, linesOf, type Files } from "./repo.ts";

/** The files of a golden overlay after it was opted in, its people's version bumped. */
function bumped(layout: string): Files {
  const files = {
    ...Object.fromEntries(goldenFiles(`${layout}/before`)),
    ...Object.fromEntries(goldenFiles(`${layout}/after`)),
  };
  const path = "prod/kustomization.yaml";
  return Object.fromEntries(
    Object.entries(files).map(([own, text]) => [
      `apps/checkout/${own}`,
      own === path ? text.replace("newTag: 1.41.0", "newTag: 1.42.0") : text,
    ]),
  );
}

it.each([
  ["overlay", "eu-checkout", 9, 27],
  ["component", "checkout", 8, 6],
])(
  "an overlay that was opted in runs its pin as stable, and what people bump as the canary (%s)",
  (layout, service, pin, line) => {
    const lines = linesOf(inventoryOf(bumped(layout)).fleet);
    const own = lines.filter((one) => one.includes("registry.example.com/checkout"));
    const stable = `${service}/prod registry.example.com/checkout:1.41.0 apps/checkout/prod/tidegate/checkout/stable.yaml:${pin} name`;
    const canary = `${service}/prod registry.example.com/checkout:1.42.0 apps/checkout/prod/kustomization.yaml:${line} name`;
    // The container, and the one before it that migrates.
    expect(own).toEqual([stable, stable, canary, canary]);
  },
);
