import { describe, expect, it } from "vitest";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { problemText } from "../../src/config/document.ts";
import { explained, type Row } from "../../src/config/explained.ts";
import { extendsOf, parseHeld, type Held } from "../../src/config/extended.ts";
import { resolve, type Settings } from "../../src/config/resolve.ts";
import { parseShared } from "../../src/config/shared-config.ts";
import { name } from "../../src/core/names.ts";
import type { Policy } from "../../src/core/plan.ts";
import { weight } from "../../src/core/weight.ts";
import { errorOf, valueOf } from "../manifest/builders.ts";

const PATH = ".github/tidegate.yml";
const ORG = "acme/platform: .github/tidegate-org.yml";
const METRICS = `metrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\n`;

const sharedBy = (text: string) => valueOf(parseShared("acme/platform", `version: 1\n${METRICS}${text}`));
const heldBy = (own: string, org: string): Held =>
  valueOf(parseHeld({ path: PATH, text: `version: 1\nextends: acme/platform\n${own}` }, sharedBy(org)));
const settingsOf = ({ written }: Held): Settings =>
  valueOf(resolve(written, { hosts: ["prometheus.example.com"], forms: FORMS }));
const policyOf = (held: Held, service = "cart"): Policy =>
  valueOf(settingsOf(held).policyFor(name("prod"), ["apps/cart/prod.yaml"], name(service)));
const loosened = (own: string, org: string) => heldBy(own, org).loosened.map(problemText);

/** What an organisation says stands on line 3, what the repository says on line 3 as well. */
describe("a configuration that extends another", () => {
  it.each<readonly [what: string, own: string, org: string, said: Partial<Policy>]>([
    ["takes what it does not say", "", "bumps: queue", { secondBump: "queue" }],
    ["goes before what it says as well", "bumps: batch", "bumps: queue", { secondBump: "batch" }],
    [
      "has its own list of waves",
      "waves: [{ targets: [prod], steps: [9] }]",
      "waves: [{ targets: ['*'], bake: 7m }]",
      { bakeMs: 600_000 },
    ],
    [
      "takes single keys of measure",
      "measure: { window: 20s }",
      "measure: { window: 1m, settle: 7s }",
      { windowMs: 20_000, settleMs: 7_000 },
    ],
    [
      "has its own target of a name",
      "targets: [{ name: prod }]",
      "targets: [{ name: prod, evidence: bake }, { name: dev }]",
      { evidence: "compare" },
    ],
    [
      "takes targets of other names",
      "targets: [{ name: dev }]",
      "targets: [{ name: prod, evidence: bake }]",
      { evidence: "bake" },
    ],
    [
      "has its own entry of a service first",
      "services: [{ names: [cart], bake: 7m }]",
      "services: [{ names: [cart, till], bake: 9m }]",
      { bakeMs: 420_000 },
    ],
    [
      "takes entries of other services",
      "services: [{ names: [till], bake: 7m }]",
      "services: [{ names: [cart, till], bake: 9m }]",
      { bakeMs: 540_000 },
    ],
    ["pages its own people alone", "page: [ana]", "page: [bo]", { page: ["ana"] }],
    [
      "has a hotfix plan of its own as a whole",
      "expedite: { label: fast, steps: [50], bake: 5m }",
      "expedite: { label: hot, steps: [9], bake: 3m }",
      { expedite: { label: "fast", weights: [weight(50)], bakeMs: 300_000 } },
    ],
  ])("%s", (_, own, org, said) => {
    expect(policyOf(heldBy(`${own}\n`, `${org}\n`))).toMatchObject(said);
  });

  it("takes single keys of gates, and providers by name", () => {
    const held = heldBy(
      `metrics: { prod: { prometheus: { url: "https://prometheus.example.com/own" } } }\ngates: { errors: { slo: 0.002 } }\n`,
      "gates: { errors: { slo: 0.004, beta: 0.02 }, warmUp: 1m }\n",
    );
    expect(policyOf(held)).toMatchObject({ gate: { slo: 0.002, beta: 0.02 }, warmUpMs: 60_000 });
    expect(settingsOf(held).metricsFor(name("prod"))).toMatchObject({
      value: { url: "https://prometheus.example.com/own" },
    });
  });

  it("names the file and the line of what is wrong, and of what goes", () => {
    const shared = sharedBy("\n\ndeadline: 8m\n");
    const held = valueOf(parseHeld({ path: PATH, text: "version: 1\nwaves: [{ targets: [prod] }]\n" }, shared));
    const settings = resolve(held.written, { hosts: ["prometheus.example.com"], forms: FORMS });
    expect(errorOf(settings).map(problemText)).toEqual([
      `${ORG}:5: deadline does not fit: a bake of 10m must end before the deadline of 8m.`,
    ]);
    expect(errorOf(parseHeld({ path: PATH, text: "version: 1\nwave: []\n" }, shared)).map(problemText)).toEqual([
      `${PATH}:2: wave is unknown: did you mean waves?`,
    ]);
  });

  it("cannot be read without it", () => {
    const file = { path: PATH, text: `version: 1\n${METRICS}extends: acme/platform\n` };
    expect(extendsOf(file)).toBe("acme/platform");
    expect(errorOf(parseHeld(file, undefined)).map(problemText)).toEqual([
      `${PATH}:3: extends names acme/platform, and what that repository says is not read here.`,
    ]);
  });

  it("extends what the operator says, whatever it says itself", () => {
    const text = "version: 1\nextends: acme/easy\n";
    const { loosened: found } = valueOf(parseHeld({ path: PATH, text }, sharedBy("enforced: { bake: 12m }\n")));
    expect(found.map(problemText)).toEqual([
      `${PATH}:2: extends is acme/easy, and the operator of this Tidegate has this repository extend acme/platform, which goes instead.`,
    ]);
  });
});

describe("a shared configuration", () => {
  it.each([
    ["enforced: { bake: 10 }", "3: enforced.bake must be text"],
    ["enforced: { waves: [] }", "3: enforced.waves is unknown"],
    ["enforced: { onDeadline: hold }", "3: enforced.onDeadline must be abort"],
    [
      "enforced: { gates: { errors: { regression: 2 } } }",
      "3: enforced.gates.errors must have, with regression, a tolerance below it",
    ],
    [
      "enforced: { gates: { latency: { regression: 20% } } }",
      "3: enforced.gates.latency must have, with regression, a tolerated below it",
    ],
    [
      "enforced: { gates: { errors: { unhealthy: 0.1 } } }",
      "3: enforced.gates.errors must have, with unhealthy, an slo",
    ],
    ["enforced: { bake: 3h, deadline: 2h }", "3: enforced must have a bake that ends before its deadline"],
    ["extends: acme/other", "3: extends is unknown"],
    ["gates: { templates: [analysis/] }", "3: gates.templates is unknown"],
    ["targets: [{ name: prod, path: apps }]", "3: targets[0].path is unknown"],
    ["deadline: 9h\nenforced: { deadline: 8h }", `3: deadline is 9h, and ${ORG}:4 allows at most 8h`],
  ])("refuses %s", (yaml, problem) => {
    const problems = errorOf(parseShared("acme/platform", `version: 1\n${METRICS}${yaml}\n`)).map(problemText);
    expect(problems).toEqual([expect.stringContaining(`${ORG}:${problem}`)]);
  });

  it("needs no metrics, and nothing at all", () => {
    expect(valueOf(parseShared("acme/platform", "version: 1\n")).config.enforced).toMatchObject({
      commands: [],
      page: [],
    });
  });
});

/** The organisation enforces something, a repository asks for something else: what is said of it, and what goes. */
describe("what is enforced", () => {
  it.each<readonly [enforced: string, own: string, found: string, goes: object]>([
    [
      "bake: 12m",
      "waves: [{ targets: [prod], bake: 5m }]",
      "waves[0].bake is 5m, and ORG:3 allows at least 12m",
      { bakeMs: 720_000 },
    ],
    ["bake: 12m", "services: [{ names: [cart], bake: 5m }]", "services[0].bake is 5m", { bakeMs: 720_000 }],
    [
      "bake: 12m",
      "expedite: { label: hot, steps: [50], bake: 5m }",
      "expedite.bake is 5m",
      { expedite: { bakeMs: 720_000 } },
    ],
    [
      "expedite: { bake: 6m }",
      "expedite: { label: hot, steps: [50], bake: 5m }",
      "expedite.bake is 5m",
      { expedite: { bakeMs: 360_000 } },
    ],
    [
      "expedite: never",
      "expedite: { label: hot, steps: [50], bake: 5m }",
      "expedite is a plan of its own, and ORG:3 allows none",
      { expedite: undefined },
    ],
    [
      "steps: [5, 25]",
      "waves: [{ targets: [prod], steps: [50] }]",
      "waves[0].steps is 50%, and ORG:3 allows at most 5%, 25% one after the other",
      { weights: [5, 25] },
    ],
    [
      "steps: [5, 25]",
      "services: [{ names: [cart], steps: [3, 30, 40] }]",
      "services[0].steps is 3%, 30%, 40%",
      { weights: [3, 25, 40] },
    ],
    [
      "evidence: health",
      "targets: [{ name: prod, evidence: bake }]",
      "targets[0].evidence is bake, and ORG:3 allows compare or health",
      { evidence: "health" },
    ],
    [
      "observe: reported",
      "targets: [{ name: prod, observe: assumed }]",
      "targets[0].observe is assumed, and ORG:3 allows metrics or reported",
      { assumedAfterMs: undefined },
    ],
    [
      "observe: metrics",
      "targets: [{ name: prod, observe: reported, reports: { by: ana, status: x } }]",
      "targets[0].observe is reported",
      { reports: undefined },
    ],
    ["deadline: 3h", "deadline: 4h", "deadline is 4h, and ORG:3 allows at most 3h", { deadlineMs: 10_800_000 }],
    [
      "onDeadline: abort",
      "onDeadline: hold",
      "onDeadline is hold, and ORG:3 allows abort alone",
      { onDeadline: "abort" },
    ],
    ["onAbort: all", "waves: [{ targets: [prod], onAbort: member }]", "waves[0].onAbort is member", { onAbort: "all" }],
    ["bumps: queue", "bumps: supersede", "bumps is supersede, and ORG:3 allows queue alone", { secondBump: "queue" }],
    [
      "pace: { mergesPerMinute: 2 }",
      "pace: { mergesPerMinute: 60 }",
      "pace.mergesPerMinute is 60, and ORG:3 allows at most 2",
      { mergeEveryMs: 30_000 },
    ],
    ["gates: { warmUp: 1m }", "gates: { warmUp: 5m }", "gates.warmUp is 5m", { warmUpMs: 60_000 }],
    [
      "gates: { errors: { tolerance: 1.5 } }",
      "gates: { errors: { tolerance: 1.8 } }",
      "gates.errors.tolerance is 1.8, and ORG:3 allows at most 1.5",
      { gate: { tolerance: 1.5 } },
    ],
    [
      "gates: { errors: { slo: 0.001 } }",
      "services: [{ names: [cart], gates: { errors: { slo: 0.04 } } }]",
      "services[0].gates.errors.slo is 0.04",
      { gate: { slo: 0.001 } },
    ],
    [
      "gates: { errors: { dispersion: 2 } }",
      "gates: { errors: { dispersion: 900 } }",
      "gates.errors.dispersion is 900, and ORG:3 allows 2 alone",
      { gate: { dispersion: 2 } },
    ],
    [
      "gates: { errors: { minimum: 100 } }",
      "gates: { errors: { minimum: 1 } }",
      "gates.errors.minimum is 1",
      { gate: { minimum: 100 } },
    ],
    [
      "gates: { errors: { noData: wait } }",
      "gates: { errors: { noData: skip } }",
      "gates.errors.noData is skip, and ORG:3 allows fail or wait",
      { gate: { noData: "wait" } },
    ],
    [
      "gates: { errors: { alpha: 0.005 } }",
      "gates: { errors: { threshold: 90000 } }",
      "gates.errors.threshold is 90000, and ORG:3 allows at most 200",
      { gate: { placeboLogE: Math.log(200) } },
    ],
    [
      "gates: { errors: { threshold: 900 } }",
      "gates: { errors: { threshold: 90000 } }",
      "gates.errors.threshold is 90000, and ORG:3 allows at most 900",
      { gate: { placeboLogE: Math.log(900) } },
    ],
    [
      "gates: { latency: {} }",
      "gates: { latency: off }",
      "gates.latency is off, and ORG:3 allows latency to be judged",
      { latency: { isAskedFor: true } },
    ],
    [
      "gates: { latency: { tolerated: 10%, regression: 30% } }",
      "gates: { latency: { regression: 90% } }",
      "gates.latency.regression is 90%, and ORG:3 allows at most 30%",
      { latency: { regression: 0.3 } },
    ],
  ])("%s stands against %s", (enforced, own, found, goes) => {
    const org = `enforced: { ${enforced} }\n`;
    const problems = loosened(`${own}\n`, org);
    expect(problems).toEqual([expect.stringContaining(`${PATH}:3: ${found.replace("ORG", ORG)}`)]);
    expect(problems[0]).toMatch(/, which goes instead\.$/);
    expect(policyOf(heldBy(`${own}\n`, org))).toMatchObject(goes);
  });

  it("leaves what is stricter", () => {
    const own = `waves: [{ targets: [prod], steps: [1, 5, 20], bake: 20m, onAbort: all }]
deadline: 1h
gates: { errors: { tolerance: 1.1, slo: 0.0005, minimum: 500, noData: fail }, latency: { regression: 20% } }
`;
    const org = `enforced:
  steps: [5, 25]
  bake: 10m
  deadline: 2h
  onAbort: all
  gates: { errors: { tolerance: 1.5, slo: 0.001, minimum: 100, noData: wait }, latency: { tolerated: 10%, regression: 30% } }
`;
    expect(loosened(own, org)).toEqual([]);
    const held = heldBy(own, org);
    const written = valueOf(settingsOf(held).writtenFor(name("prod"), [], name("cart")));
    expect(policyOf(held)).toEqual(written);
  });

  it("lets a deadline grow with a bake that is made longer, up to what is enforced", () => {
    const own = "waves: [{ targets: [prod], bake: 5m }]\ndeadline: 10m\n";
    expect(policyOf(heldBy(own, "enforced: { bake: 1h }\n")).deadlineMs).toBe(65 * 60_000);
    expect(policyOf(heldBy(own, "enforced: { bake: 1h, deadline: 62m }\n")).deadlineMs).toBe(62 * 60_000);
  });

  it("has the error gate keep its share of alpha, whatever shares it", () => {
    const own = "gates: { errors: { alpha: 0.001, part: 1 }, latency: { part: 999 } }\n";
    const org = "enforced: { gates: { errors: { alpha: 0.005 } } }\n";
    expect(loosened(own, org)).toEqual([
      expect.stringContaining(
        `${PATH}:3: gates.errors.part is what leaves 0.000001 of alpha to the error gate, and ${ORG}:3 allows at least 0.005`,
      ),
    ]);
    const { gate, parts } = policyOf(heldBy(own, org));
    expect((gate.alpha * parts.errors) / (parts.errors + parts.latency)).toBeGreaterThanOrEqual(0.005);
    expect(gate.alpha).toBe(0.01);
  });

  it("adds people and rules, of which somebody has to fit one as well", () => {
    const org = "enforced: { page: [bo], commands: [{ verbs: [promote], allow: { teams: [acme/sre] } }] }\n";
    const { page, rules } = policyOf(
      heldBy("page: [ana]\ncommands: [{ verbs: [promote], allow: { users: [ana] } }]\n", org),
    );
    expect(page).toEqual(["ana", "bo"]);
    expect(rules.map(({ allow, enforced }) => [allow.users, allow.teams, enforced])).toEqual([
      [["ana"], [], undefined],
      [[], ["acme/sre"], true],
    ]);
  });

  it("leaves a repository no providers of its own", () => {
    const org = `enforced: { metrics: { prod: { prometheus: { url: "https://prometheus.example.com/org" } } } }\n`;
    const own = `metrics: { mine: { prometheus: { url: "https://prometheus.example.com" } } }\n`;
    const held = heldBy(own, org);
    expect(held.loosened.map(problemText)).toEqual([
      `${PATH}:3: metrics.mine is a provider that ${ORG}:3 does not have, whose providers go instead.`,
    ]);
    expect([...settingsOf(held).metrics.keys()]).toEqual(["prod"]);
  });

  it("refuses a target that nothing would show any more, rather than taking it for seen", () => {
    const datadog = `{ datadog: { counts: { total: "sum:a{kube_service:{arm}}.as_count()", failed: "sum:b{kube_service:{arm}}.as_count()" }, secrets: { apiKey: { env: METRICS_A }, applicationKey: { env: METRICS_B } } } }`;
    const held = heldBy(
      `metrics: { prod: ${datadog} }\ntargets: [{ name: prod, observe: assumed }]\n`,
      "enforced: { observe: metrics }\n",
    );
    const settings = valueOf(resolve(held.written, { hosts: ["api.datadoghq.com"], forms: FORMS }));
    expect(errorOf(settings.policyFor(name("prod"), []))).toContain("it needs observe: reported or observe: assumed");
  });
});

describe("an explanation", () => {
  const rowsOf = (own: string, org: string): ReadonlyMap<string, Row> => {
    const held = heldBy(own, org);
    const of = { service: name("cart"), target: name("prod"), paths: [] };
    return new Map(valueOf(explained(held.written, settingsOf(held), of)).map((row) => [row.key, row]));
  };

  it.each([
    ["bumps", "", "bumps: queue", { text: "queue", line: 3, path: ORG }],
    ["bumps", "bumps: batch", "bumps: queue", { text: "batch", line: 3 }],
    ["bumps", "bumps: batch", "enforced: { bumps: queue }", { text: "queue", line: 3, path: ORG }],
    ["bake", "waves: [{ targets: [prod], bake: 20m }]", "enforced: { bake: 10m }", { text: "20m", line: 3 }],
    [
      "bake",
      "services: [{ names: [cart], bake: 9m }]",
      "\nenforced: { bake: 10m }",
      { text: "10m", line: 4, path: ORG },
    ],
    [
      "deadline",
      "services: [{ names: [cart], bake: 9m }]",
      "\nenforced: { bake: 10m }",
      { text: "121m", line: 4, path: ORG },
    ],
    ["metrics", "", "", { text: "prod: prometheus at https://prometheus.example.com", line: 2, path: ORG }],
    [
      "commands",
      "",
      "enforced: { commands: [{ verbs: [promote], allow: { users: [ana] } }] }",
      { text: "/promote by ana alone", line: 3, path: ORG },
    ],
    ["onAbort", "", "", { text: "member", line: undefined }],
  ])("says of %s which file and line it comes from (%j, %j)", (key, own, org, row) => {
    expect(rowsOf(`${own}\n`, `${org}\n`).get(key)).toEqual({ key, ...row });
  });
});
