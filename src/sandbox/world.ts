import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BESIDE_ROLLOUTS } from "./cluster/application.ts";
import { CLUSTER_PACE, syntheticCluster, type Cluster } from "./cluster/cluster.ts";
import { bareRepositoryHead } from "./cluster/head.ts";
import { TENANT_HEADER, type MetricsFront } from "./cluster/metrics-front.ts";
import { servePrometheus, type Provider } from "./cluster/provider.ts";
import type { VersionFault } from "./cluster/traffic.ts";
import { launchBot, startBot, type Bot, type LaunchedBot } from "./bot.ts";
import type { RouteKind } from "./fleet-routes.ts";
import { filesOf, type FleetService } from "./fleet.ts";
import { rolloutFilesOf, type RolloutService } from "./rollout-fleet.ts";
import { startGitHub, type SandboxGitHub } from "./github/start.ts";
import { freePort } from "./port.ts";

/** How fast the sandbox's releases go; all of it is ordinary configuration of the repository. */
export type Pace = {
  readonly window: string;
  readonly settle: string;
  readonly bake: string;
  readonly deadline: string;
  readonly mergesPerMinute: number;
};

export const DEMO_PACE: Pace = { window: "1s", settle: "700ms", bake: "3s", deadline: "2m", mergesPerMinute: 600 };

/** How fast the cluster follows git and is scraped, milliseconds, and how much each service is asked for. */
export type ClusterPace = {
  readonly pollMs: number;
  readonly syncDelayMs: number;
  readonly readyMs: number;
  readonly scrapeMs: number;
  readonly requestsPerSecond: number;
};

/** Enough requests that a gate can decide within a few windows of a second. */
const DEMO_CLUSTER: ClusterPace = {
  pollMs: 300,
  syncDelayMs: 200,
  readyMs: 500,
  scrapeMs: 200,
  requestsPerSecond: 2_000,
};

export type Wave = { readonly targets: readonly string[]; readonly steps: readonly number[] };

export type WorldOptions = {
  readonly services: readonly string[];
  /** What splits a service's traffic, where it is no HTTPRoute. */
  readonly kinds?: Readonly<Record<string, RouteKind>>;
  /** Services that run in several targets, each in a namespace of its name; every other one runs in `prod` alone. */
  readonly spread?: { readonly services: readonly string[]; readonly targets: readonly string[] };
  /** Services that an Argo Rollout runs in `prod`. */
  readonly rollouts?: readonly Pick<RolloutService, "name" | "form" | "routing">[];
  /** In which order targets get a version, and by which weights; `prod` alone by 5, 25 and 50 where this is left out. */
  readonly waves?: readonly Wave[];
  readonly pace: Pace;
  readonly faults: ReadonlyMap<string, VersionFault>;
  /** Equal seeds give equal clusters. */
  readonly seed: string;
  /** Milliseconds between two writes of the bot; GitHub's advice is a second. */
  readonly writeGapMs?: number;
  readonly clusterPace?: ClusterPace;
  /** Where the metrics are asked for, under the tenant's name; the cluster's own address where this is left out. */
  readonly metrics?: { readonly front: MetricsFront; readonly tenant: string };
};

/** A GitHub, a cluster with its metrics, and the bot, on this machine and nowhere else. */
export type SandboxWorld = {
  readonly repo: string;
  readonly fleet: readonly FleetService[];
  readonly rollouts: readonly RolloutService[];
  readonly waves: readonly Wave[];
  readonly github: SandboxGitHub;
  readonly cluster: Cluster;
  readonly prometheus: Provider;
  readonly dataDir: string;
  /** What the bot is told, but for its port: with it any of the program's commands finds this world. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts the bot, or starts it again; webhooks find it at the same address. `environment` is added to what it is told. */
  readonly startBot: (onLog: (line: string) => void, environment?: Readonly<Record<string, string>>) => Promise<Bot>;
  /** The same, without waiting until it is ready; on another port where that is said. */
  readonly launchBot: (
    onLog: (line: string) => void,
    elsewhere?: { readonly port: number; readonly environment: Readonly<Record<string, string>> },
  ) => LaunchedBot;
  readonly close: (keep: boolean) => Promise<void>;
};

export const REPO = "acme/gitops";
export const FIRST_VERSION = "1.0.0";
const NAMESPACE = "shop";
const REPLICAS = 4;
const ERROR_RATE = 0.004;
const TICK_MS = 100;
/** Nobody else is at the sandbox's repository, and its releases take seconds: GitHub's advice is left aside. */
const HURRIED = { PUSHES_PER_MINUTE: "10000", MERGES_PER_MINUTE: "10000", SWEEP_SECONDS: "5", LOG_LEVEL: "info" };
/** The sandbox's repository begins on a fixed day, so that equal histories have equal ids. */
const BEGIN = Date.UTC(2026, 10, 1);
const APP = { id: 4711, slug: "tidegate", clientId: "Iv1.sandbox" };
const CLOCK = {
  now: () => Date.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};
const USUAL_WAVES: readonly Wave[] = [{ targets: ["prod"], steps: [5, 25, 50] }];
const REVISION = "4f1c000000000000000000000000000000000000";

export function imageOf(service: string, version: string): string {
  return `registry.example.com/shop/${service}:${version}`;
}

export async function startWorld(options: WorldOptions): Promise<SandboxWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), "tidegate-"));
  const secrets = newSecrets();
  // The bot is to be found at the same address after each start.
  const port = await freePort();
  const github = await startGitHub({
    dataDir: join(dataDir, "github"),
    clock: CLOCK,
    app: {
      ...APP,
      publicKey: secrets.publicKey,
      webhookSecret: secrets.webhookSecret,
      webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks`,
    },
    users: { renovate: { [REPO]: "write" }, ana: { [REPO]: "write" }, bo: { [REPO]: "read" } },
  });
  const cluster = clusterOf(options, github);
  const prometheus = await servePrometheus(cluster.series, CLOCK.now);
  const { front, tenant = "" } = options.metrics ?? {};
  front?.admit(tenant, prometheus.url);
  const metricsUrl = front?.url ?? prometheus.url;
  const fleet = fleetOf(options);
  const rollouts = rolloutsOf(options);
  await github.createRepo(REPO, initialFiles(options, { fleet, rollouts }, metricsUrl), { date: BEGIN });
  const ticking = cluster.start(CLOCK, TICK_MS);
  const environment = {
    APP_ID: String(APP.id),
    PRIVATE_KEY: secrets.privateKey,
    WEBHOOK_SECRET: secrets.webhookSecret,
    GITHUB_API_URL: github.url,
    GITHUB_URL: github.gitUrl("").replace(/\/*(\.git)?$/, ""),
    METRICS_HOSTS: new URL(metricsUrl).origin,
    METRICS_TENANT: tenant,
    DATA_DIR: join(dataDir, "bot"),
    WRITE_GAP_MS: String(options.writeGapMs ?? 0),
    ...HURRIED,
  };
  return {
    repo: REPO,
    fleet,
    rollouts,
    waves: options.waves ?? USUAL_WAVES,
    github,
    cluster,
    prometheus,
    dataDir,
    environment,
    startBot: (onLog, more = {}) => startBot({ port, environment: { ...environment, ...more }, onLog }),
    launchBot: (onLog, elsewhere) =>
      launchBot({ port: elsewhere?.port ?? port, environment: { ...environment, ...elsewhere?.environment }, onLog }),
    close: async (keep) => {
      await ticking.stop();
      await prometheus.close();
      await github.close();
      // A git that a killed bot left behind may still be writing.
      if (!keep) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type Secrets = { readonly privateKey: string; readonly publicKey: string; readonly webhookSecret: string };

function newSecrets(): Secrets {
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { ...keys, webhookSecret: randomBytes(24).toString("hex") };
}

function clusterOf(
  { clusterPace = DEMO_CLUSTER, seed, faults, rollouts = [] }: WorldOptions,
  github: SandboxGitHub,
): Cluster {
  const { requestsPerSecond, ...rates } = clusterPace;
  const folders = new Set(rollouts.map(({ name }) => `apps/${name}`));
  return syntheticCluster({
    ...CLUSTER_PACE,
    ...rates,
    head: bareRepositoryHead(github.gitPlace(REPO), "main", "apps/"),
    seed,
    traffic: () => ({ requestsPerSecond, errorRate: ERROR_RATE }),
    faults,
    policy: (folder) => (folders.has(folder) ? BESIDE_ROLLOUTS : {}),
  });
}

function fleetOf({ services, kinds = {}, spread }: WorldOptions): readonly FleetService[] {
  const everywhere = spread?.targets.map((name) => ({ name, namespace: name })) ?? [];
  return services.map((name) => ({
    name,
    kind: kinds[name] ?? "httpRoute",
    targets: spread?.services.includes(name) === true ? everywhere : [{ name: "prod", namespace: NAMESPACE }],
    image: imageOf(name, FIRST_VERSION),
    replicas: REPLICAS,
    revision: REVISION,
  }));
}

function rolloutsOf({ rollouts = [] }: WorldOptions): readonly RolloutService[] {
  return rollouts.map((rollout) => ({
    ...rollout,
    namespace: NAMESPACE,
    target: "prod",
    image: imageOf(rollout.name, FIRST_VERSION),
    replicas: REPLICAS,
    revision: REVISION,
  }));
}

function initialFiles(
  { pace, metrics, waves = USUAL_WAVES }: WorldOptions,
  { fleet, rollouts }: Pick<SandboxWorld, "fleet" | "rollouts">,
  url: string,
): Readonly<Record<string, string>> {
  const headers = metrics === undefined ? "" : `, headers: { ${TENANT_HEADER}: { env: METRICS_TENANT } }`;
  return {
    "README.md": "# The shop's GitOps repository\n",
    ".github/tidegate.yml": configOf(pace, waves, `{ url: "${url}"${headers} }`),
    ...Object.fromEntries([...fleet.map(filesOf), ...rollouts.map(rolloutFilesOf)].flatMap((files) => [...files])),
  };
}

function configOf(
  { window, settle, bake, deadline, mergesPerMinute }: Pace,
  waves: readonly Wave[],
  prometheus: string,
): string {
  const lines = waves.map(
    ({ targets, steps }) =>
      `  - { targets: ${JSON.stringify(targets)}, steps: ${JSON.stringify(steps)}, bake: ${bake} }\n`,
  );
  return `version: 1
metrics:
  prod: { prometheus: ${prometheus} }
waves:
${lines.join("")}measure: { window: ${window}, settle: ${settle} }
deadline: ${deadline}
pace: { mergesPerMinute: ${mergesPerMinute} }
`;
}
