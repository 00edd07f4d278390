import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CATALOGUE, isRule } from "../../src/lint/catalogue.ts";
import { filesIn, linesOf, lintOf } from "./repo.ts";

const GOLDEN = fileURLToPath(new URL("../golden/lint", import.meta.url));
const RULES = Object.keys(CATALOGUE).filter(isRule);

it("has a planted pitfall and its clean twin for every rule", () => {
  const twins = readdirSync(GOLDEN).map((rule) => [rule, readdirSync(`${GOLDEN}/${rule}`).toSorted()]);
  expect(Object.fromEntries(twins)).toEqual(
    Object.fromEntries(RULES.map((rule) => [rule, ["clean", "expected.txt", "planted"]])),
  );
});

describe.each(RULES)("%s", (rule) => {
  it("is found where it is planted, and nothing else is", async () => {
    const linted = lintOf(filesIn(`${GOLDEN}/${rule}/planted`));
    expect(new Set(linted.findings.map((one) => one.rule))).toEqual(new Set([rule]));
    expect(linted.refusals).toEqual([]);
    await expect(`${linesOf(linted).join("\n")}\n`).toMatchFileSnapshot(`${GOLDEN}/${rule}/expected.txt`);
  });

  it("is silent on the clean twin", () => {
    expect(lintOf(filesIn(`${GOLDEN}/${rule}/clean`))).toEqual({ findings: [], allowed: [], refusals: [] });
  });
});
