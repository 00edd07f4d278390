import { join } from "node:path";
import { startBalancer } from "./balancer.ts";
import type { FaultRequest } from "./github/faults.ts";
import { freePort } from "./port.ts";
import { redisServer, type RedisServer } from "./redis.ts";
import { supervise, type SupervisedBot } from "./supervised.ts";
import type { SandboxWorld } from "./world.ts";

/** The processes of a bot, and what they share. */
export type Crew = {
  /** Whether all of them run. */
  readonly isUp: () => boolean;
  /** The process that made a call. */
  readonly callerOf: (request: Pick<FaultRequest, "host">) => Pick<SupervisedBot, "isUp" | "kill">;
  /** Why one of them is not started again. */
  readonly problem: () => string | undefined;
  /** Whether nothing is under way between them that could still be done once more. */
  readonly isAtRest: () => Promise<boolean>;
  readonly redis: Struck | undefined;
  /** Ends them for good, the kind way. */
  readonly stop: () => Promise<void>;
};

/** A Redis to which things happen. */
export type Struck = {
  /** `kill -9`; resolves when it is gone. It is started again over its files so many milliseconds later. */
  readonly kill: (awayMs: number) => Promise<void>;
  /** It loses all its keys. */
  readonly flush: () => Promise<void>;
};

/** Two names of this machine: by which one it is called tells who calls. */
const NAMES = ["127.0.0.1", "localhost"] as const;
/** What a process says that found no Redis at its start, or lost it there. */
const WITHOUT_REDIS = /^QUEUE_URL: (no Redis answers|Redis does not tell)/m;

/** One process that keeps its work to itself. */
export function soleBot(world: SandboxWorld): Crew {
  const bot = supervise(() => world.launchBot(() => undefined));
  return { ...bot, callerOf: () => bot, isAtRest: async () => true, redis: undefined };
}

/** Two processes that share their work by a Redis; webhooks come to either. */
export async function twoBots(world: SandboxWorld): Promise<Crew> {
  const server = await redisServer();
  const members = await Promise.all(NAMES.map((name) => memberOf(world, name, server.url)));
  const [first] = members;
  if (first === undefined) throw new Error("A crew has members.");
  const balancer = await startBalancer(members.map(({ origin }) => origin));
  world.github.setWebhookUrl(`${balancer.url}/api/github/webhooks`);
  const redis = struck(server);
  const bots = members.map(({ bot }) => bot);
  return {
    isUp: () => redis.isUp() && bots.every((bot) => bot.isUp()),
    callerOf: ({ host }) => (members.find(({ name }) => host.startsWith(`${name}:`)) ?? first).bot,
    problem: () => bots.map((bot) => bot.problem()).find((problem) => problem !== undefined),
    isAtRest: () => isAtRest(server),
    redis,
    stop: async () => {
      world.github.setWebhookUrl(undefined);
      await redis.settled();
      await Promise.all(bots.map((bot) => bot.stop()));
      await balancer.close();
      await server.close();
    },
  };
}

type Member = { readonly name: string; readonly origin: string; readonly bot: SupervisedBot };

async function memberOf(world: SandboxWorld, name: string, queue: string): Promise<Member> {
  const port = await freePort();
  const { GITHUB_API_URL = "", GITHUB_URL = "" } = world.environment;
  const environment = {
    QUEUE_URL: queue,
    DATA_DIR: join(world.dataDir, `bot-at-${name}`),
    GITHUB_API_URL: calledBy(name, GITHUB_API_URL),
    GITHUB_URL: calledBy(name, GITHUB_URL),
  };
  const launch = () => world.launchBot(() => undefined, { port, environment });
  const isPassing = (words: string) => WITHOUT_REDIS.test(words);
  return { name, origin: `http://127.0.0.1:${port}`, bot: supervise(launch, isPassing) };
}

function calledBy(name: string, address: string): string {
  return address.replace("//127.0.0.1:", `//${name}:`);
}

function struck(server: RedisServer): Struck & { readonly isUp: () => boolean; readonly settled: () => Promise<void> } {
  let isUp = true;
  let restarting: Promise<void> = Promise.resolve();
  const restart = async (awayMs: number) => {
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    await server.start();
    isUp = true;
  };
  return {
    isUp: () => isUp,
    settled: () => restarting,
    kill: async (awayMs) => {
      await restarting;
      isUp = false;
      await server.kill();
      restarting = restart(awayMs);
    },
    flush: async () => {
      await server.client.flushall();
    },
  };
}

/** No look waits or runs; one that a killed process had taken counts as running until another has run it. */
async function isAtRest({ client }: RedisServer): Promise<boolean> {
  const [waiting, active] = await Promise.all([
    client.llen("tidegate:looks:wait"),
    client.llen("tidegate:looks:active"),
  ]);
  return waiting === 0 && active === 0;
}
