import { describe, expect, it } from "vitest";

import type { Cost, Limits } from "../../../src/adapters/github/budget.ts";
import { ForgeError } from "../../../src/adapters/github/error.ts";
import { limiter } from "../../../src/adapters/github/limiter.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const READ: Cost = { lane: "step", kind: "read" };
const STEP: Cost = { lane: "step", kind: "write" };
const TALK: Cost = { lane: "talk", kind: "content" };
const ABORT: Cost = { lane: "abort", kind: "content" };

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
