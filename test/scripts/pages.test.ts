import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commandsPage } from "../../scripts/commands-page.ts";
import { configurationPage } from "../../scripts/configuration-page.ts";
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
      expect(rows.slice(2).map((row) => /[\w-]+/.exec(row)?.[0])).toEqual(VERBS);
      expect(new Set(rows.map((row) => row.split(/(?<!\\)\|/).length)).size).toBe(1);
    }
  });
});

describe("the page of the configuration", () => {
  const rows = configurationPage()
    .text.split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split(/ (?<!\\)\| /).map((cell) => cell.replace(/^\| | \|$/g, "")));

  it.each([
    ["`version`", "`1`", "must be written"],
    ["`waves[].steps`", "a list of whole numbers from 0 up to 50 or `100` or a mapping", "5%, 25%, 50%"],
    ["`waves[].bake`", "a duration", "10m"],
    ["`waves[].targets`", "a list of texts", "must be written"],
    ["`gates.errors.alpha`", "a number above 0 up to 0.5", "0.01"],
    ["`gates.errors.part`", "a number above 0 up to 1000", "1"],
    ["`gates.latency`", "`off` or a mapping", "judged where it is measured"],
    ["`gates.latency.regression`", "a share such as `10%`", "50%"],
    ["`onDeadline`", "`hold`, `abort`", "hold"],
    ["`commands[].allow.codeowners`", "`true`, `false`", "`false`"],
  ])("says of %s what may be written, and what goes unless it is", (key, type, usual) => {
    expect(rows.filter(([one]) => one === key).map((row) => row.slice(0, 3))).toEqual([[key, type, usual]]);
  });

  it("has one row for a key, and a meaning in each", () => {
    expect(new Set(rows.map(([key]) => key)).size).toBe(rows.length);
    expect(rows.filter((row) => row.length !== 4 || row[3] === "")).toEqual([]);
  });
});

describe("a table", () => {
  it("escapes the bars in its cells", () => {
    expect(table(["a", "b"], [["x|y", "z"]])).toBe("| a | b |\n|---|---|\n| x\\|y | z |");
  });
});
