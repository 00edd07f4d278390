import { describe, expect, it } from "vitest";
import { metricsOf } from "../../../src/analysis/template/metric.ts";
import { readTemplates, type Template } from "../../../src/analysis/template/template.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";

const PROMETHEUS =
  "provider: {prometheus: {address: 'http://prometheus:9090', query: 'up{service=\"{{args.service}}\"}'}}";

function template(name: string, spec: string, kind = "AnalysisTemplate"): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n${spec}`;
}

function read(...texts: readonly string[]): readonly Template[] {
  const found = readTemplates({ path: "analysis.yaml", text: texts.join("\n---\n") });
  if (found.kind === "err") throw new Error(refusalText(found.error));
  return found.value;
}

function metrics(args: Readonly<Record<string, string>>, ...texts: readonly string[]) {
  const written = readTemplates({ path: "analysis.yaml", text: texts.join("\n---\n") });
  if (written.kind === "err") return refusalText(written.error);
  const all = written.value;
  const [root] = all;
  if (root === undefined) throw new Error("There is no template.");
  const found = metricsOf(root, all, new Map(Object.entries(args)));
  return found.kind === "ok" ? found.value : refusalText(found.error);
}

const RATE = template(
  "rate",
  `  args:
    - name: service
    - {name: limit, value: "3"}
    - {name: least, value: "0.95"}
  dryRun:
    - metricName: late
  metrics:
    - name: success
      interval: 1m30s
      count: "5"
      failureLimit: "{{args.limit}}"
      initialDelay: 10s
      successCondition: result[0] >= {{ args.least }}
      ${PROMETHEUS}
    - name: latency
      provider:
        web: {url: "https://example.com/{{args.service}}", jsonPath: "{$.p99}"}
      failureCondition: result > 2`,
);

it("is read with its arguments filled in", () => {
  expect(
    metrics({ service: "cart", least: "0.99" }, RATE.replace("metricName: late", "metricName: lat")),
  ).toMatchObject([
    {
      name: "success",
      path: "analysis.yaml",
      line: 12,
      isDryRun: false,
      rules: { count: 5, intervalMs: 90_000, initialDelayMs: 10_000, failureLimit: 3, consecutiveErrorLimit: 4 },
      conditions: { success: { text: "result[0] >= 0.99" }, failure: undefined },
      provider: { kind: "prometheus", address: "http://prometheus:9090", query: 'up{service="cart"}' },
    },
    {
      name: "latency",
      isDryRun: true,
      rules: { count: 0, intervalMs: undefined },
      provider: { kind: "web", method: "GET", url: "https://example.com/cart", timeoutMs: 10_000, jsonPath: "{$.p99}" },
    },
  ]);
});

it("passes over what is no analysis template", () => {
  expect(
    read("kind: Service\nmetadata: {name: a}", template("a", "  metrics: []").replace("argoproj.io", "example.com")),
  ).toEqual([]);
});

const LEAF = template("leaf", `  metrics:\n    - name: leaf\n      ${PROMETHEUS.replace("{{args.service}}", "a")}`);
const CLUSTER_LEAF = LEAF.replaceAll("leaf", "shared").replace("AnalysisTemplate", "ClusterAnalysisTemplate");

describe("composition", () => {
  it("takes each template once, those of the namespace first", () => {
    const root = template(
      "root",
      "  templates:\n    - {templateName: shared, clusterScope: true}\n    - {templateName: middle}\n    - {templateName: leaf}",
    );
    const middle = template("middle", "  templates: [{templateName: leaf}]");
    const found = metrics({}, root, middle, CLUSTER_LEAF, LEAF);
    expect(typeof found === "string" ? found : found.map(({ name }) => name)).toEqual(["leaf", "shared"]);
  });

  it.each([
    ["itself", [template("a", "  templates: [{templateName: a}]")], "a template cannot be made of itself: a → a"],
    [
      "itself round a corner",
      [
        template("a", "  templates: [{templateName: b}]"),
        template("b", "  templates: [{templateName: c, clusterScope: true}]"),
        template("c", "  templates: [{templateName: b}]", "ClusterAnalysisTemplate"),
      ],
      "a template cannot be made of itself: b → c → b",
    ],
    [
      "one that is not there",
      [template("a", "  templates: [{templateName: b}]")],
      "found the template b; there is no AnalysisTemplate of this name",
    ],
    [
      "one of the other scope",
      [template("a", "  templates: [{templateName: leaf, clusterScope: true}]"), LEAF],
      "there is no ClusterAnalysisTemplate",
    ],
    [
      "two metrics of one name",
      [
        template("a", "  templates: [{templateName: leaf}, {templateName: b}]"),
        LEAF,
        LEAF.replace("name: leaf}", "name: b}"),
      ],
      "the metric leaf is there twice",
    ],
    [
      "two values of one argument",
      [
        template("a", "  args: [{name: x, value: '1'}]\n  templates: [{templateName: b}]"),
        template("b", "  args: [{name: x, value: '2'}]"),
      ],
      "the argument x has another value in another template",
    ],
  ])("of %s is refused", (_, texts, message) => {
    expect(metrics({}, ...texts)).toContain(message);
  });

  it("is quick however often templates name each other", () => {
    const names = Array.from({ length: 18 }, (_, index) => `t${index}`);
    const texts = names.map((name, index) => {
      const refs = names.slice(index + 1).map((next) => `{templateName: ${next}}`);
      return template(
        name,
        `  templates: [${[...refs, ...refs].join(", ")}]\n  metrics: [{name: ${name}, provider: {web: {url: x}}}]`,
      );
    });
    const found = metrics({}, ...texts);
    expect(typeof found === "string" ? found : found.length).toBe(18);
  });
});

describe("a template that cannot be used is refused, with the line and what is allowed", () => {
  const one = (metric: string, more = ""): string =>
    template("one", `${more}  metrics:\n    - name: m\n      ${metric}`);
  const ASKED = "provider: {web: {url: x}}";
  it.each([
    ["service", RATE, "found no value for service"],
    [
      "secret",
      one(ASKED, "  args: [{name: key, valueFrom: {secretKeyRef: {name: a, key: b}}}]\n"),
      "5: found a secret as the value of key; secrets are not read from the cluster",
    ],
    [
      "fieldRef",
      one(ASKED, "  args: [{name: env, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\n"),
      "found fieldRef as the value of env",
    ],
    [
      "tag",
      one("provider: {web: {url: 'x/{{ templates.a.podTemplateHash }}'}}"),
      "{{templates.a.podTemplateHash}} stands for nothing",
    ],
    ["open tag", one("provider: {web: {url: 'x/{{ a'}}"), "a {{ has no }}"],
    ["number as text", one(ASKED, "  args: [{name: a, value: 5}]\n"), 'found "5"; spec.args[0].value is text'],
    ["no metrics", template("one", "  args: []"), "found no metrics"],
    ["no provider", one("count: 1"), "needs provider"],
    ["two providers", one("provider: {web: {url: x}, prometheus: {query: x}}"), "has one provider"],
    ["job", one("provider: {job: {spec: {}}}"), "found the provider job; a Job runs in a cluster"],
    ["kayenta", one("provider: {kayenta: {}}"), "found the provider kayenta"],
    ["misspelt provider", one("provider: {promethues: {query: x}}"), "did you mean prometheus?"],
    [
      "password",
      one("provider: {prometheus: {query: x, authentication: {basicAuth: {username: a, password: b}}}}"),
      "found authentication; credentials come from the environment",
    ],
    ["insecure", one("provider: {prometheus: {query: x, insecure: true}}"), "certificates are always checked"],
    ["count", one(`count: 50%\n      ${ASKED}`), '7: found "50%"; spec.metrics[0].count is a whole number'],
    ["interval", one(`interval: 1 minute\n      ${ASKED}`), "is a duration such as 30s"],
    ["limits", one(`count: 2\n      ${ASKED}`), "with a count of more than 1 an interval is needed"],
    [
      "condition",
      one(`successCondition: result >\n      ${ASKED}`),
      "successCondition, character 8: the expression ends too early",
    ],
    ["clock", one(`successCondition: now().Hour() > 3\n      ${ASKED}`), "character 1: now() is not supported"],
    ["dry run of nothing", one(ASKED, "  dryRun: [{metricName: x}]\n"), "names no metric: m"],
    ["dry run of *", one(ASKED, "  dryRun: [{metricName: '*'}]\n"), "every metric is .*"],
  ])("%s", (_, text, message) => {
    expect(metrics({}, text)).toContain(message);
  });
});
