import { afterAll, expect, it } from "vitest";
import { redisServer } from "../../src/sandbox/redis.ts";

const server = await redisServer(["--appendfsync", "always"]);
afterAll(() => server.close());

it("keeps over its death what it has taken", async () => {
  await server.client.set("here", "still");
  await server.kill();
  await server.start();
  expect(await server.client.get("here")).toBe("still");
});

it("that cannot start says so", async () => {
  await expect(redisServer(["--no-such-option", "1"])).rejects.toThrow("redis-server ended at once.");
});
