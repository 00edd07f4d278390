import { decide } from "../../src/core/decide.ts";
import { repoName, sha, type Sha } from "../../src/core/names.ts";
import type { Permission } from "../../src/core/permissions.ts";
import { memoryLeases } from "../../src/reconcile/lease.ts";
import { reconcile, type World } from "../../src/reconcile/reconcile.ts";
import type { Readings } from "../../src/reconcile/readings.ts";
import { remembered } from "../../src/reconcile/remembered.ts";
import { filesOf, pathsOf } from "../../src/sandbox/fleet.ts";
import { modelCluster, type ModelCluster } from "./cluster.ts";
import { faulty, NO_FAULTS, type Faults, type Odds } from "./faults.ts";
import { modelForge, type ModelForge } from "./forge.ts";
import { modelGit, type ModelGit } from "./git.ts";
import { manifestsOf } from "./manifests.ts";
import { randomOf } from "./random.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
export const NOON = Date.UTC(2026, 10, 20, 12);
const KEY = { installation: 1, repo: repoName("acme/gitops") };
const REVISION = "4f1c000000000000000000000000000000000000";

/** What people do, and when; all the rest follows. */
export type Event =
  | { readonly kind: "bump"; readonly service: string; readonly tag: string; readonly at: number }
  | {
      readonly kind: "comment";
      readonly service: string;
      readonly author: string;
      readonly body: string;
      readonly at: number;
    }
  | { readonly kind: "unrelated"; readonly at: number };

export type Scenario = {
  readonly services: readonly string[];
  readonly events: readonly Event[];
  /** Tags whose error rate is ten times the usual. */
  readonly bad: ReadonlySet<string>;
  /** The metrics provider answers nothing in these spans, milliseconds since NOON. */
  readonly outages: readonly (readonly [from: number, to: number])[];
};

export type Options = {
  readonly seed: number;
  readonly odds: Odds;
  /** Share of webhooks that never arrive. */
  readonly deaf: number;
  readonly readings: Readings;
  readonly decide?: typeof decide;
  /** Somebody pushes in the very moment before a merge, with this probability. */
  readonly races: number;
};

export type Story = {
  readonly git: ModelGit;
  readonly forge: ModelForge;
  readonly cluster: ModelCluster;
  readonly looks: number;
  readonly decisions: number;
  readonly hits: ReadonlyMap<string, number>;
  readonly failures: readonly string[];
  readonly endedAt: number;
  readonly quiet: boolean;
};

const CONFIG = `version: 1
metrics:
  prod: { prometheus: { url: "https://prometheus.example.com" } }
targets:
  - { name: prod, metrics: prod }
waves:
  - { targets: [prod], steps: [5, 25, 50], bake: 40s }
measure: { window: 20s, settle: 1s }
deadline: 2h
pace: { mergesPerMinute: 60 }
`;

const SWEEP = 5 * MINUTE;
const TROUBLE_UNTIL = 20 * MINUTE;
/** Nothing has changed for two sweeps. */
const QUIET = 2 * SWEEP + MINUTE;
const LONGEST = 90 * MINUTE;
/** A story with more merges goes round in circles. */
const MOST_MERGES = 120;

/** Plays a scenario to its end: faults until TROUBLE_UNTIL, then none until nothing happens any more. */
export async function play(scenario: Scenario, options: Options): Promise<Story> {
  const stage = setUp(scenario, options);
  await stage.run();
  return stage.story();
}

type Due = { readonly at: number; readonly what: () => void | Promise<void> };

function setUp(scenario: Scenario, options: Options) {
  const random = randomOf(options.seed);
  const worldRandom = randomOf(options.seed + 1_000_003);
  let now = NOON;
  let looks = 0;
  let decisions = 0;
  let lastChange = NOON;
  let isDead = false;
  let inARow = 0;
  let wake: number | undefined;
  let lookAt: number | undefined;
  const hits = new Map<string, number>();
  const failures: string[] = [];
  const agenda: Due[] = [];

  const git = modelGit(initialFiles(scenario.services), NOON - 60 * MINUTE);
  const forge = modelForge({ git, now: () => now, permission });
  const cluster = modelCluster({
    rate: 1000,
    errorRate: (image) => (scenario.bad.has(tagOf(image)) ? 0.05 : 0.005),
    isDown: (at) =>
      at < NOON + TROUBLE_UNTIL &&
      options.odds.crash > 0 &&
      scenario.outages.some(([from, to]) => at >= NOON + from && at < NOON + to),
  });
  const isTroubled = () => now < NOON + TROUBLE_UNTIL;
  const bumps = new Map<string, number>();
  const begun = new Set<Event>();
  const landedOnce = new Set<string>();
  const faults: Faults = {
    random,
    odds: () => (isTroubled() ? options.odds : NO_FAULTS),
    crashed: () => isDead,
    crash: () => {
      isDead = true;
    },
    count: (call, fault) => void hits.set(`${call} × ${fault}`, (hits.get(`${call} × ${fault}`) ?? 0) + 1),
    before: (call) => {
      if (call === "mergePull" && isTroubled() && worldRandom.chance(options.races)) raceAMerge();
    },
  };

  const at = (when: number, what: Due["what"]) => {
    agenda.push({ at: when, what });
  };
  const askLook = (when: number) => {
    lookAt = Math.min(lookAt ?? when, when);
  };
  const hear = () => {
    lastChange = now;
    if (isTroubled() && random.chance(options.deaf)) return;
    const late = isTroubled() && random.chance(0.2) ? random.between(1, 90) * SECOND : 0;
    at(now + late, () => askLook(now));
    if (isTroubled() && random.chance(0.2)) at(now + late + SECOND, () => askLook(now));
  };
  const sync = () => {
    const head = mainOf(git);
    const files = git.filesAt(head);
    at(now + worldRandom.between(2, 15) * SECOND, () => {
      for (const service of scenario.services) {
        cluster.apply(service, {
          at: now + worldRandom.between(1, 8) * SECOND,
          order: orderOf(git, head),
          ...manifestsOf(files, service),
        });
      }
      lastChange = now;
    });
  };
  const landed = () => {
    sync();
    hear();
  };
  type BumpEvent = Extract<Event, { kind: "bump" }>;
  const writeBump = ({ service, tag }: BumpEvent) =>
    git.refs.set(`refs/heads/bump/${service}-${tag}`, bumped(git, { service, tag, at: now }));
  const openBump = (event: BumpEvent) => {
    const { service, tag } = event;
    writeBump(event);
    const title = `Bump ${service} to ${tag}`;
    bumps.set(service, forge.openAsPerson({ branch: `bump/${service}-${tag}`, title, author: "renovate" }));
  };
  const mergeBump = (event: BumpEvent) => {
    const number = bumps.get(event.service);
    landedOnce.add(event.service);
    // A bump bot rebases what conflicts.
    if (number === undefined || forge.mergeAsPerson(number).kind !== "conflict") return;
    writeBump(event);
    forge.mergeAsPerson(number);
  };
  const landBump = (event: BumpEvent) => {
    openBump(event);
    mergeBump(event);
  };
  const pushBeside = () => {
    pushToMain(git, { path: `docs/${now}.md`, text: "unrelated\n", at: now });
    landed();
  };
  /** Somebody is quicker: the next version of a service lands in the very moment, or something that has nothing to do with it. */
  const raceAMerge = () => {
    const next = scenario.events.find((event) => event.kind === "bump" && !begun.has(event));
    const isLater = next?.kind === "bump" && landedOnce.has(next.service);
    if (!isLater || worldRandom.chance(0.5)) return pushBeside();
    begun.add(next);
    landBump(next);
    landed();
  };

  const world: World = {
    git: faulty({ ...git, ...remembered(git) }, ["push", "remove"], faults),
    forge: faulty(forge, ["openPull", "mergePull", "closePull", "report", "say", "react"], faults),
    metrics: () => ({ timeline: async (question) => cluster.timeline(question, now) }),
    queue: {
      look: async () => askLook(now),
      wake: async (_key, when) => {
        wake = Math.min(wake ?? when, when);
      },
    },
    leases: memoryLeases(),
    readings: options.readings,
    clock: { now: () => now },
    log: { info: () => undefined, warn: () => undefined },
    decide: (snapshot, moment) => {
      const actions = (options.decide ?? decide)(snapshot, moment);
      decisions += actions.length;
      return actions;
    },
  };

  const look = async () => {
    looks += 1;
    lookAt = undefined;
    if (wake !== undefined && wake <= now) wake = undefined;
    const merges = forge.merges.length;
    const refs = [...git.refs].join();
    try {
      await reconcile(KEY, world);
      inARow = 0;
    } catch (failure) {
      if (!isDead && !isExpected(failure)) failures.push(String(failure));
      askLook(now + Math.min(2 ** inARow, 300) * SECOND);
      inARow += 1;
    }
    if (forge.merges.length > merges) sync();
    if ([...git.refs].join() !== refs) hear();
    if (isDead) restart();
  };
  const restart = () => {
    isDead = false;
    // Wake-ups lived in the process; the sweep of the next start finds everything again.
    wake = undefined;
    lookAt = undefined;
    askLook(now + random.between(1, 60) * SECOND);
  };

  const people: Record<Event["kind"], (event: never) => void> = {
    bump: (event: Extract<Event, { kind: "bump" }>) => {
      openBump(event);
      hear();
      at(now + SECOND, () => {
        mergeBump(event);
        landed();
      });
    },
    comment: ({ service, author, body }: Extract<Event, { kind: "comment" }>) => {
      const open = forge
        .pulls()
        .find(({ ours, state, branch }) => ours && state === "open" && branch.startsWith(`tidegate/${service}/`));
      const number = open?.number ?? bumps.get(service);
      if (number === undefined) return;
      forge.comment(number, author, body);
      hear();
    },
    unrelated: () => pushBeside(),
  };

  const run = async () => {
    for (const service of scenario.services)
      cluster.apply(service, { at: NOON - 30 * MINUTE, order: 0, ...manifestsOf(git.filesAt(mainOf(git)), service) });
    for (const event of scenario.events) {
      at(NOON + event.at, () => {
        if (!begun.has(event)) people[event.kind](event as never);
        begun.add(event);
      });
    }
    for (let when = NOON; when < NOON + LONGEST; when += SWEEP) at(when, () => askLook(now));
    while (now < NOON + LONGEST) {
      const next = Math.min(lookAt ?? Infinity, wake ?? Infinity, ...agenda.map((due) => due.at));
      if (forge.merges.length > MOST_MERGES) break;
      if (!isTroubled() && now - lastChange > QUIET) break;
      now = Math.max(now, next);
      const due = agenda.filter((one) => one.at <= now);
      for (const one of due) agenda.splice(agenda.indexOf(one), 1);
      // What happens at the same time happens in the order in which it was set.
      for (const one of due) await one.what();
      if ((lookAt !== undefined && lookAt <= now) || (wake !== undefined && wake <= now)) await look();
    }
  };
  const story = (): Story => ({
    git,
    forge,
    cluster,
    looks,
    decisions,
    hits,
    failures,
    endedAt: now,
    quiet: now < NOON + LONGEST && forge.merges.length <= MOST_MERGES,
  });
  return { run, story };
}

function permission(login: string): Permission {
  return login === "ana" ? "write" : "read";
}

function isExpected(failure: unknown): boolean {
  return /no answer|moved|conflict|was not merged/.test(String(failure));
}

export function tagOf(image: string): string {
  return image.slice(image.lastIndexOf(":") + 1);
}

export function mainOf(git: ModelGit): Sha {
  const main = git.refs.get("refs/heads/main");
  if (main === undefined) throw new Error("No main.");
  return main;
}

function orderOf(git: ModelGit, head: Sha): number {
  return git.firstParents(head).length;
}

function pushToMain(
  git: ModelGit,
  { path, text, at }: { readonly path: string; readonly text: string; readonly at: number },
): void {
  const main = mainOf(git);
  git.refs.set(
    "refs/heads/main",
    git.add({ parent: main, parents: [main], files: new Map([[path, text]]), message: `Write ${path}`, at }),
  );
}

/** A commit on main that gives the canary another version, as a bump bot writes it. */
function bumped(
  git: ModelGit,
  { service, tag, at }: { readonly service: string; readonly tag: string; readonly at: number },
): Sha {
  const main = mainOf(git);
  const { canary } = pathsOf(service);
  const text = (git.filesAt(main).get(canary) ?? "").replace(
    /image: .*/,
    `image: registry.example.com/shop/${service}:${tag}`,
  );
  return git.add({
    parent: main,
    parents: [main],
    files: new Map([[canary, text]]),
    message: `Bump ${service} to ${tag}`,
    at,
  });
}

function initialFiles(services: readonly string[]): ReadonlyMap<string, string> {
  const files = services.flatMap((name) => [
    ...filesOf({
      name,
      namespace: "shop",
      target: "prod",
      image: `registry.example.com/shop/${name}:1.0.0`,
      replicas: 4,
      revision: sha(REVISION),
    }),
  ]);
  return new Map([[".github/tidegate.yml", CONFIG], ["README.md", "# Shop\n"], ...files]);
}
