import { z } from "zod";
import { jsonLogger, logTo } from "../../src/adapters/log.ts";
import type { Timers } from "../../src/adapters/queue/timers.ts";
import { startTidegate, type Tidegate } from "../../src/server/bot.ts";
import type { Provider } from "../../src/sandbox/cluster/provider.ts";
import type { SandboxGitHub } from "../../src/sandbox/github/start.ts";
import { settingsOf } from "../../src/operator/settings.ts";
import { signJwt, type AppKey } from "./app-key.ts";
import type { StoryQueue } from "./story-queue.ts";
import type { StoryTime } from "./story-time.ts";
import { REPO, type Advice, type Limits, type StoryOptions } from "./story-world.ts";

export const APP_ID = 4711;
export const SECRET = "0f9c1d3b5a7e2468ace0f9c1d3b5a7e2";
/** Where browsers would reach it, if there were any. */
export const PUBLIC_URL = "https://tidegate.example.com";
const SECOND = 1_000;

type Surroundings = {
  readonly github: SandboxGitHub;
  readonly prometheus: Provider;
  readonly time: StoryTime;
  readonly work: StoryQueue;
  readonly dataDir: string;
  readonly key: string;
  readonly log: string[];
  readonly sweepSeconds: number;
  readonly limits: Limits & Advice;
  readonly operator: NonNullable<StoryOptions["operator"]>;
};

/** The bot as in production, in this process. */
export async function startBot({
  github,
  prometheus,
  time,
  work,
  dataDir,
  key,
  log,
  sweepSeconds,
  limits,
  operator,
}: Surroundings): Promise<Tidegate> {
  const settings = settingsOf({
    APP_ID: String(APP_ID),
    PRIVATE_KEY: key,
    WEBHOOK_SECRET: SECRET,
    GITHUB_API_URL: github.url,
    GITHUB_URL: github.htmlUrl,
    METRICS_HOSTS: [new URL(prometheus.url).origin, ...operator.hosts].join(","),
    PUBLIC_URL,
    PORT: "0",
    HOST: "127.0.0.1",
    ADMIN_PORT: "0",
    DATA_DIR: dataDir,
    WRITE_GAP_MS: "0",
    PUSHES_PER_MINUTE: "10000",
    MERGES_PER_MINUTE: "10000",
    SWEEP_SECONDS: String(sweepSeconds),
    LOG_LEVEL: "info",
    CONFIG_REPOSITORY: operator.shared,
  });
  const logger = jsonLogger("info", (line) => void log.push(line));
  const { work: shared, expectLook } = await work.open(logTo(logger));
  const timers: Timers = {
    now: time.now,
    after: (ms, run) => {
      if (ms !== sweepSeconds * SECOND) return time.after(ms, run);
      // A sweep asks GitHub first; the story waits for the look that follows.
      return time.after(ms, () => {
        expectLook();
        run();
      });
    },
  };
  expectLook();
  const environment = { PATH: process.env["PATH"], ...operator.environment };
  return startTidegate({ settings, logger, clock: time, timers, ...shared, environment, limits });
}

/** A token of the App's. */
export async function tokenOf(github: SandboxGitHub, key: AppKey): Promise<string> {
  const seconds = Math.floor(Date.now() / SECOND);
  const jwt = signJwt(key, { iss: APP_ID, iat: seconds - 30, exp: seconds + 300 });
  const url = `${github.url}/app/installations/${github.installationId(REPO)}/access_tokens`;
  const answer = await fetch(url, { method: "POST", headers: { authorization: `Bearer ${jwt}` } });
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}

/** The reactions to a comment, oldest first. */
export async function reactionsTo(github: SandboxGitHub, token: string, comment: number): Promise<readonly string[]> {
  const url = `${github.url}/repos/${REPO}/issues/comments/${comment}/reactions`;
  const answer = await fetch(url, { headers: { authorization: `token ${token}` } });
  const Reactions = z.array(z.looseObject({ content: z.string() }));
  return Reactions.parse(await answer.json()).map(({ content }) => content);
}
