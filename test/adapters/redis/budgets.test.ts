import { afterAll, afterEach, describe, expect, it } from "vitest";
import { mergesOf, pushesOf, type Cost } from "../../../src/adapters/github/budget.ts";
import { limiter } from "../../../src/adapters/github/limiter.ts";
import { redisBudgets } from "../../../src/adapters/redis/budgets.ts";
import { SYSTEM_TIMERS } from "../../../src/adapters/queue/timers.ts";
import { repoName } from "../../../src/core/names.ts";
import type { Claim } from "../../../src/ports/limits.ts";
import { redisServer } from "../../../src/sandbox/redis.ts";
import { listeningLog } from "../../support/shared-queue.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const server = await redisServer();
afterEach(() => server.client.flushall());
afterAll(() => server.close());

function world() {
  let now = NOON;
  const timers = { now: () => now, after: SYSTEM_TIMERS.after };
  const log = listeningLog();
  const budgets = redisBudgets({ redis: server.client, timers, log, prefix: "tidegate" });
  const pass = (ms: number) => void (now += ms);
  const sleep = async (ms: number) => pass(ms);
  return { budgets, log, pass, clock: { now: timers.now, sleep } };
}

const claim = (changes: Partial<Claim> = {}): Claim => ({
  name: "pushes:acme/a",
  most: 3,
  perMs: MINUTE,
  amount: 1,
  ...changes,
});

describe("a budget that processes share", () => {
  it("gives no more in any window than there is, however many ask at once, and says how long to wait", async () => {
    const { budgets, pass } = world();
    const [one, other] = [budgets(7), budgets(7)];
    const taken = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : other).take([claim()])));
    expect(taken.filter((refused) => refused === undefined)).toHaveLength(3);
    expect(taken.find((answer) => answer !== undefined)).toEqual({ waitMs: MINUTE + 1_000, claim: 0 });
    pass(MINUTE);
    expect(await one.take([claim()])).toBeDefined();
    pass(1_000);
    expect(await one.take([claim()])).toBeUndefined();
  });

  it("takes all of some claims or none, and names the one that waits longest", async () => {
    const { budgets } = world();
    const { take } = budgets(7);
    const hourly = claim({ name: "content:3600000", most: 1, perMs: 60 * MINUTE });
    expect(await take([claim(), hourly])).toBeUndefined();
    expect(await take([claim(), hourly])).toMatchObject({ claim: 1 });
    // The second try has taken nothing of the first.
    expect(await take([claim({ amount: 2 })])).toBeUndefined();
    expect(await take([claim()])).toMatchObject({ claim: 0 });
  });

  it("is another one for each installation", async () => {
    const { budgets } = world();
    expect(await budgets(7).take([claim({ amount: 3 })])).toBeUndefined();
    expect(await budgets(8).take([claim({ amount: 3 })])).toBeUndefined();
  });

  it("counts what was noted, and leaves nothing behind", async () => {
    const { budgets } = world();
    budgets(7).note([claim({ amount: 3 })]);
    await expect.poll(() => server.client.exists("tidegate:used:7:pushes:acme/a")).toBe(1);
    expect(await budgets(7).take([claim()])).toMatchObject({ claim: 0 });
    expect(await server.client.pttl("tidegate:used:7:pushes:acme/a")).toBeGreaterThan(0);
  });
});

describe("limiters of two processes", () => {
  const PUSH: Cost = { lane: "step", kind: "push", repo: repoName("acme/a") };
  const both = () => {
    const { budgets, clock, pass } = world();
    const limits = { pushes: pushesOf(3), merges: mergesOf(1), minWriteGapMs: 0 };
    const make = () => limiter({ clock, limits, shared: budgets(7) });
    return { one: make(), other: make(), pass, now: clock.now };
  };

  it("send together no more than one of them might, and say so of what is held back", async () => {
    const { one, other, now } = both();
    const sent: number[] = [];
    const send = async () => void sent.push(now());
    const all = [1, 2, 3, 4, 5, 6].map((n) => (n % 2 === 0 ? one : other).run(PUSH, send));
    const outcomes = await Promise.allSettled(all);
    expect(sent).toHaveLength(3);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({ reason: { fault: "throttled", status: 0, retryAt: NOON + MINUTE + 1_000 } });
    expect([one, other].map(({ held }) => held(PUSH)?.by.kind)).toContain("pushes");
  });

  it("let aborts go at once, whatever the others have sent, and count them", async () => {
    const { one, other } = both();
    await Promise.all([1, 2, 3].map(() => one.run(PUSH, async () => undefined)));
    let sent = 0;
    void other.run({ ...PUSH, lane: "abort" }, async () => (sent += 1));
    expect(sent).toBe(1);
    await expect.poll(() => server.client.hvals("tidegate:used:7:pushes:acme/a")).toEqual(["4"]);
  });

  it("go by their own count where Redis does not answer", async () => {
    const { clock } = world();
    const away = { take: () => Promise.reject(new Error("away")), note: () => undefined };
    const alone = limiter({ clock, limits: { pushes: pushesOf(3) }, shared: away });
    for (const n of [1, 2, 3]) expect(await alone.run(PUSH, async () => n)).toBe(n);
    await expect(alone.run(PUSH, async () => 4)).rejects.toMatchObject({ fault: "throttled", retryAt: NOON + MINUTE });
  });
});
