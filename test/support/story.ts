import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { startBalancer, type Balancer } from "../../src/sandbox/balancer.ts";
import type { Cluster } from "../../src/sandbox/cluster/cluster.ts";
import { servePrometheus, type Provider } from "../../src/sandbox/cluster/provider.ts";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { startGitHub, type SandboxGitHub } from "../../src/sandbox/github/start.ts";
import { weightIn } from "../../src/sandbox/live-path.ts";
import type { RolloutService } from "../../src/sandbox/rollout-fleet.ts";
import { watch } from "../contract/described.ts";
import { createAppKey } from "./app-key.ts";
import { APP_ID, reactionsTo, SECRET, startBot, tokenOf } from "./story-bot.ts";
import { storyQueue, usualQueue } from "./story-queue.ts";
import { conclusionOf, StateText } from "./story-reads.ts";
import { storyTime } from "./story-time.ts";
import { clusterOf, configOf, initialFiles, placesIn, REPO, type StoryOptions } from "./story-world.ts";

const SECOND = 1_000;
/** Nothing of the world is left out when time goes on by no more than this at once. */
const STRIDE_MS = 500;
const NEVER_S = 1_000_000;
/** How many of GitHub's answers to one operation, and deliveries of one event, are held against its description: the rest is the contract tests' to look at. */
const LOOKED_AT = 1;

/** The whole world in one process on one virtual clock: nothing moves but by `pass` and `until`. */
export type Story = {
  readonly repo: string;
  readonly github: SandboxGitHub;
  readonly cluster: Cluster;
  readonly prometheus: Provider;
  /** What is wrong with versions, by image. */
  readonly faults: Map<string, VersionFault>;
  /** Every service, or every target's place of one that has several. */
  readonly places: readonly string[];
  /** The services that an Argo Rollout runs. */
  readonly rollouts: readonly RolloutService[];
  /** What splits the traffic of a service. */
  readonly kindOf: (service: string) => RouteKind;
  /** Where the bot hears webhooks; elsewhere after each start. */
  readonly webhooks: string;
  /** How many looks each bot has begun, those that were stopped first. */
  readonly looks: () => readonly number[];
  readonly secret: string;
  readonly appId: number;
  /** The bot's log, a line each. */
  readonly log: readonly string[];
  readonly now: () => number;
  /** Lets time go on, and waits until everything that it set off has ended. */
  readonly pass: (ms: number) => Promise<void>;
  /** Lets time go on until something is so, at most `withinMs`; then fails with where everything stands. */
  readonly until: (what: string, isSo: () => boolean | Promise<boolean>, withinMs?: number) => Promise<void>;
  /** Waits, without time, until all that was set off has ended. */
  readonly settle: () => Promise<void>;
  /** What git says at the tracked branch's head, or at a commit. */
  readonly file: (path: string, at?: string) => Promise<string>;
  readonly state: (service: string, at?: string) => Promise<StateText>;
  readonly weight: (service: string, at?: string) => Promise<number>;
  /** Pushes to the tracked branch by hand, whatever it is; the story's laws leave these commits out. */
  readonly push: (user: string, files: Readonly<Record<string, string>>, message: string) => Promise<string>;
  readonly byHand: Set<string>;
  readonly reactions: (comment: number) => Promise<readonly string[]>;
  /** What GitHub answers the App at a path of the repository's, e.g. `/commits/main`. */
  readonly read: (path: string) => Promise<unknown>;
  /** Stops the bot, and starts it again on the same files when what happens meanwhile has happened. */
  readonly restart: (meanwhile: () => Promise<void>) => Promise<void>;
  readonly close: () => Promise<void>;
};

type Bots = { readonly webhooks: string; readonly stop: () => Promise<void> };

/** Begins a story: every service rests on version 1.0.0, and the bot has looked once. */
export async function startStory(options: StoryOptions = {}): Promise<Story> {
  const dataDir = await mkdtemp(join(tmpdir(), "story-"));
  const time = storyTime();
  const key = createAppKey();
  const { settings = {}, limits = {}, sweepSeconds = NEVER_S, operator = { hosts: [], environment: {} } } = options;
  const witness = watch(LOOKED_AT);
  const github = await startGitHub({
    witness,
    dataDir: join(dataDir, "github"),
    clock: time,
    app: {
      id: APP_ID,
      slug: "tidegate",
      clientId: "Iv1.sandbox",
      publicKey: key.publicKey,
      webhookSecret: SECRET,
      // Octokit signs by the machine's clock, of which the story's falls behind where the machine is slow.
      clock: { now: () => Date.now() },
    },
    users: {
      ana: { [REPO]: "admin" },
      ben: { [REPO]: "write" },
      bo: { [REPO]: "read" },
      renovate: { [REPO]: "write" },
    },
    // Octokit shares what it asks for between all Apps of a process, by the installation's number alone.
    firstId: randomInt(1_000, 1_000_000_000),
    limits,
  });
  const faults = options.faults ?? new Map<string, VersionFault>();
  const cluster = clusterOf(github, { ...options, faults });
  const prometheus = await servePrometheus(cluster.series, time.now);
  const files = {
    ...initialFiles(options, configOf(prometheus.url, options)),
    ...Object.fromEntries(options.files ?? []),
  };
  await github.createRepo(REPO, files, {
    date: time.now() - 3_600 * SECOND,
    settings,
  });
  await cluster.tick(time.now());
  time.advance(10 * SECOND);
  await cluster.tick(time.now());

  const log: string[] = [];
  const work = await storyQueue(options.queue ?? usualQueue(), time, options.spacing);
  const told = { key: key.privateKey, log, sweepSeconds, limits: { ...limits, ...options.advice }, operator };
  const names = Array.from({ length: options.bots ?? 1 }, (_, at) => `bot-${at}`);
  const start = async (): Promise<Bots> => {
    const started = await Promise.all(
      names.map((name) => startBot({ github, prometheus, time, work, dataDir: join(dataDir, name), ...told })),
    );
    const front = await frontOf(started.map(({ port }) => `http://127.0.0.1:${port}`));
    const webhooks = `${front.url}/api/github/webhooks`;
    github.setWebhookUrl(webhooks);
    return {
      webhooks,
      stop: async () => {
        github.setWebhookUrl(undefined);
        await Promise.all(started.map((bot) => bot.stop()));
        await front.close();
      },
    };
  };
  let bots = await start();

  const settle = async () => {
    do {
      await github.settled();
      await work.idle();
      await github.settled();
    } while (await work.isBusy());
  };
  const pass = async (ms: number) => {
    const end = time.now() + ms;
    await settle();
    while (time.now() < end) {
      const next = Math.min(time.nextAlarm() ?? end, time.now() + STRIDE_MS, end);
      time.advance(Math.max(0, next - time.now()));
      await cluster.tick(time.now());
      if (time.ring() || work.isSilent) await settle();
    }
  };
  const byHand = new Set<string>();
  const push: Story["push"] = async (user, files, message) => {
    const sha = await github.push({ repo: REPO, user, branch: "main", files, message });
    byHand.add(sha);
    return sha;
  };
  const file: Story["file"] = async (path, at = "HEAD") => (await github.readFile(REPO, at, path)) ?? "";
  const story: Story = {
    repo: REPO,
    github,
    faults,
    places: placesIn(options),
    rollouts: options.rollouts ?? [],
    kindOf: (service) => options.kinds?.[service] ?? "httpRoute",
    cluster,
    prometheus,
    get webhooks() {
      return bots.webhooks;
    },
    looks: work.looks,
    secret: SECRET,
    appId: APP_ID,
    log,
    now: time.now,
    pass,
    settle,
    until: async (what, isSo, withinMs = 60 * SECOND) => {
      const end = time.now() + withinMs;
      await settle();
      while (!(await isSo())) {
        if (time.now() >= end)
          throw new Error(`Not so within ${withinMs / SECOND} s: ${what}\n${await sceneOf(story)}`);
        await pass(Math.min(STRIDE_MS, Math.max(1, (time.nextAlarm() ?? end) - time.now())));
      }
    },
    file,
    push,
    byHand,
    state: async (service, at) => StateText.parse(parse(await file(pathsOf(service).state, at))),
    weight: async (place, at) => weightIn(await file(pathsOf(place).route, at), place) ?? Number.NaN,
    reactions: async (comment) => reactionsTo(github, await tokenOf(github, key), comment),
    read: async (path) => {
      const authorization = `token ${await tokenOf(github, key)}`;
      const answer = await fetch(`${github.url}/repos/${REPO}${path}`, { headers: { authorization } });
      return answer.json();
    },
    restart: async (meanwhile) => {
      await settle();
      await bots.stop();
      await meanwhile();
      bots = await start();
      await settle();
    },
    close: async () => {
      await bots.stop();
      await work.close();
      await prometheus.close();
      await github.close();
      await rm(dataDir, { recursive: true, force: true });
      witness.verify();
    },
  };
  await settle();
  return story;
}

function frontOf([first, ...others]: readonly string[]): Promise<Balancer> {
  if (first === undefined) throw new Error("A story has a bot.");
  return others.length > 0 ? startBalancer([first, ...others]) : Promise.resolve({ url: first, close: nothing });
}

async function nothing(): Promise<void> {}

/** Where everything stands, for whoever must find out why it does not go on. */
async function sceneOf(story: Story): Promise<string> {
  const { github, log } = story;
  const pulls = github.pulls(REPO).map((pull) => {
    const checks = github
      .checks(REPO, pull.head.sha)
      .map((run) => `${run.name} ${conclusionOf(run)}: ${run.output.title}`);
    return `#${pull.number} ${pull.state.kind} ${pull.head.branch}: ${pull.title}\n    ${checks.join("\n    ")}`;
  });
  const commits = (await github.log(REPO, "HEAD")).map(
    ({ sha, message }) => `${sha.slice(0, 7)} ${message.split("\n")[0]}`,
  );
  const warnings = log.filter((line) => line.includes('"warn"')).slice(-5);
  return [
    ...pulls.slice(-6),
    ...commits.slice(0, 12),
    JSON.stringify(story.cluster.snapshot().routes),
    ...warnings,
  ].join("\n");
}
