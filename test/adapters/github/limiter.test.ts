import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Cost, Limits } from "../../../src/adapters/github/budget.ts";
import { ForgeError } from "../../../src/adapters/github/error.ts";
import { limiter } from "../../../src/adapters/github/limiter.ts";
import { repoName } from "../../../src/core/names.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const READ: Cost = { lane: "step", kind: "read" };
const STEP: Cost = { lane: "step", kind: "write" };
const TALK: Cost = { lane: "talk", kind: "content" };
const ABORT: Cost = { lane: "abort", kind: "content" };
const PERSON: Cost = { lane: "person", kind: "read" };
const NEWS: Cost = { lane: "news", kind: "read" };

function bench(limits: Partial<Limits> = {}) {
  const clock = fakeClock(NOON);
  const limited = limiter({ clock, limits });
  const sent: (readonly [string, number])[] = [];
  /** Sends a request that takes `ms`; its name and the time of its start are noted. */
  const send = (name: string, cost: Cost, ms = 0) =>
    limited.run(cost, async () => {
      sent.push([name, clock.now() - NOON]);
      if (ms > 0) await clock.sleep(ms);
      return name;
    });
  return { clock, limited, sent, send };
}

describe("the order of requests", () => {
  it("is aborts, steps, talk, each in the order of arrival", async () => {
    const { clock, sent, send } = bench();
    const all = [
      send("first", STEP),
      send("talk 1", TALK),
      send("step 1", STEP),
      send("talk 2", TALK),
      send("step 2", STEP),
      send("abort", ABORT),
    ];
    await clock.pass(10_000);
    expect(await Promise.all(all)).toHaveLength(6);
    expect(sent).toEqual([
      ["first", 0],
      ["abort", 0],
      ["step 1", 1_000],
      ["step 2", 2_000],
      ["talk 1", 3_000],
      ["talk 2", 4_000],
    ]);
  });

  it("of reads is what persons wait for, then Tidegate's own, then what is read for news", async () => {
    const { clock, sent, send } = bench({ concurrent: 1 });
    const all = [send("first", READ, 10), send("news", NEWS), send("own", READ), send("person", PERSON)];
    await clock.pass(1_000);
    await Promise.all(all);
    expect(sent.map(([name]) => name)).toEqual(["first", "person", "own", "news"]);
  });

  it("lets reads past writes that wait", async () => {
    const { clock, sent, send } = bench();
    const all = [send("one", STEP), send("two", STEP), send("read", READ)];
    await clock.pass(2_000);
    await Promise.all(all);
    expect(sent).toEqual([
      ["one", 0],
      ["read", 0],
      ["two", 1_000],
    ]);
  });

  it("has one ordinary write at a time, however slow, which holds up no abort", async () => {
    const { clock, sent, send } = bench({ minWriteGapMs: 0 });
    const all = [send("slow", STEP, 8_000), send("next", STEP), send("abort", ABORT), send("read", READ)];
    await clock.pass(10_000);
    await Promise.all(all);
    expect(sent).toEqual([
      ["slow", 0],
      ["abort", 0],
      ["read", 0],
      ["next", 8_000],
    ]);
  });

  it("has a limited number in flight, which holds up no abort", async () => {
    const { clock, sent, send } = bench({ concurrent: 2 });
    const all = [send("a", READ, 500), send("b", READ, 300), send("c", READ), send("abort", ABORT)];
    await clock.pass(1_000);
    await Promise.all(all);
    expect(sent).toEqual([
      ["a", 0],
      ["b", 0],
      ["abort", 0],
      ["c", 300],
    ]);
  });

  it("goes on after one that fails, whose failure is the caller's", async () => {
    const { clock, limited, sent, send } = bench({ minWriteGapMs: 0 });
    const failing = limited.run(STEP, async () => Promise.reject(new Error("no")));
    const next = send("next", STEP);
    await expect(failing).rejects.toThrow("no");
    await clock.pass(0);
    expect(await next).toBe("next");
    expect(sent).toEqual([["next", 0]]);
  });
});

describe("a wait", () => {
  it("that is too long is refused at once with its end, for all but aborts, which wait", async () => {
    const { clock, limited, sent, send } = bench();
    limited.heard({ status: 403, headers: { "retry-after": "600" }, said: "" });
    const refused: unknown = await send("step", STEP).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ForgeError);
    expect(refused).toMatchObject({ fault: "throttled", retryAt: NOON + 600_000 });
    await expect(send("read", READ)).rejects.toThrow(ForgeError);
    const abort = send("abort", ABORT);
    await clock.pass(599_999);
    expect(sent).toEqual([]);
    await clock.pass(1);
    expect(await abort).toBe("abort");
    expect(sent).toEqual([["abort", 600_000]]);
  });

  it.each<[string, Cost, number]>([
    ["a minute for a read", READ, 60],
    ["a minute for what nobody would send again", { ...STEP, once: true }, 60],
    ["five seconds for a step", STEP, 5],
    ["five seconds for talk", TALK, 5],
    ["a second for progress", { ...STEP, lane: "progress" }, 1],
    ["a second for what is read for it", { ...READ, lane: "progress" }, 1],
  ])("is %s", async (_, cost, most) => {
    const { clock, limited, sent, send } = bench();
    limited.heard({ status: 429, headers: { "retry-after": String(most) }, said: "" });
    const one = send("one", cost);
    await clock.pass(most * 1_000);
    await one;
    expect(sent).toEqual([["one", most * 1_000]]);
    limited.heard({ status: 429, headers: { "retry-after": String(most + 1) }, said: "" });
    await expect(send("another", cost)).rejects.toMatchObject({ fault: "throttled" });
  });

  it("is noticed by those that wait already", async () => {
    const { clock, limited, sent, send } = bench();
    const all = Promise.allSettled([send("one", STEP), send("two", STEP)]);
    limited.heard({ status: 403, headers: { "retry-after": "600" }, said: "" });
    await clock.pass(1_000);
    expect((await all).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(sent).toEqual([["one", 0]]);
  });
});

it("sends 810 points of step writes in a minute and the rest as the window slides", async () => {
  const { clock, sent, send } = bench({ minWriteGapMs: 0 });
  const all = Array.from({ length: 170 }, (_, n) => send(String(n), { ...STEP, once: true }));
  await clock.pass(59_999);
  expect(sent).toHaveLength(162);
  await clock.pass(1);
  await Promise.all(all);
  expect(sent).toHaveLength(170);
});

const [A, B, C] = [repoName("acme/a"), repoName("acme/b"), repoName("acme/c")];

describe("repositories", () => {
  it("take turns, each in the order of its own requests, however many one of them has", async () => {
    const { clock, sent, send } = bench();
    const all = [1, 2, 3, 4].map((n) => send(`a${n}`, { ...STEP, repo: A }));
    all.push(send("b1", { ...STEP, repo: B }), send("b2", { ...STEP, repo: B }));
    await clock.pass(2_500);
    all.push(send("c1", { ...STEP, repo: C }));
    await clock.pass(10_000);
    await Promise.all(all);
    expect(sent.map(([name]) => name)).toEqual(["a1", "b1", "a2", "c1", "b2", "a3", "a4"]);
  });

  it("take turns within a lane only: steps go before talk, whoever's", async () => {
    const { clock, sent, send } = bench();
    const all = [send("first", { ...STEP, repo: A }), send("talk b", { ...TALK, repo: B })];
    all.push(send("step a", { ...STEP, repo: A }), send("abort a", { ...ABORT, repo: A }));
    await clock.pass(10_000);
    await Promise.all(all);
    expect(sent.map(([name]) => name)).toEqual(["first", "abort a", "step a", "talk b"]);
  });

  it("that wait get at most one turn of each other one in between", async () => {
    const arrivals = fc.array(
      fc.record({ repo: fc.constantFrom(A, B, C), afterMs: fc.constantFrom(0, 0, 300, 2_500) }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(arrivals, async (wanted) => {
        const { clock, limited } = bench();
        const turns: { readonly repo: typeof A; readonly asked: number; readonly sent: number }[] = [];
        const all: Promise<unknown>[] = [];
        for (const { repo, afterMs } of wanted) {
          await clock.pass(afterMs);
          const asked = clock.now();
          const send = async () => void turns.push({ repo, asked, sent: clock.now() });
          all.push(limited.run({ ...STEP, once: true, repo }, send));
        }
        await clock.pass(60_000);
        await Promise.all(all);
        expect(turns).toHaveLength(wanted.length);
        for (const [index, turn] of turns.entries()) {
          const previous = turns.slice(0, index).findLastIndex(({ repo }) => repo === turn.repo);
          const between = turns.slice(previous + 1, index).filter(({ sent }) => sent > turn.asked);
          const counts = Map.groupBy(between, ({ repo }) => repo);
          for (const [, others] of counts) expect(others.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("pushes and merges of a repository", () => {
  const PUSH: Cost = { lane: "step", kind: "push", repo: A };
  const MERGE: Cost = { lane: "step", kind: "merge", repo: A };

  it("beyond its pace are refused with the time, and other repositories and aborts pass", async () => {
    const { clock, limited, sent, send } = bench();
    await Promise.all([1, 2, 3, 4, 5, 6].map((n) => send(`push ${n}`, PUSH)));
    await expect(send("push 7", PUSH)).rejects.toMatchObject({ fault: "throttled", retryAt: NOON + 60_000 });
    expect(limited.held(PUSH)).toEqual({ until: NOON + 60_000, by: { kind: "pushes", most: 6, perMs: 60_000 } });
    expect(limited.held({ ...PUSH, repo: B })).toBeUndefined();
    await Promise.all([send("other", { ...PUSH, repo: B }), send("abort", { ...PUSH, lane: "abort" })]);
    await clock.pass(60_000);
    await send("push 7", PUSH);
    expect(sent.slice(6)).toEqual([
      ["other", 0],
      ["abort", 0],
      ["push 7", 60_000],
    ]);
  });

  it("wait for merges that others are known to have made, and for none that a fast clock has dated", async () => {
    const { limited } = bench();
    const landed = [1, 2, 3, 4, 5].map((n) => NOON - n * 10_000);
    expect(limited.held(MERGE, landed)).toMatchObject({ until: NOON + 250_000, by: { kind: "merges" } });
    expect(limited.held(MERGE, landed.slice(1))).toBeUndefined();
    expect(limited.held(MERGE, [...landed.slice(1), NOON + 86_400_000])).toBeUndefined();
    expect(limited.held(PUSH, landed)).toBeUndefined();
  });

  it("are no reason to hold one write for another: pushes go beside a write that is slow", async () => {
    const { clock, sent, send } = bench();
    const all = [send("slow", STEP, 3_000), send("push", PUSH)];
    await clock.pass(3_000);
    await Promise.all(all);
    expect(sent).toEqual([
      ["slow", 0],
      ["push", 0],
    ]);
  });

  it("are told with all else that is used, what waits, and what was refused", async () => {
    const { clock, limited, send } = bench();
    await send("push", PUSH);
    const merge = send("merge", MERGE);
    const talk = send("talk", { ...TALK, repo: B });
    const said = talk.catch((error: unknown) => error);
    await clock.pass(0);
    limited.heard({
      status: 200,
      headers: {
        "x-ratelimit-remaining": "4000",
        "x-ratelimit-limit": "5000",
        "x-ratelimit-reset": String(NOON / 1_000 + 600),
      },
      said: "",
    });
    expect(limited.used()).toEqual({
      points: { used: 5, most: 900, perMs: 60_000 },
      contentPerMinute: { used: 1, most: 80, perMs: 60_000 },
      contentPerHour: { used: 1, most: 500, perMs: 3_600_000 },
      hour: { left: 4_000, limit: 5_000, resetAt: NOON + 600_000 },
      waiting: { abort: 0, person: 0, step: 0, talk: 1, news: 0, progress: 0 },
      running: 0,
      blockedUntil: { ordinary: 0, abort: 0 },
      refused: 0,
      heldBack: 0,
      repositories: [
        { repo: A, pushes: { used: 1, most: 6, perMs: 60_000 }, merges: { used: 1, most: 5, perMs: 300_000 } },
      ],
    });
    limited.heard({ status: 429, headers: { "retry-after": "600" }, said: "" });
    await merge;
    await clock.pass(1_000);
    expect(await said).toMatchObject({ fault: "throttled", reason: "GitHub has refused a request for its rate" });
    expect(limited.used()).toMatchObject({ refused: 1, heldBack: 1, blockedUntil: { ordinary: NOON + 600_000 } });
    await clock.pass(900_000);
    expect(limited.used()).toMatchObject({ points: { used: 0 }, hour: undefined, repositories: [] });
  });
});
