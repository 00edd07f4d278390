import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Pull } from "../src/sandbox/github/store.ts";
import { costsOf, type RepoCost, type Watched } from "./memory-cost.ts";
import { startMemoryWorld, type MemoryWorld } from "./memory-world.ts";

export type Asked = {
  readonly services: number;
  readonly repositories: number;
  readonly releases: number;
  readonly windows: number;
  readonly sweeps: number;
  readonly collected: number;
  /** Seconds from one sweep to the next. */
  readonly every: number;
  readonly minutes: number;
};

/** What a sweep cost: of GitHub by repository; CPU of the process and of the gits that it ran; from the first call to the last; seconds. */
export type SweepCost = {
  readonly repositories: readonly RepoCost[];
  /** All of them, those of git and of the App as a whole as well. */
  readonly calls: number;
  readonly cpuSeconds: number;
  readonly gitSeconds: number;
  readonly seconds: number;
  /** Live after a collection, 10^6 bytes; undefined where none was forced. */
  readonly heapMB: number | undefined;
};

/** A part of the run. Megabytes are 10^6 bytes. */
export type Phase = {
  readonly name: string;
  /** Releases with an open pull request of their next step and its check, at the end; and where those checks say that they stand. */
  readonly inFlight: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly peakMB: number;
  readonly endMB: number;
  readonly seconds: number;
  /** Of the process and its gits, in all of it. */
  readonly cpuSeconds: number;
  /** Of phases in which nothing changes. */
  readonly sweeps: readonly SweepCost[];
};

const QUIET_MS = 5_000;
const STILL_SECONDS = 0.2;

/** Starts at rest, sweeps, brings releases under way and sweeps again; tells each phase as it ends. */
export async function measureMemory(
  asked: Asked,
  tell: (phase: Phase) => void,
): Promise<{ readonly phases: readonly Phase[]; readonly secondsToStart: number }> {
  const { repositories, releases } = asked;
  const began = Date.now();
  const services = Math.ceil(asked.services / repositories);
  const heap = heapSaid();
  const world = await startMemoryWorld({ ...asked, services, sweepSeconds: asked.every, onLog: heap.hear });
  const secondsToStart = (Date.now() - began) / 1_000;
  const phases: Phase[] = [];
  const during = async (name: string, work: () => Promise<readonly SweepCost[]>) => {
    const phase = await measured(world, name, work);
    phases.push(phase);
    tell(phase);
  };
  const end = began + asked.minutes * 60_000;
  const collect = () => heap.ask(world.bot.pid);
  try {
    await during("the first looks", () => firstLooks(world, end));
    await during("sweeps at rest", () => sweeps(world, asked, asked.sweeps));
    await during("releases begin", () => begin(world, releases, end));
    await during("sweeps in flight", () => sweeps(world, asked, asked.sweeps));
    // Last, because what is collected by force here would be there in production.
    if (asked.collected > 0) await during("sweeps, collected", () => sweeps(world, asked, asked.collected, collect));
    return { phases, secondsToStart };
  } finally {
    await world.close();
  }
}

async function measured(world: MemoryWorld, name: string, work: () => Promise<readonly SweepCost[]>): Promise<Phase> {
  const { pid } = world.bot;
  const began = Date.now();
  forgetPeak(pid);
  const before = spentBy(pid);
  const found = await work();
  const after = spentBy(pid);
  const stages = Object.groupBy(stepsOf(world), ({ stands }) => stands);
  return {
    name,
    inFlight: stepsOf(world).length,
    stages: Object.fromEntries(Object.entries(stages).map(([stage, all = []]) => [stage, all.length])),
    peakMB: after.peakMB,
    endMB: after.residentMB,
    seconds: (Date.now() - began) / 1_000,
    cpuSeconds: after.cpuSeconds + after.gitSeconds - before.cpuSeconds - before.gitSeconds,
    sweeps: found,
  };
}

async function firstLooks(world: MemoryWorld, end: number): Promise<[]> {
  const looked = (repo: string) => world.github.calls().some(({ path }) => path.includes(`/${repo}/pulls`));
  await until(end, "a look at every repository", () => world.repos.every(looked));
  await quiet(world, end);
  return [];
}

/** The bot finds the releases at their first weight, and opens the pull requests of the next one by itself. */
async function begin(world: MemoryWorld, releases: number, end: number): Promise<[]> {
  const { github, repos } = world;
  const share = (index: number) => Math.floor((index * releases) / repos.length);
  await world.fly(repos.map((_, index) => share(index + 1) - share(index)));
  const heads = await headsOf(world);
  await until(end, `${releases} releases in flight`, () => stepsOf(world).filter(isMeasured).length >= releases);
  await quiet(world, end);
  const open = repos.flatMap((repo) => openIn(world, repo)).length;
  const isUntouched = JSON.stringify(await headsOf(world)) === JSON.stringify(heads);
  if (open !== releases || !isUntouched || repos.some((repo) => github.pulls(repo).some(isOver)))
    throw new Error("The bot mended what it was to find in order.");
  return [];
}

/** Its provider answers, and what landed has been seen live. */
export function isMeasured({ stands }: { readonly stands: string }): boolean {
  return stands !== "Waiting" && stands !== "Syncing";
}

function isOver({ state }: Pull): boolean {
  return state.kind !== "open";
}

function headsOf({ github, repos }: MemoryWorld): Promise<readonly (string | undefined)[]> {
  return Promise.all(repos.map(async (repo) => (await github.log(repo, "main"))[0]?.sha));
}

function openIn({ github }: MemoryWorld, repo: string): readonly Pull[] {
  return github.pulls(repo).filter(({ state }) => state.kind === "open");
}

/** Open pull requests of steps that have their check, and the first word of its title. */
function stepsOf(world: MemoryWorld): readonly { readonly stands: string }[] {
  return world.repos.flatMap((repo) =>
    openIn(world, repo).flatMap(({ head }) => {
      const gate = world.github.checks(repo, head.sha).find(({ name }) => name === "tidegate/gate");
      const [stands = ""] = (gate?.output.title ?? "").split(/\W/);
      return gate === undefined || !head.branch.startsWith("tidegate/") ? [] : [{ stands }];
    }),
  );
}

/** `collect`: collects garbage after each, and gives what is live. */
async function sweeps(
  world: MemoryWorld,
  { every }: Asked,
  count: number,
  collect?: () => Promise<number>,
): Promise<readonly SweepCost[]> {
  const costs: SweepCost[] = [];
  while (costs.length < count) {
    const cost = await sweep(world, every);
    costs.push({ ...cost, heapMB: await collect?.() });
  }
  return costs;
}

/** Waits for the next sweep, and for its last call. What a wake brought since it was quiet last counts as well: a look is counted whole. */
async function sweep(world: MemoryWorld, every: number): Promise<Omit<SweepCost, "heapMB">> {
  const end = Date.now() + 10 * every * 1_000;
  const { github, repos, bot } = world;
  const first = github.calls().length;
  const made = () => github.calls().slice(first);
  const before = spentBy(bot.pid);
  await until(end, "a sweep", () => made().some(({ route }) => route === "/app/installations"));
  const isLookedAt = (repo: string) => made().some(({ path }) => path === `/${repo}.git/info/refs`);
  await until(end, "a look at every repository", () => repos.every(isLookedAt));
  await quiet(world, end);
  const after = spentBy(bot.pid);
  const watched = repos.map((repo): Watched => ({
    repo,
    installation: github.installationId(repo),
    open: openIn(world, repo).length,
  }));
  return {
    repositories: costsOf(made(), watched),
    calls: made().length,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    gitSeconds: after.gitSeconds - before.gitSeconds,
    seconds: ((made().at(-1)?.at ?? 0) - (made()[0]?.at ?? 0)) / 1_000,
  };
}

/** Waits until for some seconds nothing has been asked of GitHub, nor has the bot been at work. */
async function quiet({ github, bot }: MemoryWorld, end: number): Promise<void> {
  const seen = () => ({ calls: github.calls().length, cpuSeconds: spentBy(bot.pid).cpuSeconds });
  let [since, last] = [Date.now(), seen()];
  await until(end, "some quiet", () => {
    const now = seen();
    // Timers alone take less.
    const isStill = now.calls === last.calls && now.cpuSeconds - last.cpuSeconds < STILL_SECONDS;
    if (!isStill) [since, last] = [Date.now(), now];
    return Date.now() - since > QUIET_MS;
  });
}

async function until(end: number, what: string, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`The time was over before there was a sign of ${what}.`);
    await sleep(200);
  }
}

const Collected = z.object({ collected: z.object({ heapUsed: z.number() }) });

/** Hears the bot's log for what it says of its heap when it is asked. */
function heapSaid() {
  const waiting: ((heapMB: number) => void)[] = [];
  return {
    hear: (line: string) => {
      if (!line.startsWith('{"collected"')) return;
      const { heapUsed } = Collected.parse(JSON.parse(line)).collected;
      for (const tell of waiting.splice(0)) tell(heapUsed / 1e6);
    },
    ask: (pid: number) =>
      new Promise<number>((resolve) => {
        waiting.push(resolve);
        process.kill(pid, "SIGUSR2");
      }),
  };
}

type Spent = {
  readonly residentMB: number;
  readonly peakMB: number;
  readonly cpuSeconds: number;
  readonly gitSeconds: number;
};

/** The kernel counts a hundredth of a second as one, on every architecture that Node has. */
const TICKS_PER_SECOND = 100;

/** What the kernel says of a process: what is resident, the most that was, its own CPU time, and that of its children that have ended. */
function spentBy(pid: number): Spent {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1_024) / 1e6;
  // The name, in brackets, may hold anything; the third field follows it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  const seconds = (from: number) => (Number(fields[from]) + Number(fields[from + 1])) / TICKS_PER_SECOND;
  return {
    residentMB: megabytes("VmRSS"),
    peakMB: megabytes("VmHWM"),
    cpuSeconds: seconds(11),
    gitSeconds: seconds(13),
  };
}

/** The kernel begins anew with the most that was resident (proc(5), clear_refs). */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}
