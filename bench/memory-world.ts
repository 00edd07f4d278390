import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchBot, type LaunchedBot } from "../src/sandbox/bot.ts";
import { filesOf, pathsOf, type FleetService } from "../src/sandbox/fleet.ts";
import { startGitHub, type SandboxGitHub } from "../src/sandbox/github/start.ts";
import { freePort } from "../src/sandbox/port.ts";

/** Many organisations with a repository each, and a bot that looks after all of them. */
export type MemoryWorld = {
  readonly github: SandboxGitHub;
  readonly repos: readonly string[];
  readonly bot: LaunchedBot;
  readonly close: () => Promise<void>;
};

export type MemoryWorldOptions = {
  readonly repositories: number;
  /** In each. */
  readonly services: number;
  readonly sweepSeconds: number;
  readonly onLog: (line: string) => void;
};

const REVISION = "4f1c000000000000000000000000000000000000";
const APP = { id: 4711, slug: "tidegate", clientId: "Iv1.bench" };

/** Makes the repositories, every service at rest, and starts the bot. The provider of metrics knows of no request: whatever begins stays where it is. */
export async function startMemoryWorld(options: MemoryWorldOptions): Promise<MemoryWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), "tidegate-memory-"));
  const [port, webhookSecret] = [await freePort(), randomBytes(24).toString("hex")];
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const repos = Array.from({ length: options.repositories }, (_, index) => `team-${index + 1}/gitops`);
  const metrics = await silentPrometheus();
  const github = await startGitHub({
    dataDir: join(dataDir, "github"),
    clock: { now: () => Date.now() },
    app: { ...APP, publicKey, webhookSecret, webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks` },
    users: { renovate: Object.fromEntries(repos.map((repo) => [repo, "write"])) },
  });
  for (const repo of repos) await github.createRepo(repo, filesOfRepo(options.services, metrics.url));
  const bot = launchBot({
    port,
    environment: {
      APP_ID: String(APP.id),
      PRIVATE_KEY: privateKey,
      WEBHOOK_SECRET: webhookSecret,
      GITHUB_API_URL: github.url,
      GITHUB_URL: github.htmlUrl,
      METRICS_HOSTS: metrics.url,
      DATA_DIR: join(dataDir, "bot"),
      SWEEP_SECONDS: String(options.sweepSeconds),
      // What is measured is the process, not how long GitHub lets it wait.
      WRITE_GAP_MS: "0",
      PUSHES_PER_MINUTE: "10000",
      MERGES_PER_MINUTE: "10000",
    },
    onLog: options.onLog,
  });
  const close = async () => {
    await bot.stop();
    await github.close();
    metrics.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  return { github, repos, bot, close };
}

/** A new version of so many of a repository's services, in one commit. */
export async function bumpMany(github: SandboxGitHub, repo: string, services: number): Promise<void> {
  const files = await Promise.all(
    Array.from({ length: services }, async (_, index) => {
      const { canary } = pathsOf(serviceName(index));
      const text = (await github.readFile(repo, "main", canary)) ?? "";
      return [canary, text.replace(/(image: \S+):1\.0\.0/, "$1:1.1.0")] as const;
    }),
  );
  const message = `Use 1.1.0 of ${services} services`;
  await github.push({ repo, user: "renovate", branch: "main", files: Object.fromEntries(files), message });
}

function serviceName(index: number): string {
  return `service-${String(index).padStart(4, "0")}`;
}

function filesOfRepo(services: number, metricsUrl: string): Readonly<Record<string, string>> {
  const fleet = Array.from({ length: services }, (_, index): FleetService => {
    const name = serviceName(index);
    const image = `registry.example.com/shop/${name}:1.0.0`;
    return {
      name,
      kind: "httpRoute",
      targets: [{ name: "prod", namespace: "shop" }],
      image,
      replicas: 4,
      revision: REVISION,
    };
  });
  return {
    ".github/tidegate.yml": `version: 1
metrics:
  prod: { prometheus: { url: "${metricsUrl}" } }
waves:
  - { targets: [prod], steps: [5, 25, 50], bake: 3h }
deadline: 12h
pace: { mergesPerMinute: 600 }
`,
    ...Object.fromEntries(fleet.flatMap((service) => [...filesOf(service)])),
  };
}

async function silentPrometheus(): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    request.resume();
    const resultType = request.url?.includes("query_range") === true ? "matrix" : "vector";
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ status: "success", data: { resultType, result: [] } }));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
