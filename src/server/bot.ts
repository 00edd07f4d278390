import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "pino";
import { openMirror } from "../adapters/git/git.ts";
import { githubApp, type GitHubApp } from "../adapters/github/app.ts";
import type { Limits } from "../adapters/github/budget.ts";
import { ingress, INGRESS_LIMITS, type Ingress } from "../adapters/http/ingress.ts";
import { webhookSecret } from "../adapters/http/secret.ts";
import { logTo } from "../adapters/log.ts";
import { cachedTimelines } from "../adapters/metrics/cached.ts";
import { measuresOf } from "../adapters/metrics/measure.ts";
import { metricsOf, type Asking } from "../adapters/metrics/provider.ts";
import { ROOM_WINDOWS, roomFor } from "../adapters/metrics/room.ts";
import { logContext, type LogContext } from "../adapters/observe/context.ts";
import type { Unready } from "../adapters/observe/health.ts";
import { queriedFetch } from "../adapters/observe/queried.ts";
import type { Timers } from "../adapters/queue/timers.ts";
import { probotFor, READS, receiverOf, type TidegateOptions } from "./app.ts";
import type { Sha } from "../core/names.ts";
import type { Clock } from "../ports/clock.ts";
import type { ForgeReader } from "../ports/forge.ts";
import type { SharedBudget } from "../ports/limits.ts";
import type { Locks } from "../ports/locks.ts";
import type { Log } from "../ports/log.ts";
import type { Because, Queue, RepoKey } from "../ports/queue.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { memoryLeases, sharedLeases } from "../reconcile/lease.ts";
import { forgetRefusals, freshMemory, type Memory } from "../reconcile/memory.ts";
import { parsedOnce } from "../reconcile/parsed.ts";
import { reconcile, type World } from "../reconcile/reconcile.ts";
import type { Readings } from "../reconcile/readings.ts";
import { remembered, rememberedMerges } from "../reconcile/remembered.ts";
import { backtestRunner, type BacktestRunner } from "./backtests.ts";
import { listening } from "./listening.ts";
import { observed } from "./observed.ts";
import { askingFor, limitsOf, operatorOf } from "../operator/operator.ts";
import { unreadyBy } from "./readiness.ts";
import type { Settings } from "../operator/settings.ts";
import { sharedPreviews } from "./shared-preview.ts";
import { shippedTemplates } from "../operator/shipped-templates.ts";
import { sharedSources, type SharedSources } from "../operator/shared-sources.ts";
import { sweepEvery } from "./sweeping.ts";
import { chartKey } from "../web/chart-token.ts";
import { chartAddress, chartPages } from "../web/charts.ts";

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
  /** Where those processes count what they send of each installation's; absent where each counts alone. */
  readonly budgets?: (installation: number) => SharedBudget;
  /** What GitHub takes of the App, where that is not what it documents. */
  readonly limits?: Partial<Limits>;
  /** Whether what the queue rests on takes work now; it always does where that is this process. */
  readonly queueTakes?: () => boolean;
  /** What lines of the log are told of the work they are part of. */
  readonly context?: LogContext;
  /** Whether this is the only Tidegate of its process, whose memory and processor time are then its own. */
  readonly ofProcess?: boolean;
};

export type Tidegate = {
  /** Where it listens, which the system chooses for port 0. */
  readonly port: number;
  /** Where metrics are read; undefined where the usual port is taken. */
  readonly adminPort: number | undefined;
  /** Takes nothing more, finishes what is under way, and resolves when it has. */
  readonly stop: () => Promise<void>;
};

const WEBHOOK_PATH = "/api/github/webhooks";
const CLOSE_WITHIN_MS = 10_000;

/** Puts the parts together and starts them: webhooks are heard, and the first sweep looks at everything. */
export async function startTidegate({ settings, logger, ...parts }: TidegateParts): Promise<Tidegate> {
  const { clock, timers, queue, locks, environment, limits, context = logContext(), ofProcess = false } = parts;
  const log = logTo(logger);
  const { telemetry, open } = await observed({ settings, logger, context, clock, log, ofProcess, environment });
  const looking = new AsyncLocalStorage<Because>();
  const app = githubApp({
    app: { id: settings.APP_ID, privateKey: settings.PRIVATE_KEY },
    baseUrl: settings.GITHUB_API_URL,
    clock,
    log,
    limits: { ...limitsOf(settings), ...limits },
    budgets: parts.budgets,
    telemetry,
    because: () => looking.getStore(),
  });
  let phase: "starting" | "running" | "closing" = "starting";
  const { credentials } = app;
  const unready = unreadyBy({ phase: () => phase, queueTakes: parts.queueTakes ?? always, credentials });
  const memoryOf = memories();
  const { fetch, now } = askingFor(settings, clock);
  const asking = { fetch: queriedFetch(fetch, telemetry), now, room: roomFor(ROOM_WINDOWS) };
  const backtests = backtestRunner({ networks: settings.METRICS_NETWORKS, clock, log });
  const leases = locks === undefined ? memoryLeases() : sharedLeases(locks);
  const making = { settings, app, queue, leases, clock, log, environment, memoryOf, asking, backtests, telemetry };
  const shared: SharedSources = sharedSources({
    everywhere: settings.CONFIG_REPOSITORY,
    readerOf: (key) => worldOf(key),
    clock,
    timers,
    log,
    wake: queue.wake,
  });
  const elsewhere = sharedPreviews({ shared, sightOf: (key) => worldOf(key), clock, log });
  const worldOf = worlds({ ...making, shared, elsewhere, templates: shippedTemplates() });
  const lookAt = (key: RepoKey) =>
    telemetry.during({ kind: "look", id: randomUUID().slice(0, 8), key }, () => lookedAt(key, { worldOf, shared }));
  queue.work((key, because) => looking.run(because, () => lookAt(key)), app.newsFrom);
  const front = await frontOf({ settings, logger, queue, log, app, memoryOf, context, telemetry, unready });
  const port = await listening(front, placeOf(settings));
  const admin = await open({ queue: queue.state, limits: app.limits, unready });
  log.info("Tidegate listens.", { host: settings.HOST, port, webhooks: WEBHOOK_PATH });
  const asked = () => {
    if (phase === "starting") phase = "running";
  };
  const sweeping = sweepEvery(settings.SWEEP_SECONDS * 1000, { app, queue, timers, log, telemetry, asked });
  return {
    port,
    adminPort: admin.port,
    stop: async () => {
      phase = "closing";
      await Promise.all([
        front.close(CLOSE_WITHIN_MS),
        queue.close(CLOSE_WITHIN_MS),
        sweeping.stop(),
        backtests.stop(),
      ]);
      await admin.close();
    },
  };
}

function always(): true {
  return true;
}

function placeOf({ HOST: host, PORT: port }: Settings): Parameters<typeof listening>[1] {
  return { host, port, named: { host: "HOST", port: "PORT" } };
}

type Entrance = Pick<TidegateParts, "settings" | "logger" | "queue"> & {
  readonly log: Log;
  readonly app: GitHubApp;
  readonly memoryOf: (key: RepoKey) => Memory;
  readonly context: LogContext;
  readonly telemetry: Telemetry;
  readonly unready: Unready;
};

async function frontOf({ settings, logger, queue, log, app, memoryOf, context, ...seen }: Entrance): Promise<Ingress> {
  const { APP_ID: appId, PRIVATE_KEY: privateKey, GITHUB_API_URL: baseUrl } = settings;
  const probot = probotFor({ appId, privateKey, log: logger, baseUrl });
  const note = notesOn(app, log);
  const reviewed = (key: RepoKey) => forgetRefusals(memoryOf(key));
  const options = { queue, log, appId, repositories: app.repositories, note, reviewed };
  const receive = await receiverOf(probot, options, context.within);
  const { WEBHOOK_SECRET: secret, WEBHOOK_SECRET_PREVIOUS: previous } = settings;
  return ingress({
    path: WEBHOOK_PATH,
    secrets: previous === undefined ? [webhookSecret(secret)] : [webhookSecret(secret), webhookSecret(previous)],
    reads: READS,
    receive,
    pages: chartPages((previous === undefined ? [secret] : [secret, previous]).map(chartKey)),
    ...seen,
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

type Making = Pick<TidegateParts, "settings" | "clock" | "queue" | "environment"> & {
  readonly leases: World["leases"];
  readonly app: GitHubApp;
  readonly log: Log;
  readonly memoryOf: (key: RepoKey) => Memory;
  readonly asking: Asking;
  readonly backtests: BacktestRunner;
  readonly telemetry: Telemetry;
  readonly shared: SharedSources;
  readonly elsewhere: (key: RepoKey) => Readings["elsewhere"];
  readonly templates: NonNullable<World["templates"]>;
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

type Looking = { readonly worldOf: (key: RepoKey) => Promise<World>; readonly shared: SharedSources };

/** Those that extend a repository hear of it at once, whatever becomes of the look at itself. */
async function lookedAt(key: RepoKey, { worldOf, shared }: Looking): Promise<void> {
  await shared.looked(key);
  await reconcile(key, await worldOf(key));
}

async function worldOf(key: RepoKey, making: Making): Promise<World> {
  const { installation, repo } = key;
  const { settings, app, queue, leases, clock, log, environment, memoryOf, asking, backtests, telemetry } = making;
  const { shared, elsewhere, templates } = making;
  const git = await openMirror({
    directory: join(settings.DATA_DIR, "mirrors", String(installation), `${repo}.git`),
    url: `${settings.GITHUB_URL}/${repo}.git`,
    token: (refused) => app.token(installation, repo, refused),
    log,
    ambient: environment,
    telemetry,
  });
  const windows = new Map();
  return {
    git: { ...git, ...app.paced(installation, repo, git), ...remembered(git) },
    forge: rememberedMerges(app.forge(installation, repo)),
    metrics: (provider) => cachedTimelines(metricsOf(provider, asking), windows),
    measures: measuresOf(asking),
    queue,
    leases,
    readings: parsedOnce(operatorOf(settings, environment), shared.baseOf(key), elsewhere(key)),
    memory: memoryOf(key),
    backtests: backtests.of(nameOf(key), () => queue.look(key, "own")),
    templates,
    limits: app.ahead(installation, repo),
    clock,
    log,
    telemetry,
    chartAt: chartAt(settings),
  };
}

/** Where charts are shown; nowhere while nobody has said under which address browsers reach this. */
function chartAt({ PUBLIC_URL: publicUrl, WEBHOOK_SECRET: secret }: Settings): World["chartAt"] {
  return publicUrl === undefined ? undefined : chartAddress(publicUrl, chartKey(secret));
}
