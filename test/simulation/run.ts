import { decide } from "../../src/core/decide.ts";
import { repoName, sha, type Sha } from "../../src/core/names.ts";
import { unavailable } from "../../src/core/reading.ts";
import { memoryLeases } from "../../src/reconcile/lease.ts";
import { MayHaveLanded } from "../../src/reconcile/may-have-landed.ts";
import { freshMemory } from "../../src/reconcile/memory.ts";
import { reconcile, type World } from "../../src/reconcile/reconcile.ts";
import { remembered } from "../../src/reconcile/remembered.ts";
import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import { modelCluster, type ModelCluster } from "./cluster.ts";
import { wordsOf, type Event } from "./events.ts";
import { READERS, WRITERS } from "../contract/fault-outcomes.ts";
import { faulty, inBurst, untold, Unanswered, type Faults, type Struck } from "./faults.ts";
import { BOT, modelForge, type ModelForge } from "./forge.ts";
import { modelGit, type ModelGit } from "./git.ts";
import { GIT_CALLS, type Misfortune } from "./luck.ts";
import { manifestsOf } from "./manifests.ts";
import { CONFIG_PATH, peopleOf, type Workshop } from "./people.ts";
import { filesOfService, isByPods, pathsOf } from "./places.ts";
import { rolled } from "./random.ts";
import { stateFacts } from "./state-facts.ts";
import { isBad, placesIn, type Options, type Scenario, type Story } from "./story.ts";
import { actionWords, clock, givenWords } from "./trace.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
export const NOON = Date.UTC(2026, 10, 20, 12);
const KEY = { installation: 1, repo: repoName("acme/gitops") };
const REVISION = "4f1c000000000000000000000000000000000000";

/** The account of the tool that delivers. */
const DELIVERY = "argo[bot]";
const REPORTS = `, observe: reported, reports: { by: "${DELIVERY}", status: "argocd/{service}" }`;

function configOf({
  bumps,
  targets,
  isReported,
  isSwitched,
  isTested,
  isMirrored,
}: Omit<Scenario, "services" | "events" | "bad" | "isMended">): string {
  const before = [
    ...(isMirrored === true ? ["{ mirror: 50 }"] : []),
    ...(isTested === true ? ["{ testers: true }"] : []),
  ];
  const steps = isSwitched === true ? "[0, 100]" : `[${[...before, "5", "25", "50"].join(", ")}]`;
  return `version: 1
metrics:
  prod: { prometheus: { url: "https://prometheus.example.com" } }
targets:
  - { name: prod, metrics: prod${isReported === true ? REPORTS : ""} }
waves:
${targets.length === 0 ? `  - { targets: [prod], steps: ${steps}, bake: 40s }` : WAVES}
measure: { window: 20s, settle: 1s }
deadline: 2h
pace: { mergesPerMinute: 60 }
bumps: ${bumps}
gather: 1m
expedite: { label: hotfix, steps: [50], bake: 40s }
commands:
  - { verbs: [promote, skip], paths: ["apps/**"], allow: { teams: [acme/shop], users: [ana] } }
`;
}

const WAVES = `  - { targets: [staging], steps: [50], bake: 40s }
  - { targets: ["*"], steps: [5, 50], bake: 40s }`;

const SWEEP = 5 * MINUTE;
export const TROUBLE_UNTIL = 20 * MINUTE;
/** Nothing has changed for two sweeps. */
const QUIET = 2 * SWEEP + MINUTE;
const LONGEST = 90 * MINUTE;
/** A story with more merges, or more looks, goes round in circles. */
const MOST_MERGES = 120;
const MOST_LOOKS = 1500;

/** Plays a scenario to its end: misfortunes until TROUBLE_UNTIL, then none until nothing happens any more. */
export async function play(scenario: Scenario, options: Options): Promise<Story> {
  const stage = setUp(scenario, options);
  await stage.run();
  return stage.story();
}

type Due = { readonly at: number; readonly what: () => void | Promise<void> };

function setUp(scenario: Scenario, options: Options) {
  const { seed, luck, trace } = options;
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
  const struck: Misfortune[] = [];
  const counts = new Map<string, number>();
  const agenda: Due[] = [];

  const note = (line: string) => trace?.(`${clock(now - NOON)}  ${line}`);
  const nth = (what: string): number => {
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    return count;
  };
  const isTroubled = () => now < NOON + TROUBLE_UNTIL;
  const within = ({ from, to }: { readonly from: number; readonly to: number }, at: number) =>
    at >= NOON + from && at < NOON + Math.min(to, TROUBLE_UNTIL);
  const outages = luck.spans.filter(({ kind }) => kind === "outage");
  const bursts = luck.spans.filter((span) => span.kind === "burst");

  const git = modelGit(initialFiles(scenario), NOON - 60 * MINUTE);
  const forge = modelForge({ git, now: () => now, standing, teams: (login) => (login === "eve" ? ["acme/shop"] : []) });
  const cluster = modelCluster({
    rate: 1000,
    // Without a comparison only what is above the limit is found.
    errorRate: (image, place) => (!isBad(scenario, place, image) ? 0.005 : isOfOneArm(scenario) ? 0.2 : 0.05),
    isPodless: scenario.isReported === true,
    isDown: (at) => outages.some((span) => within(span, at)),
  });
  const begun = new Set<Event>();
  const lastEvent = NOON + Math.max(0, ...scenario.events.map((event) => event.at));

  const untoldYet = untold();
  const strikeOf = (call: string): Struck | undefined => {
    const count = nth(call);
    if (!isTroubled()) return undefined;
    const burst = bursts.find((span) => within(span, now));
    const inIt = burst && inBurst(call, burst.fault);
    if (inIt !== undefined) return { trouble: inIt, isLasting: true };
    if (call === "mergePull" && untoldYet.lasts(now)) return { trouble: "mergeableNull", isLasting: true };
    const strike = luck.strike(call, count);
    if (strike === undefined) return undefined;
    struck.push(strike);
    if (strike.trouble === "mergeableNull") untoldYet.begin(now);
    return strike;
  };
  const faults: Faults = {
    begin: (call, given) => {
      if (call === "mergePull" && isTroubled()) raceAMerge(Number(given[0]));
      const found = strikeOf(call);
      if (found === undefined) return undefined;
      const pair = `${call} × ${found.trouble}`;
      hits.set(pair, (hits.get(pair) ?? 0) + 1);
      return found;
    },
    crashed: () => isDead,
    crash: () => {
      isDead = true;
    },
    told: (call, given, found) => {
      if (trace === undefined) return;
      const isRead = READERS.some((read) => read === call) || call === "fetch";
      if (isRead && found === undefined) return;
      const trouble = found === undefined ? "" : `  !! ${found.trouble}${found.isLasting ? ", again and again" : ""}`;
      note(`    ${call}#${counts.get(call)} ${givenWords(given)}${trouble}`);
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
    const found = isTroubled() ? luck.webhook(nth("webhook")) : undefined;
    if (found !== undefined) struck.push(found);
    if (found?.fate === "lost") return note("  webhook lost");
    const late = found?.fate === "late" ? found.ms : 0;
    at(now + late, () => askLook(now));
    if (found?.fate === "twice") at(now + found.ms, () => askLook(now));
  };
  const sync = () => {
    const head = trunkOf(git, forge);
    const files = git.filesAt(head);
    const order = nth("sync");
    const name = `sync#${order}`;
    const seconds = (part: string, least: number, most: number) =>
      (least + Math.floor(rolled(seed, `${name} ${part}`) * (most - least + 1))) * SECOND;
    // Where only reports tell, delivery is slow enough that a step would go ahead of it.
    at(now + seconds("apply", 2, scenario.isReported === true ? 90 : 15), () => {
      for (const service of placesIn(scenario)) {
        const asked = runnable(files, service);
        const said = stateFacts(files.get(pathsOf(service).state), service)?.weight;
        if (asked === undefined) continue;
        const up = now + seconds(service, 1, 8);
        applied(cluster, service, { at: up, order, said, ...asked });
        if (scenario.isReported === true) at(up, () => report({ service, commit: head, order }));
      }
      lastChange = now;
    });
  };
  /** The tool that delivers says that a commit runs which it has applied last, if nothing keeps its word. */
  const report = ({
    service,
    commit,
    order,
  }: {
    readonly service: string;
    readonly commit: Sha;
    readonly order: number;
  }) => {
    if (cluster.historyOf(service).at(-1)?.order !== order) return;
    const found = isTroubled() ? luck.status(nth("status")) : undefined;
    if (found !== undefined) struck.push(found);
    if (found?.fate === "lost") return note("  status lost");
    at(now + (found?.ms ?? 0), () => {
      forge.people.post({ commit, context: `argocd/${service}`, by: DELIVERY });
      note(`  status of ${service} on ${commit.slice(0, 7)}`);
      lastChange = now;
    });
  };
  const landed = () => {
    sync();
    hear();
  };
  const noteAsked: Workshop["noteAsked"] = (pull, asked, verb) =>
    at(now, async () => {
      try {
        await world.forge.noteAsked(pull, asked, verb);
        hear();
      } catch (failure) {
        note(`  the press of a button is lost: ${String(failure)}`);
      }
      if (isDead) restart();
    });
  const people = peopleOf({ git, forge, now: () => now, at, landed, hear, note, noteAsked });
  const perform = (event: Event) => {
    if (begun.has(event)) return;
    begun.add(event);
    note(`* ${wordsOf(event)}`);
    people.perform(event);
  };
  /** Somebody is quicker: the next version of a service lands in the very moment, or something that has nothing to do with it. */
  const raceAMerge = (pull: number) => {
    const race = luck.race(nth("race"));
    if (race === undefined) return;
    struck.push(race);
    note("  somebody is quicker:");
    if (race.what === "push" || race.what === "close") return people.onPull(pull, race.what);
    const next = scenario.events.find((event) => event.kind === "bump" && !begun.has(event));
    if (race.what === "unrelated" || next?.kind !== "bump" || !people.hasLanded(next.service))
      return perform({ kind: "unrelated", at: 0 });
    begun.add(next);
    perform({ ...next, open: 0 });
  };

  const bots: ModelGit = {
    ...git,
    fetch: async () => new Map([...git.refs, ...forge.pullHeads()]),
    push: async (...given) => {
      const outcome = await git.push(...given);
      forge.refsMoved(BOT);
      return outcome;
    },
    remove: async (...given) => {
      await git.remove(...given);
      forge.refsMoved(BOT);
    },
  };
  const leases = memoryLeases();
  /** Back-tests take their time, and what they have found is lost with the process. */
  const backtests = (): World["backtests"] => {
    const found = new Map<string, string>();
    const under = new Set<string>();
    return {
      found: (of) => found.get(JSON.stringify(of)),
      begin: ({ of }) => {
        const key = JSON.stringify(of);
        if (under.has(key)) return;
        under.add(key);
        at(now + 40 * SECOND, () => {
          found.set(key, "Nothing was played here.");
          askLook(now);
        });
      },
    };
  };
  /** A process: what it remembers dies with it. */
  const process = (): World => {
    const untampered: World = {
      git: faulty({ ...bots, ...remembered(bots) }, GIT_CALLS, faults),
      forge: faulty(forge, [...READERS, ...WRITERS], faults, forge.stale),
      metrics: () => ({ timelines: async (questions) => questions.map((question) => cluster.timeline(question, now)) }),
      measures: async () => unavailable("Nothing is asked for by templates here."),
      queue: {
        look: async () => askLook(now),
        wake: async (_key, when) => {
          wake = Math.min(wake ?? when, when);
        },
      },
      leases,
      readings: options.readings,
      memory: freshMemory(),
      backtests: backtests(),
      clock: { now: () => now },
      log: { info: () => undefined, warn: () => undefined },
      decide: (snapshot, moment) => {
        const actions = (options.decide ?? decide)(snapshot, moment);
        decisions += actions.length;
        if (trace !== undefined) for (const action of actions) note(`  ${actionWords(action)}`);
        return actions;
      },
    };
    return options.tamper?.(untampered) ?? untampered;
  };

  let world = process();
  const look = async () => {
    looks += 1;
    lookAt = undefined;
    if (wake !== undefined && wake <= now) wake = undefined;
    const merges = forge.merges.length;
    const refs = [...git.refs].join();
    note(`look ${looks}`);
    try {
      await reconcile(KEY, world);
      inARow = 0;
    } catch (failure) {
      note(`  failed: ${failure instanceof Error ? failure.message : String(failure)}`);
      if (!isDead && !isExpected(failure)) failures.push(String(failure));
      askLook(now + Math.min(2 ** inARow, 300) * SECOND);
      inARow += 1;
    }
    for (const merge of forge.merges.slice(merges)) if (merge.ours) note(`  ${weightWords(git, scenario, merge)}`);
    if (forge.merges.length > merges) sync();
    if ([...git.refs].join() !== refs) hear();
    if (isDead) restart();
  };
  const restart = () => {
    isDead = false;
    inARow = 0;
    world = process();
    // Wake-ups lived in the process; the sweep of the next start finds everything again.
    wake = undefined;
    lookAt = undefined;
    const seconds = 1 + Math.floor(rolled(seed, `restart#${nth("restart")}`) * 60);
    note(`  the process dies; the next one starts ${seconds} s later`);
    askLook(now + seconds * SECOND);
  };

  const isEndless = () => forge.merges.length > MOST_MERGES || looks > MOST_LOOKS;

  /** Nothing has changed for long, nobody comes any more, and no merge that was refused is to be asked for again. */
  const isQuiet = () =>
    !isTroubled() &&
    now > lastEvent &&
    now - lastChange > QUIET &&
    [...world.memory.refusals.values()].every(({ until }) => until < now - SWEEP);

  const run = async () => {
    for (const service of placesIn(scenario)) {
      const asked = manifestsOf(git.filesAt(trunkOf(git, forge)), service);
      applied(cluster, service, { at: NOON - 30 * MINUTE, order: 0, said: 0, ...asked });
    }
    for (const event of scenario.events) at(NOON + event.at, () => perform(event));
    for (let when = NOON; when < NOON + LONGEST; when += SWEEP) at(when, () => askLook(now));
    while (now < NOON + LONGEST) {
      const next = Math.min(lookAt ?? Infinity, wake ?? Infinity, ...agenda.map((due) => due.at));
      if (isEndless()) break;
      if (isQuiet()) break;
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
    struck: [...luck.spans, ...struck],
    failures,
    spoken: people.spoken,
    deeds: people.deeds,
    endedAt: now,
    quiet: now < NOON + LONGEST && !isEndless(),
  });
  return { run, story };
}

const ROLES = new Map([
  ["ana", "write"],
  ["bo", "read"],
  ["eve", "write"],
] as const);

function standing(login: string): { readonly permission: "write" | "read" | "none"; readonly role: string } {
  const role = ROLES.get(login as "ana") ?? "none";
  return { permission: role, role };
}

/** Whether a failed look needs no explanation: the forge or git did not answer, or what was to be merged could not be. */
function isExpected(failure: unknown): boolean {
  if (failure instanceof AggregateError) return failure.errors.every(isExpected);
  if (failure instanceof MayHaveLanded && failure.cause !== undefined) return isExpected(failure.cause);
  return failure instanceof Unanswered || /was moved by somebody|was not merged|has no branch/.test(String(failure));
}

function applied(
  cluster: ModelCluster,
  service: string,
  asked: ReturnType<typeof manifestsOf> & {
    readonly at: number;
    readonly order: number;
    /** The weight that the state has. */
    readonly said: number | undefined;
  },
): void {
  const { steps, pod, canary, stable, at, order, said } = asked;
  const weight = said ?? asked.weight;
  if (steps === undefined) return cluster.apply(service, asked);
  const current = { pod, image: canary.image };
  const { replicas } = stable;
  cluster.order(service, { at, order, weight, current, steps, replicas, isByPods: isByPods(service) });
}

/** What a cluster would run of a service; undefined where its files cannot be applied. */
function runnable(files: ReadonlyMap<string, string>, service: string): ReturnType<typeof manifestsOf> | undefined {
  const asked = manifestsOf(files, service);
  return Number.isNaN(asked.weight) ? undefined : asked;
}

function weightWords(git: ModelGit, scenario: Scenario, merge: ModelForge["merges"][number]): string {
  const weights = placesIn(scenario).map((service) => {
    const [before, after] = [merge.before, merge.after].map(
      (commit) => manifestsOf(git.filesAt(commit), service).weight,
    );
    return before === after ? `${service} at ${after}%` : `${service} ${before}% → ${after}%`;
  });
  return `== merged #${merge.pull} ${merge.branch}: ${weights.join(", ")}`;
}

/** The tracked branch's head. */
export function trunkOf(git: ModelGit, forge: ModelForge): Sha {
  const head = git.refs.get(`refs/heads/${forge.trunk()}`);
  if (head === undefined) throw new Error("No tracked branch.");
  return head;
}

const PROD = [{ name: "prod", namespace: "shop" }];

/** Without a rule of its own a route knows neither testers nor copies. */
function routeOf({ isTested, isMirrored }: Pick<Scenario, "isTested" | "isMirrored">): RouteKind | undefined {
  if (isMirrored === true) return "istioMirrored";
  return isTested === true ? "istioTested" : undefined;
}

/** Whether some step of the releases judges an arm by itself. */
function isOfOneArm({ isSwitched, isTested, isMirrored }: Scenario): boolean {
  return [isSwitched, isTested, isMirrored].includes(true);
}

function initialFiles({ services, targets, ...configured }: Scenario): ReadonlyMap<string, string> {
  const files = services.flatMap((name) => [
    ...filesOfService(
      {
        name,
        targets: targets.length === 0 ? PROD : targets.map((target) => ({ name: target, namespace: target })),
        image: `registry.example.com/shop/${name}:1.0.0`,
        replicas: 4,
        revision: sha(REVISION),
      },
      routeOf(configured),
    ),
  ]);
  return new Map([[CONFIG_PATH, configOf({ ...configured, targets })], ["README.md", "# Shop\n"], ...files]);
}
