import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "./port.ts";

/** A `redis-server` of its own, on this machine alone; its data is gone when it is closed. */
export type RedisServer = {
  readonly url: string;
  readonly port: number;
  /** A connection that looks on. */
  readonly client: Redis;
  /** `kill -9`; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it again over the same files; resolves when it answers. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Whether its program can be started here. */
export function isRedisInstalled(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** Starts `redis-server` with an append-only file and further options; an Error says what to install where there is none. */
export async function redisServer(further: readonly string[] = []): Promise<RedisServer> {
  if (!isRedisInstalled()) throw new Error("redis-server is not installed: apt-get install redis-server");
  const directory = await mkdtemp(join(tmpdir(), "redis-"));
  const port = await freePort();
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", ""];
  const password = further[further.indexOf("--requirepass") + 1];
  const url = `redis://${further.includes("--requirepass") ? `:${password}@` : ""}127.0.0.1:${port}`;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on("error", () => undefined);
  let server: ChildProcess | undefined;
  const start = async () => {
    const started = spawn("redis-server", [...options, "--appendonly", "yes", ...further], { stdio: "ignore" });
    server = started;
    await answering(client, started);
  };
  const kill = async () => {
    const ended = new Promise((resolve) => {
      server?.once("exit", resolve);
    });
    server?.kill("SIGKILL");
    await ended;
  };
  const close = async () => {
    client.disconnect();
    if (server?.exitCode === null && server.signalCode === null) await kill();
    await rm(directory, { recursive: true, force: true });
  };
  await start().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { url, port, client, kill, start, close };
}

// A server may take a connection while it still loads its file.
async function answering(client: Redis, server: ChildProcess): Promise<void> {
  const answered = new AbortController();
  const ended = once(server, "exit", { signal: answered.signal }).then(
    () => Promise.reject(new Error("redis-server ended at once.")),
    () => undefined,
  );
  try {
    await Promise.race([pong(client), ended]);
  } finally {
    answered.abort();
  }
}

async function pong(client: Redis): Promise<void> {
  for (;;) {
    try {
      if ((await client.ping()) === "PONG") return;
    } catch {
      await sleep(20);
    }
  }
}
