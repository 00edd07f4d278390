import { join } from "node:path";
import type { Logger } from "pino";
import { openMirror } from "./adapters/git/git.ts";
import { githubApp, type GitHubApp } from "./adapters/github/app.ts";
import type { Limits } from "./adapters/github/budget.ts";
import { ingress, INGRESS_LIMITS, type Ingress } from "./adapters/http/ingress.ts";
import { webhookSecret } from "./adapters/http/secret.ts";
import { errorFields, logTo } from "./adapters/log.ts";
import { cachedTimelines } from "./adapters/metrics/cached.ts";
import { measuresOf } from "./adapters/metrics/measure.ts";
import { metricsOf, type Asking } from "./adapters/metrics/provider.ts";
import type { Timers } from "./adapters/queue/timers.ts";
import { probotFor, READS, receiverOf, tidegateApp, type TidegateOptions } from "./app.ts";
import type { Sha } from "./core/names.ts";
import type { Clock } from "./ports/clock.ts";
import type { ForgeReader } from "./ports/forge.ts";
import type { Locks } from "./ports/locks.ts";
import type { Log } from "./ports/log.ts";
import type { Queue, RepoKey } from "./ports/queue.ts";
import { memoryLeases, sharedLeases } from "./reconcile/lease.ts";
import { forgetRefusals, freshMemory, type Memory } from "./reconcile/memory.ts";
import { parsedOnce } from "./reconcile/parsed.ts";
import { reconcile, type World } from "./reconcile/reconcile.ts";
import { remembered, rememberedMerges } from "./reconcile/remembered.ts";
import { backtestRunner, type BacktestRunner } from "./backtests.ts";
import { listening } from "./listening.ts";
import { askingFor, limitsOf, operatorOf } from "./operator.ts";
import type { Settings } from "./settings.ts";
import { chartKey } from "./web/chart-token.ts";
import { chartAddress, chartPages } from "./web/charts.ts";

/** All that a Tidegate is made of and does not make itself. Time is `clock` and `timers`, and they agree. */
export type TidegateParts = {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly queue: Queue;
  /** Keeps the processes apart that share the queue; absent where there is one. */
  readonly locks?: Locks;
  /** The process's: what git inherits, and where headers for metrics are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What GitHub takes of the App, where that is not what it documents. */
  readonly limits?: Partial<Limits>;
};

export type Tidegate = {
  /** Where it listens, which the system chooses for port 0. */
  readonly port: number;
  /** Takes nothing more, finishes what is under way, and resolves when it has. */
  readonly stop: () => Promise<void>;
};

const WEBHOOK_PATH = "/api/github/webhooks";
const CLOSE_WITHIN_MS = 10_000;

/** Puts the parts together and starts them: webhooks are heard, and the first sweep looks at everything. */
export async function startTidegate({ settings, logger, ...parts }: TidegateParts): Promise<Tidegate> {
  const { clock, timers, queue, locks, environment, limits } = parts;
  const log = logTo(logger);
  const app = githubApp({
    app: { id: settings.APP_ID, privateKey: settings.PRIVATE_KEY },
    baseUrl: settings.GITHUB_API_URL,
    clock,
    log,
    limits: { ...limitsOf(settings), ...limits },
  });
  const memoryOf = memories();
  const asking = askingFor(settings, clock);
  const backtests = backtestRunner({ networks: settings.METRICS_NETWORKS, clock, log });
  const leases = locks === undefined ? memoryLeases() : sharedLeases(locks);
  const worldOf = worlds({ settings, app, queue, leases, clock, log, environment, memoryOf, asking, backtests });
  queue.work(async (key) => reconcile(key, await worldOf(key)));
  const front = await frontOf({ settings, logger, queue, log, app, memoryOf });
  const port = await listening(front, settings);
  log.info("Tidegate listens.", { host: settings.HOST, port, webhooks: WEBHOOK_PATH });
  const sweeping = sweepEvery(settings.SWEEP_SECONDS * 1000, { app, queue, timers, log });
  return {
    port,
    stop: async () => {
      await Promise.all([
        front.close(CLOSE_WITHIN_MS),
        queue.close(CLOSE_WITHIN_MS),
        sweeping.stop(),
        backtests.stop(),
      ]);
    },
  };
}

type Entrance = Pick<TidegateParts, "settings" | "logger" | "queue"> & {
  readonly log: Log;
  readonly app: GitHubApp;
  readonly memoryOf: (key: RepoKey) => Memory;
};

async function frontOf({ settings, logger, queue, log, app, memoryOf }: Entrance): Promise<Ingress> {
  const { APP_ID: appId, PRIVATE_KEY: privateKey, GITHUB_API_URL: baseUrl } = settings;
  const probot = probotFor({ appId, privateKey, log: logger, baseUrl });
  const note = notesOn(app, log);
  const reviewed = (key: RepoKey) => forgetRefusals(memoryOf(key));
  await probot.load(tidegateApp({ queue, log, appId, repositories: app.repositories, note, reviewed }));
  const { WEBHOOK_SECRET: secret, WEBHOOK_SECRET_PREVIOUS: previous } = settings;
  return ingress({
    path: WEBHOOK_PATH,
    secrets: previous === undefined ? [webhookSecret(secret)] : [webhookSecret(secret), webhookSecret(previous)],
    reads: READS,
    receive: receiverOf(probot),
    pages: chartPages((previous === undefined ? [secret] : [secret, previous]).map(chartKey)),
    ready: () => true,
    log,
    limits: INGRESS_LIMITS,
  });
}

/** Writes presses of buttons down on the pull requests that they are on. */
function notesOn(app: GitHubApp, log: Log): TidegateOptions["note"] {
  return async ({ installation, repo }, { asked, verb, pull }) => {
    const forge = app.forge(installation, repo);
    const number = pull ?? (await pullWith(forge, asked.headSha));
    if (number === undefined) return log.info("A button was pressed on no open pull request of ours.", { repo, verb });
    await forge.noteAsked(number, asked, verb);
  };
}

// GitHub does not always name the pull requests of a check run.
async function pullWith(forge: ForgeReader, headSha: Sha): Promise<number | undefined> {
  const pulls = await forge.openPulls((await forge.repository()).defaultBranch);
  return pulls.find((pull) => pull.ours && pull.headSha === headSha)?.number;
}

type Making = Omit<TidegateParts, "logger" | "timers" | "locks"> & {
  readonly leases: World["leases"];
  readonly app: GitHubApp;
  readonly log: Log;
  readonly memoryOf: (key: RepoKey) => Memory;
  readonly asking: Asking;
  readonly backtests: BacktestRunner;
};

/** The world of each repository, made at its first look and kept: its mirror and its caches live as long as the process. */
function worlds(making: Making): (key: RepoKey) => Promise<World> {
  const made = new Map<string, Promise<World>>();
  return (key) => {
    const name = nameOf(key);
    const known = made.get(name);
    if (known !== undefined) return known;
    const world = worldOf(key, making);
    made.set(name, world);
    // A mirror that could not be made is tried again at the next look.
    world.catch(() => made.delete(name));
    return world;
  };
}

/** What the process remembers of each repository: webhooks reach it between two looks. */
function memories(): (key: RepoKey) => Memory {
  const known = new Map<string, Memory>();
  return (key) => {
    const memory = known.get(nameOf(key)) ?? freshMemory();
    known.set(nameOf(key), memory);
    return memory;
  };
}

function nameOf({ installation, repo }: RepoKey): string {
  return `${installation}/${repo}`;
}

async function worldOf(key: RepoKey, making: Making): Promise<World> {
  const { installation, repo } = key;
  const { settings, app, queue, leases, clock, log, environment, memoryOf, asking, backtests } = making;
  const git = await openMirror({
    directory: join(settings.DATA_DIR, "mirrors", String(installation), `${repo}.git`),
    url: `${settings.GITHUB_URL}/${repo}.git`,
    token: (refused) => app.token(installation, repo, refused),
    log,
    ambient: environment,
  });
  const windows = new Map();
  return {
    git: { ...git, ...app.paced(installation, repo, git), ...remembered(git) },
    forge: rememberedMerges(app.forge(installation, repo)),
    metrics: (provider) => cachedTimelines(metricsOf(provider, asking), windows),
    measures: measuresOf(asking),
    queue,
    leases,
    readings: parsedOnce(operatorOf(settings, environment)),
    memory: memoryOf(key),
    backtests: backtests.of(nameOf(key), () => queue.look(key)),
    limits: app.ahead(installation, repo),
    clock,
    log,
    chartAt: chartAt(settings),
  };
}

/** Where charts are shown; nowhere while nobody has said under which address browsers reach this. */
function chartAt({ PUBLIC_URL: publicUrl, WEBHOOK_SECRET: secret }: Settings): World["chartAt"] {
  return publicUrl === undefined ? undefined : chartAddress(publicUrl, chartKey(secret));
}

type Sweeping = Pick<TidegateParts, "queue" | "timers"> & { readonly app: GitHubApp; readonly log: Log };

/** Looks at every repository now and then: no webhook is ever needed for anything to go on. */
function sweepEvery(everyMs: number, { app, queue, timers, log }: Sweeping): { readonly stop: () => Promise<void> } {
  let stopped = false;
  let cancel: (() => void) | undefined;
  const round = async (): Promise<void> => {
    try {
      await sweep(app, queue);
    } catch (error) {
      log.warn("A sweep did not reach every repository; the next one will try again.", errorFields(error));
    }
    if (!stopped) cancel = timers.after(everyMs, next);
  };
  const next = (): void => {
    running = round();
  };
  let running = round();
  return {
    stop: () => {
      stopped = true;
      cancel?.();
      return running;
    },
  };
}

async function sweep(app: GitHubApp, queue: Queue): Promise<void> {
  const awake = (await app.installations()).filter(({ suspended }) => !suspended);
  // An installation that cannot be read keeps none of the others from being looked at.
  await Promise.all(
    awake.map(async ({ id: installation }) => {
      const repositories = await app.repositories(installation);
      await Promise.all(repositories.map((repo) => queue.look({ installation, repo })));
    }),
  );
}
