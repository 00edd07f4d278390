import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { config } from "../../src/cli/config.ts";
import { configSchema } from "../../src/config/json-schema.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { valueOf } from "../manifest/builders.ts";
import { deployment } from "../manifest/services/repo.ts";
import { folders } from "../support/folders.ts";
import { jsonFaults } from "../support/json-schema.ts";
import { fakeTerminal } from "../support/terminal.ts";

const folderOf = folders();

const PATH = ".github/tidegate.yml";
const METRICS = `metrics:
  prod: { prometheus: { url: "https://prometheus.example.com" } }
`;
const HEAD = `version: 1\n${METRICS}`;
const SHOP = {
  "apps/cart/dev/deployment.yaml": deployment("cart", "cart:2"),
  "apps/cart/prod/deployment.yaml": deployment("cart", "cart:1"),
};
const STATE = `version: 1
template: { name: canary-gateway-api, revision: 4f1c000000000000000000000000000000000000 }
owned: [apps/cart/tidegate/]
claims: [{ path: apps/cart/prod/deployment.yaml, at: spec.replicas }]
targets:
  prod:
    namespace: shop
    manifests:
      canary: apps/cart/prod/deployment.yaml
      stable: apps/cart/tidegate/stable.yaml
      route: apps/cart/tidegate/route.yaml
    arms: { canary: cart-canary, stable: cart }
    weight: 0
    stable: cart:1
blocked: []
holds: []
heard: 0
`;
const ALLOWED = { METRICS_HOSTS: "prometheus.example.com" };

const Members = z.object({
  members: z.array(
    z.object({
      service: z.string(),
      target: z.string(),
      refused: z.string().optional(),
      effective: z.array(z.object({ key: z.string(), text: z.string(), line: z.int().optional() })).optional(),
    }),
  ),
});

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = ALLOWED) {
  const { terminal, out, told } = fakeTerminal(environment);
  const status = await config(args, terminal);
  return { status, out: out(), told: told() };
}

const Document = z.object({
  remarks: z.array(z.object({ severity: z.string(), path: z.string(), line: z.int(), message: z.string() })),
});

async function remarks(files: Readonly<Record<string, string>>, environment?: Readonly<Record<string, string>>) {
  const { status, out } = await run(["check", folderOf(files), "--json"], environment);
  const found = Document.parse(JSON.parse(out));
  return {
    status,
    said: found.remarks.map(({ severity, path, line, message }) => [severity, `${path}:${line}`, message]),
  };
}

describe("config check", () => {
  it("calls a target as its state file does, whatever its folder is called", async () => {
    const files = {
      "apps/cart/prod/deployment.yaml": SHOP["apps/cart/prod/deployment.yaml"],
      "apps/mail/prod/deployment.yaml": deployment("mail", "mail:1"),
      ".tidegate/services/cart.yaml": STATE.replace("  prod:\n", "  live:\n"),
      [PATH]: `${HEAD.replace("prod:", "live:")}waves: [{ targets: [live] }]\n`,
    };
    const { said } = await remarks(files);
    // Of mail nothing says that it is called otherwise.
    expect(said).toEqual([["warning", `${PATH}:4`, expect.stringContaining("lets no release begin in prod")]]);
    const { said: alone } = await remarks(
      Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes("mail"))),
    );
    expect(alone).toEqual([]);
  });

  it("has nothing to remark on a configuration that goes with its checkout", async () => {
    const folder = folderOf({ ...SHOP, [PATH]: `${HEAD}waves: [{ targets: [dev] }, { targets: ["pro*"] }]\n` });
    expect(await run(["check", folder])).toEqual({ status: 0, out: `${PATH}: nothing to remark.\n`, told: "" });
  });

  it("says each problem with its line and what stands there", async () => {
    const folder = folderOf({
      ...SHOP,
      [PATH]: `${HEAD}waves:\n  - targets: [prod]\n    bakes: 5m\n    steps: [50, 5]\n`,
    });
    expect(await run(["check", folder])).toEqual({
      status: 1,
      told: "",
      out: `${PATH}:6: problem: waves[0].bakes is unknown: did you mean bake?
    6 | bakes: 5m
${PATH}:7: problem: waves[0].steps must rise.
    7 | steps: [50, 5]
${PATH}: 2 problems.
`,
    });
  });

  it.each([
    ["no text", "", 1, "found nothing"],
    ["what does not go together", `${HEAD}deadline: 5m\n`, 4, "deadline does not fit"],
    ["a host that is not allowed", HEAD.replace("prometheus.ex", "evil.ex"), 3, "names the host evil.example.com"],
    ["a list for a mapping", `${HEAD}gates: []\n`, 4, "gates must be a mapping."],
  ])("is a problem: %s", async (_, text, line, message) => {
    const { status, said } = await remarks({ ...SHOP, [PATH]: text });
    expect(status).toBe(1);
    expect(said).toEqual([["problem", `${PATH}:${line}`, expect.stringContaining(message)]]);
  });

  it.each([
    [
      "a target",
      "targets: [{ name: prd }]",
      "targets[0].name names prd, which is no target of this checkout: did you mean prod?",
    ],
    [
      "a target's folder",
      "targets: [{ name: x, path: apps/*/eu }]",
      "targets[0].path is apps/*/eu, where no file of this checkout is.",
    ],
    [
      "a wave",
      "waves: [{ targets: ['*'] }, { targets: [eu-*] }]",
      "waves[1].targets[0] names eu-*, which is no target of this checkout: targets here are dev, prod.",
    ],
    [
      "a service",
      "services: [{ names: [carts], bake: 5m }]",
      "services[0].names[0] names carts, which is no service of this checkout: did you mean cart?",
    ],
    [
      "a command's path",
      "commands: [{ verbs: [hold], paths: [apps/till/**], allow: { codeowners: true } }]",
      "commands[0].paths[0] is apps/till/**, where no file of this checkout is.",
    ],
  ])("warns of %s that nothing goes by", async (_, line, message) => {
    expect(await remarks({ ...SHOP, [PATH]: `${HEAD}${line}\n` })).toEqual({
      status: 0,
      said: [["warning", `${PATH}:4`, message]],
    });
  });

  it("warns of a target that no wave covers, which is a problem where a state file steers something there", async () => {
    const text = `${HEAD}waves: [{ targets: [dev] }]\n`;
    const why = "waves lets no release begin in prod: no wave covers the target prod.";
    expect(await remarks({ ...SHOP, [PATH]: text })).toEqual({ status: 0, said: [["warning", `${PATH}:4`, why]] });
    const steered = { ...SHOP, [PATH]: text, ".tidegate/services/cart.yaml": STATE };
    expect(await remarks(steered)).toEqual({ status: 1, said: [["problem", `${PATH}:4`, why]] });
  });

  it("says what is wrong with a state file, whose members do not count", async () => {
    const path = ".tidegate/services/cart.yaml";
    const { status, said } = await remarks({
      ...SHOP,
      [PATH]: HEAD,
      [path]: STATE.replace("weight: 0", "weight: 101"),
    });
    expect({ status, said }).toEqual({
      status: 1,
      said: [["problem", `${path}:13`, "targets.prod.weight must be a whole number from 0 to 100."]],
    });
  });

  it("notes secrets that are not here, and hosts that must be allowed where nothing says which are", async () => {
    const text = HEAD.replace(
      '.com" }',
      '.com", headers: { Authorization: { env: METRICS_TOKEN }, X-Key: { file: key } } }',
    );
    expect(await remarks({ ...SHOP, [PATH]: text }, {})).toEqual({
      status: 0,
      said: [
        [
          "note",
          `${PATH}:3`,
          "metrics.prod.prometheus.headers.Authorization names the variable METRICS_TOKEN, which is not here; the operator of Tidegate must have it.",
        ],
        [
          "note",
          `${PATH}:3`,
          "metrics.prod.prometheus.headers.X-Key names the file key, which is not here; the operator of Tidegate must have it.",
        ],
        [
          "note",
          `${PATH}:3`,
          "metrics.prod.prometheus.url is asked at prometheus.example.com: METRICS_HOSTS, which is not set here, must allow it where Tidegate runs.",
        ],
      ],
    });
    const files = folderOf({ key: "k" });
    expect(await remarks({ ...SHOP, [PATH]: text }, { ...ALLOWED, METRICS_TOKEN: "t", METRICS_FILES: files })).toEqual({
      status: 0,
      said: [],
    });
  });

  it("notes that nothing is delivered, and then holds no name against anything", async () => {
    const { status, said } = await remarks({ [PATH]: `${HEAD}waves: [{ targets: [eu] }]\n` });
    expect({ status, said }).toEqual({
      status: 0,
      said: [["note", `${PATH}:1`, expect.stringContaining("The file is held against no service")]],
    });
  });
});

const TEMPLATE = (condition: string) => `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: rate }
spec:
  metrics:
    - name: success
      interval: 1m
      count: 5
      successCondition: "${condition}"
      failureLimit: 1
      provider: { prometheus: { query: "sum(up)" } }
`;

describe("templates of analysis", () => {
  const text = `${HEAD}gates:\n  templates: [analysis]\n  analysis:\n    - { template: rate, targets: [prod] }\n`;

  it.each([
    ["are found", { "analysis/a.yaml": TEMPLATE("len(result) > 0 && result[0] > 0.95") }, 0, []],
    [
      "are dangerous",
      { "analysis/a.yaml": TEMPLATE("all(result, # > 0.95)") },
      0,
      [["warning", "analysis/a.yaml:9", expect.stringContaining("safe is")]],
    ],
    [
      "are not there",
      {},
      1,
      [
        ["problem", `${PATH}:5`, "gates.templates[0] names analysis, which holds no YAML file in this checkout."],
        ["problem", `${PATH}:7`, expect.stringContaining("rate")],
      ],
    ],
    [
      "ask a host that is not allowed",
      {
        "analysis/a.yaml": TEMPLATE("len(result) > 0 && result[0] > 0.95").replace(
          "query:",
          'address: "https://other.example.com", query:',
        ),
      },
      1,
      [
        [
          "problem",
          "analysis/a.yaml:6",
          expect.stringContaining("the metric success is asked of an address that names"),
        ],
      ],
    ],
    [
      "are called otherwise",
      { "analysis/a.yaml": TEMPLATE("len(result) > 0 && result[0] > 0.95").replace("name: rate", "name: rates") },
      1,
      [["problem", `${PATH}:7`, expect.stringContaining("rates")]],
    ],
  ])("%s", async (_, files, status, said) => {
    expect(await remarks({ ...SHOP, ...files, [PATH]: text })).toEqual({ status, said });
  });
});

it("says nothing of the hosts of templates where it is not known which are allowed", async () => {
  const template = TEMPLATE("len(result) > 0 && result[0] > 0.95").replace(
    "query:",
    'address: "https://o.example.com", query:',
  );
  const text = `${HEAD}gates: { templates: [analysis], analysis: [{ template: rate }] }\n`;
  const { status, said } = await remarks({ ...SHOP, "analysis/a.yaml": template, [PATH]: text }, {});
  expect({ status, severities: said.map(([severity]) => severity) }).toEqual({ status: 0, severities: ["note"] });
});

describe("config of a repository that extends another", () => {
  const ORG = ".github/tidegate-org.yml";
  const shared = `version: 1\n${METRICS}enforced: { bake: 12m }\n`;
  const own = "version: 1\nextends: acme/platform\nwaves: [{ targets: ['*'], bake: 5m }]\n";
  const checkout = () => folderOf({ ...SHOP, [PATH]: own });

  it("is held to what a checkout of that one enforces", async () => {
    const { status, out } = await run(["check", checkout(), "--extends", folderOf({ [ORG]: shared })]);
    expect(status).toBe(1);
    expect(out).toBe(
      `${PATH}:3: problem: waves[0].bake is 5m, and acme/platform: ${ORG}:4 allows at least 12m, which goes instead.\n    3 | waves: [{ targets: ['*'], bake: 5m }]\n${PATH}: 1 problem.\n`,
    );
  });

  it("is explained with the file and line of each value", async () => {
    const org = join(folderOf({ [ORG]: shared }), ORG);
    const { status, out } = await run(["explain", "cart/prod", "--in", checkout(), "--extends", org]);
    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`^  bake +12m +acme/platform: ${ORG}:4$`, "m"));
    expect(out).toMatch(new RegExp(`^  wave +1 of 1: \\* +${PATH}:3$`, "m"));
  });

  it("says where to find what it extends", async () => {
    const { status, said } = await remarks({ ...SHOP, [PATH]: own.replace("extends", `${METRICS}extends`) });
    expect(status).toBe(1);
    expect(said).toContainEqual(["note", `${PATH}:1`, expect.stringContaining("--extends names a checkout")]);
  });

  it.each([
    ["nowhere", [], "There is no folder and no file nowhere."],
    [".", [], `There is no ${ORG}.`],
  ])("cannot be checked by %s", async (place, _, message) => {
    const { status, told } = await run(["check", checkout(), "--extends", place]);
    expect([status, told]).toEqual([2, `${message}\n`]);
  });

  it("leaves a shared file that is wrong to its own check", async () => {
    const folder = folderOf({ [ORG]: `${shared}wave: []\n` });
    const { status, told } = await run(["check", checkout(), "--extends", folder]);
    expect([status, told]).toEqual([2, `acme/platform: ${ORG}:5: wave is unknown: did you mean waves?\n`]);
    expect(await run(["check", folder])).toEqual({
      status: 1,
      out: `${ORG}:5: problem: wave is unknown: did you mean waves?\n    5 | wave: []\n${ORG}: 1 problem.\n`,
      told: "",
    });
  });
});

describe("config explain", () => {
  const text = `${HEAD}waves: [{ targets: [dev], bake: 5m }, { targets: ["*"] }]\nservices:\n  - { names: [cart], steps: [10, 20] }\n`;

  it("has a line for each service in each target", async () => {
    const folder = folderOf({ ...SHOP, [PATH]: text });
    expect(await run(["explain", "--in", folder])).toEqual({
      status: 0,
      told: "",
      out: `SERVICE  TARGET  WAVE         STEPS     BAKE  EVIDENCE
cart     dev     1 of 2: dev  10%, 20%  5m    compare
cart     prod    2 of 2: *    10%, 20%  10m   compare
`,
    });
  });

  it("says of one in one target each key with its line", async () => {
    const folder = folderOf({ ...SHOP, [PATH]: text });
    const { status, out } = await run(["explain", "cart/prod", "--in", folder]);
    expect(status).toBe(0);
    const lines = out.split("\n").map((line) => line.trim().split(/ {2,}/));
    expect(lines.slice(0, 5)).toEqual([
      ["cart in prod"],
      ["metrics", "prod: prometheus at https://prometheus.example.com", `${PATH}:3`],
      ["wave", "2 of 2: *", `${PATH}:4`],
      ["steps", "10%, 20%", `${PATH}:6`],
      ["bake", "10m", "unless said"],
    ]);
    expect((await run(["explain", "cart", "--in", folder])).out).toContain("cart in dev\n");
  });

  it("prints one JSON object, with what goes nowhere", async () => {
    const folder = folderOf({ ...SHOP, [PATH]: `${HEAD}waves: [{ targets: [dev], bake: 5m }]\n` });
    const { status, out } = await run(["explain", "--json", "--in", folder]);
    expect(status).toBe(1);
    const [dev, prod] = Members.parse(JSON.parse(out)).members;
    expect(dev?.effective?.filter(({ key }) => key === "bake" || key === "steps")).toEqual([
      { key: "steps", text: "5%, 25%, 50%" },
      { key: "bake", text: "5m", line: 4 },
    ]);
    expect(prod).toEqual({ service: "cart", target: "prod", refused: "no wave covers the target prod" });
    expect((await run(["explain", "--in", folder])).out).toContain("prod    - no wave covers the target prod\n");
    expect((await run(["explain", "cart/prod", "--in", folder])).out).toContain("no release begins: no wave covers");
  });

  it("goes by the manifests of a state file where there is one", async () => {
    const rule = "commands: [{ verbs: [abort], paths: [apps/cart/tidegate/**], allow: { users: [ana] } }]\n";
    const files = { ...SHOP, [PATH]: `${HEAD}${rule}` };
    const said = async (folder: string) => (await run(["explain", "cart/prod", "--in", folder])).out;
    expect(await said(folderOf(files))).toMatch(/commands +no rule narrows who may +unless said/);
    expect(await said(folderOf({ ...files, ".tidegate/services/cart.yaml": STATE }))).toMatch(
      /commands +\/abort by ana alone +.github\/tidegate.yml:4/,
    );
  });

  it.each([
    ["carts", HEAD, "There is no service carts here. Did you mean cart?"],
    ["cart/eu", HEAD, "cart is in no target eu here, but in dev, prod."],
    ["cart", `${HEAD}deadline: 1\n`, `${PATH}:4: deadline must be text`],
    ["cart", `${HEAD}deadline: 5m\n`, `${PATH}:4: deadline does not fit`],
  ])("says what is wrong: %s %j", async (word, yaml, words) => {
    const { status, out, told } = await run(["explain", word, "--in", folderOf({ ...SHOP, [PATH]: yaml })]);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(told).toContain(words);
  });

  it("needs no host to be allowed, a provider's usual one neither", async () => {
    const counted = `version: 1
metrics:
  prod:
    datadog:
      secrets: { apiKey: { env: METRICS_DD_API }, applicationKey: { env: METRICS_DD_APP } }
      counts: { total: "sum:a{service:{arm}}.as_count()", failed: "sum:b{service:{arm}}.as_count()" }
targets: [{ name: prod, observe: assumed }]
waves: [{ targets: [prod] }]
`;
    const folder = folderOf({ ...SHOP, [PATH]: counted });
    const { status, out } = await run(["explain", "cart/prod", "--in", folder], {});
    expect(status).toBe(0);
    expect(out).toMatch(/metrics +prod: datadog at https:\S+ +\S+:3\n/);
    expect((await run(["check", folder], {})).out).toContain(`${PATH}:4: note: metrics.prod.datadog is asked at `);
  });
});

const ISTIO = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart }
spec: { hosts: [cart], http: [{ route: [{ destination: { host: cart } }] }] }
`;

describe("config init", () => {
  async function proposal(files: Readonly<Record<string, string>>, environment?: Readonly<Record<string, string>>) {
    const folder = folderOf(files);
    const { status, out, told } = await run(["init", folder], environment);
    expect({ status, told }).toEqual({ status: 0, told: "" });
    expect(existsSync(join(folder, PATH))).toBe(false);
    const written = parseRepoConfig({ path: PATH, text: out });
    return { out, config: valueOf(written).config };
  }

  it("proposes what is found, in waves by what targets are called, and writes nothing", async () => {
    const at = (target: string) => ({ [`apps/cart/${target}/deployment.yaml`]: deployment("cart", "cart:1") });
    const files = { ...SHOP, ...at("staging"), ...at("eu-1"), "apps/cart/route.yaml": ISTIO };
    const { out, config: said } = await proposal(files, ALLOWED);
    expect(out.split("\n")[0]).toBe("# yaml-language-server: $schema=tidegate.schema.json");
    expect(said.waves.map(({ targets, steps }) => [targets, steps])).toEqual([
      [["dev"], [50]],
      [["staging"], [50]],
      [
        ["eu-1", "prod"],
        [5, 25, 50],
      ],
    ]);
    expect(said.metrics["main"]?.prometheus).toMatchObject({
      url: "https://prometheus.example.com",
      requests: { dataPlane: "istio" },
    });
    expect(out).toContain(", as apps/cart/route.yaml:1 tells.\n");
    expect(out).toContain("#   cart: dev, eu-1, prod, staging\n");
  });

  it.each([
    ["nothing tells of", {}, "nothing here tells"],
    [
      "signs differ about",
      { "a.yaml": ISTIO, "b.yaml": "metadata:\n  annotations:\n    linkerd.io/inject: enabled\n" },
      "there are signs of istio (a.yaml:1), linkerd (b.yaml:3)",
    ],
  ])("leaves a data plane that %s to people", async (_, files, why) => {
    const { out, config: said } = await proposal({ ...SHOP, ...files });
    expect(out).toContain(`# Not found out: ${why}.`);
    expect(said.metrics["main"]?.prometheus?.requests).toBeUndefined();
  });

  it.each([
    ["nginx", "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/canary: 'true'\n"],
    ["traefik", "apiVersion: traefik.io/v1alpha1\nkind: TraefikService\n"],
    ["contour", "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\n"],
    ["gloo", "apiVersion: gateway.solo.io/v1\nkind: VirtualService\n"],
    ["kgateway", "kind: GatewayClass\nspec:\n  controllerName: kgateway.dev/kgateway\n"],
    ["istio-waypoint", "kind: Gateway\nspec:\n  gatewayClassName: istio-waypoint\n"],
  ])("knows %s by its manifests", async (plane, text) => {
    const { config: said } = await proposal({ ...SHOP, "route.yaml": text });
    expect(said.metrics["main"]?.prometheus?.requests?.dataPlane).toBe(plane);
  });

  it("asks for what it cannot know where nothing is found", async () => {
    const { out, config: said } = await proposal({}, {});
    expect(said.waves).toEqual([]);
    expect(out).toContain("# Not found out: write the address of your Prometheus.");
    expect(out).toContain("# Not found out: no target is known here");
  });

  it("quotes names that YAML would read as something else", async () => {
    const files = Object.fromEntries(
      ["1", "true", "a"].map((target) => [`apps/cart/${target}/deployment.yaml`, deployment("cart", "cart:1")]),
    );
    const { out, config: said } = await proposal(files);
    const named = said.waves.flatMap(({ targets }) => targets);
    for (const target of named) expect(out).toContain(/^[a-z]$/.test(target) ? `- ${target}\n` : `- "${target}"\n`);
    expect(named.toSorted()).toEqual(["1", "a", "true"]);
  });

  it.each([
    ["with targets", SHOP, ALLOWED],
    ["with targets, a host not known", SHOP, {}],
    ["with nothing", {}, {}],
    ["with a route", { ...SHOP, "route.yaml": ISTIO }, ALLOWED],
  ])("writes what check has no problem with: %s", async (_, files, environment) => {
    const folder = folderOf(files);
    const { status, out } = await run(["init", folder, "--write"], environment);
    expect({ status, out }).toEqual({
      status: 0,
      out: `Written; commit it when its comments are answered:\n  ${PATH}\n  .github/tidegate.schema.json\n`,
    });
    const checked = await run(["check", folder], environment);
    expect(checked.status).toBe(0);
    expect(checked.out).not.toMatch(/: (?:problem|warning): /);
    const schema: unknown = JSON.parse(readFileSync(join(folder, ".github/tidegate.schema.json"), "utf8"));
    expect(schema).toEqual(configSchema(FORMS));
    expect(jsonFaults(parse(readFileSync(join(folder, PATH), "utf8")), configSchema(FORMS))).toEqual([]);
  });

  it("never writes over what is there", async () => {
    const mine = { ...SHOP, [PATH]: HEAD, ".github/tidegate.schema.json": "{}" };
    const folder = folderOf(mine);
    expect(await run(["init", folder, "--write"])).toEqual({
      status: 1,
      out: "",
      told: `${PATH} is there already, and stays.\n`,
    });
    rmSync(join(folder, PATH));
    expect((await run(["init", folder, "--write"])).out).not.toContain("schema.json");
    expect(readFileSync(join(folder, ".github/tidegate.schema.json"), "utf8")).toBe("{}");
    expect((await run(["init", join(folder, PATH)])).told).toBe(`There is no folder ${join(folder, PATH)}.\n`);
  });
});

describe("where config looks", () => {
  it("reads another file as the configuration of the checkout that it lies in, and follows no link", async () => {
    const folder = folderOf({
      ...SHOP,
      "next/tidegate.yml": `${HEAD}waves: [{ targets: [eu] }, { targets: ["*"] }]\n`,
    });
    mkdirSync(join(folder, ".git"));
    symlinkSync(folder, join(folder, "apps/loop"));
    const { status, out } = await run(["check", join(folder, "next/tidegate.yml")]);
    expect(status).toBe(0);
    expect(out).toContain("next/tidegate.yml:4: warning: waves[0].targets[0] names eu,");
    expect((await run(["check", join(folder, "apps")])).told).toBe(
      `There is no ${PATH} that can be read; tidegate config init proposes one.\n`,
    );
  });

  it.each([
    [["chek"], "Did you mean check?"],
    [["check", "/nowhere"], "There is no folder and no file /nowhere."],
    [["check", "--jsn"], "There is no option --jsn. Did you mean --json?"],
    [["check", "a", "b"], "More was given than is understood: b"],
  ])("takes no wrong words: %j", async (args, words) => {
    const { status, out, told } = await run(args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(told).toContain(words);
  });

  it("says of the environment what is wrong with it", async () => {
    const { status, told } = await run(["check", folderOf({ [PATH]: HEAD })], { METRICS_NETWORKS: "x" });
    expect(status).toBe(2);
    expect(told).toContain("METRICS_NETWORKS: must be networks");
  });

  it("helps", async () => {
    for (const args of [["--help"], ["check", "--help"]]) {
      const { out, ...rest } = await run(args);
      expect(rest).toEqual({ status: 0, told: "" });
      expect(out).toContain("tidegate config check");
    }
  });
});
