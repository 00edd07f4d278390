import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { launchBot, type LaunchedBot } from "../src/sandbox/bot.ts";
import { filesOf, type FleetService } from "../src/sandbox/fleet.ts";
import { startGitHub, type SandboxGitHub } from "../src/sandbox/github/start.ts";
import { freePort } from "../src/sandbox/port.ts";
import { asked, started } from "./ingress-processes.ts";
import { bumped, stepAt, stepped, STEPS, type Files } from "./memory-flight.ts";

/** Many organisations with a repository each, and a bot that looks after all of them; the bot, the sandbox and the providers of metrics are processes of their own. */
export type MemoryWorld = {
  readonly github: SandboxGitHub;
  readonly repos: readonly string[];
  readonly bot: LaunchedBot;
  /** Brings so many releases of each repository to their first weight, all of it in one push. */
  readonly fly: (releases: readonly number[]) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type MemoryWorldOptions = {
  readonly repositories: number;
  /** In each. */
  readonly services: number;
  readonly sweepSeconds: number;
  /** Measured windows that releases have behind them when they begin here. */
  readonly windows: number;
  readonly onLog: (line: string) => void;
};

const REVISION = "4f1c000000000000000000000000000000000000";
const APP = { id: 4711, slug: "tidegate", clientId: "Iv1.bench" };
const [RENOVATE, OURS] = ["renovate", `${APP.slug}[bot]`];
const NAMESPACE = "shop";
const TARGET = "prod";
const [OLD, NEW] = ["1.0.0", "1.1.0"];
const REPLICAS = 4;

const MINUTE = 60_000;
/** Longer than a sweep, so that most sweeps fall between two windows. */
const WINDOW_MS = 2 * MINUTE;
/** From the bump to the warm-up, and from that to the first weight. */
const STEP_MS = 5 * MINUTE;
/** Windows before the first weight that a look reads of how long requests took, and room for increments. */
const USUAL_MS = 24 * WINDOW_MS;
/** The step of the plan that has the first weight. */
const FIRST_WEIGHT = 1;

/** Makes the repositories, every service at rest, and starts the bot. */
export async function startMemoryWorld(options: MemoryWorldOptions): Promise<MemoryWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), "tidegate-memory-"));
  const landedAt = Date.now() - options.windows * WINDOW_MS;
  const repos = Array.from({ length: options.repositories }, (_, index) => `team-${index + 1}/gitops`);
  const metrics = await metricsProcess(repos.length);
  const { github, hook } = await githubOf(repos, join(dataDir, "github"));
  const fleet = fleetOf(options.services);
  const date = landedAt - 4 * STEP_MS;
  for (const [index, repo] of repos.entries())
    await github.createRepo(
      repo,
      { ...Object.fromEntries(filesOfFleet(fleet)), [CONFIG]: configOf(metrics.urls[index]) },
      { date },
    );
  const bot = launchBot({
    port: hook.port,
    environment: {
      ...hook.environment,
      GITHUB_API_URL: github.url,
      GITHUB_URL: github.htmlUrl,
      METRICS_HOSTS: metrics.urls.join(","),
      DATA_DIR: join(dataDir, "bot"),
      SWEEP_SECONDS: String(options.sweepSeconds),
      ...UNPACED,
      NODE_OPTIONS: `--import ${new URL("memory-heap.ts", import.meta.url).href}`,
    },
    onLog: options.onLog,
  });
  const fly = async (releases: readonly number[]) => {
    const flying = releases.map((count) => fleet.slice(0, count));
    await metrics.fly(landedAt, flying);
    for (const [index, services] of flying.entries()) await flyIn(github, repos[index] ?? "", { services, landedAt });
  };
  const close = async () => {
    await bot.stop();
    await github.close();
    metrics.end();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  return { github, repos, bot, fly, close };
}

/** What is measured is the process, not how long GitHub's advice lets it wait. */
const UNPACED = { WRITE_GAP_MS: "0", PUSHES_PER_MINUTE: "10000", MERGES_PER_MINUTE: "10000" };

async function githubOf(repos: readonly string[], dataDir: string) {
  const [port, webhookSecret] = [await freePort(), randomBytes(24).toString("hex")];
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const roles = Object.fromEntries(repos.map((repo) => [repo, "write" as const]));
  const github = await startGitHub({
    dataDir,
    clock: { now: () => Date.now() },
    app: { ...APP, publicKey, webhookSecret, webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks` },
    users: { [RENOVATE]: roles, [OURS]: roles },
  });
  const environment = { APP_ID: String(APP.id), PRIVATE_KEY: privateKey, WEBHOOK_SECRET: webhookSecret };
  return { github, hook: { port, environment } };
}

const CONFIG = ".github/tidegate.yml";

function configOf(metricsUrl = ""): string {
  return `version: 1
metrics:
  ${TARGET}: { prometheus: { url: "${metricsUrl}" } }
waves:
  - { targets: [${TARGET}], steps: [${STEPS.weights.join(", ")}], bake: ${STEPS.bakeHours}h }
measure: { window: ${WINDOW_MS / MINUTE}m }
deadline: ${2 * STEPS.bakeHours}h
pace: { mergesPerMinute: 600 }
`;
}

function fleetOf(services: number): readonly FleetService[] {
  return Array.from({ length: services }, (_, index) => {
    const name = `service-${String(index).padStart(4, "0")}`;
    return {
      name,
      kind: "httpRoute",
      targets: [{ name: TARGET, namespace: NAMESPACE }],
      image: imageOf(name, OLD),
      replicas: REPLICAS,
      revision: REVISION,
    };
  });
}

function imageOf(service: string, version: string): string {
  return `registry.example.com/shop/${service}:${version}`;
}

function filesOfFleet(fleet: readonly FleetService[]): Files {
  return new Map(fleet.flatMap((service) => [...filesOf(service)]));
}

type Flying = { readonly services: readonly FleetService[]; readonly landedAt: number };

/** The bump, the warm-up and the first weight of services, a commit each, on a branch that the default branch is then moved to. */
async function flyIn(github: SandboxGitHub, repo: string, { services, landedAt }: Flying): Promise<void> {
  if (services.length === 0) return;
  const branch = "landed";
  const [bumpedAt, warmAt] = [landedAt - 2 * STEP_MS, landedAt - STEP_MS];
  const rest = new Map(services.map((service) => [service.name, filesOf(service)]));
  const bumps = edited(rest, (files, name) => bumped(files, name, NEW));
  const commit = await github.push({
    repo,
    branch,
    user: RENOVATE,
    date: bumpedAt,
    files: together(bumps),
    message: `Use ${NEW} of ${services.length} services`,
  });
  const begun = { commit, since: bumpedAt };
  let files = bumps;
  for (const [index, date] of [warmAt, landedAt].entries()) {
    files = edited(files, (one, name) => stepped(one, name, begun, index));
    const message = `Step ${index} of ${services.length} services\n\nTidegate-Step: ${index}\nTidegate-Merged: passed`;
    await github.push({ repo, branch, user: OURS, date, files: together(files), message });
  }
  await github.push({ repo, branch: "main", user: OURS, from: branch, force: true, files: {}, message: "" });
  await github.deleteBranch({ repo, user: OURS, branch });
}

type ByService = ReadonlyMap<string, Files>;

function edited(all: ByService, edit: (files: Files, service: string) => Files): ByService {
  return new Map([...all].map(([service, files]) => [service, edit(files, service)]));
}

function together(all: ByService): Readonly<Record<string, string>> {
  return Object.fromEntries([...all.values()].flatMap((files) => [...files]));
}

const Urls = z.object({ urls: z.array(z.string()) });

async function metricsProcess(repositories: number) {
  const child = started("memory-metrics.ts");
  const { urls } = Urls.parse(await asked(child, { repositories }));
  const fly = async (landedAt: number, flying: readonly (readonly FleetService[])[]): Promise<void> => {
    const { weight, replicas = 0 } = stepAt(REPLICAS, FIRST_WEIGHT);
    const flown = { begin: landedAt - USUAL_MS, landedAt, weight, canaryPods: replicas, stablePods: REPLICAS };
    const shown = flying.map((services) =>
      services.map(({ name }) => ({
        namespace: NAMESPACE,
        service: name,
        container: name,
        from: imageOf(name, OLD),
        to: imageOf(name, NEW),
      })),
    );
    await asked(child, { flown, shown });
  };
  return { urls, fly, end: () => child.disconnect() };
}
