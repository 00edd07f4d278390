import { describe, expect, it } from "vitest";
import { FORMS } from "../src/adapters/metrics/providers/table.ts";
import { parseRepoConfig } from "../src/config/repo-config.ts";
import { resolve } from "../src/config/resolve.ts";
import { parseState } from "../src/config/state-file.ts";
import { trespassesOf } from "../src/core/ownership.ts";
import { whole, yamlIn } from "./support/page-yaml.ts";

const ALLOWED = [
  "prometheus.example.com",
  "aps-workspaces.eu-central-1.amazonaws.com",
  "mimir.example.com",
  "api.datadoghq.eu",
  "api.newrelic.com",
  "monitoring.eu-central-1.amazonaws.com",
  "counts.example.com",
];

const PAGES = [
  "README.md",
  "docs/install.md",
  "docs/first-service.md",
  "docs/design.md",
  "docs/data-planes.md",
  "docs/metrics-providers.md",
];

const CONFIGS = PAGES.flatMap((page) =>
  yamlIn(page)
    .filter((yaml) => yaml.includes("metrics:"))
    .map((yaml) => [page, whole(yaml)] as const),
);

describe("what the pages tell people to write", () => {
  it.each(CONFIGS)("is configuration that is understood (%s)", (_, text) => {
    const written = parseRepoConfig({ path: ".github/tidegate.yml", text });
    expect(written).toMatchObject({ kind: "ok" });
    if (written.kind === "ok")
      expect(resolve(written.value, { hosts: ALLOWED, forms: FORMS })).toMatchObject({ kind: "ok" });
  });

  it.each(["docs/first-service.md", "docs/rollouts.md"])(
    "is a state file with which a release may go on (%s)",
    (page) => {
      const text = yamlIn(page).find((yaml) => yaml.includes("template: {")) ?? "";
      const state = parseState({ path: ".tidegate/services/checkout.yaml", text });
      expect(state).toMatchObject({ kind: "ok" });
      const targets = state.kind === "ok" ? [...state.value.targets.values()] : [];
      expect(targets).toHaveLength(1);
      for (const at of targets) expect(state.kind === "ok" ? trespassesOf(state.value, at) : ["unread"]).toEqual([]);
    },
  );

  it("covers every page", () => {
    expect([...new Set(CONFIGS.map(([page]) => page))]).toEqual(PAGES);
  });
});
