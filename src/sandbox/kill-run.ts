import { setTimeout as sleep } from "node:timers/promises";
import type { MetricsFront } from "./cluster/metrics-front.ts";
import { soleBot, twoBots, type Crew } from "./crew.ts";
import type { KillPoint } from "./kill-points.ts";
import { killerOf, type Killer } from "./killer.ts";
import { bump, faultsOf, isOver, PLOT } from "./story.ts";
import { tallyOf, type Tally } from "./tally.ts";
import { REPO, startWorld, type ClusterPace, type Pace, type SandboxWorld } from "./world.ts";

/** The two bumps played to their end once, the bot being killed at each of the points. */
export type KillRun = { readonly number: number; readonly points: readonly KillPoint[] };

export type KillRunEnd = {
  readonly number: number;
  readonly seconds: number;
  /** In the order in which they happened. */
  readonly kills: readonly KillPoint[];
  readonly tally: Tally;
  /** Kills that were meant to take place, at calls that this run did not come to: a slow machine makes fewer of some. */
  readonly missed: readonly KillPoint[];
  /** What went wrong in the run itself; empty where it came to its end and was killed at all. */
  readonly problems: readonly string[];
};

export type KillRunOptions = {
  readonly front: MetricsFront;
  readonly seed: string;
  /** One process, or two that share their work by a Redis. */
  readonly crew: "sole" | "two";
  readonly signal: AbortSignal;
};

const VERSIONS = [...PLOT.good, ...PLOT.bad];
const SERVICES = ["cart", ...VERSIONS.map(({ service }) => service), "search"];
/** Twice as fast as the demo. A window still has five scrapes, and no deadline passes while processes are dead. */
const PACE: Pace = { window: "500ms", settle: "400ms", bake: "1s", deadline: "15m", mergesPerMinute: 600 };
const CLUSTER: ClusterPace = {
  pollMs: 200,
  syncDelayMs: 100,
  readyMs: 300,
  scrapeMs: 100,
  requestsPerSecond: 8_000,
};
// A machine with much else to do takes many times as long as an idle one.
const LONGEST_MS = 600_000;
const LOOK_EVERY_MS = 150;
/** At the end nothing may happen any more for as long as this. */
const CALM_MS = 1_000;

/** Plays one run in a world of its own; undefined when it was interrupted. */
export async function playKillRun(
  run: KillRun,
  { front, seed, signal, crew: size }: KillRunOptions,
): Promise<KillRunEnd | undefined> {
  const metrics = { front, tenant: `run-${run.number}` };
  const world = await startWorld({
    services: SERVICES,
    pace: PACE,
    faults: faultsOf(PLOT),
    seed,
    clusterPace: CLUSTER,
    metrics,
  });
  try {
    const crew = await (size === "two" ? twoBots(world) : soleBot(world));
    const killer = killerOf(run.points, crew);
    world.github.setFaults(killer.hook);
    try {
      return await play(run, { world, crew, killer, signal });
    } finally {
      await crew.stop();
    }
  } finally {
    await world.close(false);
  }
}

type Stage = {
  readonly world: SandboxWorld;
  readonly crew: Crew;
  readonly killer: Killer;
  readonly signal: AbortSignal;
};

async function play({ number }: KillRun, stage: Stage): Promise<KillRunEnd | undefined> {
  const { world, crew, killer, signal } = stage;
  const began = Date.now();
  for (const version of VERSIONS) await bump(world, version, () => undefined);
  const isAtEnd = await ends(stage, began + LONGEST_MS);
  if (signal.aborted) return undefined;
  const problem = crew.problem();
  return {
    number,
    seconds: (Date.now() - began) / 1000,
    kills: killer.kills(),
    tally: await tallyOf(world),
    missed: killer.waiting(),
    problems: [
      ...(problem === undefined ? [] : [problem]),
      ...(isAtEnd ? [] : [`it was not over after ${LONGEST_MS / 1000} s`]),
      ...(killer.kills().length > 0 || number === 0 ? [] : ["it was never killed"]),
    ],
  };
}

/** Waits until the releases are over, told of, and nothing happens any more; false where that is not so in time. */
async function ends({ world, crew, signal }: Stage, until: number): Promise<boolean> {
  while (!signal.aborted && Date.now() < until && crew.problem() === undefined) {
    await sleep(LOOK_EVERY_MS);
    if (!(await isTold(world)) || !crew.isUp() || !(await crew.isAtRest())) continue;
    const seen = JSON.stringify(await tallyOf(world));
    await sleep(CALM_MS);
    await world.github.settled();
    if (crew.isUp() && (await isTold(world)) && JSON.stringify(await tallyOf(world)) === seen) return true;
  }
  return false;
}

/** The releases are over, and each bump's pull request has its summary. */
async function isTold(world: SandboxWorld): Promise<boolean> {
  const { github } = world;
  const bumps = github.pulls(REPO).filter(({ author }) => author.login === "renovate");
  return bumps.every(({ number }) => github.comments(REPO, number).length > 0) && (await isOver(world, PLOT));
}
