import { spawn } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { run } from "../src/cli.ts";
import { startWorld, type SandboxWorld } from "../src/sandbox/world.ts";
import { realGit } from "./support/git.ts";
import { commandsIn, shellWords } from "./support/shell-words.ts";
import { fakeTerminal } from "./support/terminal.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGES = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const COMMANDS = PAGES.flatMap((page) =>
  commandsIn(readFileSync(join(ROOT, page), "utf8"), ["npx", "tidegate", "npm"]).map((line) => ({
    page,
    words: shellWords(line),
  })),
);
const OURS = COMMANDS.filter(({ words: [first, second] }) => first === "tidegate" || second === "tidegate").map(
  ({ page, words }) => {
    return { page, args: words.slice(words.indexOf("tidegate") + 1) };
  },
);
const UNIQUE = [...new Map(OURS.map((one) => [one.args.join(" "), one])).values()];

/** As slow as in life, so that eight days are no more windows than in life. */
const PACE = { window: "30s", settle: "5s", bake: "10m", deadline: "2h", mergesPerMinute: 1 };

/** What is no command of npm's own runs a script of package.json; these are npm's. */
const OF_NPM = new Set(["ci", "test", "start", "pack"]);

/** Commands that have something else to say than 0 in this small world, and what. */
const ELSE: Readonly<Record<string, RegExp>> = {
  "gate acme/gitops checkout": /^Errors of checkout are not judged now/,
  // The cluster has only just begun: it has no past.
  "backtest . checkout/prod": /^checkout · prod: /,
  "backtest checkout/prod": /^checkout · prod: /,
  "backtest acme/gitops checkout/prod-eu --days 14 --exclude 2026-11-18T09:00Z/2026-11-18T10:30Z":
    /^checkout · prod-eu: /,
};

describe("the commands that the pages show", () => {
  const kept: { world?: SandboxWorld; before?: string } = {};
  const parent = mkdtempSync(join(tmpdir(), "documented-"));
  const clone = join(parent, "gitops");
  const rollouts = join(parent, "rollouts");
  const plain = join(parent, "plain");
  const standing = join(parent, "standing");
  const knative = join(parent, "knative");
  beforeAll(async () => {
    kept.before = process.cwd();
    const [services, targets] = [["checkout"], ["prod", "prod-eu"]];
    const spread = { services, targets };
    const waves = [{ targets, steps: [5, 25, 50] }];
    kept.world = await startWorld({ services, spread, waves, pace: PACE, faults: new Map(), seed: "pages" });
    // No Tidegate runs here that could take a delivery.
    kept.world.github.setWebhookUrl(undefined);
    await cloneOf(kept.world, clone);
    writeAll(rollouts, ROLLOUTS);
    writeAll(plain, PLAIN);
    writeAll(standing, STANDING);
    writeAll(knative, KNATIVE);
    for (const folder of [plain, standing, knative]) await committed(folder);
    process.chdir(clone);
  });
  afterAll(async () => {
    process.chdir(kept.before ?? ROOT);
    await kept.world?.close(false);
    rmSync(parent, { recursive: true });
  });

  it.each(UNIQUE.filter(({ args }) => args[0] !== "start"))("tidegate $args ($page)", async ({ page, args }) => {
    const elsewhere = {
      "docs/rollouts.md": rollouts,
      "docs/flagger.md": rollouts,
      "docs/opt-in.md": plain,
      "docs/knative.md": knative,
    };
    // Without a template: of a service whose Rollout is there.
    const own = args.join(" ") === "opt-in checkout" ? standing : undefined;
    process.chdir(own ?? new Map(Object.entries(elsewhere)).get(page) ?? clone);
    const { terminal, out, told } = fakeTerminal({});
    const status = await run(args[0] === "setup" ? [...args, "--dry-run"] : expanded(args), terminal);
    const otherwise = ELSE[args.join(" ")];
    expect({ status, told: told() }).toEqual({ status: otherwise === undefined ? 0 : 1, told: told() });
    expect(`${out()}${told()}`).toMatch(otherwise ?? /./);
  });

  it("tidegate start, which reads .env where it is started", async () => {
    const { code, said } = await startedAndEnded(clone);
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining("Tidegate listens.") as unknown });
  });
});

it("names no script that package.json has not, and no file that the script does not run", () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
  const others = COMMANDS.flatMap(({ words: [first, second = ""] }) =>
    first === "npx" && second !== "tidegate" ? [second] : [],
  );
  expect(others.filter((name) => !existsSync(join(ROOT, "node_modules/.bin", name)))).toEqual([]);
  const named = COMMANDS.filter(({ words }) => words[0] === "npm").map(
    ({ words }) => (words[1] === "run" ? words[2] : words[1]) ?? "",
  );
  const runnable = new Set(
    Object.entries(scripts)
      .filter(([, script]) => (script.match(/\b[\w/-]+\.ts\b/g) ?? []).every((file) => existsSync(join(ROOT, file))))
      .map(([name]) => name),
  );
  expect(named.filter((name) => !OF_NPM.has(name) && !runnable.has(name))).toEqual([]);
});

/** Patterns of files as a shell would spell them out. */
function expanded(args: readonly string[]): readonly string[] {
  return args.flatMap((arg) => (/^[\w./*-]+$/.test(arg) && arg.includes("*") ? globSync(arg) : [arg]));
}

/** A service that nobody has opted in. */
const PLAIN = {
  "apps/checkout/checkout.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  replicas: 4
  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout } }
    spec: { containers: [{ name: checkout, image: "registry.example.com/checkout:1.41.0" }] }
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ port: 80 }] }
`,
};

/** One that Knative runs. */
const KNATIVE = {
  "apps/checkout/service.yaml": `apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { template: { spec: { containers: [{ image: "registry.example.com/checkout:1.41.0" }] } } }
`,
};

async function committed(folder: string): Promise<void> {
  for (const words of [
    ["init", "-q"],
    ["add", "."],
    ["commit", "-q", "-m", "Begin"],
  ])
    await realGit(folder, ...words);
}

const TEMPLATE = `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: rate }
spec:
  args: [{ name: service }]
  metrics:
    - name: success
      interval: 1m
      count: 3
      failureLimit: 1
      successCondition: len(result) > 0 && result[0] >= 0.95
      provider:
        prometheus: { query: 'sum(rate(ok{service="{{args.service}}"}[1m]))' }
`;

const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: checkout, namespace: shop }
spec:
  template:
    spec: { containers: [{ name: checkout, image: "checkout:1" }] }
  strategy:
    canary:
      canaryService: checkout-canary
      stableService: checkout
      trafficRouting: { nginx: { stableIngress: checkout } }
      steps:
        - setWeight: 20
        - pause: {}
`;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  template:
    spec: { containers: [{ name: checkout, image: "checkout:1" }] }
`;

const CANARY = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: checkout, namespace: shop }
spec:
  provider: istio
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: checkout }
  service: { port: 80 }
  analysis: { interval: 30s, threshold: 1, stepWeights: [10] }
`;

/** A service that an Argo Rollout runs. */
const STANDING = {
  "apps/checkout/rollout.yaml": ROLLOUT.replace(
    "    spec: { containers",
    "    metadata: { labels: { app: checkout } }\n    spec: { containers",
  ),
  "apps/checkout/services.yaml": ["checkout", "checkout-canary"]
    .map(
      (called) => `apiVersion: v1
kind: Service
metadata: { name: ${called}, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ port: 80 }] }
`,
    )
    .join("---\n"),
};

/** A repository in which Rollouts are claimed, one that has its pods itself, and one that refers to a Deployment; and a Canary of Flagger's. */
const ROLLOUTS = {
  "apps/checkout/rollout.yaml": ROLLOUT,
  "apps/checkout/tidegate/rollout.yaml": ROLLOUT.replace(
    /  template:\n.*\n/,
    "  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: checkout }\n",
  ),
  "apps/checkout/deployment.yaml": DEPLOYMENT,
  "apps/checkout/canary.yaml": CANARY,
};

/** A clone as somebody has it who follows the pages: of the GitOps repository, with what the commands speak of, and told by .env. */
async function cloneOf({ github, repo, environment }: SandboxWorld, folder: string): Promise<void> {
  await realGit(dirname(folder), "clone", "-q", github.gitDir(repo), folder);
  await realGit(folder, "tag", "v1.4");
  await realGit(folder, "switch", "-q", "-c", "renovate/checkout");
  const path = "apps/checkout/prod/deployment.yaml";
  writeFileSync(join(folder, path), readFileSync(join(folder, path), "utf8").replace("1.0.0", "1.1.0"));
  await realGit(folder, "commit", "-q", "-a", "-m", "Bump checkout");
  await realGit(folder, "switch", "-q", "main");
  writeAll(folder, { "analysis.yaml": TEMPLATE, "analysis/rate.yaml": TEMPLATE });
  const lines = Object.entries({ ...environment, HOST: "127.0.0.1", PORT: "0" }).map(
    ([name, value]) => `${name}=${value.replaceAll("\n", "\\n")}`,
  );
  writeFileSync(join(folder, ".env"), `${lines.join("\n")}\n`, { mode: 0o600 });
}

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

/** The program as a person starts it, until it listens and is told to end. */
async function startedAndEnded(folder: string): Promise<{ readonly code: unknown; readonly said: string }> {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [join(ROOT, "src/cli.ts"), "start"], {
    cwd: folder,
    env: { PATH },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  let said = "";
  let isTold = false;
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    // Once: a second one is impatience, and is obeyed at once.
    if (!isTold && said.includes("Tidegate listens.")) isTold = child.kill("SIGTERM");
  });
  child.once("close", (code, signal) => resolve(code ?? signal));
  return { code: await promise, said };
}
