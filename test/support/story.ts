import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { jsonLogger, logTo } from "../../src/adapters/log.ts";
import { memoryQueue } from "../../src/adapters/queue/memory.ts";
import type { Timers } from "../../src/adapters/queue/timers.ts";
import { startTidegate, type Tidegate } from "../../src/bot.ts";
import type { Queue } from "../../src/ports/queue.ts";
import { CLUSTER_PACE, syntheticCluster, type Cluster } from "../../src/sandbox/cluster/cluster.ts";
import { bareRepositoryHead } from "../../src/sandbox/cluster/head.ts";
import { servePrometheus, type Provider } from "../../src/sandbox/cluster/provider.ts";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { filesOf, pathsOf } from "../../src/sandbox/fleet.ts";
import { startGitHub, type SandboxGitHub } from "../../src/sandbox/github/start.ts";
import type { CheckRun, Comment, Pull, Settings } from "../../src/sandbox/github/store.ts";
import { settingsOf } from "../../src/settings.ts";
import { createAppKey, signJwt } from "./app-key.ts";

export const REPO = "acme/gitops";
export const CONFIG = ".github/tidegate.yml";
export const BOT = "tidegate[bot]";
const APP_ID = 4711;
const SECRET = "0f9c1d3b5a7e2468ace0f9c1d3b5a7e2";
const SECOND = 1_000;
/** Nothing of the world is left out when time goes on by no more than this at once. */
const STRIDE_MS = 500;
const NEVER_S = 1_000_000;
/** Real time within which whatever was set off must have ended. */
const PATIENCE_MS = 20_000;

export type StoryOptions = {
  readonly services?: readonly string[];
  /** What is wrong with versions from the beginning, by image. */
  readonly faults?: Map<string, VersionFault>;
  readonly seed?: string;
  readonly requestsPerSecond?: number;
  /** Lines of the configuration instead of the ordinary ones, by key. */
  readonly config?: Readonly<Record<string, string>>;
  readonly sweepSeconds?: number;
  readonly settings?: Partial<Settings>;
};

/** The whole world in one process on one virtual clock: nothing moves but by `pass` and `until`. */
export type Story = {
  readonly repo: string;
  readonly github: SandboxGitHub;
  readonly cluster: Cluster;
  readonly prometheus: Provider;
  /** What is wrong with versions, by image. */
  readonly faults: Map<string, VersionFault>;
  /** Where the bot hears webhooks. */
  readonly webhooks: string;
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
  readonly byHand: ReadonlySet<string>;
  readonly reactions: (comment: number) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

export function imageOf(service: string, version: string): string {
  return `registry.example.com/shop/${service}:${version}`;
}

/** Begins a story: every service rests on version 1.0.0, and the bot has looked once. */
export async function startStory(options: StoryOptions = {}): Promise<Story> {
  const dataDir = await mkdtemp(join(tmpdir(), "story-"));
  const time = storyTime();
  const key = createAppKey();
  const github = await startGitHub({
    dataDir: join(dataDir, "github"),
    clock: time,
    app: { id: APP_ID, slug: "tidegate", clientId: "Iv1.sandbox", publicKey: key.publicKey, webhookSecret: SECRET },
    users: {
      ana: { [REPO]: "admin" },
      ben: { [REPO]: "write" },
      bo: { [REPO]: "read" },
      renovate: { [REPO]: "write" },
    },
    // Octokit shares what it asks for between all Apps of a process, by the installation's number alone.
    firstId: randomInt(1_000, 1_000_000_000),
  });
  const faults = options.faults ?? new Map<string, VersionFault>();
  const cluster = clusterOf(github, { ...options, faults });
  const prometheus = await servePrometheus(cluster.series, time.now);
  const { services = ["checkout"], config = {}, settings = {} } = options;
  await github.createRepo(REPO, initialFiles(services, configOf(prometheus.url, config)), {
    date: time.now() - 3_600 * SECOND,
    settings,
  });
  await cluster.tick(time.now());
  time.advance(10 * SECOND);
  await cluster.tick(time.now());

  const log: string[] = [];
  const sweepSeconds = options.sweepSeconds ?? NEVER_S;
  const bot = await startBot({ github, prometheus, time, dataDir, key: key.privateKey, log, sweepSeconds });
  const webhooks = `http://127.0.0.1:${bot.tidegate.port}/api/github/webhooks`;
  github.setWebhookUrl(webhooks);

  const settle = async () => {
    do {
      await github.settled();
      await bot.idle();
      await github.settled();
    } while (bot.isBusy());
  };
  const pass = async (ms: number) => {
    const end = time.now() + ms;
    await settle();
    while (time.now() < end) {
      const next = Math.min(time.nextAlarm() ?? end, time.now() + STRIDE_MS, end);
      time.advance(Math.max(0, next - time.now()));
      await cluster.tick(time.now());
      if (time.ring()) await settle();
    }
  };
  const byHand = new Set<string>();
  const push: Story["push"] = async (user, files, message) => {
    const sha = await github.push({ repo: REPO, user, branch: "main", files, message });
    byHand.add(sha);
    return sha;
  };
  const file: Story["file"] = async (path, at = "main") => (await github.readFile(REPO, at, path)) ?? "";
  const story: Story = {
    repo: REPO,
    github,
    faults,
    cluster,
    prometheus,
    webhooks,
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
    weight: async (service, at) => weightIn(await file(pathsOf(service).route, at), service),
    reactions: async (comment) => reactionsTo(github, await tokenOf(github, key, time.now()), comment),
    close: async () => {
      github.setWebhookUrl(undefined);
      await bot.tidegate.stop();
      await prometheus.close();
      await github.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  await settle();
  return story;
}

/** What a service's state file says, as anybody would read it. */
const StateText = z.looseObject({
  targets: z.record(
    z.string(),
    z.looseObject({
      weight: z.number(),
      stable: z.string(),
      release: z
        .looseObject({
          image: z.string(),
          step: z.number(),
          override: z.looseObject({ by: z.string() }).optional(),
          aborting: z.looseObject({ by: z.string() }).optional(),
        })
        .optional(),
    }),
  ),
  blocked: z.array(z.looseObject({ image: z.string(), by: z.string(), reason: z.string() })),
  holds: z.array(z.looseObject({ by: z.string() })),
});
export type StateText = z.infer<typeof StateText>;

// --- reading the world ---

/** Tidegate's open pull requests about a service. */
export function openSteps({ github }: Story, service: string): readonly Pull[] {
  return github
    .pulls(REPO)
    .filter(
      ({ author, state, head }) =>
        author.login === BOT && state.kind === "open" && head.branch.startsWith(`tidegate/${service}/`),
    );
}

/** Tidegate's pull requests about a service that were merged, in order. */
export function mergedSteps({ github }: Story, service: string): readonly Pull[] {
  return github
    .pulls(REPO)
    .filter(
      ({ author, state, head }) =>
        author.login === BOT && state.kind === "merged" && head.branch.startsWith(`tidegate/${service}/`),
    );
}

/** The open step of a service; its leaf (`2-25`) tells which step it is. */
export function stepOf(story: Story, service: string): (Pull & { readonly leaf: string }) | undefined {
  const [pull] = openSteps(story, service);
  return pull && { ...pull, leaf: leafOf(pull) };
}

export function leafOf({ head }: Pull): string {
  return head.branch.split("/").at(-1) ?? "";
}

/** The newest run of a check on a pull request's head. */
export function checkOn({ github }: Story, pull: Pull | undefined, name: string): CheckRun | undefined {
  return pull && github.checks(REPO, pull.head.sha).find((run) => run.name === name);
}

/** The gate of a service's open step: its conclusion (undefined: in progress) and its title. */
export function gateOf(
  story: Story,
  service: string,
): { readonly conclusion: string | undefined; readonly title: string } {
  const run = checkOn(story, stepOf(story, service), "tidegate/gate");
  return { conclusion: run && conclusionOf(run), title: run?.output.title ?? "" };
}

export function conclusionOf({ status }: CheckRun): string | undefined {
  return status.kind === "completed" ? status.conclusion : undefined;
}

/** The bot's comments on a pull request. */
export function saidOn({ github }: Story, number: number): readonly Comment[] {
  return github.comments(REPO, number).filter(({ author }) => author.login === BOT);
}

/** The canary's weight as git had it commit by commit, without repeats, oldest first. */
export async function weightsInGit(story: Story, service: string): Promise<readonly number[]> {
  const commits = (await story.github.log(REPO, "main")).toReversed();
  const weights = await Promise.all(commits.map(({ sha }) => story.weight(service, sha)));
  return weights.filter((weight, index) => index === 0 || weight !== weights[index - 1]);
}

export type Version = { readonly service: string; readonly version: string };

/** Opens a pull request that changes one image, as a bump bot would. */
export async function openBump(story: Story, { service, version }: Version): Promise<Pull> {
  const { canary } = pathsOf(service);
  const text = await story.file(canary);
  return story.github.openPull({
    repo: REPO,
    user: "renovate",
    branch: `renovate/${service}-${version}-${story.github.pulls(REPO).length}`,
    title: `Update ${service} to ${version}`,
    files: { [canary]: text.replace(/image: \S+/, `image: ${imageOf(service, version)}`) },
  });
}

/** Opens such a pull request and merges it once its plan is told; gives it as it was opened. */
export async function landBump(story: Story, version: Version): Promise<Pull> {
  const pull = await openBump(story, version);
  await story.settle();
  await story.github.mergePull({ repo: REPO, user: "renovate", number: pull.number, method: "squash" });
  await story.settle();
  return pull;
}

/** Waits until the open step of a service is this one. */
export function untilStep(story: Story, service: string, leaf: string): Promise<void> {
  return story.until(`the step ${leaf} of ${service} is open`, () => stepOf(story, service)?.leaf === leaf);
}

/** Waits until git's weight is this and what was committed is on its way. */
export function untilWeight(story: Story, service: string, weight: number): Promise<void> {
  return story.until(`git has ${service} at ${weight}%`, async () => (await story.weight(service)) === weight);
}

/** Waits until nothing is under way any more: no release in the state, no pull request of ours open, and the cluster at git's head. */
export async function untilRest(story: Story, service: string): Promise<void> {
  await story.until(`${service} rests`, async () => {
    const { targets } = await story.state(service);
    const isOver = Object.values(targets).every(({ release }) => release === undefined);
    const [head] = await story.github.log(REPO, "main");
    return isOver && openSteps(story, service).length === 0 && story.cluster.snapshot().revision === head?.sha;
  });
  // Pods come and go a moment after their manifests.
  await story.pass(3 * SECOND);
}

/** What the cluster runs for a service: the canary's weight, and the images of each Service's pods. */
export function liveOf({ cluster }: Story, service: string) {
  const route = cluster.snapshot().routes.find(({ name }) => name === service);
  const backend = (name: string) => route?.backends.find((one) => one.service === name);
  const images = (name: string) => [...new Set(backend(name)?.pods.map(({ image }) => image))];
  return {
    weight: backend(`${service}-canary`)?.weight,
    canary: images(`${service}-canary`),
    stable: images(service),
  };
}

// --- the parts ---

function clusterOf(
  github: SandboxGitHub,
  { seed = "story", faults, requestsPerSecond = 4_000 }: StoryOptions & Pick<Story, "faults">,
): Cluster {
  return syntheticCluster({
    ...CLUSTER_PACE,
    head: bareRepositoryHead(github.gitPlace(REPO), "main", "apps/"),
    seed,
    pollMs: 200,
    syncDelayMs: 200,
    readyMs: 300,
    scrapeMs: 500,
    traffic: () => ({ requestsPerSecond, errorRate: 0.004 }),
    faults,
  });
}

function initialFiles(services: readonly string[], config: string): Readonly<Record<string, string>> {
  const files = services.flatMap((name) => [
    ...filesOf({
      name,
      namespace: "shop",
      target: "prod",
      image: imageOf(name, "1.0.0"),
      replicas: 4,
      revision: "4f1c000000000000000000000000000000000000",
    }),
  ]);
  return { "README.md": "# Shop\n", [CONFIG]: config, ...Object.fromEntries(files) };
}

function configOf(url: string, lines: Readonly<Record<string, string>>): string {
  const ordinary = {
    version: "1",
    metrics: `{ prod: { prometheus: { url: "${url}" } } }`,
    targets: "[{ name: prod, metrics: prod }]",
    waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 2s }]",
    measure: "{ window: 1s, settle: 500ms }",
    deadline: "20s",
    pace: "{ mergesPerMinute: 600 }",
  };
  return Object.entries({ ...ordinary, ...lines })
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}

function weightIn(route: string, service: string): number {
  const Route = z.looseObject({
    spec: z.looseObject({
      rules: z.array(z.looseObject({ backendRefs: z.array(z.looseObject({ name: z.string(), weight: z.number() })) })),
    }),
  });
  const backends = Route.parse(parse(route)).spec.rules.flatMap(({ backendRefs }) => backendRefs);
  return backends.find(({ name }) => name === `${service}-canary`)?.weight ?? Number.NaN;
}

type StoryTime = Timers & {
  readonly sleep: (ms: number) => Promise<void>;
  readonly advance: (ms: number) => void;
  readonly nextAlarm: () => number | undefined;
  /** Runs the alarms that are due; tells whether there were any. */
  readonly ring: () => boolean;
};

/** One clock for the bot, GitHub and the cluster. It begins on the machine's, by which the App signs its tokens. */
function storyTime(): StoryTime {
  const start = Math.floor(Date.now() / (10 * SECOND)) * 10 * SECOND;
  let now = start - 10 * SECOND;
  const alarms = new Set<{ readonly at: number; readonly run: () => void }>();
  const due = () => [...alarms].filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
  return {
    now: () => now,
    // Whoever sleeps in the middle of something finds the time passed: nothing else happens meanwhile.
    sleep: async (ms) => {
      now += Math.max(0, ms);
    },
    after: (ms, run) => {
      const alarm = { at: now + ms, run };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance: (ms) => {
      now += ms;
    },
    nextAlarm: () => (alarms.size === 0 ? undefined : Math.min(...[...alarms].map(({ at }) => at))),
    ring: () => {
      const rung = due();
      for (const alarm of rung) if (alarms.delete(alarm)) alarm.run();
      return rung.length > 0;
    },
  };
}

type Bot = {
  readonly tidegate: Tidegate;
  readonly isBusy: () => boolean;
  /** Resolves when no look runs and none is due. */
  readonly idle: () => Promise<void>;
};

type Surroundings = {
  readonly github: SandboxGitHub;
  readonly prometheus: Provider;
  readonly time: StoryTime;
  readonly dataDir: string;
  readonly key: string;
  readonly log: string[];
  readonly sweepSeconds: number;
};

/** The bot as in production, in this process. */
async function startBot({ github, prometheus, time, dataDir, key, log, sweepSeconds }: Surroundings): Promise<Bot> {
  const settings = settingsOf({
    APP_ID: String(APP_ID),
    PRIVATE_KEY: key,
    WEBHOOK_SECRET: SECRET,
    GITHUB_API_URL: github.url,
    GITHUB_URL: github.htmlUrl,
    METRICS_HOSTS: new URL(prometheus.url).origin,
    PORT: "0",
    HOST: "127.0.0.1",
    DATA_DIR: join(dataDir, "bot"),
    WRITE_GAP_MS: "0",
    SWEEP_SECONDS: String(sweepSeconds),
    LOG_LEVEL: "info",
  });
  const logger = jsonLogger("info", (line) => void log.push(line));
  const watched = watchedQueue(memoryQueue({ timers: time, log: logTo(logger), concurrency: 4, capacity: 100 }));
  const timers: Timers = {
    now: time.now,
    after: (ms, run) => {
      if (ms !== sweepSeconds * SECOND) return time.after(ms, run);
      // A sweep asks GitHub first; the story waits for the look that follows.
      return time.after(ms, () => {
        watched.expectLook();
        run();
      });
    },
  };
  watched.expectLook();
  const environment = { PATH: process.env["PATH"] };
  const tidegate = await startTidegate({ settings, logger, clock: time, timers, queue: watched.queue, environment });
  return { tidegate, isBusy: watched.isBusy, idle: watched.idle };
}

function watchedQueue(queue: Queue) {
  let running = 0;
  let expected = 0;
  const isBusy = () => running > 0 || expected > 0;
  const watched: Queue = {
    ...queue,
    look: async (key) => {
      await queue.look(key);
      expected = 0;
    },
    work: (handler) =>
      queue.work(async (key) => {
        running += 1;
        try {
          await handler(key);
        } finally {
          running -= 1;
        }
      }),
  };
  return {
    queue: watched,
    isBusy,
    expectLook: () => {
      expected = 1;
    },
    idle: async () => {
      const patience = Date.now() + PATIENCE_MS;
      do {
        if (Date.now() > patience)
          throw new Error(`The bot does not come to rest: ${running} looks run, ${expected} are expected.`);
        await new Promise((resolve) => setTimeout(resolve, 1));
      } while (isBusy());
    },
  };
}

async function tokenOf(github: SandboxGitHub, key: ReturnType<typeof createAppKey>, now: number): Promise<string> {
  const seconds = Math.floor(now / SECOND);
  const jwt = signJwt(key, { iss: APP_ID, iat: seconds - 30, exp: seconds + 300 });
  const url = `${github.url}/app/installations/${github.installationId(REPO)}/access_tokens`;
  const answer = await fetch(url, { method: "POST", headers: { authorization: `Bearer ${jwt}` } });
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}

async function reactionsTo(github: SandboxGitHub, token: string, comment: number): Promise<readonly string[]> {
  const url = `${github.url}/repos/${REPO}/issues/comments/${comment}/reactions`;
  const answer = await fetch(url, { headers: { authorization: `token ${token}` } });
  const Reactions = z.array(z.looseObject({ content: z.string() }));
  return Reactions.parse(await answer.json()).map(({ content }) => content);
}

/** Where everything stands, for whoever must find out why it does not go on. */
async function sceneOf(story: Story): Promise<string> {
  const { github, log } = story;
  const pulls = github.pulls(REPO).map((pull) => {
    const checks = github
      .checks(REPO, pull.head.sha)
      .map((run) => `${run.name} ${conclusionOf(run)}: ${run.output.title}`);
    return `#${pull.number} ${pull.state.kind} ${pull.head.branch}: ${pull.title}\n    ${checks.join("\n    ")}`;
  });
  const commits = (await github.log(REPO, "main")).map(
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
