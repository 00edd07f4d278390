import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { hear } from "./last-words.ts";

/** The bot as a process of its own: the same program that runs in production, told by its environment where everything is. */
export type Bot = {
  readonly url: string;
  readonly pid: number;
  /** The process as it dies, however it dies: code or signal. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Ends it, the kind way; resolves when it is gone. */
  readonly stop: () => Promise<void>;
  /** `kill -9`; resolves when it is gone. */
  readonly kill: () => Promise<void>;
};

export type BotOptions = {
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** A line of its log, JSON. */
  readonly onLog: (line: string) => void;
};

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
/** What bin/tidegate.js starts it with. */
const OPTIONS = ["--max-semi-space-size=8", "--initial-old-space-size=64", "--heap-growing-percent=25"];
const ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072" };
const READY_WITHIN_MS = 120_000;
/** Whoever else listens there may never answer. */
const ANSWER_WITHIN_MS = 5_000;

/** A bot that was started and may not be ready yet. */
export type LaunchedBot = Bot & {
  /** The last lines that it said, redacted as its log is; resolves when it has ended. */
  readonly lastWords: () => Promise<string>;
  /** Resolves when it says that it is ready; rejects with its last words when it ends before. */
  readonly ready: () => Promise<void>;
};

/** Starts the bot and resolves when it says that it is ready; rejects with its last words when it ends before. */
export async function startBot(options: BotOptions): Promise<Bot> {
  const bot = launchBot(options);
  await bot.ready();
  return bot;
}

/** Starts the bot and does not wait for it. */
export function launchBot({ port, environment, onLog }: BotOptions): LaunchedBot {
  const child = spawn(process.execPath, [...OPTIONS, MAIN], {
    env: { ...inherited(), ...ALLOCATOR, ADMIN_PORT: "0", ...environment, PORT: String(port), HOST: "127.0.0.1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const words = hear(child.stderr, onLog);
  // Later than its exit: what it said may not all have been read by then.
  const heard = once(child, "close");
  const lastWords = async () => {
    await heard;
    return words();
  };
  const ended = endOf(child);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    pid: child.pid ?? 0,
    ended,
    stop: () => end(child, ended, "SIGTERM"),
    kill: () => end(child, ended, "SIGKILL"),
    lastWords,
    ready: () => ready(url, child, lastWords),
  };
}

/** What a program needs to run at all; nothing that could point it at a real GitHub. */
function inherited(): Record<string, string> {
  const { PATH = "", HOME = "", TMPDIR = "", LANG = "" } = process.env;
  return Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR, LANG }).filter(([, value]) => value !== ""));
}

async function endOf(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  await once(child, "exit");
  return { code: child.exitCode, signal: child.signalCode };
}

async function end(child: ChildProcess, ended: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await ended;
}

async function ready(url: string, child: ChildProcess, lastWords: LaunchedBot["lastWords"]): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`The bot ended before it was ready:\n${await lastWords()}`);
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answer = await fetch(`${url}/readyz`, { signal }).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error(`The bot was not ready within ${READY_WITHIN_MS / 1000} seconds:\n${await lastWords()}`);
}
