import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { bumpMany, startMemoryWorld, type MemoryWorld } from "./memory-world.ts";

export type Asked = {
  readonly services: number;
  readonly repositories: number;
  readonly releases: number;
  readonly sweeps: number;
  /** Seconds from one sweep to the next. */
  readonly every: number;
  readonly minutes: number;
};

/** What sweeps cost, the mean of them: calls to GitHub, git's requests included; CPU of the process and of the gits that it ran; from the first call to the last; seconds. */
export type SweepCost = {
  readonly calls: number;
  readonly cpuSeconds: number;
  readonly gitSeconds: number;
  readonly seconds: number;
};

/** A part of the run. Megabytes are 10^6 bytes. */
export type Phase = {
  readonly name: string;
  /** Releases with an open pull request at the end. */
  readonly inFlight: number;
  readonly peakMB: number;
  readonly endMB: number;
  /** Of phases in which nothing changes. */
  readonly sweep: SweepCost | undefined;
};

const QUIET_MS = 5_000;

/** Starts at rest, sweeps, brings releases under way and sweeps again; tells each phase as it ends. */
export async function measureMemory(asked: Asked, tell: (phase: Phase) => void): Promise<readonly Phase[]> {
  const { repositories, releases } = asked;
  const services = Math.ceil(asked.services / repositories);
  const world = await startMemoryWorld({ repositories, services, sweepSeconds: asked.every, onLog: () => undefined });
  const phases: Phase[] = [];
  const during = async (name: string, work: () => Promise<SweepCost | undefined>) => {
    const phase = await measured(world, name, work);
    phases.push(phase);
    tell(phase);
  };
  const end = Date.now() + asked.minutes * 60_000;
  try {
    await during("the first looks", () => firstLooks(world, end));
    await during("sweeps at rest", () => sweeps(world, asked));
    await during("releases begin", () => begin(world, releases, end));
    await during("sweeps in flight", () => sweeps(world, asked));
    return phases;
  } finally {
    await world.close();
  }
}

async function measured(world: MemoryWorld, name: string, work: () => Promise<SweepCost | undefined>): Promise<Phase> {
  let peakMB = 0;
  const timer = setInterval(() => {
    peakMB = Math.max(peakMB, spentBy(world.bot.pid).residentMB);
  }, 100);
  try {
    const sweep = await work();
    return { name, inFlight: inFlight(world), peakMB, endMB: spentBy(world.bot.pid).residentMB, sweep };
  } finally {
    clearInterval(timer);
  }
}

async function firstLooks(world: MemoryWorld, end: number): Promise<undefined> {
  const looked = (repo: string) => world.github.calls().some(({ path }) => path.includes(`/${repo}/pulls`));
  await until(end, "a look at every repository", () => world.repos.every(looked));
  await quiet(world, end);
}

async function begin(world: MemoryWorld, releases: number, end: number): Promise<undefined> {
  const { github, repos } = world;
  for (const [index, repo] of repos.entries()) {
    const share = Math.floor(((index + 1) * releases) / repos.length) - Math.floor((index * releases) / repos.length);
    await bumpMany(github, repo, share);
  }
  await until(end, "all releases in flight", () => inFlight(world) >= releases);
  await quiet(world, end);
}

/** Pull requests of steps that are open: one a release, since none can go on. */
function inFlight({ github, repos }: MemoryWorld): number {
  return repos.reduce((sum, repo) => sum + github.pulls(repo).filter(({ state }) => state.kind === "open").length, 0);
}

async function sweeps(world: MemoryWorld, { sweeps: count, every }: Asked): Promise<SweepCost> {
  const costs: SweepCost[] = [];
  while (costs.length < count) costs.push(await sweep(world, every));
  const mean = (of: (cost: SweepCost) => number) => costs.reduce((sum, cost) => sum + of(cost), 0) / count;
  return {
    calls: mean(({ calls }) => calls),
    cpuSeconds: mean(({ cpuSeconds }) => cpuSeconds),
    gitSeconds: mean(({ gitSeconds }) => gitSeconds),
    seconds: mean(({ seconds }) => seconds),
  };
}

/** Waits for the next sweep, and for its last call. */
async function sweep(world: MemoryWorld, every: number): Promise<SweepCost> {
  const end = Date.now() + 10 * every * 1_000;
  const calls = () => world.github.calls();
  const first = calls().length;
  const before = spentBy(world.bot.pid);
  await until(end, "a sweep", () =>
    calls()
      .slice(first)
      .some(({ route }) => route === "/app/installations"),
  );
  await quiet(world, end);
  const after = spentBy(world.bot.pid);
  const made = calls().slice(first);
  return {
    calls: made.length,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    gitSeconds: after.gitSeconds - before.gitSeconds,
    seconds: ((made.at(-1)?.at ?? 0) - (made[0]?.at ?? 0)) / 1_000,
  };
}

/** Waits until nothing has been asked of GitHub for some seconds. */
async function quiet({ github }: MemoryWorld, end: number): Promise<void> {
  await until(end, "some quiet", () => Date.now() - (github.calls().at(-1)?.at ?? 0) > QUIET_MS);
}

async function until(end: number, what: string, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`The time was over before there was a sign of ${what}.`);
    await sleep(200);
  }
}

type Spent = { readonly residentMB: number; readonly cpuSeconds: number; readonly gitSeconds: number };

/** The kernel counts a hundredth of a second as one, on every architecture that Node has. */
const TICKS_PER_SECOND = 100;

/** What the kernel says of a process: what is resident, its own CPU time, and that of its children that have ended. */
function spentBy(pid: number): Spent {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  // The name, in brackets, may hold anything; the third field follows it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  const seconds = (from: number) => (Number(fields[from]) + Number(fields[from + 1])) / TICKS_PER_SECOND;
  return { residentMB: (Number(kilobytes) * 1_024) / 1e6, cpuSeconds: seconds(11), gitSeconds: seconds(13) };
}
