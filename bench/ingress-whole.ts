import { setTimeout as sleep } from "node:timers/promises";
import { redisServer } from "../src/sandbox/redis.ts";
import { bump } from "../src/sandbox/story.ts";
import { REPO, startWorld, type Pace, type SandboxWorld } from "../src/sandbox/world.ts";
import { isAccepted, quantile } from "./ingress-cpu.ts";
import type { Answered } from "./ingress-load.ts";
import { webhooksOf, type Webhook } from "./ingress-payloads.ts";
import { generatorProcess } from "./ingress-processes.ts";

export type WholeRun = {
  readonly seconds: number;
  readonly rate: number;
  /** Beside the one that a release is under way in. */
  readonly repositories: number;
  /** Whether the queue is on a Redis of its own instead of inside the process. */
  readonly isRedis: boolean;
};

/** The whole bot under a load of webhooks. Times are milliseconds. */
export type WholeCost = {
  readonly queue: "memory" | "redis";
  readonly sent: number;
  readonly accepted: number;
  /** Accepted later than GitHub waits. */
  readonly late: number;
  /** Accepted, and its repository was not looked at after it. */
  readonly lost: number;
  readonly answerMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** From a webhook's answer to the beginning of the next look at its repository. */
  readonly untilLookMs: { readonly p50: number; readonly max: number };
  /** From `/abort` to GitHub's answer to the merge of weight 0; undefined where that never came. */
  readonly abortMs: number | undefined;
  readonly looks: number;
};

const GITHUB_WAITS_MS = 10_000;
const LOOK_WITHIN_MS = 120_000;
const CONNECTIONS = 64;
const SERVICE = "checkout";
/** A bake so long that the release stays at the first weight until it is aborted. */
const PACE: Pace = { window: "1s", settle: "500ms", bake: "10m", deadline: "1h", mergesPerMinute: 600 };
const PRODUCTION = { WRITE_GAP_MS: "1000", SWEEP_SECONDS: "300" };

/** Sends webhooks at a steady rate to a bot as it runs in production, and `/abort` in the middle of them. */
export async function measureWhole(run: WholeRun): Promise<WholeCost> {
  const world = await startWorld({ services: [SERVICE], pace: PACE, faults: new Map(), seed: "ingress" });
  const generator = generatorProcess();
  const redis = run.isRedis ? await redisServer() : undefined;
  try {
    const step = await stepAtFirstWeight(world);
    const { webhooks, repos } = await webhooksOfAll(world, run.repositories);
    const looks = watched(world);
    const bot = await world.startBot(() => undefined, { ...PRODUCTION, ...(redis && { QUEUE_URL: redis.url }) });
    const load = { port: Number(new URL(bot.url).port), secret: secretOf(world), connections: CONNECTIONS, webhooks };
    const aborted = abortAfter(world, step, (run.seconds * 1_000) / 2);
    const answered = await generator.send({ ...load, seconds: run.seconds, rate: run.rate });
    const abortMs = await aborted;
    await lookedAt(answered, repos, looks);
    await bot.stop();
    return { queue: run.isRedis ? "redis" : "memory", ...costOf(answered, repos, looks), abortMs };
  } finally {
    generator.end();
    await world.close(false);
    await redis?.close();
  }
}

function secretOf({ environment }: SandboxWorld): string {
  return environment["WEBHOOK_SECRET"] ?? "";
}

/** Brings a release to its first weight; gives the open pull request of its next step. */
async function stepAtFirstWeight(world: SandboxWorld): Promise<number> {
  const bot = await world.startBot(() => undefined, { WRITE_GAP_MS: "0" });
  await bump(world, { service: SERVICE, version: "2.0.0" }, () => undefined);
  const step = await until("the second step", () =>
    world.github.pulls(REPO).find(({ head, state }) => state.kind === "open" && head.branch.endsWith("/2-25")),
  );
  await bot.stop();
  return step.number;
}

type Repos = readonly string[];

/** Webhooks of many repositories in turn, and of which each is. */
async function webhooksOfAll(
  { github }: SandboxWorld,
  count: number,
): Promise<{ readonly webhooks: readonly Webhook[]; readonly repos: Repos }> {
  const all: (readonly Webhook[])[] = [await heardOf(github, REPO)];
  const names = [REPO];
  for (let number = 1; number <= count; number += 1) {
    const repo = `acme/other-${number}`;
    await github.createRepo(repo, { "README.md": "# Another repository\n" });
    for (const user of ["renovate", "ana"]) github.setRole(repo, user, "write");
    all.push(await heardOf(github, repo));
    names.push(repo);
  }
  const most = Math.max(...all.map(({ length }) => length));
  const turns = Array.from({ length: most }, (_, turn) =>
    all.flatMap((webhooks, index) => {
      const webhook = webhooks[turn % webhooks.length];
      return webhook === undefined ? [] : [{ webhook, repo: names[index] ?? "" }];
    }),
  ).flat();
  return { webhooks: turns.map(({ webhook }) => webhook), repos: turns.map(({ repo }) => repo) };
}

/** Those of a repository that are each a reason to look at it. */
async function heardOf(github: SandboxWorld["github"], repo: string): Promise<readonly Webhook[]> {
  return (await webhooksOf(github, repo)).filter(({ event }) => event !== "check_run");
}

type Looks = ReadonlyMap<string, readonly number[]>;

/** When looks at each repository began: when git's first request of it came to GitHub. */
function watched({ github }: SandboxWorld): Looks {
  const looks = new Map<string, number[]>();
  github.setFaults(({ route, path }) => {
    const repo = /^\/(.+)\.git\/info\/refs/.exec(path)?.[1];
    if (route.endsWith("/info/refs") && repo !== undefined)
      looks.set(repo, [...(looks.get(repo) ?? []), performance.timeOrigin + performance.now()]);
    return undefined;
  });
  return looks;
}

async function abortAfter({ github }: SandboxWorld, number: number, ms: number): Promise<number | undefined> {
  await sleep(ms);
  const since = Date.now();
  github.comment({ repo: REPO, user: "ana", number, body: "/abort" });
  const merge = await until("the abort", () => {
    const pull = github
      .pulls(REPO)
      .find(({ head, state }) => head.branch.endsWith("/abort") && state.kind === "merged");
    const path = `/repos/${REPO}/pulls/${pull?.number}/merge`;
    return github.calls().find((call) => call.method === "PUT" && call.path === path && call.status === 200);
  }).catch(() => undefined);
  return merge === undefined ? undefined : merge.at - since;
}

function nextLook(looks: Looks, repo: string, at: number): number | undefined {
  return looks.get(repo)?.find((began) => began > at);
}

/** Waits until each repository was looked at after the last of its webhooks, or for as long as it is worth. */
async function lookedAt(answered: readonly Answered[], repos: Repos, looks: Looks): Promise<void> {
  const last = new Map<string, number>();
  for (const one of answered.filter(isAccepted)) {
    const repo = repos[one[0] % repos.length] ?? "";
    last.set(repo, Math.max(last.get(repo) ?? 0, one[2]));
  }
  const all = () => [...last].every(([repo, at]) => nextLook(looks, repo, at) !== undefined) || undefined;
  await until("a look at each repository", all).catch(() => undefined);
}

function costOf(answered: readonly Answered[], repos: Repos, looks: Looks): Omit<WholeCost, "queue" | "abortMs"> {
  const accepted = answered.filter(isAccepted);
  const took = answered.map(([, tookMs]) => tookMs);
  const waits = accepted.map(([index, , at]) => {
    const look = nextLook(looks, repos[index % repos.length] ?? "", at);
    return look === undefined ? undefined : look - at;
  });
  const looked = waits.filter((wait) => wait !== undefined);
  return {
    sent: answered.length,
    accepted: accepted.length,
    late: accepted.filter(([, tookMs]) => tookMs > GITHUB_WAITS_MS).length,
    lost: waits.length - looked.length,
    answerMs: { p50: quantile(took, 0.5), p99: quantile(took, 0.99), max: quantile(took, 1) },
    untilLookMs: { p50: quantile(looked, 0.5), max: quantile(looked, 1) },
    looks: [...looks.values()].reduce((sum, { length }) => sum + length, 0),
  };
}

async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  const end = Date.now() + LOOK_WITHIN_MS;
  while (Date.now() < end) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error(`There was no sign of ${what} within ${LOOK_WITHIN_MS / 1_000} s.`);
}
