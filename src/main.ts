import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openMirror } from "./adapters/git/git.ts";
import { githubApp, type GitHubApp } from "./adapters/github/app.ts";
import { ingress, INGRESS_LIMITS } from "./adapters/http/ingress.ts";
import { webhookSecret } from "./adapters/http/secret.ts";
import { errorFields, jsonLogger, logTo } from "./adapters/log.ts";
import { cachedTimeline } from "./adapters/metrics/cached.ts";
import { prometheusMetrics } from "./adapters/metrics/prometheus.ts";
import { memoryQueue } from "./adapters/queue/memory.ts";
import { SYSTEM_TIMERS } from "./adapters/queue/timers.ts";
import { probotFor, receiverOf, tidegateApp } from "./app.ts";
import { UserError } from "./core/error.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import type { Queue, RepoKey } from "./ports/queue.ts";
import { memoryLeases } from "./reconcile/lease.ts";
import { parsedOnce } from "./reconcile/parsed.ts";
import { reconcile, type World } from "./reconcile/reconcile.ts";
import { remembered } from "./reconcile/remembered.ts";
import { settingsOf, type Settings } from "./settings.ts";

const WEBHOOK_PATH = "/api/github/webhooks";
const CLOSE_WITHIN_MS = 10_000;
const REPOSITORIES_AT_ONCE = 8;
const MOST_REPOSITORIES = 10_000;

/** Puts the parts together and runs them until a signal ends the process. */
async function main(): Promise<void> {
  const settings = settingsOf(process.env);
  const logger = jsonLogger(settings.LOG_LEVEL);
  const log = logTo(logger);
  const clock: Clock = { now: () => Date.now(), sleep: (ms) => sleep(ms) };
  const app = githubApp({
    app: { id: settings.APP_ID, privateKey: settings.PRIVATE_KEY },
    baseUrl: settings.GITHUB_API_URL,
    clock,
    log,
    limits: { minWriteGapMs: settings.WRITE_GAP_MS },
  });
  const queue = memoryQueue({ timers: SYSTEM_TIMERS, log, concurrency: REPOSITORIES_AT_ONCE, capacity: MOST_REPOSITORIES });
  const worldOf = worlds({ settings, app, queue, clock, log });
  queue.work(async (key) => reconcile(key, await worldOf(key)));

  const probot = probotFor({ appId: settings.APP_ID, privateKey: settings.PRIVATE_KEY, log: logger, baseUrl: settings.GITHUB_API_URL });
  await probot.load(tidegateApp({ queue, log, appId: settings.APP_ID }));
  const { WEBHOOK_SECRET: secret, WEBHOOK_SECRET_PREVIOUS: previous } = settings;
  const front = ingress({
    path: WEBHOOK_PATH,
    secrets: previous === undefined ? [webhookSecret(secret)] : [webhookSecret(secret), webhookSecret(previous)],
    receive: receiverOf(probot),
    ready: () => true,
    log,
    limits: INGRESS_LIMITS,
  });
  const bound = await front.listen(settings.PORT, settings.HOST);
  log.info("Tidegate listens.", { host: settings.HOST, port: bound, webhooks: WEBHOOK_PATH });

  const stopping = new AbortController();
  const sweeping = sweepEvery(settings.SWEEP_SECONDS * 1000, { app, queue, log, signal: stopping.signal });
  await ended();
  log.info("Tidegate ends: what is under way is finished first.");
  stopping.abort();
  await Promise.all([front.close(CLOSE_WITHIN_MS), queue.close(CLOSE_WITHIN_MS), sweeping]);
}

type Parts = { readonly settings: Settings; readonly app: GitHubApp; readonly queue: Queue; readonly clock: Clock; readonly log: Log };

/** The world of each repository, made at its first look and kept: its mirror and its caches live as long as the process. */
function worlds({ settings, app, queue, clock, log }: Parts): (key: RepoKey) => Promise<World> {
  const made = new Map<string, Promise<World>>();
  const leases = memoryLeases();
  const make = async ({ installation, repo }: RepoKey): Promise<World> => {
    const git = await openMirror({
      directory: join(settings.DATA_DIR, "mirrors", String(installation), `${repo}.git`),
      url: `${settings.GITHUB_URL}/${repo}.git`,
      token: (refused) => app.token(installation, repo, refused),
      log,
      ambient: process.env,
    });
    const windows = new Map();
    return {
      git: { ...git, ...remembered(git) },
      forge: app.forge(installation, repo),
      metrics: (provider) => cachedTimeline(prometheusMetrics(provider, { fetch }), windows),
      queue,
      leases,
      readings: parsedOnce({ hosts: settings.METRICS_HOSTS, environment: process.env }),
      clock,
      log,
    };
  };
  return (key) => {
    const name = `${key.installation}/${key.repo}`;
    const known = made.get(name);
    if (known !== undefined) return known;
    const world = make(key);
    made.set(name, world);
    // A mirror that could not be made is tried again at the next look.
    world.catch(() => made.delete(name));
    return world;
  };
}

type Sweeping = Pick<Parts, "app" | "queue" | "log"> & { readonly signal: AbortSignal };

/** Looks at every repository now and then: no webhook is ever needed for anything to go on. */
async function sweepEvery(everyMs: number, { app, queue, log, signal }: Sweeping): Promise<void> {
  while (!signal.aborted) {
    try {
      await sweep(app, queue);
    } catch (error) {
      log.warn("A sweep did not reach every repository; the next one will try again.", errorFields(error));
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

async function sweep(app: GitHubApp, queue: Queue): Promise<void> {
  const installations = await app.installations();
  for (const { id } of installations.filter(({ suspended }) => !suspended)) {
    // One installation after the other: a sweep is never in a hurry.
    for (const repo of await app.repositories(id)) await queue.look({ installation: id, repo });
  }
}

function ended(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof UserError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
