import { expect, it } from "vitest";
import { problemText } from "../../src/config/document.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve } from "../../src/config/resolve.ts";
import { name } from "../../src/core/names.ts";

const HEAD = `version: 1
metrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }
gates:
`;

function resolved(gates: string) {
  const written = parseRepoConfig({ path: "tidegate.yml", text: `${HEAD}${gates}` });
  return written.kind === "ok" ? resolve(written.value, { hosts: ["prometheus.example.com"], forms: {} }) : written;
}

function analyses(gates: string, service = "cart", target = "prod-eu") {
  const found = resolved(gates);
  if (found.kind === "err") throw new Error(found.error.map(problemText).join("; "));
  const policy = found.value.policyFor(name(target), [], name(service));
  return policy.kind === "ok" ? policy.value.analyses : policy.error;
}

const FULL = `  templates: [analysis, rates/more.yaml]
  analysis:
    - template: success-rate
      args: { service: "{canary}", least: 0.95 }
      from: 25
      targets: ["prod-*"]
    - { template: checks/errors.yaml, name: checked, services: [cart], runs: release, metrics: prod, thresholdRange: { max: 1 }, threshold: 3 }
`;

it("has templates as configuration says them, with their lines", () => {
  expect(analyses(FULL)).toEqual([
    {
      name: "success-rate",
      template: "success-rate",
      files: ["analysis/", "rates/more.yaml"],
      args: { service: "{canary}", least: "0.95" },
      from: 25,
      runs: "step",
      metrics: undefined,
      checks: undefined,
      line: 6,
    },
    {
      name: "checked",
      template: "checks/errors.yaml",
      files: ["analysis/", "rates/more.yaml", "checks/errors.yaml"],
      args: {},
      from: 0,
      runs: "release",
      metrics: "prod",
      checks: { min: undefined, max: 1, intervalMs: 60_000, threshold: 3, variables: {} },
      line: 10,
    },
  ]);
  expect(analyses(FULL, "web", "staging")).toEqual([]);
});

it.each([
  [
    "a word of Argo's that configuration cannot know",
    "{ template: a, args: { hash: { valueFrom: { podTemplateHashValue: Latest } } } }",
    "write {canary} or {stable} for podTemplateHashValue",
  ],
  ["a misspelt key", "{ template: a, form: 5 }", "did you mean from?"],
  ["two of one name", "{ template: a }, { template: x/a.yaml }", "another one is called a as well"],
  ["the name of a gate of our own", "{ template: a, name: error }", "must not be error"],
  ["a provider that metrics does not have", "{ template: a, metrics: dev }", "names dev, which metrics does not have"],
  ["a range without ends", "{ template: a, thresholdRange: {} }", "must have a min or a max"],
  ["a name that no command can say", "{ template: Rate_of_errors }", "is needed"],
  ["a path that leaves the repository", "{ template: ../a.yaml }", "must be the name of a template"],
])("%s is refused on its line", (_, entries, words) => {
  const found = resolved(`  analysis: [${entries}]\n`);
  const problems = found.kind === "err" ? found.error.map(problemText) : [];
  expect(problems.join("\n")).toContain(words);
  expect(problems[0]).toMatch(/^tidegate\.yml:4: /);
});
