import { expect, it } from "vitest";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { explained, type Row } from "../../src/config/explained.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve } from "../../src/config/resolve.ts";
import { name } from "../../src/core/names.ts";
import { valueOf } from "../manifest/builders.ts";

const METRICS = `version: 1
metrics:
  prod: { prometheus: { url: "https://prometheus.example.com" } }
`;

function rowsOf(text: string): ReadonlyMap<string, Row> {
  const written = valueOf(parseRepoConfig({ path: ".github/tidegate.yml", text: `${METRICS}${text}` }));
  const settings = valueOf(resolve(written, { hosts: ["prometheus.example.com"], forms: FORMS }));
  const of = { service: name("cart"), target: name("prod"), paths: ["apps/cart/prod.yaml"] };
  const rows = valueOf(explained(written, settings, of));
  return new Map(rows.map((row) => [row.key, row]));
}

/** Each line stands alone after the head, so that it is line 4. */
it.each([
  ["waves: [{ targets: [prod] }]", "wave", "1 of 1: prod"],
  ["waves: [{ targets: ['*'], steps: [7] }]", "steps", "7%"],
  ["services: [{ names: [c*], steps: [7] }]", "steps", "7%"],
  ["waves: [{ targets: ['*'], bake: 7m }]", "bake", "7m"],
  ["services: [{ names: [cart], bake: 7m }]", "bake", "7m"],
  ["onAbort: all", "onAbort", "all"],
  ["waves: [{ targets: ['*'], onAbort: all }]", "onAbort", "all"],
  ["targets: [{ name: prod, evidence: bake }]", "evidence", "bake"],
  ["targets: [{ name: prod, observe: assumed, delay: 7m }]", "observe", "assumed"],
  ["targets: [{ name: prod, observe: assumed, delay: 7m }]", "delay", "7m"],
  ["targets: [{ name: prod, observe: reported, reports: { by: ana, status: x } }]", "observe", "reported"],
  ["targets: [{ name: prod, observe: reported, reports: { by: ana, status: x } }]", "reports", "status x by ana"],
  ["measure: { window: 20s }", "measure.window", "20s"],
  ["measure: { settle: 7s }", "measure.settle", "7s"],
  ["deadline: 3h", "deadline", "3h"],
  ["onDeadline: abort", "onDeadline", "abort"],
  ["pace: { mergesPerMinute: 4 }", "pace.mergesPerMinute", "a merge in 15s"],
  ["bumps: queue", "bumps", "queue"],
  ["gather: 7m", "gather", "7m"],
  ["expedite: { label: fast, steps: [50], bake: 2m }", "expedite", "fast: 50%, bake 2m"],
  ["page: [ana]", "page", "ana"],
  [
    "commands: [{ verbs: [hold], paths: [apps/cart/], allow: { codeowners: true } }]",
    "commands",
    "/hold by code owners alone",
  ],
  ["policy: { newWorkloads: require }", "policy.newWorkloads", "require"],
  ["policy: { places: [{ paths: [apps/cart/], pitfalls: errors }] }", "policy.pitfalls", "errors"],
  ["policy: { failing: [two-routes] }", "policy.failing", "two-routes"],
  ["policy: { exempt: [{ services: [c*], reason: a trial }] }", "policy.exempt", "exempt: a trial"],
  ["policy: { exempt: [{ services: [till], reason: a trial }] }", "policy.exempt", undefined],
  ["gates: { warmUp: 1m }", "gates.warmUp", "1m"],
  ["services: [{ names: [cart], gates: { warmUp: 1m } }]", "gates.warmUp", "1m"],
  ["gates: { errors: { alpha: 0.02 } }", "gates.errors.alpha", "0.02"],
  ["services: [{ names: [cart], gates: { errors: { slo: 0.002 } } }]", "gates.errors.slo", "0.002"],
  ["gates: { errors: { dispersion: 3 } }", "gates.errors.dispersion", "3"],
  ["gates: { errors: { minimum: 40 } }", "gates.errors.minimum", "40"],
  ["gates: { errors: { noData: fail } }", "gates.errors.noData", "fail"],
  ["gates: { errors: { threshold: 300 } }", "gates.errors.threshold", "300"],
  ["gates: { errors: { part: 3 } }", "gates.errors.part", "3, 0.0075 of the alpha of 0.01"],
  ["gates: { latency: { part: 3 } }", "gates.latency.part", "3, 0.0075 of the alpha of 0.01"],
  ["gates: { latency: { part: 3 } }", "gates.latency", "judged; no step goes on without it"],
  ["gates: { latency: off }", "gates.latency", "off"],
  ["services: [{ names: [cart], gates: { latency: off } }]", "gates.latency", "off"],
  ["gates: { latency: { regression: 40% } }", "gates.latency.regression", "40%"],
  ["gates: { kayenta: { pass: 80 } }", "gates.kayenta", undefined],
  [
    "gates: { gauges: [{ name: heap, query: 'heap{{pods}}', worse: higher, regression: 50% }] }",
    "gates.gauges.heap",
    "higher is worse, a pass excludes 1.5 times; advises only: it is not calibrated",
  ],
  [
    "gates: { seasonal: [{ builtin: errors, part: 2 }] }",
    "gates.seasonal.errors",
    "count, higher is worse, 14 days by 5m; part 2, 0.005 of the alpha of 0.01",
  ],
  [
    "gates: { analysis: [{ template: rate, from: 5 }] }",
    "gates.analysis.rate",
    "rate, a run for each step, from 5% on",
  ],
])("%s is in effect, by its line", (yaml, key, text) => {
  expect(rowsOf(`${yaml}\n`).get(key)).toEqual(text === undefined ? undefined : { key, text, line: 4 });
});

const WHOLE = `onAbort: all
targets:
  - { name: prod, evidence: health }
waves:
  - targets: [prod]
    steps: [10]
    bake: 6m
gates:
  warmUp: 1m
  errors: { alpha: 0.02, slo: 0.002, part: 2 }
  latency: { tolerated: 11%, regression: 30% }
  gauges:
    - { name: heap, query: "heap{{pods}}", worse: higher, kayenta: { critical: true } }
    - { name: queue, query: "queue{{pods}}", worse: higher }
  kayenta: { pass: 80 }
services:
  - names: [till]
    steps: [1]
  - names: [cart]
    steps: [20]
    gates:
      errors: { slo: 0.003 }
      latency: { regression: 50% }
      gauges:
        - { name: queue, query: "queue{{pods}}", worse: higher }
  - names: ["*"]
    bake: 9m
deadline: 4h
`;

it("names the line of a service's own entry before that of all", () => {
  const rows = rowsOf(WHOLE);
  const lines = (key: string) => [rows.get(key)?.text, rows.get(key)?.line];
  expect(lines("steps")).toEqual(["20%", 23]);
  expect(lines("bake")).toEqual(["6m", 10]);
  expect(lines("gates.errors.slo")).toEqual(["0.003", 25]);
  expect(lines("gates.errors.alpha")).toEqual(["0.02", 13]);
  // What the entry says of latency stands for all that is said of it.
  expect(lines("gates.latency.regression")).toEqual(["50%", 26]);
  expect(lines("gates.latency.tolerated")).toEqual(["10%", undefined]);
  expect(lines("gates.gauges.heap")).toEqual([
    "higher is worse, a pass excludes 1.25 times; judged as Kayenta would",
    16,
  ]);
  expect(rows.get("gates.gauges.queue")?.line).toBe(28);
  expect(lines("gates.kayenta")).toEqual(["pass 80, marginal 50", 18]);
});

it("has a line for all that is otherwise than in a file that says nothing", () => {
  const usual = rowsOf("");
  const changed = [...rowsOf(WHOLE).values()].filter(({ key, text }) => usual.get(key)?.text !== text);
  // What shares alpha follows from all parts together.
  const own = changed.filter(({ key }) => !/[.]part$|[.]threshold$/.test(key));
  expect(own.length).toBeGreaterThan(12);
  expect(own.filter(({ line }) => line === undefined)).toEqual([]);
  expect([...usual.values()].filter(({ line }) => line !== undefined).map(({ key }) => key)).toEqual(["metrics"]);
});
