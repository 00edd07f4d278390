import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { SYSTEM_TIMERS } from "../../../src/adapters/queue/timers.ts";
import { repoName } from "../../../src/core/names.ts";
import { sharedLeases } from "../../../src/reconcile/lease.ts";
import { redisServer } from "../../../src/sandbox/redis.ts";
import { QUICK, shared, type Shared } from "../../support/shared-queue.ts";
import { until } from "../../support/until.ts";

const HERE = { installation: 1, repo: repoName("acme/gitops") };
const LOCK = "tidegate:lock:acme/gitops";

const server = await redisServer();
const open: Shared[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ queue }) => queue.close(0)));
  await server.client.flushall();
});
afterAll(() => server.close());

async function both(): Promise<readonly [Shared, Shared]> {
  const two = [await shared(server, SYSTEM_TIMERS, QUICK), await shared(server, SYSTEM_TIMERS, QUICK)] as const;
  open.push(...two);
  return two;
}

describe("leases of several processes", () => {
  it("let one act at a time, and tell every other that somebody has acted", async () => {
    const [one, other] = (await both()).map(({ locks }) => sharedLeases(locks));
    if (one === undefined || other === undefined) throw new Error("There are two.");
    let inside = 0;
    const turns = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).withLease(HERE, async ({ turn }) => {
          inside += 1;
          expect(inside).toBe(1);
          await sleep(1);
          inside -= 1;
          return turn;
        }),
      ),
    );
    expect(new Set(turns).size).toBe(20);
    expect(await one.turn(HERE)).toBe(Math.max(...turns) + 1);
  });

  it("tell who looked before anybody acted that nobody has", async () => {
    const [one, other] = await both();
    const seen = await one.locks.turn(HERE);
    expect(await other.locks.turn(HERE)).toBe(seen);
    expect(await other.locks.hold(HERE, async (turn) => turn)).toBe(seen);
    expect(await one.locks.turn(HERE)).not.toBe(seen);
  });

  it("have no turn again that there was before Redis was flushed", async () => {
    const [one, other] = await both();
    const seen = await one.locks.turn(HERE);
    await server.client.flushall();
    expect(await other.locks.hold(HERE, async (turn) => turn)).toBeGreaterThan(seen);
  });
});

describe("a lock", () => {
  it("is held longer than it lasts, and is taken again where Redis was flushed meanwhile", async () => {
    const [one, other] = await both();
    const work = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = one.locks.hold(HERE, () => work.promise.then(() => order.push("first")));
    await until("it is held", async () => (await server.client.exists(LOCK)) === 1);
    const token = await server.client.get(LOCK);
    await server.client.flushall();
    await until("it is taken again", async () => (await server.client.get(LOCK)) === token);
    const second = other.locks.hold(HERE, async () => order.push("second"));
    await sleep(1.2 * QUICK.holdMs);
    expect(order).toEqual([]);
    work.resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(["first", "second"]);
  });

  it("of a process that was killed is free after a while", async () => {
    const [one] = await both();
    await server.client.set(LOCK, "of somebody who is no more", "PX", 300);
    expect(await one.locks.hold(HERE, async () => "held")).toBe("held");
  });

  it("that went to somebody else is not given back for them", async () => {
    const [one] = await both();
    await one.locks.hold(HERE, () => server.client.set(LOCK, "another's"));
    expect(await server.client.get(LOCK)).toBe("another's");
  });

  it("is given back after work that fails", async () => {
    const [one] = await both();
    await expect(one.locks.hold(HERE, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(await server.client.exists(LOCK)).toBe(0);
  });
});
