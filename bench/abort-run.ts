import { setTimeout as sleep } from "node:timers/promises";
import { startMetricsFront } from "../src/sandbox/cluster/metrics-front.ts";
import type { VersionFault } from "../src/sandbox/cluster/traffic.ts";
import { pathsOf } from "../src/sandbox/fleet.ts";
import { bump } from "../src/sandbox/story.ts";
import { imageOf, REPO, startWorld, type ClusterPace, type Pace, type SandboxWorld } from "../src/sandbox/world.ts";

/** One abort as it was seen from outside the bot. Times are milliseconds. */
export type Abort = {
  /** From Prometheus' last answer before the abort to GitHub's answer to its merge. */
  readonly decidedToLandedMs: number;
  /** From the moment when the canary began to fail: mostly the time that the gate needs to be sure. */
  readonly failingToLandedMs: number;
  /** REST calls and git requests in the first of the two times, and those that create content, pushes included. */
  readonly calls: number;
  readonly contentCreating: number;
  readonly routes: readonly string[];
};

export type AbortRun = {
  readonly aborts: number;
  /** Releases that stay under way at the first weight all the time. */
  readonly others: number;
  readonly signal: AbortSignal;
  readonly onAbort: (abort: Abort) => void;
};

const VERSION = "2.0.0";
/** A bake so long that every release stays at the first weight until it is made to fail. */
const PACE: Pace = { window: "1s", settle: "500ms", bake: "10m", deadline: "1h", mergesPerMinute: 600 };
const CLUSTER: ClusterPace = {
  pollMs: 200,
  syncDelayMs: 100,
  readyMs: 300,
  scrapeMs: 200,
  requestsPerSecond: 4_000,
};
/** What the process's own defaults are; the sandbox's are others. */
const PRODUCTION = { WRITE_GAP_MS: "1000", PUSHES_PER_MINUTE: "6", MERGES_PER_MINUTE: "1", SWEEP_SECONDS: "300" };
const FAULT: VersionFault = { kind: "errorRatio", ratio: 20 };
const WITHIN_MS = 300_000;
/** How long a release has been seen at the first weight before it is made to fail. */
const SERVED_MS = 3_000;

/** Lets one release after the other fail at the first weight; gives fewer aborts than asked only when interrupted. */
export async function measureAborts({ aborts, others, signal, onAbort }: AbortRun): Promise<readonly Abort[]> {
  const answers: number[] = [];
  const front = await startMetricsFront(() => answers.push(Date.now()));
  const failing = numbered("failing", aborts);
  const steady = numbered("steady", others);
  const faults = new Map<string, VersionFault>();
  const metrics = { front, tenant: "bench" };
  const services = [...failing, ...steady];
  const world = await startWorld({ services, pace: PACE, faults, seed: "abort", clusterPace: CLUSTER, metrics });
  const stage: Stage = { world, signal, answers, fail: (service) => void faults.set(imageOf(service, VERSION), FAULT) };
  try {
    await raise(stage, services);
    return await failOneByOne(stage, failing, onAbort);
  } finally {
    await world.close(false);
    await front.close();
  }
}

type Stage = {
  readonly world: SandboxWorld;
  readonly signal: AbortSignal;
  /** When Prometheus answered the bot, oldest first. */
  readonly answers: readonly number[];
  readonly fail: (service: string) => void;
};

async function failOneByOne(
  stage: Stage,
  services: readonly string[],
  onAbort: (abort: Abort) => void,
): Promise<readonly Abort[]> {
  const { world, signal, answers, fail } = stage;
  const measured: Abort[] = [];
  const bot = await world.startBot(() => undefined, PRODUCTION);
  try {
    await pause(SERVED_MS, signal);
    for (const service of services) {
      const since = Date.now();
      fail(service);
      const landedAt = await landing(stage, service);
      if (landedAt === undefined) break;
      const abort = abortOf(world, { since, decidedAt: answers.findLast((at) => at <= landedAt) ?? since, landedAt });
      measured.push(abort);
      onAbort(abort);
      await atRest(stage, service);
    }
    return measured;
  } finally {
    await bot.stop();
  }
}

function numbered(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}

/** Brings a new version to each of the services and waits until all of them serve it at the first weight; in a hurry, without gaps between writes. */
async function raise(stage: Stage, services: readonly string[]): Promise<void> {
  const { world } = stage;
  const bot = await world.startBot(() => undefined, { WRITE_GAP_MS: "0" });
  try {
    for (const service of services) await bump(world, { service, version: VERSION }, () => undefined);
    const isServed = (service: string) => {
      const route = world.cluster.snapshot().routes.find(({ name }) => name === service);
      return route?.backends.some(({ weight, pods }) => weight === 5 && pods.some(({ ready }) => ready > 0)) ?? false;
    };
    await until(stage, `all ${services.length} services at 5%`, () => services.every(isServed) || undefined);
  } finally {
    await bot.stop();
  }
}

/** Waits until the way back of a service is over, so that nothing of it happens during the next abort. */
async function atRest(stage: Stage, service: string): Promise<void> {
  const { github } = stage.world;
  await until(stage, `the end of ${service}'s release`, () => {
    const end = github.pulls(REPO).find(({ head }) => isBranch(head.branch, service, "take-back"));
    return end?.state.kind === "merged" || undefined;
  });
}

function isBranch(branch: string, service: string, leaf: string): boolean {
  return branch.startsWith(`tidegate/${service}/`) && branch.endsWith(`/${leaf}`);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Waits for the abort to be merged and to have taken effect in git; gives when GitHub answered the merge. */
async function landing(stage: Stage, service: string): Promise<number | undefined> {
  const { github } = stage.world;
  const at = await until(stage, `the abort of ${service}`, () => {
    const pull = github
      .pulls(REPO)
      .find(({ head, state }) => isBranch(head.branch, service, "abort") && state.kind === "merged");
    const path = `/repos/${REPO}/pulls/${pull?.number}/merge`;
    return github.calls().find((call) => call.method === "PUT" && call.path === path && call.status === 200)?.at;
  });
  const route = (await github.readFile(REPO, "main", pathsOf(service).route)) ?? "";
  if (at !== undefined && !/-canary\n\s+port: 80\n\s+weight: 0\n/.test(route))
    throw new Error(`${service} is not at weight 0.`);
  return at;
}

type Times = { readonly since: number; readonly decidedAt: number; readonly landedAt: number };

function abortOf({ github }: SandboxWorld, { since, decidedAt, landedAt }: Times): Abort {
  const calls = github.calls().filter(({ at }) => at > decidedAt && at <= landedAt);
  const isPush = ({ method, route }: (typeof calls)[number]) =>
    method === "POST" && route.endsWith("/git-receive-pack");
  return {
    decidedToLandedMs: landedAt - decidedAt,
    failingToLandedMs: landedAt - since,
    calls: calls.length,
    contentCreating: calls.filter((call) => call.contentCreating || isPush(call)).length,
    routes: calls.map(({ method, route }) => `${method} ${route}`),
  };
}

/** Looks again and again until something is there; undefined when interrupted. */
async function until<T>({ signal }: Stage, what: string, look: () => T | undefined): Promise<T | undefined> {
  const end = Date.now() + WITHIN_MS;
  while (!signal.aborted) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`There was no sign of ${what} within ${WITHIN_MS / 1000} s.`);
    await sleep(20);
  }
  return undefined;
}
