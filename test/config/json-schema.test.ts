import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import {
  configSchema,
  gateSchema,
  jsonText,
  sharedSchema,
  stateSchema,
  type JsonSchema,
} from "../../src/config/json-schema.ts";
import { ENFORCED_MEANINGS } from "../../src/config/enforced-meanings.ts";
import { MEANINGS, meaningOf } from "../../src/config/meanings.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve } from "../../src/config/resolve.ts";
import { jsonFaults } from "../support/json-schema.ts";
import { whole, yamlIn } from "../support/page-yaml.ts";

const CONFIG = configSchema(FORMS);
const METRICS = 'metrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\n';

const PAGES = [
  "README.md",
  ...readdirSync(new URL("../../docs", import.meta.url)).map((name) => `docs/${name}`),
].filter((page) => page.endsWith(".md"));

/** What pages show of the configuration: whole files, and parts that need metrics to be one. */
const SHOWN = PAGES.flatMap((page) => yamlIn(page).map((yaml) => [page, yaml] as const)).flatMap(([page, yaml]) => {
  const text = yaml.includes("metrics:") ? whole(yaml) : `version: 1\n${METRICS}${yaml}`;
  return parseRepoConfig({ path: ".github/tidegate.yml", text }).kind === "ok" ? [[page, text] as const] : [];
});

describe("the schema of the configuration", () => {
  it.each(SHOWN)("takes what a page shows (%s)", (_, text) => {
    expect(jsonFaults(parse(text), CONFIG)).toEqual([]);
  });

  it("is held to most pages that show configuration", () => {
    expect(new Set(SHOWN.map(([page]) => page)).size).toBeGreaterThan(5);
  });

  it.each([
    ["wave: []", ".wave: not allowed"],
    ["version: 2", ".version: not 1"],
    ["waves: [{ targets: [prod], bake: 10 }]", ".waves[0].bake: no string"],
    ["waves: [{ targets: [prod], bake: 10min }]", ".waves[0].bake: 10min"],
    ["waves: [{ targets: [] }]", ".waves[0].targets: too few"],
    ["waves: [{ targets: [prod], steps: [60] }]", ".waves[0].steps[0]: none of its forms"],
    ["targets: [{ name: Prod }]", ".targets[0].name: Prod"],
    ["targets: [{ name: prod, evidence: healthy }]", ".targets[0].evidence: none of its values"],
    ["gates: { latency: on }", ".gates.latency: none of its forms"],
    ["gates: { errors: { alpha: 0.9 } }", ".gates.errors.alpha: 0.9"],
    [
      "services: [{ names: [cart], gates: { gauges: [{ name: a, worse: higher }] } }]",
      ".services[0].gates.gauges[0].query: missing",
    ],
    ["commands: [{ verbs: [deploy], allow: {} }]", ".commands[0].verbs[0]: none of its values"],
    ["metrics: { prod: { prometheus: {} } }", ".metrics.prod.prometheus.url: missing"],
    ["metrics: { prod: {} }", ".metrics.prod: too few keys"],
    ["metrics: { prod: { datadogs: {} } }", ".metrics.prod.datadogs: not allowed"],
    [
      "metrics: { prod: { prometheus: { url: 'https://p', requests: { dataPlane: istoi } } } }",
      ".metrics.prod.prometheus.requests.dataPlane: none of its values",
    ],
    ["metrics: { prod: { datadog: { counts: { total: a, failed: b } } } }", ".metrics.prod.datadog.secrets: missing"],
    [
      "metrics: { prod: { datadog: { counts: { total: a, failed: b }, secrets: { apiKey: { env: METRICS_A } } } } }",
      ".metrics.prod.datadog.secrets.applicationKey: missing",
    ],
    [
      "metrics: { prod: { prometheus: { url: 'https://p', headers: { A: { env: SECRET } } } } }",
      ".metrics.prod.prometheus.headers.A.env: SECRET",
    ],
  ])("refuses %s, as the configuration does", (yaml, fault) => {
    const head = yaml.startsWith("metrics")
      ? "version: 1\n"
      : yaml.startsWith("version")
        ? METRICS
        : `version: 1\n${METRICS}`;
    const text = `${head}${yaml}\n`;
    expect(jsonFaults(parse(text), CONFIG)).toEqual([fault]);
    expect(isUnderstood(text)).toBe(false);
  });

  it("says what each key means, and of no key that there is not", () => {
    const keys = keysOf(CONFIG, "").filter((key) => !/^metrics\.\*\.(?!prometheus)/.test(key));
    expect(keys.filter((key) => meaningOf(key) === undefined)).toEqual([]);
    expect(Object.keys(MEANINGS).filter((key) => !keys.includes(key))).toEqual([]);
    expect(CONFIG.properties?.["waves"]).toMatchObject({ description: MEANINGS["waves"] });
  });
});

function isUnderstood(text: string): boolean {
  const written = parseRepoConfig({ path: ".github/tidegate.yml", text });
  const hosts = ["prometheus.example.com", "p", "api.datadoghq.com"];
  return written.kind === "ok" && resolve(written.value, { hosts, forms: FORMS }).kind === "ok";
}

function keysOf(
  { properties = {}, items, additionalProperties, anyOf = [] }: JsonSchema,
  path: string,
): readonly string[] {
  const below = (part: JsonSchema | boolean | undefined, at: string) =>
    typeof part === "object" ? keysOf(part, at) : [];
  const own = Object.entries(properties).flatMap(([key, part]) => {
    const at = path === "" ? key : `${path}.${key}`;
    return [at, ...below(part, at)];
  });
  const item = Array.isArray(items) ? [] : below(items, `${path}[]`);
  return [...own, ...item, ...below(additionalProperties, `${path}.*`), ...anyOf.flatMap((part) => keysOf(part, path))];
}

describe("the schemas of other files", () => {
  const state = yamlIn("docs/first-service.md").find((yaml) => yaml.includes("template: {")) ?? "";

  it("takes the state file that a page shows, and logs of what is impossible", () => {
    expect(jsonFaults(parse(state), stateSchema())).toEqual([]);
    expect(JSON.stringify(stateSchema())).not.toContain("null");
  });

  it.each([
    ["weight: 0", "weight: none", ".targets.prod.weight: no number"],
    ["heard: 0", "herd: 0", ".herd: not allowed"],
    ["namespace: shop", "", ".targets.prod.namespace: missing"],
  ])("refuses a state file with %s as %j", (from, to, fault) => {
    expect(state).toContain(from);
    expect(jsonFaults(parse(state.replace(from, to)), stateSchema())).toContain(fault);
  });

  it("takes what repositories extend, says what each key of it holds to, and refuses what it may not say", () => {
    const shared = sharedSchema(FORMS);
    const text = `version: 1\n${METRICS}enforced: { bake: 10m, expedite: never, gates: { errors: { slo: 0.01 } } }\n`;
    expect(jsonFaults(parse(text), shared)).toEqual([]);
    expect(jsonFaults(parse("version: 1\nextends: acme/other\n"), shared)).toEqual([".extends: not allowed"]);
    expect(jsonFaults(parse("version: 1\nenforced: { bake: 10 }\n"), shared)).toEqual([".enforced.bake: no string"]);
    const keys = keysOf(shared, "").filter((key) => !/metrics\.\*\.(?!prometheus)/.test(key));
    expect(keys.filter((key) => meaningOf(key) === undefined)).toEqual([]);
    expect(Object.keys(ENFORCED_MEANINGS).filter((key) => !keys.includes(`enforced.${key}`))).toEqual([]);
  });

  it("takes a file of windows, and refuses one with an unknown key", () => {
    const counts = { requests: 100, failed: 1 };
    const file = {
      version: 1,
      windows: [{ start: "2026-11-20T10:00:00Z", end: "2026-11-20T10:00:30Z", canary: counts, stable: null }],
    };
    expect(jsonFaults(file, gateSchema())).toEqual([]);
    expect(jsonFaults({ ...file, suspects: "canary" }, gateSchema())).toEqual([".suspects: not allowed"]);
    expect(jsonFaults({ ...file, settings: { alpha: 2 } }, gateSchema())).toEqual([".settings.alpha: 2"]);
  });
});

it("lays JSON out with short lists on a line", () => {
  expect(jsonText({ a: [1, 2], b: {}, c: [{ d: "x".repeat(8) }] })).toBe(
    '{\n  "a": [1, 2],\n  "b": {},\n  "c": [\n    {\n      "d": "xxxxxxxx"\n    }\n  ]\n}\n',
  );
});
