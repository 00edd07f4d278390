import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "../../src/sandbox/port.ts";

/** A Redis of a test's own, its data gone when it is closed. */
export type RedisServer = {
  readonly url: string;
  readonly port: number;
  /** A connection that looks on. */
  readonly client: Redis;
  /** Ends it as `kill -9` does. */
  readonly kill: () => Promise<void>;
  /** Starts it again over the same files. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Starts Debian's `redis-server` with an append-only file and further options. */
export async function redisServer(further: readonly string[] = []): Promise<RedisServer> {
  if (spawnSync("redis-server", ["--version"]).status !== 0)
    throw new Error("redis-server is not installed; these tests need it: apt-get install redis-server");
  const directory = await mkdtemp(join(tmpdir(), "redis-"));
  const port = await freePort();
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", ""];
  const password = further[further.indexOf("--requirepass") + 1];
  const url = `redis://${further.includes("--requirepass") ? `:${password}@` : ""}127.0.0.1:${port}`;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on("error", () => undefined);
  let server: ChildProcess | undefined;
  const start = async () => {
    server = spawn("redis-server", [...options, "--appendonly", "yes", ...further], { stdio: "ignore" });
    await answering(client);
  };
  const kill = async () => {
    const ended = new Promise((resolve) => {
      server?.once("exit", resolve);
    });
    server?.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    url,
    port,
    client,
    kill,
    start,
    close: async () => {
      client.disconnect();
      if (server?.exitCode === null && server.signalCode === null) await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

// A server may take a connection while it still loads its file.
async function answering(client: Redis): Promise<void> {
  for (;;) {
    try {
      if ((await client.ping()) === "PONG") return;
    } catch {
      await sleep(20);
    }
  }
}
