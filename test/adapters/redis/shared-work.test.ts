import { afterAll, afterEach, describe, expect, it } from "vitest";
import { assureFit } from "../../../src/adapters/redis/fitness.ts";
import { redisServer } from "../../../src/sandbox/redis.ts";
import { listeningLog, shared } from "../../support/shared-queue.ts";
import { until } from "../../support/until.ts";

const PASSWORD = "hunter2hunter2";
const server = await redisServer(["--requirepass", PASSWORD]);

afterEach(async () => {
  await server.client.config("SET", "maxmemory-policy", "noeviction");
  await server.client.config("SET", "appendonly", "yes");
});
afterAll(() => server.close());

/** What it says of itself at a start, each line of the log and the error. */
async function start(url: string): Promise<string> {
  try {
    const { queue, log } = await shared({ url });
    await queue.close(1_000);
    return ["started", ...log.lines].join("\n");
  } catch (error) {
    return `${String(error)} ${error instanceof Error ? String(error.cause) : ""}`;
  }
}

it("knows without asking whether Redis takes work", async () => {
  const other = await redisServer();
  const { queue, queueTakes } = await shared(other);
  expect(queueTakes()).toBe(true);
  await other.kill();
  await until("it has noticed", () => !queueTakes());
  await queue.close(0);
  await other.close();
});

describe("at the start, Redis", () => {
  it("says nothing where it is fit", async () => {
    expect(await start(server.url)).toBe("started");
  });

  it("is refused where it may throw keys away, and the remedy is named", async () => {
    await server.client.config("SET", "maxmemory-policy", "allkeys-lru");
    expect(await start(server.url)).toMatch(/UserError: QUEUE_URL: .*allkeys-lru.*Set maxmemory-policy noeviction/);
  });

  it("is warned of where it forgets when it ends", async () => {
    await server.client.config("SET", "appendonly", "no");
    expect(await start(server.url)).toMatch(/^started\nRedis writes no append-only file/);
  });

  it("is asked nothing that managed ones refuse", async () => {
    await server.client.call("ACL", "SETUSER", "app", "on", `>${PASSWORD}`, "~*", "&*", "+@all", "-config");
    expect(await start(server.url.replace("//:", "//app:"))).toBe("started");
  });

  it.each([
    ["with a wrong password", (url: string) => url.replace(PASSWORD, "hunter3hunter3"), "WRONGPASS"],
    ["without the password", (url: string) => url.replace(`:${PASSWORD}@`, ""), "NOAUTH"],
    ["that is not there", () => `redis://:${PASSWORD}@127.0.0.1:1`, "ECONNREFUSED"],
  ])("%s is said in a sentence that holds no password", async (_, urlOf, why) => {
    const said = await start(urlOf(server.url));
    expect(said).toMatch(/^UserError: QUEUE_URL: /);
    expect(said).toContain(why);
    expect(said).not.toContain("hunter");
  });

  it.each([
    ["redis_version:6.0.16\r\nmaxmemory_policy:noeviction", /6\.0\.16 is too old/],
    ["redis_version:6.2.0\r\nmaxmemory_policy:volatile-ttl", /volatile-ttl/],
  ])("is refused by what it tells of itself: %j", async (info, words) => {
    await expect(assureFit({ info: () => Promise.resolve(info) }, listeningLog())).rejects.toThrow(words);
  });

  it("must tell its state", async () => {
    const info = () => Promise.reject(new Error("NOPERM this user has no permissions to run the 'info' command"));
    await expect(assureFit({ info }, listeningLog())).rejects.toThrow(/NOPERM.*Allow the user INFO/);
  });
});
