import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FORMS, PROVIDERS } from "../../../../src/adapters/metrics/providers/table.ts";
import { DOUBLES } from "./doubles.ts";

const ROOT = new URL("../../../../", import.meta.url);
const FOLDER = "src/adapters/metrics/providers/";

/** What all providers share. */
const SHARED: ReadonlySet<string> = new Set(["counted.ts", "points.ts", "source.ts", "table.ts"]);

const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

it("has one file for each provider, and no other", () => {
  const files = readdirSync(new URL(FOLDER, ROOT)).filter((file) => !SHARED.has(file));
  expect(files.toSorted()).toEqual(
    Object.keys(PROVIDERS)
      .map((key) => `${kebab(key)}.ts`)
      .toSorted(),
  );
});

it("is all that the rest of the program knows of a provider", () => {
  const elsewhere = [
    "config/providers.ts",
    "reconcile/providers.ts",
    "adapters/metrics/provider.ts",
    "server/bot.ts",
    "doctor/tree.ts",
  ];
  const code = elsewhere.map((path) => read(`src/${path}`)).join("\n");
  for (const key of Object.keys(PROVIDERS)) expect(code).not.toMatch(new RegExp(`["'/]${kebab(key)}\\b(?!/)`));
  expect(FORMS["datadog"]).toBe(PROVIDERS["datadog"]?.form);
});

it("has a double for each, and a line and an example on the page", () => {
  const doubled = Object.values(DOUBLES).map((double) => double.settings("https://example.com").by);
  const page = read("docs/metrics-providers.md");
  for (const key of Object.keys(PROVIDERS)) {
    expect(doubled).toContain(key);
    expect(page).toContain(`| \`${key}\` |`);
    expect(page).toContain(`\n    ${key}:\n`);
  }
});
