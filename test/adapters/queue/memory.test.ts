import { AsyncLocalStorage } from "node:async_hooks";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryQueue } from "../../../src/adapters/queue/memory.ts";
import { repoName } from "../../../src/core/names.ts";
import type { Fields } from "../../../src/ports/log.ts";
import type { Because, RepoKey } from "../../../src/ports/queue.ts";
import { virtualTime } from "../../contract/virtual-time.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const DAY = 24 * 60 * 60_000;

function repo(name: string): RepoKey {
  return { installation: 1, repo: repoName(`acme/${name}`) };
}

function world(changes: { readonly concurrency?: number; readonly capacity?: number } = {}) {
  const time = virtualTime(NOON);
  const said: (Fields & { readonly message: string })[] = [];
  const say = (message: string, fields: Fields = {}): void => void said.push({ ...fields, message });
  const queue = memoryQueue({ timers: time, log: { info: say, warn: say }, concurrency: 4, capacity: 10, ...changes });
  return { queue, time, said };
}

describe("repeating", () => {
  it("waits 1 s, twice as long each time, five minutes at most, and starts anew after a success", async () => {
    const { queue, time, said } = world();
    const at: number[] = [];
    let broken = true;
    queue.work(async () => {
      at.push((time.now() - NOON) / 1_000);
      if (broken) throw new Error("down");
    });
    await queue.look(repo("a"), "news");
    await time.pass(20 * 60_000);
    expect(at.slice(0, 12)).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1_111]);
    expect(said.map(({ retryInMs }) => retryInMs).slice(0, 3)).toEqual([1_000, 2_000, 4_000]);
    broken = false;
    await time.pass(5 * 60_000);
    broken = true;
    await queue.look(repo("a"), "news");
    await time.pass(1_000);
    expect(said.at(-1)).toMatchObject({ repo: "acme/a", failures: 2, retryInMs: 2_000 });
  });

  it("is not owed any more after a look that went well in the meantime", async () => {
    const { queue, time } = world();
    const at: number[] = [];
    queue.work(async () => {
      at.push(time.now() - NOON);
      if (at.length === 1) throw new Error("down");
    });
    await queue.look(repo("a"), "news");
    await time.pass(500);
    await queue.look(repo("a"), "news");
    await time.pass(DAY);
    expect(at).toEqual([0, 500]);
  });

  it("does not mind a handler that throws before it waits", async () => {
    const { queue, time, said } = world();
    queue.work(() => {
      throw new Error("at once");
    });
    await queue.look(repo("a"), "news");
    await time.pass(0);
    expect(said).toMatchObject([{ error: "Error: at once", failures: 1 }]);
  });
});

describe("bounds", () => {
  it("refuses a repository beyond the capacity, not a known one, and takes others when one is done", async () => {
    const { queue, time } = world({ capacity: 2 });
    await queue.look(repo("a"), "news");
    await queue.wake(repo("b"), NOON + DAY);
    await expect(queue.look(repo("c"), "news")).rejects.toThrow("The queue is full: 2 repositories.");
    await queue.look(repo("b"), "news");
    queue.work(async () => undefined);
    await time.pass(0);
    await queue.look(repo("c"), "news");
    await expect(queue.look(repo("d"), "news")).rejects.toThrow("full");
  });

  it("works on so many at once and serves the longest waiting first", async () => {
    const { queue, time } = world({ concurrency: 2 });
    const calls: string[] = [];
    const ends: (() => void)[] = [];
    queue.work(({ repo: name }) => {
      calls.push(name);
      return new Promise((resolve) => void ends.push(resolve));
    });
    for (const name of ["a", "b", "c", "d"]) await queue.look(repo(name), "news");
    await queue.look(repo("a"), "news");
    await time.pass(0);
    expect(calls).toEqual(["acme/a", "acme/b"]);
    for (let i = 0; i < 5; i += 1) {
      ends.shift()?.();
      await time.pass(0);
    }
    expect(calls).toEqual(["acme/a", "acme/b", "acme/c", "acme/d", "acme/a"]);
  });

  it("gives no repository a second turn before each other one that waits had its first, however often it is looked at", async () => {
    const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(names, fc.integer({ min: 1, max: 3 }), async (waiting, concurrency) => {
        const { queue, time } = world({ concurrency });
        const calls: string[] = [];
        queue.work(async ({ repo: name }) => {
          calls.push(name);
          // The busy one is due again before it has ended.
          if (calls.length < 40) await queue.look(repo("busy"), "news");
          await new Promise<void>((resolve) => void time.after(100, resolve));
        });
        await queue.look(repo("busy"), "news");
        for (const name of waiting) await queue.look(repo(name), "news");
        await time.pass(60_000);
        const last = Math.max(...waiting.map((name) => calls.indexOf(`acme/${name}`)));
        expect(calls.slice(0, last).filter((name) => name === "acme/busy").length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 30 },
    );
  });

  it("gives installations turns: the thousand repositories of one keep no other one waiting, nor do looks of it that hang", async () => {
    const { queue, time } = world({ concurrency: 4, capacity: 2_000 });
    const calls: string[] = [];
    const here = new Map<number, number>();
    let most = 0;
    queue.work(async ({ installation, repo: name }) => {
      calls.push(name);
      here.set(installation, (here.get(installation) ?? 0) + 1);
      most = Math.max(most, here.get(1) ?? 0);
      await new Promise<void>((resolve) => void time.after(installation === 1 ? 60_000 : 10, resolve));
      here.set(installation, (here.get(installation) ?? 0) - 1);
    });
    const other = (name: string): RepoKey => ({ installation: 2, repo: repoName(`other/${name}`) });
    await queue.look(other("first"), "news");
    await time.pass(100);
    for (let n = 0; n < 1_000; n += 1) await queue.look(repo(String(n)), "news");
    await time.pass(100);
    await queue.look(other("second"), "news");
    await queue.look(other("third"), "news");
    await time.pass(100);
    expect(calls).toEqual(["other/first", "acme/0", "acme/1", "other/second", "other/third"]);
    expect(most).toBe(2);
  });

  it("begins at once what a person asks for, whatever else runs and waits", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (plan, concurrency) => {
        const { queue, time } = world({ concurrency });
        const calls: string[] = [];
        queue.work(({ repo: name }) => {
          calls.push(name);
          return new Promise(() => undefined);
        });
        for (const step of plan) {
          if (step.kind === "pass") await time.pass(step.ms);
          else if (step.kind === "wake") await queue.wake(repo(step.repo), time.now() + step.inMs);
          else await queue.look(repo(step.repo), step.because === "person" ? "own" : step.because);
        }
        await queue.look(repo("person"), "person");
        await time.pass(0);
        expect(calls.at(-1)).toBe("acme/person");
      }),
      { numRuns: 60 },
    );
  });

  it("lets news have every fourth turn, however much of its own there is to do", async () => {
    const { queue, time } = world({ concurrency: 1 });
    const calls: string[] = [];
    queue.work(async ({ repo: name }) => {
      calls.push(name);
      if (name !== "acme/news") await queue.look(repo(calls.length % 2 === 0 ? "even" : "odd"), "own");
      await new Promise<void>((resolve) => void time.after(100, resolve));
    });
    for (const name of ["odd", "even"]) await queue.look(repo(name), "own");
    await queue.look(repo("news"), "news");
    await time.pass(2_000);
    expect(calls.indexOf("acme/news")).toBeLessThan(4);
  });

  it("looks at a repository for news no more than six times and then once in five seconds", async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(gaps, async (all) => {
        const { queue, time } = world();
        const at: number[] = [];
        queue.work(async () => void at.push(time.now()));
        for (const gap of all) {
          await queue.look(repo("a"), "news");
          await time.pass(gap);
        }
        await time.pass(DAY);
        for (const [index, start] of at.entries()) {
          const within = at.slice(index).filter((one) => one < start + 20_000).length;
          expect(within).toBeLessThanOrEqual(6 + 20_000 / 5_000);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("gives one installation every place where there is no other", async () => {
    const { queue, time } = world({ concurrency: 4 });
    let running = 0;
    queue.work(() => {
      running += 1;
      return new Promise(() => undefined);
    });
    for (const name of ["a", "b", "c", "d", "e"]) await queue.look(repo(name), "news");
    await time.pass(0);
    expect(running).toBe(4);
  });

  it("takes one repository for the same whatever the case and the installation, and keeps the newer installation", async () => {
    const { queue, time } = world();
    const calls: RepoKey[] = [];
    await queue.look({ installation: 1, repo: repoName("Acme/A") }, "news");
    await queue.look({ installation: 2, repo: repoName("acme/a") }, "news");
    queue.work(async (key) => void calls.push(key));
    await time.pass(0);
    expect(calls).toEqual([{ installation: 2, repo: "acme/a" }]);
  });

  it("wakes after more days than a timer can count", async () => {
    const { queue, time } = world();
    const at: number[] = [];
    queue.work(async () => void at.push(time.now()));
    await queue.wake(repo("a"), NOON + 60 * DAY);
    await time.pass(61 * DAY);
    expect(at).toEqual([NOON + 60 * DAY]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses %s as a time", async (at) => {
    await expect(world().queue.wake(repo("a"), at)).rejects.toThrow(RangeError);
  });

  it("is worked off by one only", () => {
    const { queue } = world();
    queue.work(async () => undefined);
    expect(() => queue.work(async () => undefined)).toThrow("already");
  });
});

describe("closing", () => {
  it("waits for what runs, starts nothing more and leaves no timer", async () => {
    const { queue, time } = world({ concurrency: 1 });
    const calls: string[] = [];
    let end = (): void => undefined;
    queue.work(({ repo: name }) => {
      calls.push(name);
      return new Promise((resolve) => {
        end = resolve;
      });
    });
    await queue.look(repo("a"), "news");
    await queue.look(repo("b"), "news");
    await queue.wake(repo("c"), NOON + 1_000);
    let closed = false;
    const closing = queue.close(10_000).finally(() => {
      closed = true;
    });
    await time.pass(5_000);
    expect(closed).toBe(false);
    end();
    await time.pass(0);
    await closing;
    expect({ closed, calls, pending: time.pending() }).toEqual({ closed: true, calls: ["acme/a"], pending: 0 });
  });

  it("stops waiting at the deadline and says so", async () => {
    const { queue, time, said } = world();
    queue.work(() => new Promise(() => undefined));
    await queue.look(repo("a"), "news");
    await time.pass(0);
    const closing = queue.close(10_000);
    await time.pass(10_000);
    await closing;
    expect(said).toEqual([{ message: "The queue closed before every look had ended.", running: 1 }]);
  });

  it("repeats nothing that failed while it closed", async () => {
    const { queue, time } = world();
    let fail = (): void => undefined;
    queue.work(() => new Promise((_, reject) => void (fail = () => reject(new Error("down")))));
    await queue.look(repo("a"), "news");
    await time.pass(0);
    const closing = queue.close(10_000);
    fail();
    await closing;
    expect(time.pending()).toBe(0);
  });
});

type Step =
  | { readonly kind: "look"; readonly repo: string; readonly because: Because }
  | { readonly kind: "wake"; readonly repo: string; readonly inMs: number }
  | { readonly kind: "pass"; readonly ms: number };

const names = fc.constantFrom("a", "b", "c");
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("look" as const), repo: names, because: fc.constantFrom("person", "own", "news") }),
    fc.record({ kind: fc.constant("wake" as const), repo: names, inMs: fc.integer({ min: -1_000, max: 60_000 }) }),
    fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  ),
  { maxLength: 40 },
);

const fates = fc.array(fc.record({ ms: fc.integer({ min: 0, max: 5_000 }), fails: fc.boolean() }), { minLength: 1 });

describe("laws", () => {
  it("loses nothing: after every look and every wake a run starts that succeeds; never two of one repository at once", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fates, async (plan, stream) => {
        const { queue, time } = world({ concurrency: 2 });
        const owed = new Map<string, number>();
        const active = new Set<string>();
        let faults = 20;
        let runs = 0;
        queue.work(async ({ repo: name }) => {
          expect(active.has(name)).toBe(false);
          expect(active.size).toBeLessThan(3);
          active.add(name);
          const seen = owed.get(name);
          const fate = stream[runs++ % stream.length] ?? { ms: 0, fails: false };
          await new Promise<void>((resolve) => void time.after(fate.ms, resolve));
          active.delete(name);
          if (fate.fails && faults-- > 0) throw new Error("fault");
          // Only a run that started after a look or wake was asked for settles it.
          if (owed.get(name) === seen) owed.delete(name);
        });
        for (const [index, step] of plan.entries()) {
          if (step.kind !== "pass") owed.set(`acme/${step.repo}`, index);
          if (step.kind === "pass") await time.pass(step.ms);
          else if (step.kind === "look") await queue.look(repo(step.repo), step.because);
          else await queue.wake(repo(step.repo), time.now() + step.inMs);
        }
        await time.pass(DAY);
        expect([...owed.keys()]).toEqual([]);
        expect(time.pending()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

it("runs a look apart from whatever asked for it, and from the look before it", async () => {
  const asker = new AsyncLocalStorage<string>();
  const { queue, time } = world({ concurrency: 1 });
  const seen: (string | undefined)[] = [];
  queue.work(async (key) => {
    seen.push(asker.getStore());
    await asker.run(key.repo, async () => Promise.resolve());
  });
  await asker.run("a webhook", async () => {
    await queue.look(repo("a"), "news");
    await queue.look(repo("b"), "news");
  });
  await time.pass(1_000);
  expect(seen).toEqual([undefined, undefined]);
});
