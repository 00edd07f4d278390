import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createAppKey } from "./support/app-key.ts";
import { listen } from "./support/listener.ts";
import { UNHURRIED } from "./support/patience.ts";
import { redisServer } from "../src/sandbox/redis.ts";
import { until } from "./support/until.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const COMPLETE = {
  APP_ID: "12",
  ADMIN_PORT: "0",
  PRIVATE_KEY: createAppKey().privateKey,
  WEBHOOK_SECRET: "6d2f0c94b1e8a7355f31d0c2b7a94e68",
};

/** The program as it dies at its start. */
function run(environment: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...environment },
  });
  return { status, stdout, stderr };
}

it("says in a sentence that its port is taken, and where to name another one", UNHURRIED, async () => {
  const other = await listen();
  const { port } = new URL(other.url);
  expect(run({ ...COMPLETE, HOST: "127.0.0.1", PORT: port })).toEqual({
    status: 1,
    stdout: "",
    stderr: `Tidegate cannot listen on port ${port} of 127.0.0.1: another program listens there already. End that one, or name another port by PORT.\n`,
  });
  await other.close();
});

it("shows no secret in its last words", UNHURRIED, () => {
  const token = `ghs_${"a1B2".repeat(9)}`;
  const { status, stderr } = run({ ...COMPLETE, PRIVATE_KEY: "", PRIVATE_KEY_PATH: `/nowhere/${token}` });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "PRIVATE_KEY_PATH names a file that cannot be read: /nowhere/[redacted]\n",
  });
});

it("ends in a sentence where the Redis that it is told of is not there, without its password", UNHURRIED, () => {
  const { status, stdout, stderr } = run({ ...COMPLETE, QUEUE_URL: "rediss://app:hunter2@127.0.0.1:1/2" });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/^QUEUE_URL: no Redis answers at 127\.0\.0\.1:1: Error: connect ECONNREFUSED [^]*$/);
  expect(stderr).not.toContain("hunter2");
});

/** Says on stderr when what speaks to Redis is asked for. */
const LISTENING = `
  import { registerHooks } from "node:module";
  registerHooks({
    resolve: (wanted, context, next) => {
      if (wanted === "bullmq") process.stderr.write("bullmq is loaded\\n");
      return next(wanted, context);
    },
  });`;

it("loads what speaks to Redis only where it is told of one", UNHURRIED, async () => {
  const other = await listen();
  const { port } = new URL(other.url);
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(LISTENING)}`;
  const said = (more: Readonly<Record<string, string>>) =>
    run({ ...COMPLETE, HOST: "127.0.0.1", PORT: port, NODE_OPTIONS, ...more }).stderr;
  expect(said({})).toMatch(/^Tidegate cannot listen/);
  expect(said({ QUEUE_URL: "redis://127.0.0.1:1" })).toMatch(/^(?:bullmq is loaded\n)+QUEUE_URL: no Redis/);
  await other.close();
});

it("lets go of its Redis where it cannot go on", UNHURRIED, async () => {
  const [other, redis] = [await listen(), await redisServer()];
  const { port } = new URL(other.url);
  expect(run({ ...COMPLETE, HOST: "127.0.0.1", PORT: port, QUEUE_URL: redis.url })).toMatchObject({ status: 1 });
  await redis.close();
  await other.close();
});

it("ends when it is told to although its Redis is away", UNHURRIED, async () => {
  const redis = await redisServer();
  const here = { HOST: "127.0.0.1", PORT: "0", GITHUB_API_URL: "http://127.0.0.1:1", QUEUE_URL: redis.url };
  const env = { PATH: process.env["PATH"], ...COMPLETE, ...here };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal));
  });
  await until("it listens", () => said.includes("Tidegate listens."));
  await redis.kill();
  await until("it has noticed", () => said.includes("Redis does not answer."));
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  await redis.close();
});
