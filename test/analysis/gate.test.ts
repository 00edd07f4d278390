import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { attemptOn } from "../../src/analysis/criterion.ts";
import { gateMetrics } from "../../src/analysis/gate.ts";
import { dangersOf } from "../../src/analysis/lint/gate-doubts.ts";
import { answerOf } from "../../src/analysis/result.ts";
import { problemText } from "../../src/config/document.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve } from "../../src/config/resolve.ts";
import type { AnalysisSettings } from "../../src/core/gate/analysis.ts";
import { name } from "../../src/core/names.ts";
import { refusalText } from "../../src/yaml/refusal.ts";

const SETTINGS: AnalysisSettings = {
  name: "rate",
  template: "rate",
  files: ["analysis/"],
  args: { service: "{canary}.{namespace}" },
  from: 0,
  runs: "step",
  metrics: undefined,
  checks: undefined,
  line: 9,
};
const WORDS = {
  service: "cart",
  namespace: "shop",
  target: "prod",
  canary: "cart-canary",
  stable: "cart-stable",
  "canary-workload": "cart-next",
  "stable-workload": "cart",
};

function argo(name: string, spec: string): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: { name: ${name} }\nspec:\n${spec}`;
}

const METRIC = `  metrics:
    - name: success
      interval: 30s
      count: 4
      successCondition: result[0] >= 0.95
      provider: { prometheus: { query: 'rate{service="{{args.service}}"}' } }
`;
const RATE = argo("rate", `  args:\n    - name: service\n${METRIC}`);
const CHECKED = `apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata: { name: errors }
spec:
  provider: { type: prometheus, address: "http://prometheus:9090" }
  query: errors{namespace="{{ namespace }}", pod=~"{{ target }}-.*", zone="{{ variables.zone }}"}[{{ interval }}]
`;
const CHECKS = { min: undefined, max: 1, intervalMs: 60_000, threshold: 5, variables: { zone: "eu" } };

function metrics(settings: Partial<AnalysisSettings>, ...texts: readonly string[]) {
  const files = texts.map((text, index) => ({ path: `analysis/${index}.yaml`, text }));
  const gated = { settings: { ...SETTINGS, ...settings }, config: ".github/tidegate.yml", words: WORDS };
  const found = gateMetrics(gated, files);
  return found.kind === "ok" ? found.value : refusalText(found.error);
}

it("is a template of Argo's with its arguments filled in by what git knows", () => {
  expect(metrics({}, RATE)).toMatchObject([
    {
      name: "success",
      rules: { count: 4, intervalMs: 30_000 },
      provider: { kind: "prometheus", query: 'rate{service="cart-canary.shop"}' },
      criterion: { kind: "conditions" },
    },
  ]);
  expect(metrics({ template: "analysis/0.yaml" }, RATE)).toEqual(metrics({}, RATE));
});

it("is a MetricTemplate of Flagger's, which fails on as many checks as the threshold says", () => {
  expect(metrics({ template: "errors", args: {}, checks: CHECKS }, CHECKED)).toMatchObject([
    {
      name: "errors",
      address: "http://prometheus:9090",
      rules: { intervalMs: 60_000, initialDelayMs: 60_000, failureLimit: 4, count: 0 },
      provider: { query: 'errors{namespace="shop", pod=~"cart-next-.*", zone="eu"}[60s]' },
      criterion: { kind: "range", range: { min: undefined, max: 1 } },
    },
  ]);
});

const BOTH = `  templates: [{ templateName: rate }]\n${METRIC.replace("name: success", "name: other").replace("{{args.service}}", "x")}`;

it.each<[string, Partial<AnalysisSettings>, readonly string[], string]>([
  [
    "a name that no file has",
    { template: "rats" },
    [RATE],
    '.github/tidegate.yml:9: found the template "rats"; there is none of that name on the tracked branch: did you mean rate.',
  ],
  ["a name where no files are said", { files: [] }, [], "gates.templates names no files"],
  ["a name that two files have", {}, [RATE, RATE], "several are called so (analysis/0.yaml:5, analysis/1.yaml:5)"],
  [
    "a file of several",
    { template: "analysis/0.yaml" },
    [`${RATE}---\n${RATE.replace("name: rate", "name: two")}`],
    "the file holds several",
  ],
  [
    "an argument that is not declared",
    { args: { service: "x", sevice: "y" } },
    [RATE],
    'the argument "sevice", which "rate" does not declare; perhaps service is meant',
  ],
  ["an argument that has no value", { args: {} }, [RATE], "analysis/0.yaml:6: found no value for service"],
  [
    "a hash from the cluster in the template",
    { args: {} },
    [RATE.replace("- name: service", "- { name: service, valueFrom: { podTemplateHashValue: Latest } }")],
    "podTemplateHashValue as the value of service; there is no Rollout to take it from: give the argument a value, in a gate one such as {canary} or {stable}",
  ],
  [
    "a field of a Rollout in the template",
    { args: {} },
    [RATE.replace("- name: service", "- { name: service, valueFrom: { fieldRef: { fieldPath: metadata.name } } }")],
    "in a gate one such as {namespace}, {service} or {target}",
  ],
  [
    "a secret of the cluster",
    { args: {} },
    [RATE.replace("- name: service", "- { name: service, valueFrom: { secretKeyRef: { name: a, key: b } } }")],
    "a secret as the value of service",
  ],
  [
    "a hash in an argument",
    { args: { service: "{canary-hash}" } },
    [RATE],
    '.github/tidegate.yml:9: found the argument "service"; {canary-hash} is not known: a pod template\'s hash is made in the cluster',
  ],
  ["a misspelt word", { args: { service: "{namspace}" } }, [RATE], "did you mean {namespace}"],
  [
    "a round",
    {},
    [
      argo("rate", `  templates: [{ templateName: again }]\n${METRIC}`),
      argo("again", `  templates: [{ templateName: rate }]\n${METRIC}`),
    ],
    "a template cannot be made of itself: rate → again → rate",
  ],
  [
    "parts of one name in two files",
    { template: "both", args: { service: "x" } },
    [argo("both", BOTH), RATE, RATE],
    "several are called so in gates.templates",
  ],
  [
    "a provider that is not asked",
    {},
    [RATE.replace("prometheus: { query: 'rate{service=\"{{args.service}}\"}' }", "job: { spec: {} }")],
    "found the provider job; a Job runs in a cluster",
  ],
  [
    "a metric without a condition",
    {},
    [RATE.replace(/ *successCondition.*\n/, "")],
    "the metric success without a condition; it would pass whatever is measured",
  ],
  ["checks of a template of Argo's", { checks: CHECKS }, [RATE], "found thresholdRange; rate is Argo's"],
  [
    "a MetricTemplate without a range",
    { template: "errors", args: {} },
    [CHECKED],
    "the MetricTemplate errors without a thresholdRange",
  ],
  [
    "arguments of a MetricTemplate",
    { template: "errors", checks: CHECKS },
    [CHECKED],
    "found args; a MetricTemplate takes variables",
  ],
  [
    "a variable that is not given",
    { template: "errors", args: {}, checks: { ...CHECKS, variables: {} } },
    [CHECKED],
    "variables.zone",
  ],
  ["a file that is no YAML", {}, ["AnalysisTemplate: ["], "analysis/0.yaml:1"],
])("%s is refused, with its place", (_, settings, texts, words) => {
  expect(metrics(settings, ...texts)).toContain(words);
});

it("leaves a metric without a condition alone where it is a dry run", () => {
  const text = RATE.replace(/ *successCondition.*\n/, "").replace(
    "  metrics:",
    "  dryRun: [{ metricName: success }]\n  metrics:",
  );
  expect(metrics({}, text)).toMatchObject([{ isDryRun: true }]);
});

it("has its dangers told, and those of what it is made of, but of no other template", () => {
  const unsafe = (name: string) =>
    RATE.replace("name: rate", `name: ${name}`).replace("result[0] >= 0.95", "'all(result, # > 0)'");
  const whole = argo("whole", "  templates: [{ templateName: rate }]\n");
  const files = [whole, unsafe("rate"), unsafe("apart")].map((text, index) => ({ path: `${index}.yaml`, text }));
  const found = dangersOf({ ...SETTINGS, template: "whole" }, files);
  expect(found.map(({ rule, path }) => [rule, path])).toEqual([["passes-without-data", "1.yaml"]]);
});

const PAGE = readFileSync(new URL("../../docs/metrics-providers.md", import.meta.url), "utf8");

it.each([
  ["[2.9]", "Successful"],
  ["[3]", "Successful"],
  ["[3.01]", "Failed"],
  ["[]", "Blank"],
  ["[4, 4]", "Blank"],
  ['[{"$float": "NaN"}]', "Blank"],
])("judges the anomaly score of the page on providers: %s is %s", (json, outcome) => {
  const [template = "", config = ""] = [...PAGE.matchAll(/```yaml\n(?<yaml># (?:analysis|\.github)\/[^]*?)```/g)].map(
    ({ groups }) => groups?.["yaml"] ?? "",
  );
  const head = `version: 1\nmetrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\n`;
  const written = parseRepoConfig({ path: ".github/tidegate.yml", text: `${head}${config}` });
  if (written.kind === "err") throw new Error(written.error.map(problemText).join("; "));
  const resolved = resolve(written.value, { hosts: ["prometheus.example.com"], forms: {} });
  const policy = resolved.kind === "ok" ? resolved.value.policyFor(name("prod"), [], name("cart")) : resolved;
  if (policy.kind === "err") throw new Error("It is understood.");
  const [settings] = policy.value.analyses ?? [];
  const found = metrics({ ...settings }, template);
  const answer = answerOf(json, "[]float64");
  if (typeof found === "string" || found[0] === undefined || answer.kind === "err") throw new Error("It is a gate.");
  expect(attemptOn(found[0].criterion, answer.value, 0).outcome).toBe(outcome);
});
