import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bot } from "./bot.ts";
import type { RouteChange } from "./cluster/view.ts";
import type { FleetService } from "./fleet.ts";
import { ROUTES } from "./fleet-routes.ts";
import { BAD_RATIO, bump, faultsOf, isOver, type Bumping, type NewVersion, type Plot } from "./story.ts";
import type { LiveOfKind } from "./live-kinds.ts";
import { subjectsOf } from "./subject.ts";
import { verify, type Check } from "./verify.ts";
import { DEMO_PACE, REPO, startWorld, type Pace, type SandboxWorld } from "./world.ts";

const FLEET = [
  "accounts",
  "cart",
  "catalog",
  "checkout",
  "emails",
  "orders",
  "payments",
  "recommendations",
  "search",
  "shipping",
] as const;
/** Run by Argo Rollouts, one that is Tidegate's and one that is its people's. */
const ROLLOUTS = [
  { name: "frontend", form: "owned", routing: "nginx" },
  { name: "inventory", form: "claimed", routing: "gateway" },
] as const;
/** A good and a bad version for each kind; those of HTTPRoutes reach three targets, in two waves. */
const PLOT: Plot = {
  good: [
    { service: "checkout", version: "1.1.0" },
    { service: "catalog", version: "1.1.0" },
    { service: "search", version: "1.1.0" },
    { service: "frontend", version: "1.1.0" },
  ],
  bad: [
    { service: "payments", version: "2.0.0" },
    { service: "orders", version: "2.0.0" },
    { service: "shipping", version: "2.0.0" },
    { service: "inventory", version: "2.0.0" },
  ],
};
const WORLD = {
  services: FLEET,
  rollouts: ROLLOUTS,
  kinds: { catalog: "istio", orders: "istioSubsets", search: "nginx", shipping: "nginx" },
  spread: { services: ["checkout", "payments"], targets: ["staging", "prod-eu", "prod-us"] },
  waves: [
    { targets: ["staging"], steps: [50] },
    { targets: ["prod", "prod-*"], steps: [25] },
  ],
  pace: DEMO_PACE,
  faults: faultsOf(PLOT),
  seed: "demo",
} as const;
const LONGEST_MS = 170_000;
const LOOK_EVERY_MS = 150;

/** What is seen from outside the bot: on GitHub, in git and in the cluster. `at` is milliseconds since the demo began. */
export type DemoEvent = { readonly at: number } & (
  | { readonly kind: "started"; readonly pace: Pace; readonly addresses: Addresses; readonly services: number }
  | (Bumping & { readonly note: string })
  | { readonly kind: "opened"; readonly service: string; readonly pull: number; readonly title: string }
  | {
      readonly kind: "check";
      readonly service: string;
      readonly pull: number;
      readonly name: string;
      readonly conclusion: string | null;
      readonly title: string;
    }
  | { readonly kind: "merged"; readonly service: string; readonly pull: number; readonly title: string }
  | {
      readonly kind: "live";
      readonly service: string;
      readonly canaryWeight: number;
      /** Versions that stable has ready. */
      readonly stable: readonly string[];
    }
  | { readonly kind: "log"; readonly line: string }
);

export type Addresses = {
  readonly github: string;
  readonly clone: string;
  readonly prometheus: string;
  readonly bot: string;
  readonly files: string;
  /** A file with the bot's environment, once `keepEnvironment` has written it. */
  readonly environment: string;
};

export type Summary = {
  readonly promoted: number;
  readonly rolledBack: number;
  readonly steps: number;
  readonly commits: number;
  readonly seconds: number;
  readonly live: readonly LiveOfKind[];
  readonly checks: readonly Check[];
};

export type Demo = {
  readonly addresses: Addresses;
  /** Plays to the end; undefined when it was interrupted. */
  readonly play: () => Promise<Summary | undefined>;
  /** Writes the bot's environment down, so that other commands of the program find this world. */
  readonly keepEnvironment: () => Promise<void>;
  readonly close: (keep: boolean) => Promise<void>;
};

export type DemoOptions = { readonly onEvent: (event: DemoEvent) => void; readonly signal: AbortSignal };

/** Starts the sandbox and the bot, a process of its own. */
export async function startDemo({ onEvent, signal }: DemoOptions): Promise<Demo> {
  const began = Date.now();
  const world = await startWorld(WORLD);
  const emit = (event: DemoEvent extends infer E ? (E extends DemoEvent ? Omit<E, "at"> : never) : never) =>
    onEvent({ at: Date.now() - began, ...event });
  const bot = await startOrClose(world, (line) => emit({ kind: "log", line }));
  const addresses: Addresses = {
    github: `${world.github.url}/repos/${REPO}`,
    clone: world.github.gitDir(REPO),
    prometheus: world.prometheus.url,
    bot: bot.url,
    files: world.dataDir,
    environment: join(world.dataDir, "environment"),
  };
  emit({ kind: "started", pace: DEMO_PACE, addresses, services: FLEET.length + ROLLOUTS.length });
  return {
    addresses,
    play: () => play({ world, emit, signal, began }),
    keepEnvironment: () => writeFile(addresses.environment, environmentFile(world.environment), { mode: 0o600 }),
    close: async (keep) => {
      await bot.stop();
      await world.close(keep);
    },
  };
}

/** As Node's `--env-file` reads it. */
function environmentFile(environment: SandboxWorld["environment"]): string {
  const lines = Object.entries(environment).map(([key, value]) => `${key}="${value.replaceAll("\n", "\\n")}"\n`);
  return lines.join("");
}

async function startOrClose(world: SandboxWorld, onLog: (line: string) => void): Promise<Bot> {
  try {
    return await world.startBot(onLog);
  } catch (error) {
    await world.close(false);
    throw error;
  }
}

type Emit = (event: DemoEvent extends infer E ? (E extends DemoEvent ? Omit<E, "at"> : never) : never) => void;
type Stage = {
  readonly world: SandboxWorld;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly began: number;
};

async function play({ world, emit, signal, began }: Stage): Promise<Summary | undefined> {
  const watching = watch(world, emit);
  const bring = (version: NewVersion, note: string) => bump(world, version, (event) => emit({ ...event, note }));
  const bumps = await Promise.all([
    ...PLOT.good.map((version) => bring(version, `a good version${wayOf(world, version)}`)),
    ...PLOT.bad.map((version) => bring(version, `fails ${BAD_RATIO} times as many requests${wayOf(world, version)}`)),
  ]);
  while (!signal.aborted && Date.now() - began < LONGEST_MS && !(await isOver(world, PLOT))) {
    await watching();
    await sleep(LOOK_EVERY_MS);
  }
  await world.github.settled();
  await watching();
  if (signal.aborted) return undefined;
  return {
    ...(await verify(world, { ...PLOT, bumps })),
    seconds: Math.round((Date.now() - began) / 1000),
  };
}

/** Tells what has changed on GitHub and in the cluster since it last looked. */
function watch({ github, cluster, fleet }: SandboxWorld, emit: Emit): () => Promise<void> {
  const told = new Map<string, string>();
  const once = (key: string, value: string, tell: () => void) => {
    if (told.get(key) === value) return;
    told.set(key, value);
    tell();
  };
  let changes = 0;
  return async () => {
    for (const { number, title, head, author, state } of github.pulls(REPO)) {
      const service = calledAfter(head.branch);
      const isOurs = author.login === "tidegate[bot]";
      if (isOurs) once(`pull ${number}`, "opened", () => emit({ kind: "opened", service, pull: number, title }));
      for (const { name, output, status } of github.checks(REPO, head.sha)) {
        const conclusion = status.kind === "completed" ? status.conclusion : null;
        const words = output.title ?? "";
        once(`check ${number} ${name}`, `${conclusion} ${words}`, () =>
          emit({ kind: "check", service, pull: number, name, conclusion, title: words }),
        );
      }
      if (isOurs && state.kind === "merged")
        once(`merged ${number}`, "merged", () => emit({ kind: "merged", service, pull: number, title }));
    }
    for (const change of cluster.changes().slice(changes)) {
      changes += 1;
      const live = liveOf(change, fleet);
      const known = told.get(`live ${live.service}`);
      const now = `${live.canaryWeight} ${live.stable.join()}`;
      // How the fleet came up is no news.
      if (live.stable.length === 0) continue;
      if (known === undefined) told.set(`live ${live.service}`, now);
      else once(`live ${live.service}`, now, () => emit({ kind: "live", ...live }));
    }
  };
}

/** What a route's change comes to: the canary's share, and the versions that stable has ready. */
function liveOf({ namespace, name, weights, images }: RouteChange, fleet: readonly FleetService[]) {
  const service = fleet.find((one) => one.name === name);
  const arms = ROUTES[service?.kind ?? "httpRoute"].arms(name);
  const target = service?.targets.find((one) => one.namespace === namespace)?.name ?? "prod";
  const stable = (images[arms.stable] ?? []).map((image) => image.slice(image.lastIndexOf(":") + 1));
  return { service: called(name, target), canaryWeight: weights[arms.canary] ?? 0, stable };
}

/** How a service reaches its users, for whoever reads of its bump. */
function wayOf(world: SandboxWorld, { service }: NewVersion): string {
  const found = subjectsOf(world).find(({ name }) => name === service);
  if (found === undefined) return "";
  const { called, instances } = found;
  const where = instances.length > 1 ? `, in ${instances.map(({ name }) => name).join(", ")}` : "";
  return ` (${called}${where})`;
}

/** Of what a branch is about: `tidegate/checkout/staging/…`, `renovate/checkout-1.1.0`. */
function calledAfter(branch: string): string {
  const [who, what = "", target = ""] = branch.split("/");
  return who === "renovate" ? what.slice(0, what.lastIndexOf("-")) : called(what, target);
}

function called(service: string, target: string): string {
  return target === "prod" ? service : `${service} in ${target}`;
}
