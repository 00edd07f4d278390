import { describe, expect, it } from "vitest";
import { name } from "../../src/core/names.ts";
import { owns, trespassesOf } from "../../src/core/ownership.ts";
import type { Manifests } from "../../src/core/state.ts";

const MANIFESTS: Manifests = {
  layout: "workloads",
  router: "HTTPRoute",
  destinations: undefined,
  canary: "apps/a/deployment.yaml",
  stable: "apps/a/tidegate/stable.yaml",
  route: "apps/a/tidegate/route.yaml",
};
const CLAIM = { path: MANIFESTS.canary, at: "spec.replicas" };

describe("what Tidegate owns", () => {
  it.each([
    [["apps/a/tidegate/"], "apps/a/tidegate/stable.yaml", true],
    [["apps/a/tidegate/"], "apps/a/tidegate", false],
    [["apps/a/tidegate/"], "apps/a/tidegate-2/stable.yaml", false],
    [["apps/a/stable.yaml"], "apps/a/stable.yaml", true],
    [["apps/a/stable.yaml"], "apps/a/stable.yaml.bak", false],
    [[], "apps/a/stable.yaml", false],
  ])("%j and %s: %s", (owned, path, expected) => {
    expect(owns({ owned }, path)).toBe(expected);
  });

  it.each([
    [["apps/a/tidegate/"], [CLAIM], []],
    [["apps/a/"], [], []],
    [["apps/a/tidegate/"], [], [/spec.replicas of apps\/a\/deployment.yaml/]],
    [["apps/a/tidegate/"], [{ ...CLAIM, at: "spec.paused" }], [/spec.replicas/]],
    [["apps/a/tidegate/stable.yaml"], [CLAIM], [/route.yaml/]],
    [[], [], [/stable.yaml/, /route.yaml/, /spec.replicas/]],
  ])("with %j owned and %j claimed, a release misses %j", (owned, claims, missing) => {
    const found = trespassesOf({ owned, claims }, { manifests: MANIFESTS });
    expect(found).toHaveLength(missing.length);
    for (const [index, words] of missing.entries()) expect(found[index]).toMatch(words);
  });

  it.each([
    [["apps/a/tidegate/"], []],
    [
      ["apps/a/tidegate/stable.yaml"],
      ["route.yaml", "Deployment a-canary spec.replicas of apps/a/tidegate/canary.yaml"],
    ],
  ])("with %j owned, a rendered member misses %j", (owned, missing) => {
    const at = (path: string, place: string) => ({ path: `apps/a/${path}`, at: place });
    const replicas = at("tidegate/canary.yaml", "Deployment a-canary spec.replicas");
    const manifests: Manifests = {
      layout: "places",
      canary: { ...at("kustomization.yaml", "images[a].newTag"), image: undefined },
      stable: { ...at("tidegate/stable.yaml", "data.image"), image: undefined },
      weight: { kind: "values", ...at("tidegate/route.yaml", "weight") },
      canaryReplicas: replicas,
      stableReplicas: 2,
      workloads: { canary: name("a-canary"), stable: name("a") },
      container: name("a"),
    };
    const found = trespassesOf({ owned, claims: [] }, { manifests });
    const claimed = trespassesOf({ owned, claims: [replicas] }, { manifests });
    expect(claimed).toEqual(found.filter((words) => !words.includes("spec.replicas")));
    expect(found).toHaveLength(missing.length);
    for (const [index, words] of missing.entries()) expect(found[index]).toContain(words);
  });
});
