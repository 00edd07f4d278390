import { describe, expect, it } from "vitest";
import { repoName } from "../../src/core/names.ts";
import type { Queue, RepoKey } from "../../src/ports/queue.ts";

/** A queue, and the passing of its time: real for one outside the process, virtual for one inside. */
export type QueueWorld = {
  readonly queue: Queue;
  readonly now: () => number;
  readonly pass: (ms: number) => Promise<void>;
};

const GITOPS: RepoKey = { installation: 1, repo: repoName("acme/gitops") };
const OTHER: RepoKey = { installation: 1, repo: repoName("acme/other") };

/** A handler that runs until it is told how to end, and the list of what it was called with. */
function gatedHandler() {
  const calls: RepoKey[] = [];
  const open: { readonly end: () => void; readonly fail: () => void }[] = [];
  const handler = (key: RepoKey): Promise<void> => {
    calls.push(key);
    return new Promise((end, fail) => {
      open.push({ end, fail: () => fail(new Error("no answer")) });
    });
  };
  return {
    calls,
    handler,
    end: () => open.shift()?.end(),
    fail: () => open.shift()?.fail(),
    running: () => open.length,
  };
}

/** What every queue must do. `second` is how long a second of the contract takes in the queue's own time. */
export function queueContract(make: () => Promise<QueueWorld>, second = 1_000): void {
  const started = async () => {
    const world = await make();
    const gated = gatedHandler();
    world.queue.work(gated.handler);
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
