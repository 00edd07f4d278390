import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { analysis } from "../../src/cli/analysis.ts";
import { fakeTerminal } from "../support/terminal.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "analysis-"));
  folders.push(folder);
  writeFileSync(join(folder, "a.yaml"), text);
  return join(folder, "a.yaml");
}

function run(...args: readonly string[]) {
  const { terminal, out, told } = fakeTerminal({});
  const status = analysis(args, terminal);
  return { status, out: out(), told: told() };
}

const TEMPLATE = `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: rate}
spec:
  args: [{name: service}]
  metrics:
    - name: success
      interval: 1m
      count: 3
      failureLimit: 1
      successCondition: "all(result, # > 0.95)"
      provider: {prometheus: {address: http://p, query: 'up{a="{{args.service}}"}'}}
---
apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata: {name: errors}
spec:
  provider: {type: prometheus}
  query: 'x{a="{{ target }}"}'
`;

describe("lint", () => {
  it("tells where a template is dangerous, and what to write instead", () => {
    const path = file(TEMPLATE);
    expect(run("lint", path)).toEqual({
      status: 1,
      told: "",
      out: `danger   ${path}:11: success: it passes where there is no data at all (passes-without-data).
         Safe:
           successCondition: 'len(result) > 0 && none(result, isNaN(#)) && (all(result, # > 0.95))'
           failureCondition: 'len(result) > 0 && none(result, isNaN(#)) && (!(all(result, # > 0.95)))'
care     ${path}:11: success: it fails on NaN, which is what 0 of 0 requests give (fails-on-nan).
2 templates, 1 danger, 1 to look at, 0 refused.
`,
    });
  });

  it("says it as JSON as well", () => {
    const { status, out } = run("lint", "--json", file(TEMPLATE));
    const document: unknown = JSON.parse(out);
    expect(status).toBe(1);
    expect(document).toMatchObject({
      version: 1,
      templates: 2,
      findings: [{ rule: "passes-without-data", severity: "danger", line: 11 }, { rule: "fails-on-nan" }],
      refusals: [],
    });
  });

  it("names what cannot be used, once", () => {
    const path = file(TEMPLATE.replace(/prometheus: \{address.*\}\}/, "job: {spec: {}}}"));
    const { status, out } = run("lint", path);
    expect(status).toBe(1);
    expect(out)
      .toBe(`refused  ${path}:12: found the provider job; a Job runs in a cluster, and nothing of Tidegate does.
2 templates, 0 dangers, 0 to look at, 1 refused.
`);
    expect(run("lint", file("a: [")).out).toContain("0 templates, 0 dangers, 0 to look at, 1 refused.");
  });

  it("knows that # begins a comment", () => {
    const { out } = run("lint", file(TEMPLATE.replaceAll('"all(result, # > 0.95)"', "all(result, # > 0.95)")));
    expect(out).toContain(
      "the expression ends too early (a # after a space begins a comment in YAML: quotes are needed).",
    );
  });

  it("is content with what is safe", () => {
    const guard = "len(result) > 0 && none(result, isNaN(#)) && ";
    const safe = TEMPLATE.replace(
      'successCondition: "all(result, # > 0.95)"',
      `successCondition: "${guard}all(result, # > 0.95)"\n      failureCondition: "${guard}any(result, # <= 0.95)"`,
    );
    expect(run("lint", file(safe))).toMatchObject({
      status: 0,
      out: "2 templates, 0 dangers, 0 to look at, 0 refused.\n",
    });
  });
});

describe("eval", () => {
  it.each([
    [
      ["--condition", "result >= 0.95", "--result", "0.97"],
      0,
      "Argo: Successful\nTidegate: pass, because the conditions say so\n",
    ],
    [
      ["--condition", "all(result, # > 0)", "--result", "[]", "--type", "[]float64"],
      0,
      "Argo: Successful\nTidegate: wait, because the answer is empty\n",
    ],
    [
      ["--failure", "result > 0.9", "--result", "NaN"],
      0,
      "Argo: Successful\nTidegate: wait, because the answer holds NaN\n",
    ],
    [
      ["--condition", "result[0] > 0", "--result", "1"],
      1,
      "Argo: Error (successCondition: float64 has nothing inside)\nTidegate: wait, because successCondition: float64 has nothing inside\n",
    ],
    [
      ["--min", "99", "--result", "98.5"],
      1,
      "Flagger: a failed check\nTidegate: fail, because 98.5 against at least 99\n",
    ],
  ])("%j is %s", (args, status, out) => {
    expect(run("eval", ...args)).toEqual({ status, out, told: "" });
  });

  it("is one line of JSON where that is asked for", () => {
    expect(run("eval", "--json", "--condition", "result > 1", "--result", "2").out).toBe(
      '{"version":1,"phase":"Successful","verdict":"pass","why":"the conditions say so"}\n',
    );
  });

  it("refuses by name what is not supported", () => {
    expect(run("eval", "--condition", "now() > 1", "--result", "1")).toEqual({
      status: 1,
      out: "",
      told: "Refused, character 1: now() is not supported: what it gives changes between looks, so a verdict could not be read again later\n",
    });
  });
});

describe("play", () => {
  it.each([
    ["", 1, "Running: it is not decided yet\n  success: Pending, measured next 0 s after the start\n"],
    ["success=SF", 1, "Running: it is not decided yet\n  success: Running, measured next 120 s after the start\n"],
    ["success=SFS", 0, "Successful: every metric is within its limits\n  success: Successful\n"],
    ["success=FF", 1, "Failed: success: 2 failed, and at most 1 are allowed\n  success: Failed\n"],
  ])("%s", (measured, status, out) => {
    const path = file(TEMPLATE);
    expect(run("play", path, "--template", "rate", "--args", "service=cart", "--measured", measured)).toEqual({
      status,
      out,
      told: "",
    });
  });

  it.each([
    [["--template", "other"], "There is no template other in these files.\n"],
    [["--template", "rate"], /found no value for service/],
    [["--template", "rate", "--args", "service=a", "--measured", "nothing=S"], "rate has no metric nothing.\n"],
    [["--template", "rate", "--args", "service=a", "--measured", "success=X"], "X: a measurement is S, F, I or E.\n"],
  ])("%j is refused", (args, told) => {
    const found = run("play", file(TEMPLATE), ...args);
    expect(found.status).toBe(1);
    expect(found.told).toMatch(told);
  });
});

it.each([
  [[], "analysis does lint, eval or play."],
  [["lnit"], "Did you mean lint?"],
  [["lint"], "At least one file is needed."],
  [["lint", "nowhere.yaml"], "nowhere.yaml cannot be read."],
  [["lint", "a.yaml", "--result", "1"], "lint takes no --result."],
  [["eval"], "eval needs --result."],
  [["eval", "--result", "{"], "{ is no JSON."],
  [["eval", "--min", "a", "--result", "1"], "--min and --max are numbers."],
])("does not understand %j", (args, told) => {
  const found = run(...args);
  expect(found.status).toBe(2);
  expect(found.told).toContain(told);
  expect(found.told).toContain("tidegate analysis --help says what there is.");
});

it("has a help", () => {
  expect(run("--help")).toMatchObject({ status: 0, told: "" });
});
