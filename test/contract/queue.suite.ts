import { describe, expect, it } from "vitest";
import { repoName } from "../../src/core/names.ts";
import type { Because, NewsFrom, Queue, RepoKey } from "../../src/ports/queue.ts";
import { until } from "../support/until.ts";

/** A queue, and the passing of its time: real for one outside the process, virtual for one inside. */
export type QueueWorld = {
  readonly queue: Queue;
  readonly now: () => number;
  readonly pass: (ms: number) => Promise<void>;
};

const GITOPS: RepoKey = { installation: 1, repo: repoName("acme/gitops") };
const OTHER: RepoKey = { installation: 1, repo: repoName("acme/other") };
const THIRD: RepoKey = { installation: 1, repo: repoName("acme/third") };
const FOURTH: RepoKey = { installation: 1, repo: repoName("acme/fourth") };

/** A handler that runs until it is told how to end, and the list of what it was called with. */
function gatedHandler() {
  const calls: RepoKey[] = [];
  const reasons: Because[] = [];
  const open: { readonly end: () => void; readonly fail: () => void }[] = [];
  const handler = (key: RepoKey, because: Because): Promise<void> => {
    calls.push(key);
    reasons.push(because);
    return new Promise((end, fail) => {
      open.push({ end, fail: () => fail(new Error("no answer")) });
    });
  };
  return {
    calls,
    reasons,
    handler,
    end: () => open.shift()?.end(),
    fail: () => open.shift()?.fail(),
    running: () => open.length,
  };
}

/** What every queue must do. `second` is how long a second of the contract takes in the queue's own time. */
export function queueContract(make: () => Promise<QueueWorld>, second = 1_000): void {
  const started = async (newsFrom?: NewsFrom) => {
    const world = await make();
    const gated = gatedHandler();
    world.queue.work(gated.handler, newsFrom);
    return { ...world, ...gated, soon: () => world.pass(second / 10) };
  };
  /** As `started`, with a first look that is under way. */
  const busy = async () => {
    const world = await started();
    await world.queue.look(GITOPS, "news");
    await world.soon();
    expect(world.calls).toEqual([GITOPS]);
    return world;
  };

  describe("the five orders of look and wake", () => {
    it("a look during a run makes one more run after it", async () => {
      const { queue, calls, end, soon, running } = await busy();
      await queue.look(GITOPS, "news");
      await soon();
      expect(running()).toBe(1);
      end();
      await soon();
      expect(calls).toHaveLength(2);
      end();
      await soon();
      expect(calls).toHaveLength(2);
    });

    it("several looks during a run make one more run", async () => {
      const { queue, calls, end, soon } = await busy();
      for (let i = 0; i < 5; i += 1) await queue.look(GITOPS, "news");
      for (let i = 0; i < 3; i += 1) {
        end();
        await soon();
      }
      expect(calls).toHaveLength(2);
    });

    it("a wake that waits does not swallow a look, nor the look the wake", async () => {
      const { queue, calls, end, soon, now, pass } = await started();
      await queue.wake(GITOPS, now() + 5 * second);
      await queue.look(GITOPS, "news");
      await soon();
      expect(calls).toHaveLength(1);
      end();
      await soon();
      expect(calls).toHaveLength(1);
      await pass(5 * second);
      expect(calls).toHaveLength(2);
    });

    it("a wake that is set during a run does not replace a look that waits", async () => {
      const { queue, calls, end, soon, now, pass } = await busy();
      await queue.look(GITOPS, "news");
      await queue.wake(GITOPS, now() + 5 * second);
      end();
      await soon();
      expect(calls).toHaveLength(2);
      end();
      await pass(5 * second);
      expect(calls).toHaveLength(3);
    });

    it("an earlier wake replaces a later one; a later one changes nothing", async () => {
      const { queue, calls, end, now, pass } = await started();
      const start = now();
      await queue.wake(GITOPS, start + 8 * second);
      await queue.wake(GITOPS, start + 3 * second);
      await queue.wake(GITOPS, start + 6 * second);
      await pass(2 * second);
      expect(calls).toHaveLength(0);
      await pass(2 * second);
      expect(calls).toHaveLength(1);
      end();
      await pass(8 * second);
      expect(calls).toHaveLength(1);
    });
  });

  describe("wakes", () => {
    it("in the past are now", async () => {
      const { queue, calls, now, soon } = await started();
      await queue.wake(GITOPS, now() - 60 * second);
      await soon();
      expect(calls).toEqual([GITOPS]);
    });

    it("that come due during a run are run after it", async () => {
      const { queue, calls, end, soon, now, pass } = await busy();
      await queue.wake(GITOPS, now() + second);
      await pass(2 * second);
      expect(calls).toHaveLength(1);
      end();
      await soon();
      expect(calls).toHaveLength(2);
    });

    it("can be set anew by the run that one started", async () => {
      const { queue, calls, end, now, pass } = await started();
      await queue.wake(GITOPS, now() + second);
      await pass(2 * second);
      await queue.wake(GITOPS, now() + second);
      end();
      await pass(2 * second);
      expect(calls).toHaveLength(2);
    });
  });

  describe("repositories", () => {
    it("do not wait for each other", async () => {
      const { queue, calls, running, soon } = await busy();
      await queue.look(OTHER, "news");
      await soon();
      expect(calls).toEqual([GITOPS, OTHER]);
      expect(running()).toBe(2);
    });

    it("keep what came before anyone worked", async () => {
      const { queue, pass } = await make();
      const { calls, handler } = gatedHandler();
      await queue.look(GITOPS, "news");
      await queue.look(OTHER, "news");
      queue.work(handler);
      await pass(second);
      expect(calls).toEqual([GITOPS, OTHER]);
    });
  });

  describe("a run that fails", () => {
    it("is run again, and others go on meanwhile", async () => {
      const { queue, calls, fail, end, soon, pass } = await busy();
      fail();
      await soon();
      expect(calls).toHaveLength(1);
      await queue.look(OTHER, "news");
      await soon();
      expect(calls).toEqual([GITOPS, OTHER]);
      end();
      await pass(2 * second);
      expect(calls).toEqual([GITOPS, OTHER, GITOPS]);
    });

    it("does not keep a look waiting", async () => {
      const { queue, calls, fail, soon } = await busy();
      await queue.look(GITOPS, "news");
      fail();
      await soon();
      expect(calls).toHaveLength(2);
    });
  });

  describe("reasons", () => {
    /** Every place taken by looks for news. */
    const full = async () => {
      const world = await busy();
      await world.queue.look(OTHER, "news");
      await world.soon();
      expect(world.running()).toBe(2);
      return world;
    };

    it.each([
      ["person", "own"],
      ["person", "news"],
      ["own", "news"],
    ] as const)("%s goes before %s, whichever came first", async (stronger, weaker) => {
      const { queue, calls, reasons, end, soon } = await full();
      await queue.look(THIRD, weaker);
      await queue.look(FOURTH, stronger);
      end();
      await until("the third begins", () => calls.length > 2);
      end();
      await soon();
      expect(calls.slice(2)).toEqual([FOURTH, THIRD]);
      expect(reasons.slice(2)).toEqual([stronger, weaker]);
    });

    it("make one look of a repository, for the strongest of them and in its place", async () => {
      const { queue, calls, reasons, end, soon } = await full();
      await queue.look(THIRD, "news");
      await queue.look(FOURTH, "news");
      await queue.look(FOURTH, "person");
      end();
      await until("the third begins", () => calls.length > 2);
      end();
      await soon();
      expect(calls.slice(2)).toEqual([FOURTH, THIRD]);
      expect(reasons.slice(2)).toEqual(["person", "news"]);
    });

    it("are the strongest of those that came during a run, whatever came last", async () => {
      const { queue, reasons, end, soon } = await busy();
      for (const because of ["news", "person", "news"] as const) await queue.look(GITOPS, because);
      end();
      await soon();
      end();
      await soon();
      expect(reasons).toEqual(["news", "person"]);
    });

    it("outlive a failure", async () => {
      const { queue, reasons, fail, soon, pass } = await started();
      await queue.look(GITOPS, "person");
      await soon();
      fail();
      await soon();
      await pass(2 * second);
      expect(reasons).toEqual(["person", "person"]);
    });

    it("that are a time of its own are own", async () => {
      const { queue, reasons, now, soon } = await started();
      await queue.wake(GITOPS, now());
      await soon();
      expect(reasons).toEqual(["own"]);
    });
  });

  describe("looks for news", () => {
    const AT_ONCE = 6;
    const EVERY = 5 * second;
    /** As `started`, with as many looks for news behind it as there are at once. */
    const noisy = async () => {
      const world = await started();
      for (let i = 1; i <= AT_ONCE; i += 1) {
        await world.queue.look(GITOPS, "news");
        await world.soon();
        expect(world.calls).toHaveLength(i);
        if (i < AT_ONCE) world.end();
        await world.soon();
      }
      return world;
    };

    it("are one in a while after the first, however many are asked for, and the last is followed by one", async () => {
      const { queue, calls, end, soon, pass } = await noisy();
      end();
      for (let i = 0; i < 20; i += 1) await queue.look(GITOPS, "news");
      await soon();
      expect(calls).toHaveLength(AT_ONCE);
      expect(await queue.state()).toMatchObject({ waiting: 0, putOff: 1, oldestDue: undefined });
      await pass(EVERY);
      expect(calls).toHaveLength(AT_ONCE + 1);
      expect(await queue.state()).toMatchObject({ putOff: 0 });
      await queue.look(GITOPS, "news");
      end();
      await soon();
      expect(calls).toHaveLength(AT_ONCE + 1);
      await pass(EVERY);
      expect(calls).toHaveLength(AT_ONCE + 2);
      end();
      await pass(10 * EVERY);
      expect(calls).toHaveLength(AT_ONCE + 2);
    });

    it("that came during a run are put off after it too", async () => {
      const { queue, calls, end, soon, pass } = await noisy();
      await queue.look(GITOPS, "news");
      end();
      await soon();
      expect(calls).toHaveLength(AT_ONCE);
      await pass(EVERY);
      expect(calls).toHaveLength(AT_ONCE + 1);
    });

    it.each(["person", "own"] as const)(
      "hold up none that is because of %s, which is theirs as well",
      async (because) => {
        const { queue, calls, reasons, end, soon, pass } = await noisy();
        end();
        await queue.look(GITOPS, "news");
        await queue.look(GITOPS, because);
        await soon();
        expect(calls).toHaveLength(AT_ONCE + 1);
        expect(reasons.at(-1)).toBe(because);
        end();
        await pass(10 * EVERY);
        expect(calls).toHaveLength(AT_ONCE + 1);
      },
    );

    it("hold up no wake, which is theirs as well", async () => {
      const { queue, calls, end, now, pass } = await noisy();
      end();
      await queue.look(GITOPS, "news");
      await queue.wake(GITOPS, now() + second);
      await pass(2 * second);
      expect(calls).toHaveLength(AT_ONCE + 1);
      end();
      await pass(10 * EVERY);
      expect(calls).toHaveLength(AT_ONCE + 1);
    });

    it("of one repository put off none of another", async () => {
      const { queue, calls, soon } = await noisy();
      await queue.look(OTHER, "news");
      await soon();
      expect(calls.at(-1)).toEqual(OTHER);
    });

    it("are as many at once again after a calm", async () => {
      const { queue, calls, end, soon, pass } = await noisy();
      end();
      await pass(AT_ONCE * EVERY);
      for (let i = 1; i <= AT_ONCE; i += 1) {
        await queue.look(GITOPS, "news");
        await soon();
        expect(calls).toHaveLength(AT_ONCE + i);
        end();
        await soon();
      }
    });

    it("wait until their installation has room, and no other look does", async () => {
      let roomAt = Number.POSITIVE_INFINITY;
      const { queue, calls, end, now, soon, pass } = await started((installation) => (installation === 1 ? roomAt : 0));
      roomAt = now() + 10 * second;
      const elsewhere: RepoKey = { installation: 2, repo: repoName("other/gitops") };
      await queue.look(GITOPS, "news");
      await queue.look(OTHER, "news");
      await queue.look(elsewhere, "news");
      await queue.look(OTHER, "person");
      await soon();
      expect(calls.map(({ repo }) => repo).toSorted()).toEqual(["acme/other", "other/gitops"]);
      expect(await queue.state()).toMatchObject({ waiting: 0, putOff: 1, oldestDue: undefined });
      end();
      end();
      await queue.look(THIRD, "own");
      await pass(9 * second);
      expect(calls.at(-1)).toEqual(THIRD);
      end();
      await pass(2 * second);
      expect(calls.at(-1)).toEqual(GITOPS);
      end();
      await pass(20 * second);
      expect(calls).toHaveLength(4);
    });
  });

  it("tells what waits, since when, and what runs", async () => {
    const { queue, pass } = await make();
    const gated = gatedHandler();
    expect(await queue.state()).toEqual({
      isUp: true,
      waiting: 0,
      running: 0,
      oldestDue: undefined,
      stalled: 0,
      putOff: 0,
    });
    await queue.look(GITOPS, "news");
    const state = await queue.state();
    expect(state).toMatchObject({ waiting: 1, running: 0 });
    expect(state.oldestDue).toBeGreaterThan(0);
    queue.work(gated.handler);
    await pass(second / 10);
    expect(await queue.state()).toMatchObject({ waiting: 0, running: 1, oldestDue: undefined });
    gated.end();
  });

  it("takes nothing after it is closed", async () => {
    const { queue } = await started();
    await queue.close(second);
    await expect(queue.look(GITOPS, "news")).rejects.toThrow("closed");
    await expect(queue.wake(GITOPS, 0)).rejects.toThrow("closed");
  });
}
