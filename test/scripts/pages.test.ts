import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commandsPage } from "../../scripts/commands-page.ts";
import { table } from "../../scripts/page.ts";
import { pages } from "../../scripts/pages.ts";
import { VERBS } from "../../src/core/commands.ts";

describe("a generated page", () => {
  it.each(pages().map(({ path, text }) => [path, text]))("%s is in step with the code: npm run docs", (path, text) => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")).toBe(text);
  });

  it("has a row for every verb in each of its tables", () => {
    const tables = commandsPage()
      .text.split("\n\n")
      .filter((part) => part.startsWith("|"));
    expect(tables).toHaveLength(3);
    for (const rows of tables.map((part) => part.split("\n"))) {
      expect(rows.slice(2).map((row) => /\w+/.exec(row)?.[0])).toEqual(VERBS);
      expect(new Set(rows.map((row) => row.split(/(?<!\\)\|/).length)).size).toBe(1);
    }
  });
});

describe("a table", () => {
  it("escapes the bars in its cells", () => {
    expect(table(["a", "b"], [["x|y", "z"]])).toBe("| a | b |\n|---|---|\n| x\\|y | z |");
  });
});
