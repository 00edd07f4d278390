import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEFAULT_KAYENTA } from "../../src/core/gate/kayenta.ts";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { problemText } from "../../src/config/document.ts";
import { durationOf, durationText } from "../../src/config/duration.ts";
import { hostProblem } from "../../src/config/hosts.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve, type Settings } from "../../src/config/resolve.ts";
import { DEFAULT_SLOWDOWNS } from "../../src/core/gate/latency.ts";
import { DEFAULT_GATE, DEFAULT_PARTS } from "../../src/core/gate/settings.ts";
import { name } from "../../src/core/names.ts";
import { err, type Result } from "../../src/core/result.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";

const HOSTS = ["prometheus.example.com", "http://metrics.internal:9090"];
const PATH = ".github/tidegate.yml";
const MINUTE = 60_000;

const read = (text: string): Result<Settings, readonly string[]> => {
  const written = parseRepoConfig({ path: PATH, text });
  const settings = written.kind === "ok" ? resolve(written.value, { hosts: HOSTS, forms: FORMS }) : written;
  return settings.kind === "ok" ? settings : err(settings.error.map(problemText));
};
const PATHS = ["apps/payments/prod/canary.yaml", "apps/payments/prod/tidegate/stable.yaml"];
const policy = (text: string, target = "prod-eu", paths = PATHS) =>
  valueOf(valueOf(read(text)).policyFor(name(target), paths));
const problems = (text: string) => errorOf(read(text));

const LEAST = `version: 1
metrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }
`;

const FULL = `version: 1
metrics:
  prod:
    prometheus:
      url: https://prometheus.example.com/tenant
      headers: { Authorization: { env: METRICS_TOKEN } }
      requests:
        counter: http_requests_total
        arm: service
        namespace: namespace
        version: version
        where: { side: server }
        failed: { label: code, matches: "5.." }
      timeout: 3s
  other: { prometheus: { url: "http://metrics.internal:9090" } }
targets:
  - { name: staging, path: "apps/*/overlays/staging", metrics: other, evidence: bake }
  - { name: prod-eu, path: "apps/*/overlays/prod-eu", metrics: prod, evidence: health, observe: assumed, delay: 3m }
waves:
  - { targets: [staging], steps: [50], bake: 5m }
  - { targets: ["prod-*"], steps: [1, 10], bake: 20m }
gates:
  errors: { alpha: 0.001, beta: 0.1, tolerance: 1.5, regression: 3, slo: 0.001, unhealthy: 0.02, dispersion: 2, power: 0.9, minimum: 200, noData: skip }
  warmUp: 1m
measure: { window: 1m, settle: 10s }
deadline: 4h
onDeadline: abort
pace: { mergesPerMinute: 4 }
bumps: batch
gather: 2m
expedite: { label: hotfix, steps: [50], bake: 3m }
commands:
  - verbs: [promote, skip]
    paths: ["apps/payments/**"]
    allow: { roles: [maintain], teams: [acme/payments], users: [ana], codeowners: true }
page: [ana, acme/oncall]
`;

describe("the least configuration", () => {
  it("has the defaults", () => {
    expect(policy(LEAST)).toEqual({
      wave: { index: 0, of: 1, targets: ["*"] },
      onAbort: "member",
      weights: [5, 25, 50],
      bakeMs: 10 * MINUTE,
      windowMs: MINUTE / 2,
      settleMs: 5000,
      deadlineMs: 120 * MINUTE,
      onDeadline: "hold",
      warmUpMs: 0,
      mergeEveryMs: MINUTE,
      evidence: "compare",
      assumedAfterMs: undefined,
      gate: { ...DEFAULT_GATE, exactDispersion: 10 },
      parts: DEFAULT_PARTS,
      latency: DEFAULT_SLOWDOWNS,
      rules: [],
      secondBump: "supersede",
      gatherMs: 5 * MINUTE,
      expedite: undefined,
      page: [],
    });
  });

  it("measures every target where it says", () => {
    const { metricsFor } = valueOf(read(LEAST));
    expect(valueOf(metricsFor(name("any")))).toEqual({
      kind: "prometheus",
      url: "https://prometheus.example.com",
      headers: {},
      requests: undefined,
      timeoutMs: undefined,
    });
  });
});

describe("whose word counts", () => {
  const reports = (written: string) =>
    policy(`${LEAST}targets:\n  - { name: prod-eu, observe: reported, reports: ${written} }\n`).reports;

  it.each([
    ['{ by: "acme-argocd[bot]", status: "argocd/{service}" }', "acme-argocd[bot]", "status", "argocd/{service}"],
    ["{ by: flux-acme, status: kustomization/apps/1b2c3d4e }", "flux-acme", "status", "kustomization/apps/1b2c3d4e"],
    ['{ by: ana, deployment: "{target}-{service}" }', "ana", "deployment", "{target}-{service}"],
    ['{ by: ana, deployment: "Prod (EU) €" }', "ana", "deployment", "Prod (EU) €"],
  ])("is %s", (written, by, kind, label) => {
    expect(reports(written)).toEqual({ by, of: { kind, label }, afterMs: 0 });
  });

  it("is understood as the page about it writes it", () => {
    const page = readFileSync(new URL("../../docs/observers.md", import.meta.url), "utf8");
    const [, example = ""] = /```yaml\n([^]*?)```/.exec(page) ?? [];
    const written = ["prod-eu", "prod-us", "prod-ap"].map((target) => policy(example, target).reports?.of.label);
    expect(written).toEqual(["argocd/{service}", "{target}-{service}", "kustomization/shop/1b2c3d4e"]);
  });

  it("may count only some time after it", () => {
    expect(reports("{ by: ana, status: argocd }, delay: 90s")?.afterMs).toBe(1.5 * MINUTE);
  });
});

describe("a full configuration", () => {
  it("is what is done", () => {
    expect(policy(FULL)).toEqual({
      wave: { index: 1, of: 2, targets: ["prod-*"] },
      onAbort: "member",
      weights: [1, 10],
      bakeMs: 20 * MINUTE,
      windowMs: MINUTE,
      settleMs: 10_000,
      deadlineMs: 240 * MINUTE,
      onDeadline: "abort",
      warmUpMs: MINUTE,
      mergeEveryMs: MINUTE / 4,
      evidence: "health",
      assumedAfterMs: 3 * MINUTE,
      parts: DEFAULT_PARTS,
      latency: DEFAULT_SLOWDOWNS,
      gate: {
        alpha: 0.001,
        beta: 0.1,
        tolerance: 1.5,
        regression: 3,
        slo: 0.001,
        unhealthy: 0.02,
        dispersion: 2,
        power: 0.9,
        minimum: 200,
        noData: "skip",
      },
      rules: [
        {
          verbs: ["promote", "skip"],
          allow: { roles: ["maintain"], teams: ["acme/payments"], users: ["ana"], codeOwners: true },
        },
      ],
      secondBump: "batch",
      gatherMs: 2 * MINUTE,
      expedite: { label: "hotfix", weights: [50], bakeMs: 3 * MINUTE },
      page: ["ana", "acme/oncall"],
    });
    expect(policy(FULL, "staging")).toMatchObject({ weights: [50], bakeMs: 5 * MINUTE, evidence: "bake" });
  });

  it("names the metrics of each target", () => {
    const { metrics, metricsFor } = valueOf(read(FULL));
    expect([...metrics.keys()]).toEqual(["prod", "other"]);
    expect(valueOf(metricsFor(name("prod-eu")))).toEqual({
      kind: "prometheus",
      url: "https://prometheus.example.com/tenant",
      headers: { Authorization: { env: "METRICS_TOKEN" } },
      requests: {
        counter: "http_requests_total",
        arm: { label: "service", forms: ["{arm}"] },
        workload: { label: "destination_workload", forms: ["{arm}"] },
        canary: undefined,
        namespaceLabel: "namespace",
        versionLabel: "version",
        where: { side: "server" },
        failed: { label: "code", matches: "5.." },
      },
      timeoutMs: 3000,
    });
    expect(valueOf(metricsFor(name("staging"))).url).toBe("http://metrics.internal:9090");
    expect(valueOf(metricsFor(name("other"))).url).toBe("http://metrics.internal:9090");
  });

  it("says why it says nothing for a target", () => {
    const { policyFor, metricsFor } = valueOf(read(FULL));
    expect(errorOf(policyFor(name("canada"), []))).toBe("no wave covers the target canada");
    expect(errorOf(metricsFor(name("canada")))).toBe("the target canada names no metrics, and there are several");
  });

  it.each([
    ["prod-*", "prod-eu", true],
    ["prod-*", "prod-", true],
    ["*", "a", true],
    ["*-eu", "prod-eu", true],
    ["a*b*c", "axxbxxc", true],
    ["a*b*c", "axxc", false],
    ["ab*ba", "aba", false],
    ["prod", "prod-eu", false],
    ["prod-*", "preprod-eu", false],
  ])("%s for %s: %s", (glob, target, isCovered) => {
    const { policyFor } = valueOf(read(`${LEAST}waves: [{ targets: ["${glob}"] }]\n`));
    expect(policyFor(name(target.replace(/-$/, "-x")), []).kind).toBe(isCovered ? "ok" : "err");
  });
});

describe("what goes for some services alone", () => {
  const of = (text: string, service: string | undefined) =>
    valueOf(valueOf(read(text)).policyFor(name("prod-eu"), PATHS, service === undefined ? undefined : name(service)));
  const OWN = `${LEAST}gates: { errors: { alpha: 0.005, dispersion: 1.2 } }
services:
  - { names: [cart], steps: [10, 50], bake: 20m, gates: { errors: { dispersion: 1.5, threshold: 800 } } }
  - { names: ["cart*", search], bake: 30m }
`;

  it.each([
    ["cart", [10, 50], 20, { dispersion: 1.5, placeboLogE: Math.log(800) }],
    ["cart-eu", [5, 25, 50], 30, { dispersion: 1.2 }],
    ["search", [5, 25, 50], 30, { dispersion: 1.2 }],
    ["web", [5, 25, 50], 10, { dispersion: 1.2 }],
    [undefined, [5, 25, 50], 10, { dispersion: 1.2 }],
  ])("is for %s what its first entry says", (service, weights, minutes, gate) => {
    const found = of(OWN, service);
    expect(found).toMatchObject({ weights, bakeMs: minutes * MINUTE });
    expect(found.gate).toEqual({ ...DEFAULT_GATE, alpha: 0.005, ...gate });
  });

  it.each([
    ["nobody", "{ names: [], bake: 20m }", "4: services[0].names must name a service."],
    ["a name that is none", "{ names: [Cart] }", "4: services[0].names[0] must be a service's name, where"],
    ["an unknown key", "{ names: [a], weights: [5] }", "4: services[0].weights is unknown: the keys here are names"],
    [
      "a bake beyond the deadline",
      "{ names: [a], bake: 3h }",
      "4: services[0].bake does not fit: a bake of 3h must end",
    ],
    [
      "a threshold that changes nothing",
      "{ names: [a], gates: { errors: { threshold: 50 } } }",
      "4: services[0].gates.errors.threshold must be at least 1/alpha, 100: a past can only make",
    ],
    [
      "a tolerance that does not go with what all have",
      "{ names: [a], gates: { errors: { tolerance: 3 } } }",
      "4: services[0].gates.errors.regression must be more than the tolerance of 3.",
    ],
    [
      "a warm-up that its bake does not hold",
      "{ names: [a], bake: 5m, gates: { warmUp: 270s } }",
      "4: services[0].gates.warmUp does not fit: a bake of 5m must hold the warm-up of 270s and two windows",
    ],
    [
      "a policy that would let silence pass",
      "{ names: [a], gates: { errors: { noData: pass } } }",
      "4: services[0].gates.errors.noData must be wait, fail or skip",
    ],
    ["a name twice", "{ names: [a, b] }\n  - { names: [b] }", "5: services[1].names[0] names b a second time."],
  ])("is refused for %s", (_, entry, problem) => {
    expect(problems(`${LEAST}services:\n  - ${entry}\n`).join("\n")).toContain(`${PATH}:${problem}`);
  });
});

describe("latency", () => {
  const latency = (written: string) => `${LEAST}gates: { errors: { part: 3 }, latency: ${written} }\n`;

  it("is judged by what is written, and its part of alpha besides", () => {
    expect(policy(latency("{ tolerated: 15%, regression: 80%, part: 2 }"))).toMatchObject({
      latency: { tolerated: 0.15, regression: 0.8, isAskedFor: true },
      parts: { errors: 3, latency: 2 },
    });
  });

  it("is left out where that is said, for all or for some", () => {
    expect(policy(latency("off")).latency).toBeUndefined();
    const some = `${LEAST}services:\n  - { names: [cart], gates: { latency: off } }\n`;
    expect(policy(latency("{}")).latency).toEqual({ ...DEFAULT_SLOWDOWNS, isAskedFor: true });
    const of = (service: string) => valueOf(valueOf(read(some)).policyFor(name("prod-eu"), PATHS, name(service)));
    expect([of("cart").latency, of("web").latency]).toEqual([undefined, DEFAULT_SLOWDOWNS]);
  });

  it.each([
    [
      "a regression that is tolerated",
      "{ regression: 5% }",
      "3: gates.latency.regression must be more than the tolerated 10%.",
    ],
    ["a number for a share", "{ tolerated: 0.1 }", "3: gates.latency"],
    ["another word", "sometimes", "3: gates.latency"],
  ])("is refused for %s", (_, written, problem) => {
    expect(problems(latency(written)).join("\n")).toContain(`${PATH}:${problem}`);
  });
});

describe("gauges", () => {
  const QUERY = `'avg(rss{namespace="{namespace}",pod=~"{pods}"})'`;
  const gauge = (more: string, query = QUERY) => `    - { name: memory, query: ${query}, ${more} }\n`;
  const gauges = (...all: readonly string[]) => `${LEAST}gates:\n  gauges:\n${all.join("")}`;
  const MEMORY = { name: "memory", query: 'avg(rss{namespace="{namespace}",pod=~"{pods}"})', worse: "higher", part: 1 };

  it("only advise unless their past is written", () => {
    expect(policy(gauges(gauge("worse: higher"))).gauges).toEqual([
      { ...MEMORY, regression: 1.25, calibration: undefined },
    ]);
    expect(policy(LEAST).gauges).toBeUndefined();
  });

  it("are judged by what is written of their past, with their part of alpha", () => {
    const past = "calibration: { threshold: 0.6, usual: 0.2, low: -0.1 }";
    expect(policy(gauges(gauge(`worse: lower, regression: 20%, part: 2, ${past}`))).gauges).toEqual([
      { ...MEMORY, worse: "lower", regression: 1.25, part: 2, calibration: { threshold: 0.6, usual: 0.2, low: -0.1 } },
    ]);
  });

  it("are judged as Kayenta would where that is written, in its words", () => {
    const all = gauges(gauge("worse: higher, kayenta: {}"));
    expect(policy(all)).toMatchObject({
      gauges: [{ name: "memory", kayenta: { settings: DEFAULT_KAYENTA, groups: ["gauges"] } }],
    });
    expect(policy(all).scoring).toBeUndefined();
    const words =
      "critical: true, direction: either, nanStrategy: replace, outliers: remove, measure: cles, allowedIncrease: 0.7, criticalIncrease: 0.9, groups: [a, b]";
    const scoring = "  kayenta: { pass: 90, groupWeights: { a: 60 } }\n";
    const own = policy(`${gauges(gauge(`worse: lower, kayenta: { ${words} }`))}${scoring}`);
    expect(own.gauges?.[0]?.kayenta).toEqual({
      settings: {
        ...DEFAULT_KAYENTA,
        isCritical: true,
        direction: "either",
        nan: "zero",
        outlierFactor: 3,
        measure: "cles",
        allowedIncrease: 0.7,
        criticalIncrease: 0.9,
      },
      groups: ["a", "b"],
    });
    expect(own.scoring).toEqual({ pass: 90, marginal: 50, weights: new Map([["a", 60]]) });
  });

  it("may be others for some services, by their names", () => {
    const own = `services:\n  - { names: [cart], gates: { gauges: [{ name: memory, query: "{arm}", worse: lower }, { name: cpu, query: "{arm}", worse: higher }] } }\n`;
    const text = `${gauges(gauge("worse: higher"))}${own}`;
    const of = (service: string) =>
      valueOf(valueOf(read(text)).policyFor(name("prod-eu"), PATHS, name(service))).gauges?.map((one) => [
        one.name,
        one.worse,
      ]);
    expect(of("cart")).toEqual([
      ["memory", "lower"],
      ["cpu", "higher"],
    ]);
    expect(of("web")).toEqual([["memory", "higher"]]);
  });

  it.each<[string, readonly string[], string]>([
    [
      "a name twice",
      [gauge("worse: higher"), gauge("worse: higher")],
      "6: gates.gauges[1].name names memory a second time.",
    ],
    [
      "a query that is the same for both arms",
      [gauge("worse: higher", "avg(rss)")],
      "5: gates.gauges[0].query must hold {pods}, {arm} or {workload}: without it both arms would be counted as one.",
    ],
    [
      "a word that means nothing",
      [gauge("worse: higher", `'avg(rss{pod=~"{pod}"})'`)],
      "5: gates.gauges[0].query holds {pod}: did you mean {pods}?",
    ],
    [
      "two ways to be judged",
      [gauge("worse: higher, regression: 10%, kayenta: {}")],
      "5: gates.gauges[0].kayenta goes with neither calibration nor regression: the gauge is judged as Kayenta would, or by its own past.",
    ],
    [
      "a score that is marginal above what passes",
      [gauge("worse: higher, kayenta: {}"), "  kayenta: { pass: 40 }\n"],
      "6: gates.kayenta.marginal must be at most the pass of 40.",
    ],
    [
      "weights beyond a hundred",
      [gauge("worse: higher, kayenta: {}"), "  kayenta: { groupWeights: { a: 60, b: 50 } }\n"],
      "6: gates.kayenta.groupWeights must add up to 100 at most, not to 110.",
    ],
    ["no direction", [gauge("part: 1")], "5: gates.gauges[0].worse must be higher or lower: which way is worse."],
    [
      "a regression that is none",
      [gauge("worse: higher, regression: 0%")],
      "5: gates.gauges[0].regression must be more than 0%.",
    ],
    [
      "a regression to nothing",
      [gauge("worse: lower, regression: 100%")],
      "5: gates.gauges[0].regression must be less than 100%: nothing is less.",
    ],
    [
      "a part of alpha without a past",
      [gauge("worse: higher, part: 2")],
      "5: gates.gauges[0].part is of a gauge that is calibrated: one that only advises takes nothing of alpha.",
    ],
    [
      "a threshold below what is usual",
      [gauge("worse: higher, calibration: { threshold: 0.1, usual: 0.2, low: 0 }")],
      "5: gates.gauges[0].calibration.usual must be at most the threshold of 0.1.",
    ],
    [
      "a threshold of none",
      [gauge("worse: higher, calibration: { threshold: .nan, usual: 0, low: 0 }")],
      "5: gates.gauges[0].calibration.threshold",
    ],
    [
      "an endless list",
      Array.from({ length: 11 }, (_, index) => `    - { name: g${index}, query: "{arm}", worse: higher }\n`),
      "4: gates.gauges must have at most 10 gauges.",
    ],
  ])("are refused for %s", (_, written, problem) => {
    expect(problems(gauges(...written)).join("\n")).toContain(`${PATH}:${problem}`);
  });
});

describe("rules for commands", () => {
  const rules = (...written: readonly string[]) =>
    `${LEAST}commands:\n${written.map((one) => `  - ${one}\n`).join("")}`;
  const ANYWHERE = "{ verbs: [abort], allow: { users: [ana] } }";
  const under = (paths: string) => `{ verbs: [promote], paths: [${paths}], allow: { codeowners: true } }`;

  it.each([
    ["without paths is for every service", ANYWHERE, 1],
    ["for a folder and all in it", under(`"apps/payments/**"`), 1],
    ["for a folder by its name", under("apps/payments"), 1],
    ["for one file is enough", under("apps/payments/prod/canary.yaml"), 1],
    ["for the second of its paths", under(`apps/web, "apps/*/prod/*.yaml"`), 1],
    ["for any depth", under(`"**/tidegate/stable.yaml"`), 1],
    ["for another folder", under(`"apps/payment/**"`), 0],
    ["for a folder that is not at the root", under("payments"), 0],
    ["for the files of a folder, not those below", under(`"apps/*"`), 0],
    ["in other capitals", under(`"Apps/**"`), 0],
  ])("a rule %s", (_, rule, count) => {
    expect(policy(rules(rule)).rules).toHaveLength(count);
  });

  it("are kept in their order, what is left out is nobody", () => {
    expect(policy(rules(under("apps"), under("lib"), ANYWHERE)).rules).toEqual([
      { verbs: ["promote"], allow: { roles: [], teams: [], users: [], codeOwners: true } },
      { verbs: ["abort"], allow: { roles: [], teams: [], users: ["ana"], codeOwners: false } },
    ]);
  });

  it.each([
    ["an unknown verb", "{ verbs: [promot], allow: { users: [ana] } }", "verbs[0] is unknown: did you mean promote?"],
    [
      "no verb at all",
      "{ verbs: [go], allow: { users: [ana] } }",
      "verbs[0] is unknown: known are promote, abort, hold",
    ],
    ["a verb that is a number", "{ verbs: [1], allow: { users: [ana] } }", "verbs[0] must be promote or abort or"],
    ["no verbs", "{ verbs: [], allow: { users: [ana] } }", "verbs must name a command."],
    ["nobody", "{ verbs: [skip], allow: {} }", "allow must name somebody: roles, teams, users or codeowners."],
    ["nobody after all", "{ verbs: [skip], allow: { codeowners: false } }", "allow must name somebody"],
    ["no allow", "{ verbs: [skip] }", "allow is missing."],
    [
      "a misspelt key",
      "{ verbs: [skip], allow: { codeowner: true } }",
      "allow.codeowner is unknown: did you mean codeowners?",
    ],
    [
      "a team without its organisation",
      "{ verbs: [skip], allow: { teams: [web] } }",
      "allow.teams[0] must be a team such as acme/payments.",
    ],
    ["a mention", `{ verbs: [skip], allow: { users: ["@ana"] } }`, "allow.users[0] must be a login such as ana."],
    ["a bot", `{ verbs: [skip], allow: { users: ["bumper[bot]"] } }`, "allow.users[0] must be a login"],
    ["the role of nobody", "{ verbs: [skip], allow: { roles: [None] } }", "allow.roles[0] must be the name of a role"],
    ["no path", "{ verbs: [skip], paths: [], allow: { users: [ana] } }", "paths must have a path, or be left out."],
    [
      "a path from the root",
      "{ verbs: [skip], paths: [/apps], allow: { users: [ana] } }",
      "paths[0] must be a path from the root, where",
    ],
    [
      "a path that leaves",
      "{ verbs: [skip], paths: [apps/../x], allow: { users: [ana] } }",
      "paths[0] must be a path from the root",
    ],
    [
      "letters to choose from",
      `{ verbs: [skip], paths: ["apps/[ab]"], allow: { users: [ana] } }`,
      "paths[0] must be a path from the root",
    ],
  ])("are refused with %s", (_, rule, problem) => {
    expect(problems(rules(rule)).join("\n")).toContain(`${PATH}:4: commands[0].${problem}`);
  });
});

describe("configuration that is refused", () => {
  it.each([
    ["no version", "metrics: {}\n", ':1: version is missing: write "version: 1".'],
    ["an empty file", "", ':1: found nothing; write "version: 1" first.'],
    ["another version", LEAST.replace("1", "2"), ":1: version must be 1, the only version so far."],
    ["no metrics", "version: 1\n", ":1: metrics is missing."],
    ["no provider", "version: 1\nmetrics: {}\n", ":2: metrics must name a provider."],
    [
      "a misspelt key",
      `${LEAST}waves:\n  - targets: [a]\n    bak: 10m\n`,
      ":5: waves[0].bak is unknown: did you mean bake?",
    ],
    [
      "an unknown key",
      `${LEAST}colour: red\n`,
      ":3: colour is unknown: the keys here are version, extends, metrics, targets, waves, gates, services, measure, deadline, onDeadline, pace, onAbort, bumps, gather, expedite, commands, page, policy.",
    ],
    ["a key twice", `${LEAST}version: 1\n`, ':3: found the key "version" twice; a mapping has a key once.'],
    [
      "a weight above half",
      `${LEAST}waves:\n  - targets: [a]\n    steps: [5, 60]\n`,
      ":5: waves[0].steps[1] must be at most 50.",
    ],
    ["weights that fall", `${LEAST}waves: [{ targets: [a], steps: [5, 5] }]\n`, ":3: waves[0].steps must rise."],
    [
      "testers after a weight",
      `${LEAST}waves: [{ targets: [a], steps: [5, { testers: true }] }]\n`,
      ":3: waves[0].steps must have testers once, before all weights above 0.",
    ],
    [
      "testers twice",
      `${LEAST}waves: [{ targets: [a], steps: [{ testers: true }, { testers: true }, 5] }]\n`,
      ":3: waves[0].steps must have testers once, before all weights above 0.",
    ],
    [
      "testers twice before weight 0",
      `${LEAST}waves: [{ targets: [a], steps: [{ testers: true }, { testers: true }, 0, 5] }]\n`,
      ":3: waves[0].steps must have testers once, before all weights above 0.",
    ],
    [
      "testers and nobody else",
      `${LEAST}waves: [{ targets: [a], steps: [{ testers: true }] }]\n`,
      ":3: waves[0].steps must have a weight above 0.",
    ],
    [
      "a mirror after testers",
      `${LEAST}waves: [{ targets: [a], steps: [{ testers: true }, { mirror: 5 }, 25] }]\n`,
      ":3: waves[0].steps must have a mirror once, before testers and all weights above 0.",
    ],
    [
      "a mirror after a weight",
      `${LEAST}waves: [{ targets: [a], steps: [5, { mirror: 50 }, 25] }]\n`,
      ":3: waves[0].steps must have a mirror once, before testers and all weights above 0.",
    ],
    [
      "a mirror twice",
      `${LEAST}waves: [{ targets: [a], steps: [{ mirror: 50 }, { mirror: 100 }, 25] }]\n`,
      ":3: waves[0].steps must have a mirror once, before testers and all weights above 0.",
    ],
    [
      "a mirror and nobody",
      `${LEAST}waves: [{ targets: [a], steps: [0, { mirror: 50 }] }]\n`,
      ":3: waves[0].steps must have a weight above 0.",
    ],
    [
      "a mirror of nothing",
      `${LEAST}waves: [{ targets: [a], steps: [{ mirror: 0 }, 5] }]\n`,
      ":3: waves[0].steps[0].mirror must be at least 1.",
    ],
    [
      "copies that look like the first weight",
      `${LEAST}waves: [{ targets: [a], steps: [{ mirror: 25 }, 20] }]\n`,
      ":3: waves[0].steps must have another mirror, or another first weight: these two cannot be told apart by what is counted, as copies of 25% and a weight of 20%.",
    ],
    [
      "a step of another kind",
      `${LEAST}waves: [{ targets: [a], steps: [[5], 25] }]\n`,
      ":3: waves[0].steps[0] must be a weight from 0 to 50, or 100 where all traffic switches, or { testers: true }, or { mirror: N } of 1 to 100 %.",
    ],
    [
      "no weight but 0",
      `${LEAST}waves: [{ targets: [a], steps: [0] }]\n`,
      ":3: waves[0].steps must have a weight above 0.",
    ],
    [
      "a switch after a share",
      `${LEAST}waves: [{ targets: [a], steps: [5, 100] }]\n`,
      ":3: waves[0].steps must be [0, 100], or testers or a mirror and then 100, where they come to 100: all traffic is switched at once, or at most 50% is shared.",
    ],
    [
      "a switch that nobody has watched without traffic",
      `${LEAST}services: [{ names: [a], steps: [100] }]\n`,
      ":3: services[0].steps must be [0, 100], or testers or a mirror and then 100, where they come to 100: all traffic is switched at once, or at most 50% is shared.",
    ],
    [
      "a broken weight",
      `${LEAST}waves: [{ targets: [a], steps: [2.5] }]\n`,
      ":3: waves[0].steps[0] must be a weight from 0 to 50, or 100 where all traffic switches, or { testers: true }, or { mirror: N } of 1 to 100 %.",
    ],
    ["no weight", `${LEAST}waves: [{ targets: [a], steps: [] }]\n`, ":3: waves[0].steps must have a weight."],
    [
      "a duration in words",
      `${LEAST}deadline: two hours\n`,
      ":3: deadline must be a duration such as 500ms, 90s, 10m or 2h, from 1s to 168h.",
    ],
    [
      "a duration without a unit",
      `${LEAST}deadline: 90\n`,
      ":3: deadline must be text (in quotes, if it looks like a number).",
    ],
    [
      "a bake of less than two windows",
      `${LEAST}waves:\n  - { targets: [a], bake: 59s }\n`,
      ":4: waves[0].bake does not fit: a bake of 59s must hold two windows of 30s.",
    ],
    [
      "windows longer than half the default bake",
      `${LEAST}measure: { window: 6m }\n`,
      ":3: measure.window does not fit: a bake of 10m must hold two windows of 6m.",
    ],
    [
      "a bake beyond the deadline",
      `${LEAST}waves:\n  - { targets: [a], bake: 2h }\n`,
      ":4: waves[0].bake does not fit: a bake of 2h must end before the deadline of 2h.",
    ],
    [
      "a deadline within the default bake",
      `${LEAST}deadline: 10m\n`,
      ":3: deadline does not fit: a bake of 10m must end before the deadline of 10m.",
    ],
    ["another way with a second bump", `${LEAST}bumps: merge\n`, ":3: bumps must be supersede or queue or batch."],
    [
      "a gathering of days",
      `${LEAST}gather: 25h\n`,
      ":3: gather must be a duration such as 500ms, 90s, 10m or 2h, at most 24h.",
    ],
    ["a hotfix without its label", `${LEAST}expedite:\n  steps: [50]\n  bake: 5m\n`, ":4: expedite.label is missing."],
    [
      "a hotfix above half",
      `${LEAST}expedite: { label: hotfix, steps: [80], bake: 5m }\n`,
      ":3: expedite.steps[0] must be at most 50.",
    ],
    [
      "a hotfix's bake of less than two windows",
      `${LEAST}expedite:\n  label: hotfix\n  steps: [50]\n  bake: 30s\n`,
      ":6: expedite.bake does not fit: a bake of 30s must hold two windows of 30s.",
    ],
    [
      "a hotfix's bake beyond the deadline",
      `${LEAST}expedite: { label: hotfix, steps: [50], bake: 3h }\n`,
      ":3: expedite.bake does not fit: a bake of 3h must end before the deadline of 2h.",
    ],
    [
      "a pager's address",
      `${LEAST}page: [ana, "@acme/oncall"]\n`,
      ":3: page[1] must be a login such as ana or a team such as acme/oncall, without @.",
    ],
    ["a target twice", `${LEAST}targets:\n  - name: a\n  - name: a\n`, ":5: targets[1].name names a a second time."],
    [
      "metrics that are not there",
      `${LEAST}targets:\n  - { name: a, metrics: prd }\n`,
      ":4: targets[0].metrics names prd, which metrics does not have.",
    ],
    [
      "a delay that is not read",
      `${LEAST}targets:\n  - { name: a, delay: 3m }\n`,
      ":4: targets[0].delay is only read with observe: assumed and observe: reported.",
    ],
    [
      "nothing to see at all",
      `${LEAST}targets:\n  - { name: a, evidence: bake, observe: assumed }\n`,
      ":4: targets[0].observe leaves nothing to see: with evidence: bake the pods must be seen.",
    ],
    [
      "an observer that is none",
      `${LEAST}targets:\n  - { name: a, observe: hope }\n`,
      ":4: targets[0].observe must be metrics, reported or assumed.",
    ],
    [
      "reports that are not read",
      `${LEAST}targets:\n  - { name: a, reports: { by: "argo[bot]", status: argocd } }\n`,
      ":4: targets[0].reports is only read with observe: reported.",
    ],
    [
      "reports of nobody",
      `${LEAST}targets:\n  - { name: a, observe: reported }\n`,
      ":4: targets[0].observe needs reports: who posts, and the status or deployment that they post.",
    ],
    [
      "reports without an account",
      `${LEAST}targets:\n  - name: a\n    observe: reported\n    reports: { status: argocd }\n`,
      ":6: targets[0].reports.by is missing.",
    ],
    [
      "reports of an account that is none",
      `${LEAST}targets:\n  - name: a\n    observe: reported\n    reports: { by: "@ana", status: argocd }\n`,
      ":6: targets[0].reports.by must be the login of the account that posts, of an App slug[bot].",
    ],
    [
      "reports in two places",
      `${LEAST}targets:\n  - name: a\n    observe: reported\n    reports: { by: ana, status: argocd, deployment: prod }\n`,
      ":6: targets[0].reports must name one of status and deployment.",
    ],
    [
      "reports in none",
      `${LEAST}targets:\n  - name: a\n    observe: reported\n    reports: { by: ana }\n`,
      ":6: targets[0].reports must name one of status and deployment.",
    ],
    [
      "a word that means nothing",
      `${LEAST}targets:\n  - name: a\n    observe: reported\n    reports: { by: ana, status: "argocd/{app}" }\n`,
      ":6: targets[0].reports.status must be the context of a commit status, such as argocd/{service}; of what stands in braces only {service}, {target} and {namespace} mean something.",
    ],
    [
      "a delay after a report, beyond the deadline",
      `${LEAST}targets:\n  - name: a\n    observe: reported\n    delay: 3h\n    reports: { by: ana, status: argocd }\n`,
      ":6: targets[0].delay does not fit: 3h must end before the deadline of 2h.",
    ],
    [
      "reports where there is nothing else to see",
      `${LEAST}targets:\n  - name: a\n    evidence: bake\n    observe: reported\n    reports: { by: ana, status: argocd }\n`,
      ":6: targets[0].observe leaves nothing to see: with evidence: bake the pods must be seen.",
    ],
    [
      "a delay beyond the deadline",
      `${LEAST}targets:\n  - { name: a, observe: assumed, delay: 2h }\n`,
      ":4: targets[0].delay does not fit: 2h must end before the deadline of 2h.",
    ],
    [
      "the usual delay beyond the deadline",
      `${LEAST}deadline: 4m\nwaves: [{ targets: ["*"], bake: 1m }]\ntargets:\n  - { name: a, observe: assumed }\n`,
      ":6: targets[0].observe does not fit: 5m must end before the deadline of 4m.",
    ],
    [
      "no kind of evidence",
      `${LEAST}targets:\n  - { name: a, evidence: hope }\n`,
      ":4: targets[0].evidence must be compare, health or bake.",
    ],
    [
      "a path that leaves",
      `${LEAST}targets:\n  - { name: a, path: "../*" }\n`,
      ":4: targets[0].path must be a path inside the repository.",
    ],
    [
      "a gate that blocks nothing",
      `${LEAST}gates: { errors: { alpha: 0 } }\n`,
      ":3: gates.errors.alpha must be more than 0.",
    ],
    [
      "a tolerance beyond the regression",
      `${LEAST}gates: { errors: { tolerance: 2 } }\n`,
      ":3: gates.errors.regression must be more than the tolerance of 2.",
    ],
    [
      "an objective worse than unhealthy",
      `${LEAST}gates: { errors: { slo: 0.5 } }\n`,
      ":3: gates.errors.slo must be at most the unhealthy rate of 0.05.",
    ],
    [
      "a secret of the process",
      LEAST.replace('com" ', 'com", headers: { X: { env: PRIVATE_KEY } } '),
      ":2: metrics.prod.prometheus.headers.X.env must be the name of a variable that begins with METRICS_.",
    ],
    [
      "a secret in the open",
      LEAST.replace('com" ', 'com", headers: { X: abc } '),
      ":2: metrics.prod.prometheus.headers.X must be a mapping.",
    ],
    [
      "a query in place of a counter",
      FULL.replace("http_requests_total", "up or vector(1)"),
      ":8: metrics.prod.prometheus.requests.counter must be the name of a metric.",
    ],
    [
      "a host that is not allowed",
      LEAST.replace("prometheus.example.com", "169.254.169.254"),
      ":2: metrics.prod.prometheus.url names the host 169.254.169.254, which the operator of this Tidegate does not allow.",
    ],
    ["an alias", `${LEAST}waves: [{ targets: &t [a] }, { targets: *t }]\n`, ":3: found an anchor"],
    ["a key of a prototype", LEAST.replace("prod:", "__proto__:"), ":2: metrics"],
  ])("%s", (_, text, problem) => {
    expect(problems(text).join("\n")).toContain(`${PATH}${problem}`);
  });
});

describe("a host", () => {
  const LOCAL = [...HOSTS, "127.0.0.1:9090", "localhost:1", "[::1]:9090"];

  it.each([
    "https://prometheus.example.com",
    "https://prometheus.example.com:443/prefix",
    "https://PROMETHEUS.example.com/",
    "http://metrics.internal:9090",
    "http://127.0.0.1:9090",
    "https://127.0.0.1:9090",
    "http://localhost:1",
    "http://[::1]:9090",
  ])("may be asked at %s", (address) => {
    expect(hostProblem(address, LOCAL)).toBeUndefined();
  });

  it.each([
    ["http://prometheus.example.com", "must begin with https://"],
    ["https://prometheus.example.com:8443", "names the host prometheus.example.com:8443, which"],
    ["https://prometheus.example.com.evil.example", "names the host prometheus.example.com.evil.example, which"],
    ["https://prometheus.example.com@evil.example", "must hold no credentials"],
    ["https://evil.example#prometheus.example.com", "must have no query and no fragment"],
    ["https://prometheus.example.com?x=1", "must have no query and no fragment"],
    ["https://metrics.internal:9090", "names the host metrics.internal:9090"],
    ["http://127.0.0.1:9091", "names the host 127.0.0.1:9091"],
    ["http://2130706433:9091", "names the host 127.0.0.1:9091"],
    ["file:///etc/passwd", "must begin with https://"],
    ["prometheus.example.com", "must be an address"],
  ])("may not be asked at %s", (address, problem) => {
    expect(hostProblem(address, LOCAL)).toContain(problem);
  });

  it("is none that an unreadable entry would allow", () => {
    expect(hostProblem("https://a", ["", "http://", "https://a b"])).toContain("names the host a");
  });
});

describe("a duration", () => {
  it.each([
    ["500ms", 500],
    ["90s", 90_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["0s", 0],
  ])("%s is %i milliseconds", (text, ms) => {
    expect(durationOf(text)).toBe(ms);
  });

  it.each(["", "10", "m", "1.5h", "-1s", "1d", "10 m", "1h30m", "12345678ms"])("%j is none", (text) => {
    expect(durationOf(text)).toBeUndefined();
  });

  it.each([
    [7_200_000, "2h"],
    [5_400_000, "90m"],
    [1500, "1500ms"],
    [0, "0ms"],
  ])("of %i milliseconds is written %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
    expect(durationOf(text)).toBe(ms);
  });
});
