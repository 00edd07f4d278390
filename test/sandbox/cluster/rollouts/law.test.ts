import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BESIDE_ROLLOUTS } from "../../../../src/sandbox/cluster/application.ts";
import { GATEWAY, SERVICES, httpRoute, lab, rollout, service, steps } from "../lab.ts";

const REPLICAS = 4;

type Move = { readonly to: number; readonly wait: number };

const RISES = fc
  .array(fc.record({ to: fc.constantFrom(5, 10, 25, 30, 50), wait: fc.integer({ min: 1, max: 40 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((moves): readonly Move[] => moves.toSorted((a, b) => a.to - b.to));

/** A release whose steps are committed one after the other, some before the one before has settled; its live shares, and what was committed when. */
async function walk(kind: "router" | "ratio", moves: readonly Move[]) {
  const around = kind === "router" ? [SERVICES, httpRoute()] : [service("checkout")];
  const shape = kind === "router" ? { routing: GATEWAY } : {};
  const text = (version: string, list: string) =>
    [...around, rollout({ ...shape, version, steps: list })].join("\n---\n");
  const world = lab(text("1", steps(0, 0)), { policy: () => BESIDE_ROLLOUTS });
  await world.to(0);
  await world.to(5);
  const committed: number[] = [0];
  const seen: { readonly share: number; readonly highest: number; readonly isSettled: boolean }[] = [];
  let from = 0;
  const until = async (tenths: number) => {
    for (let step = 0; step < tenths; step += 1) {
      const isSettled = world.rollout()?.phase === "Paused";
      await world.after(0.1);
      seen.push({ share: world.path("checkout").at(-1) ?? 0, highest: Math.max(...committed), isSettled });
    }
  };
  world.commit(text("2", steps(0, 0)));
  await until(10);
  for (const { to, wait } of moves) {
    world.commit(text("2", steps(from, to)));
    committed.push(to);
    await until(wait);
    from = to;
  }
  await until(40);
  world.commit(text("2", steps(0, 0)));
  await until(60);
  return { seen, last: seen.at(-1)?.share, top: Math.max(...seen.map(({ share }) => share)), ...world };
}

describe("the live share of a canary whose steps are [from, to, pause]", () => {
  it("never rises above the highest weight committed, falls only by the dip to where it came from or 0, and ends at 0", async () => {
    await fc.assert(
      fc.asyncProperty(RISES, async (moves) => {
        const { seen, last, top } = await walk("router", moves);
        const goals = new Set([0, ...moves.map(({ to }) => to)]);
        for (const { share, highest } of seen) {
          expect(share).toBeLessThanOrEqual(highest);
          expect(goals).toContain(share);
        }
        expect(top).toBe(moves.at(-1)?.to);
        expect(last).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  it("does not fall at all between steps that are committed when the one before has settled", async () => {
    await fc.assert(
      fc.asyncProperty(RISES, async (moves) => {
        const slow = moves.map(({ to }) => ({ to, wait: 30 }));
        const { path } = await walk("router", slow);
        const shares = path("checkout");
        expect(shares.slice(0, -1)).toEqual(shares.slice(0, -1).toSorted((a, b) => a - b));
      }),
      { numRuns: 15 },
    );
  });

  it("by ratio is never further above the highest weight committed than one pod more and the pods in between allow", async () => {
    await fc.assert(
      fc.asyncProperty(RISES, async (moves) => {
        const { seen, last } = await walk("ratio", moves);
        for (const { share, highest } of seen) {
          const most = highest === 0 ? 0 : Math.ceil((highest * (REPLICAS + 1)) / 100);
          expect(share).toBeLessThanOrEqual((100 * most) / (REPLICAS - 1));
        }
        expect(last).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});
