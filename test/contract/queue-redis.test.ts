import { afterAll, afterEach, describe } from "vitest";
import { SYSTEM_TIMERS } from "../../src/adapters/queue/timers.ts";
import { redisServer } from "../../src/sandbox/redis.ts";
import { settled, shared, type Shared } from "../support/shared-queue.ts";
import { queueContract } from "./queue.suite.ts";

const server = await redisServer();
const open: Shared[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ queue }) => queue.close(0)));
  await server.client.flushall();
});
afterAll(() => server.close());

describe("the queue on Redis", () => {
  // The clock is moved by hand, the machinery runs in real time until nothing is left to do.
  queueContract(async () => {
    let time = Date.UTC(2026, 10, 20);
    const now = () => time;
    const work = await shared(server, { now, after: SYSTEM_TIMERS.after });
    open.push(work);
    const pass = async (ms: number) => {
      time += ms;
      await settled(server, now, work.running);
    };
    return { queue: work.queue, now, pass };
  });
});
