import { describe, expect, it } from "vitest";
import { repoName } from "../../src/core/names.ts";
import { memoryLeases } from "../../src/reconcile/lease.ts";

const HERE = { installation: 1, repo: repoName("acme/gitops") };
const THERE = { installation: 1, repo: repoName("acme/other") };

describe("a lease", () => {
  it("lets one work at a time, in the order asked, and goes on after a failure", async () => {
    const { withLease } = memoryLeases();
    const order: string[] = [];
    const work = (word: string) => async () => {
      order.push(`${word} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${word} ends`);
      if (word === "first") throw new Error("failed");
    };
    const both = await Promise.allSettled([withLease(HERE, work("first")), withLease(HERE, work("second"))]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(order).toEqual(["first begins", "first ends", "second begins", "second ends"]);
  });

  it("keeps repositories apart", async () => {
    const { withLease } = memoryLeases();
    const inner = await withLease(HERE, () => withLease(THERE, async () => "inside"));
    expect(inner).toBe("inside");
  });

  it("tells who looked before somebody else acted", async () => {
    const { turn, withLease } = memoryLeases();
    const before = await turn(HERE);
    const acted = await withLease(HERE, async (lease) => lease.turn);
    const late = await withLease(HERE, async (lease) => lease.turn);
    expect([before === acted, before === late, await turn(THERE)]).toEqual([true, false, 0]);
  });
});
