import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { killerOf } from "../../src/sandbox/killer.ts";
import type { KillPoint } from "../../src/sandbox/kill-points.ts";
import { REPO, testGitHub, type TestGitHub } from "../support/github.ts";

/** A bot whose death asks the world how it stood, and that stays dead until it is raised. */
function mortal(witness: () => unknown) {
  let isUp = true;
  const seen: unknown[] = [];
  return {
    seen,
    isUp: () => isUp,
    raise: () => {
      isUp = true;
    },
    kill: async () => {
      isUp = false;
      seen.push(witness());
    },
  };
}

describe("a bot that is killed when it opens a pull request", () => {
  let world: TestGitHub;
  const pulls = () => world.github.pulls(REPO).length;
  const open = (branch: string) =>
    world.ask("POST", `/repos/${REPO}/pulls`, { body: { title: branch, head: branch, base: "main" } });
  const point = (moment: KillPoint["moment"], nth = 1): KillPoint => ({ call: "create pull", moment, nth });

  beforeEach(async () => {
    world = await testGitHub();
    for (const branch of ["one", "two"])
      await world.github.push({ repo: REPO, user: "ben", branch, files: { [branch]: "1" }, message: branch });
  });
  afterEach(() => world.close());

  it.each([
    ["before", 0],
    ["after", 1],
  ] as const)("%s its effect leaves %i pull requests, and no answer", async (moment, left) => {
    const bot = mortal(pulls);
    const killer = killerOf([point(moment)], bot);
    world.github.setFaults(killer.hook);
    await expect(open("one")).rejects.toThrow("fetch failed");
    expect(bot.seen).toEqual([left]);
    expect(pulls()).toBe(left);
    expect(killer.kills()).toEqual([point(moment)]);
    expect(killer.waiting()).toEqual([]);
  });

  it("does nothing more until it is started again", async () => {
    const bot = mortal(pulls);
    world.github.setFaults(killerOf([point("before")], bot).hook);
    await expect(open("one")).rejects.toThrow("fetch failed");
    await expect(open("two")).rejects.toThrow("fetch failed");
    expect(pulls()).toBe(0);
    bot.raise();
    expect((await open("two")).status).toBe(201);
  });

  it("dies at the call that was counted to, and only there", async () => {
    const bot = mortal(pulls);
    const killer = killerOf([point("after", 2)], bot);
    world.github.setFaults(killer.hook);
    expect((await open("one")).status).toBe(201);
    expect(killer.waiting()).toEqual([point("after", 2)]);
    await expect(open("two")).rejects.toThrow("fetch failed");
    expect(bot.seen).toEqual([2]);
  });
});
