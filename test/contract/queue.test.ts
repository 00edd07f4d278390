import { describe } from "vitest";
import { memoryQueue } from "../../src/adapters/queue/memory.ts";
import { queueContract } from "./queue.suite.ts";
import { virtualTime } from "./virtual-time.ts";

describe("the queue inside the process", () => {
  queueContract(async () => {
    const time = virtualTime(Date.UTC(2026, 10, 20));
    const log = { info: () => undefined, warn: () => undefined };
    const queue = memoryQueue({ timers: time, log, concurrency: 2, capacity: 100 });
    return { queue, now: time.now, pass: time.pass };
  });
});
