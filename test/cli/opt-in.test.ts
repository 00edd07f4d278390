import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { config } from "../../src/cli/config.ts";
import { optIn } from "../../src/cli/opt-in.ts";
import { optOut } from "../../src/cli/opt-out.ts";
import { folders } from "../support/folders.ts";
import { fakeTerminal } from "../support/terminal.ts";

const folderOf = folders();

const FILES = {
  ".github/tidegate.yml": `version: 1
metrics: { main: { prometheus: { url: "https://prometheus.example.com" } } }
waves: [{ targets: [prod], steps: [5, 25, 50], bake: 10m }]
targets: [{ name: prod, path: "apps/**", metrics: main }]
`,
  "apps/checkout/kustomization.yaml": "namespace: shop\nresources: [all.yaml]\n",
  "apps/checkout/all.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout }
spec:
  replicas: 4
  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout } }
    spec: { containers: [{ name: app, image: "registry.example.com/checkout:1.41.0" }] }
---
apiVersion: v1
kind: Service
metadata: { name: checkout }
spec: { selector: { app: checkout }, ports: [{ port: 80 }] }
`,
};

const ROUTED = {
  ...FILES,
  "apps/checkout/kustomization.yaml": "namespace: shop\nresources: [all.yaml, route.yaml]\n",
  "apps/checkout/route.yaml": `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout }
spec:
  rules:
    - backendRefs:
        - { name: checkout, port: 80 }
`,
};

function clone(files: Readonly<Record<string, string>>): string {
  const folder = folderOf(files);
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=ana", "-c", "user.email=ana@example.com", ...args], { cwd: folder });
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "Begin");
  return folder;
}

function filesIn(folder: string): Readonly<Record<string, string>> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
  const files = paths.filter((path) => !path.startsWith(".git/") && statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

async function run(command: typeof optIn, ...args: readonly string[]) {
  const { terminal, out, told } = fakeTerminal({});
  const status = await command(args, terminal);
  return { status, out: out(), told: told() };
}

describe("opt-in", () => {
  it("prints what it would write as a diff, the plan in words and the next step, and writes nothing", async () => {
    const folder = clone(FILES);
    const args = ["checkout", "--template", "canary-gateway-api", "gateway=public", "--in", folder];
    const { status, out, told } = await run(optIn, ...args);
    expect({ status, told }).toEqual({ status: 0, told: "" });
    expect(out).toMatch(/^checkout on canary-gateway-api, in prod:\n\ndiff --git /);
    expect(out).toContain(
      "-resources: [all.yaml]\n+resources: [all.yaml, tidegate]\n+transformers:\n+  - tidegate/arms.yaml\n",
    );
    expect(out).toMatch(/How releases would go:\n\ncheckout in prod\n[^]*steps +5%, 25%, 50%/);
    expect(out).toMatch(/--write writes it, and no traffic moves by it\.\n$/);
    expect(filesIn(folder)).toEqual(FILES);
  });

  it("prints a diff that git applies to what --write writes", async () => {
    const [applied, written] = [clone(FILES), clone(FILES)];
    const args = ["checkout", "--template", "canary-gateway-api", "gateway=public"];
    const { out } = await run(optIn, ...args, "--in", applied);
    const diff = out.slice(out.indexOf("diff --git "), out.indexOf("\nHow releases would go"));
    execFileSync("git", ["apply", "-"], { cwd: applied, input: diff });
    await run(optIn, ...args, "--write", "--in", written);
    const [one, other] = [filesIn(applied), filesIn(written)].map((files) =>
      Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replace(/revision: .*/, "")])),
    );
    expect(one).toEqual(other);
    expect(one).not.toEqual(FILES);
  });

  it.each([
    ["apps/checkout/tidegate", "a folder"],
    [".tidegate", "the folder of states"],
    [".tidegate/services/checkout.yaml", "a file"],
  ])("writes nothing where %s is a link, %s elsewhere", async (path) => {
    const [folder, elsewhere] = [clone(FILES), folderOf({ "kept.txt": "" })];
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(path.endsWith(".yaml") ? join(elsewhere, "kept.txt") : elsewhere, join(folder, path));
    const before = readdirSync(join(folder, "apps/checkout"));
    const args = ["checkout", "--write", "--in", folder, "--template", "canary-gateway-api", "gateway=public"];
    const { status, told } = await run(optIn, ...args);
    expect([status, told]).toEqual([2, `${path} is a link: nothing is written through it.\n`]);
    expect(filesIn(elsewhere)).toEqual({ "kept.txt": "" });
    expect(readdirSync(join(folder, "apps/checkout"))).toEqual(before);
  });

  it("writes what config check finds nothing wrong with, and what opt-out takes back to the byte", async () => {
    const folder = clone(ROUTED);
    const written = await run(optIn, "checkout", "--write", "--in", folder, "--template", "canary-gateway-api");
    expect([written.status, written.told]).toEqual([0, ""]);
    expect(filesIn(folder)[".tidegate/services/checkout.yaml"]).toContain("HTTPRoute shop/checkout weight");
    expect((await run(config, "check", folder)).status).toBe(0);
    expect((await run(optOut, "checkout", "--in", folder)).out).toContain("Nothing is written yet");
    expect((await run(optOut, "checkout", "--write", "--in", folder)).status).toBe(0);
    expect(filesIn(folder)).toEqual(ROUTED);
  });

  it("says which templates there are where the service has no route that says which", async () => {
    const { status, told } = await run(optIn, "checkout", "--in", clone(FILES));
    expect(status).toBe(2);
    expect(told).toMatch(
      /^Which template\? checkout: it has no route that says which\.\n {2}--template canary-[a-z-]+: /,
    );
  });

  it("says why it is refused, for people and for machines", async () => {
    const folder = clone({
      ...FILES,
      "apps/checkout/all.yaml": FILES["apps/checkout/all.yaml"].replace(
        "app: checkout }, ports",
        "app: other }, ports",
      ),
    });
    const args = ["checkout", "--template", "canary-istio", "--in", folder];
    const { status, told } = await run(optIn, ...args);
    expect({ status, told }).toEqual({
      status: 1,
      told: "prod: apps/checkout/all.yaml:1: no Service that selects its pods: a worker without traffic has no share that could be moved.\n  traffic is what is moved: without a Service or a route there is none; leave it.\n",
    });
    const { out } = await run(optIn, ...args, "--json");
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      refused: [{ code: "no-service-object", target: "prod", line: 1 }],
    });
  });

  it.each([
    [[], "Which service?"],
    [["checkout", "gateway"], "gateway is no param=value."],
    [["checkout", "--colour"], "There is no option --colour."],
    [["checkout", "--namespace", "Shop"], "--namespace takes a name"],
    [["checkout", "--template", "canary-gatewayapi"], "Did you mean canary-gateway-api?"],
  ])("%j: %s", async (words, said) => {
    const { status, told } = await run(optIn, ...words, "--in", clone(FILES));
    expect({ status, told }).toEqual({ status: 2, told: expect.stringContaining(said) as unknown });
  });
});

describe("opting in a Rollout that is there", () => {
  const STEPS = "      steps: [{ setWeight: 20 }, { pause: { duration: 15m } }, { setWeight: 40 }]\n";
  const rolledOut = {
    ...FILES,
    "apps/checkout/all.yaml": FILES["apps/checkout/all.yaml"]
      .replace("apps/v1\nkind: Deployment", "argoproj.io/v1alpha1\nkind: Rollout")
      .replace(
        "replicas: 4\n",
        `replicas: 4\n  strategy:\n    canary:\n      canaryService: checkout-new\n      stableService: checkout\n${STEPS}`,
      ),
  };

  it("says when to merge it, and proposes the steps that it had; out, they are there again", async () => {
    const folder = clone(rolledOut);
    const { out } = await run(optIn, "checkout", "--in", folder, "--write");
    expect(out).toContain("checkout on canary-argo-rollouts, in prod:");
    expect(out).toContain("commit it and merge it while no version is on its way: no traffic moves by it while");
    expect(out).toContain("What stood there, and else the template canary-argo-rollouts proposes");
    expect(out).toMatch(/steps: \[20, 40\], bake: "?15m/);
    expect((await run(optOut, "checkout", "--in", folder, "--write")).out).toContain(
      "what stood there before goes again",
    );
    expect(filesIn(folder)).toEqual(rolledOut);
  });
});

describe("opt-out", () => {
  it("is refused while a version waits, which would reach stable at once", async () => {
    const folder = clone(FILES);
    await run(optIn, "checkout", "--write", "--template", "canary-istio", "--in", folder);
    const path = join(folder, "apps/checkout/all.yaml");
    execFileSync("sed", ["-i", "s/1.41.0/1.42.0/", path]);
    const { status, told } = await run(optOut, "checkout", "--in", folder);
    expect(status).toBe(1);
    expect(told).toContain("stable runs registry.example.com/checkout:1.41.0, and would get it at once.");
  });

  it("leaves what people have changed meanwhile", async () => {
    const folder = clone(FILES);
    await run(optIn, "checkout", "--write", "--template", "canary-istio", "--in", folder);
    const path = join(folder, "apps/checkout/kustomization.yaml");
    execFileSync("sed", ["-i", "s/namespace: shop/namespace: shop # ours/; $ a commonLabels: { a: b }", path]);
    expect((await run(optOut, "checkout", "--write", "--in", folder)).status).toBe(0);
    expect(filesIn(folder)).toEqual({
      ...FILES,
      "apps/checkout/kustomization.yaml": "namespace: shop # ours\nresources: [all.yaml]\ncommonLabels: { a: b }\n",
    });
  });

  it("says that nothing is opted in", async () => {
    const { status, told } = await run(optOut, "checkout", "--in", clone(FILES));
    expect({ status, told }).toEqual({ status: 1, told: expect.stringContaining("it goes by no template") as unknown });
  });
});
