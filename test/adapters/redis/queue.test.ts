import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { SYSTEM_TIMERS } from "../../../src/adapters/queue/timers.ts";
import { repoName } from "../../../src/core/names.ts";
import type { RepoKey } from "../../../src/ports/queue.ts";
import { redisServer } from "../../../src/sandbox/redis.ts";
import { QUICK, settled, shared, type Shared } from "../../support/shared-queue.ts";
import { until } from "../../support/until.ts";
import { workerProcess, type WorkerProcess } from "./worker-process.ts";

const GITOPS: RepoKey = { installation: 1, repo: repoName("acme/gitops") };
const OTHER: RepoKey = { installation: 1, repo: repoName("acme/other") };
const MINUTE = 60_000;
/** In the words of the connection: while it is lost, and when it is lost under a command. */
const AWAY = /Stream isn't writeable|Reached the max retries|Connection is closed/;

const server = await redisServer();
const open: Shared[] = [];
const workers: WorkerProcess[] = [];

afterEach(async () => {
  const ended = [...open.splice(0).map(({ queue }) => queue.close(0)), ...workers.splice(0).map(({ kill }) => kill())];
  await Promise.all(ended);
  await server.client.flushall();
});
afterAll(() => server.close());

async function process(pace?: typeof QUICK): Promise<Shared> {
  const work = await shared(server, SYSTEM_TIMERS, pace);
  open.push(work);
  return work;
}

async function worker(takesMs: number, ...further: readonly "quick"[]): Promise<WorkerProcess> {
  const started = await workerProcess(server.url, takesMs, further);
  workers.push(started);
  return started;
}

/** A process whose looks end when told. */
async function gated(pace?: typeof QUICK) {
  const work = await process(pace);
  const calls: RepoKey[] = [];
  const ends: (() => void)[] = [];
  work.queue.work((key) => {
    calls.push(key);
    return new Promise((end) => {
      ends.push(end);
    });
  });
  return { ...work, calls, end: () => ends.shift()?.() };
}

describe("processes that share a queue", () => {
  it("never look at one repository at once, nor hold it, and lose no look", async () => {
    const both = [await worker(5), await worker(5)];
    const { queue } = await process();
    const repos = ["acme/a", "acme/b", "acme/c"].map(repoName);
    for (let i = 0; i < 40; i += 1) {
      await Promise.all(repos.map((repo) => queue.look({ installation: 1, repo }, "news")));
      if (i % 4 === 0) await sleep(5);
    }
    await settled(server, Date.now, () => 0);
    const lines = both.flatMap(({ lines }) => lines());
    expect(lines.filter((line) => line.startsWith("overlap"))).toEqual([]);
    for (const { lines } of both) expect(lines().length).toBeGreaterThan(3);
    const ended = await Promise.all(repos.map((repo) => server.client.get(`probe:ended:${repo}`)));
    for (const count of ended) expect(Number(count)).toBeGreaterThan(1);
  });

  it("take over the look of one that is killed, and of the next that is", async () => {
    const [first, { queue }] = [await worker(10 * MINUTE, "quick"), await process()];
    await queue.look(GITOPS, "news");
    await until("the first begins", () => first.lines().includes("began acme/gitops"));
    await first.kill();
    const second = await worker(10 * MINUTE, "quick");
    await until("the second takes over", () => second.lines().includes("began acme/gitops"));
    await second.kill();
    // A look of now waits for the one that is given up, and is not lost either.
    await queue.look(GITOPS, "news");
    const third = await worker(0, "quick");
    await until("the third ends both", async () => Number(await server.client.get("probe:ended:acme/gitops")) === 2);
    const ended = () => third.lines().filter((line) => line === "ended acme/gitops");
    // What it says comes later than what it does.
    await until("it was the third", () => ended().length > 1);
    expect(ended()).toHaveLength(2);
  });

  it("make a look of a wake that one of them took before it was killed", async () => {
    const { queue, calls, end } = await gated();
    await queue.wake(GITOPS, Date.now() + 60 * MINUTE);
    await server.client.zrem("tidegate:wakes", "acme/gitops");
    await server.client.zadd("tidegate:ringing", Date.now() - 60_000, "acme/gitops");
    await until("it rings", () => calls.length === 1);
    end();
    await settled(server, Date.now, () => 0);
    expect(await server.client.exists("tidegate:ringing")).toBe(0);
  });

  it("count the failures of a repository together, and forget them at the first look that succeeds", async () => {
    let time = Date.UTC(2026, 10, 20);
    const now = () => time;
    let isWell = false;
    const both = [await shared(server, { ...SYSTEM_TIMERS, now }), await shared(server, { ...SYSTEM_TIMERS, now })];
    open.push(...both);
    for (const { queue } of both)
      queue.work(async () => {
        if (!isWell) throw new Error("no answer");
      });
    await both[0]?.queue.look(GITOPS, "news");
    const waits: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      await settled(server, now, () => 0);
      const next = Number(await server.client.zscore("tidegate:retries", "acme/gitops"));
      waits.push(next - time);
      isWell = i === 2;
      time = next;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    await settled(server, now, () => 0);
    expect(await server.client.exists("tidegate:failures", "tidegate:retries")).toBe(0);
  });
});

describe("a Redis", () => {
  it("that is killed and started again has kept looks and wakes, and is worked off again", async () => {
    // By default it may answer a second or two before it writes, while it waits for the disk.
    await server.client.config("SET", "appendfsync", "always");
    const { queue } = await process();
    await queue.look(GITOPS, "news");
    await queue.wake(OTHER, Date.now() + 100);
    const { calls, end, log } = await gated();
    await until("both begin", () => calls.length === 2);
    await queue.look(GITOPS, "news");
    await queue.wake(OTHER, Date.now() + 100);
    await server.kill();
    await until("its absence is noticed", () => log.lines.some((line) => line.startsWith("Redis does not answer")));
    end();
    end();
    await server.start();
    await until("both begin again", () => new Set(calls.slice(2).map(({ repo }) => repo)).size === 2);
    expect(log.lines).toContain("Redis answers again. {}");
    for (let i = 0; i < 10; i += 1) end();
  });

  it("that is away refuses a look at once and a wake too, and takes both when it is back", async () => {
    const { queue, locks, queueTakes } = await process();
    expect(queueTakes()).toBe(true);
    await server.kill();
    await expect(queue.look(GITOPS, "news")).rejects.toThrow(AWAY);
    await until("that is known", () => !queueTakes());
    await expect(queue.wake(GITOPS, Date.now() + MINUTE)).rejects.toThrow(AWAY);
    await expect(locks.hold(GITOPS, async () => "held")).rejects.toThrow(AWAY);
    await server.start();
    const isTaken = () =>
      queue.look(GITOPS, "news").then(
        () => true,
        () => false,
      );
    await until("a look is taken", isTaken);
    await until("that is known as well", queueTakes);
    await queue.wake(GITOPS, Date.now() + MINUTE);
    expect(await server.client.zcard("tidegate:looks:prioritized")).toBe(1);
    expect(await locks.hold(GITOPS, async () => "held")).toBe("held");
  });

  it("whose memory is full refuses a look, and goes on when there is room", async () => {
    const { queue, calls, end, running, log } = await gated();
    await queue.look(GITOPS, "news");
    await until("a look runs", () => calls.length === 1);
    await server.client.config("SET", "maxmemory", "1");
    await expect(queue.look(OTHER, "news")).rejects.toThrow("OOM");
    await expect(queue.wake(OTHER, Date.now() + MINUTE)).rejects.toThrow("OOM");
    end();
    await until("the run ends", () => running() === 0);
    await sleep(200);
    // It is asked again and again meanwhile; it is told of once for each thing that does not go.
    expect(log.lines.length).toBeLessThan(5);
    await server.client.config("SET", "maxmemory", "0");
    await queue.look(OTHER, "news");
    await until("it goes on", () => calls.some(({ repo }) => repo === OTHER.repo));
    for (let i = 0; i < 10; i += 1) end();
  });

  it("that is flushed while a look runs takes the next one, which waits for the one that runs here", async () => {
    const { queue, calls, end, log } = await gated(QUICK);
    await queue.look(GITOPS, "news");
    await until("a look runs", () => calls.length === 1);
    const [before] = await server.client.lrange("tidegate:looks:active", 0, -1);
    await server.client.flushall();
    await queue.look(GITOPS, "news");
    await until("another is active", async () => (await server.client.llen("tidegate:looks:active")) === 1);
    // Of the same name, it would not be renewed any more from the end of the first on.
    expect(await server.client.lindex("tidegate:looks:active", 0)).not.toBe(before);
    await sleep(100);
    expect(calls).toHaveLength(1);
    end();
    await until("it runs", () => calls.length === 2);
    end();
    await queue.wake(OTHER, Date.now() + 50);
    await until("a wake is heard", () => calls.some(({ repo }) => repo === OTHER.repo));
    end();
    await until("the lost job is told of", () => log.lines.some((line) => line.includes("goes on")));
  });

  it("that is flushed while nothing runs has every repository looked at again that was, unless that had failed", async () => {
    // Time stands still: no look that failed is tried again.
    const work = await shared(server, { ...SYSTEM_TIMERS, now: () => Date.UTC(2026, 10, 20) });
    open.push(work);
    const { queue } = work;
    const calls: RepoKey[] = [];
    queue.work(async (key) => {
      calls.push(key);
      if (key.repo === OTHER.repo) throw new Error("There is no such repository any more.");
    });
    await queue.look(GITOPS, "news");
    await queue.look(OTHER, "news");
    await until("both are looked at", () => calls.length === 2);
    await until("they are done", async () => (await server.client.llen("tidegate:looks:active")) === 0);
    await server.client.flushall();
    await until("the one that is well is looked at again", () => calls.length === 3);
    expect(calls[2]).toEqual(GITOPS);
  });

  it("that was away has every repository looked at again that was, since webhooks were refused", async () => {
    const { queue } = await process();
    const calls: RepoKey[] = [];
    queue.work(async (key) => void calls.push(key));
    await queue.look(GITOPS, "news");
    await until("it is looked at", () => calls.length === 1);
    await until("it is done", async () => (await server.client.llen("tidegate:looks:active")) === 0);
    await server.kill();
    await expect(queue.look(GITOPS, "news")).rejects.toThrow(AWAY);
    await server.start();
    await until("it is looked at again", () => calls.length > 1);
    expect(calls[1]).toEqual(GITOPS);
  });

  it("in which a job is lost and its deduplication is not keeps no repository from being looked at", async () => {
    const { queue, calls, end } = await gated();
    await server.client.set("tidegate:looks:de:acme/gitops", "4711");
    await queue.look(GITOPS, "news");
    await until("it is looked at", () => calls.length === 1);
    expect(calls).toEqual([GITOPS]);
    end();
  });
});

describe("a repository", () => {
  it("is one in any case of its name, and looked at under the installation that was said last", async () => {
    const { queue } = await process();
    await queue.look(GITOPS, "news");
    const newer = { installation: 2, repo: repoName("Acme/GitOps") };
    await queue.look(newer, "news");
    const { calls, end } = await gated();
    await until("it is looked at", () => calls.length === 1);
    end();
    await settled(server, Date.now, () => 0);
    expect(calls).toEqual([newer]);
  });
});

describe("closing", () => {
  it("waits for what runs, and leaves what waits to the others", async () => {
    const { queue, calls, end, log } = await gated();
    await queue.look(GITOPS, "news");
    await until("it runs", () => calls.length === 1);
    await queue.look(GITOPS, "news");
    const closed = queue.close(10 * MINUTE);
    end();
    await closed;
    expect(log.lines).toEqual([]);
    const other = await gated();
    await until("another process runs it", () => other.calls.length === 1);
    other.end();
  });

  it("ends at its deadline all the same, and another process runs again what was cut off", async () => {
    const { queue, calls, log } = await gated(QUICK);
    await queue.look(GITOPS, "news");
    await until("it runs", () => calls.length === 1);
    await queue.close(50);
    expect(log.lines).toEqual(['The queue closed before every look had ended. {"running":1}']);
    const other = await gated(QUICK);
    await until("another process runs it", () => other.calls.length === 1);
    other.end();
  });

  it("ends at its deadline without Redis", async () => {
    const { queue } = await gated();
    await server.kill();
    await queue.close(50);
    await server.start();
    await expect(queue.look(GITOPS, "news")).rejects.toThrow("closed");
  });
});
