import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { problemText } from "../../src/config/document.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve, type Settings } from "../../src/config/resolve.ts";
import { name } from "../../src/core/names.ts";
import { err, type Result } from "../../src/core/result.ts";
import { SEASONAL_BUILTINS } from "../../src/core/season.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";

const PATH = ".github/tidegate.yml";
const LEAST = `version: 1
metrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }
`;
const HOSTS = ["prometheus.example.com"];

const written = (metrics: string, more = "") => `${LEAST}gates:\n  seasonal:\n    - ${metrics}\n${more}`;
const read = (text: string): Result<Settings, readonly string[]> => {
  const found = parseRepoConfig({ path: PATH, text });
  const settings = found.kind === "ok" ? resolve(found.value, { hosts: HOSTS, forms: FORMS }) : found;
  return settings.kind === "ok" ? settings : err(settings.error.map(problemText));
};
const metricsOf = (text: string, service?: string) =>
  valueOf(valueOf(read(text)).policyFor(name("prod"), [], service === undefined ? undefined : name(service))).seasonal;

describe("what a service is held against of its own past", () => {
  it("is nothing unless it is said", () => {
    expect(metricsOf(LEAST)).toBeUndefined();
  });

  it.each(SEASONAL_BUILTINS)("may be %s, of which everything else is known", (builtin) => {
    expect(metricsOf(written(`{ builtin: ${builtin} }`))).toEqual([
      {
        name: builtin,
        asked: { kind: "builtin", builtin },
        worse: builtin === "requests" ? "lower" : "higher",
        measure: builtin === "latency-p99" ? "latency" : "count",
        part: 1,
        days: 14,
        everyMs: 300_000,
      },
    ]);
  });

  it("may be a query of the shop's own", () => {
    const query = 'sum(increase(orders_total{shop="{service}",pod=~"{pods}"}[{every}]))';
    const text = `{ name: orders, query: '${query}', worse: lower, measure: count, days: 35, every: 1m, part: 2 }`;
    expect(metricsOf(written(text))).toEqual([
      {
        name: "orders",
        asked: { kind: "query", query },
        worse: "lower",
        measure: "count",
        part: 2,
        days: 35,
        everyMs: 60_000,
      },
    ]);
  });

  it("is understood as the page about it writes it", () => {
    const page = readFileSync(new URL("../../docs/gates.md", import.meta.url), "utf8");
    const [, example = ""] = /```yaml\n(gates:\n  seasonal:[^]*?)```/.exec(page) ?? [];
    expect(metricsOf(`${LEAST}${example}`)?.map(({ name: called, days, worse }) => [called, days, worse])).toEqual([
      ["errors", 14, "higher"],
      ["orders", 14, "lower"],
    ]);
  });

  it("may be said otherwise for single services", () => {
    const own = `services:\n  - { names: [cart], gates: { seasonal: [{ builtin: errors, days: 28 }, { builtin: requests }] } }\n`;
    const text = written("{ builtin: errors }", own);
    expect(metricsOf(text)?.map((one) => [one.name, one.days])).toEqual([["errors", 14]]);
    expect(metricsOf(text, "cart")?.map((one) => [one.name, one.days])).toEqual([
      ["errors", 28],
      ["requests", 14],
    ]);
  });

  it.each([
    ["neither query nor builtin", "{ name: orders, worse: lower, measure: count }", "must have a query or a builtin"],
    ["both", "{ name: orders, builtin: errors, query: up, worse: lower }", "must have a query or a builtin"],
    ["a query without a name", "{ query: up, worse: lower, measure: count }", "must have a name: its query has none"],
    ["a query without a direction", "{ name: a, query: up, measure: count }", "must say which way is worse"],
    ["a query without a measure", "{ name: a, query: up, worse: lower }", "must have a measure: count or latency"],
    [
      "a builtin with a measure",
      "{ builtin: errors, measure: count }",
      "measure is of a query: errors is measured as it is",
    ],
    ["another builtin", "{ builtin: error }", "builtin must be one of errors, requests, latency-p99"],
    ["one name twice", "{ builtin: errors }\n    - { builtin: errors }", "names errors a second time"],
    [
      "a word of one arm",
      '{ name: a, query: "up{a=\\"{arm}\\"}", worse: lower, measure: count }',
      "holds {arm}, which is one arm's",
    ],
    [
      "a word that is nearly one",
      '{ name: a, query: "up{a=\\"{pod}\\"}", worse: lower, measure: count }',
      "did you mean {pods}?",
    ],
    ["more readings than are held", "{ builtin: errors, days: 35, every: 30s }", "every is too often for 35 days"],
    ["more days than are held", "{ builtin: errors, days: 36 }", "days"],
  ])("is refused with %s", (_, metrics, problem) => {
    expect(errorOf(read(written(metrics))).join("\n")).toContain(problem);
  });
});
