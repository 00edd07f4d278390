import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CALLS, callOf, killPoints, MOMENTS, type Blow } from "../../src/sandbox/kill-points.ts";

const kills = (count: number): readonly Blow[] => Array.from({ length: count }, () => "kill");

describe("kill points", () => {
  it("are the same for the same seed, and others for another", () => {
    expect(killPoints("1", 20, kills(4))).toEqual(killPoints("1", 20, kills(4)));
    expect(killPoints("1", 20, kills(4))).not.toEqual(killPoints("2", 20, kills(4)));
  });

  it("have no call twice in a run, and each call and moment about as often as any other", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: CALLS.length }),
        (seed, runs, perRun) => {
          const dealt = killPoints(seed, runs, kills(perRun));
          expect(dealt).toHaveLength(runs);
          for (const points of dealt) expect(new Set(points.map(({ call }) => call)).size).toBe(perRun);
          const all = dealt.flat().map(({ call, moment }) => `${moment} ${call}`);
          const counts = CALLS.flatMap((call) =>
            MOMENTS.map((moment) => all.filter((one) => one === `${moment} ${call}`).length),
          );
          // A hand that leaves a card in the deck takes it the next time.
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
        },
      ),
    );
  });

  it("strike Redis once in each run where they are to, each call in turn, while it waits, and for a while", () => {
    const runs = killPoints("1", 2 * CALLS.length, [...kills(2), "killRedis", "flushRedis"]);
    for (const points of runs)
      expect(points.map(({ blow }) => blow)).toEqual(["kill", "kill", "killRedis", "flushRedis"]);
    const struck = runs.flat().filter(({ blow }) => blow !== "kill");
    expect(new Set(struck.map(({ moment }) => moment))).toEqual(new Set(["before"]));
    expect(new Set(struck.map(({ call }) => call))).toEqual(new Set(CALLS));
    const away = struck.flatMap((point) => (point.blow === "killRedis" ? [point.awayMs] : []));
    expect(Math.min(...away)).toBeGreaterThan(0);
    expect(new Set(away).size).toBeGreaterThan(CALLS.length);
  });

  it.each([
    ["POST", "/repos/{owner}/{repo}/pulls", "create pull"],
    ["GET", "/repos/{owner}/{repo}/pulls", "pulls list"],
    ["PATCH", "/repos/{owner}/{repo}/check-runs/{id}", "check run"],
    ["POST", "/{owner}/{repo}.git/git-receive-pack", "git push"],
    ["GET", "/{owner}/{repo}.git/info/refs", undefined],
    ["GET", "/app", undefined],
  ])("%s %s is %s", (method, route, call) => {
    expect(callOf({ method, route })).toBe(call);
  });
});
