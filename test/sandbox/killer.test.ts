import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FaultRequest } from "../../src/sandbox/github/faults.ts";
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

const alone = (bot: ReturnType<typeof mortal>) => ({ callerOf: () => bot, redis: undefined });

describe("a bot that is killed when it opens a pull request", () => {
  let world: TestGitHub;
  const pulls = () => world.github.pulls(REPO).length;
  const open = (branch: string) =>
    world.ask("POST", `/repos/${REPO}/pulls`, { body: { title: branch, head: branch, base: "main" } });
  const point = (moment: KillPoint["moment"], nth = 1): KillPoint => ({
    blow: "kill",
    call: "create pull",
    moment,
    nth,
  });

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
    const killer = killerOf([point(moment)], alone(bot));
    world.github.setFaults(killer.hook);
    await expect(open("one")).rejects.toThrow("fetch failed");
    expect(bot.seen).toEqual([left]);
    expect(pulls()).toBe(left);
    expect(killer.kills()).toEqual([point(moment)]);
    expect(killer.waiting()).toEqual([]);
  });

  it("does nothing more until it is started again", async () => {
    const bot = mortal(pulls);
    world.github.setFaults(killerOf([point("before")], alone(bot)).hook);
    await expect(open("one")).rejects.toThrow("fetch failed");
    await expect(open("two")).rejects.toThrow("fetch failed");
    expect(pulls()).toBe(0);
    bot.raise();
    expect((await open("two")).status).toBe(201);
  });

  it("dies at the call that was counted to, and only there", async () => {
    const bot = mortal(pulls);
    const killer = killerOf([point("after", 2)], alone(bot));
    world.github.setFaults(killer.hook);
    expect((await open("one")).status).toBe(201);
    expect(killer.waiting()).toEqual([point("after", 2)]);
    await expect(open("two")).rejects.toThrow("fetch failed");
    expect(bot.seen).toEqual([2]);
  });
});

describe("of two processes that share a Redis", () => {
  const call = {
    method: "PUT",
    route: "/repos/{owner}/{repo}/pulls/{number}/merge",
    path: "",
    body: undefined,
  } as const;
  const from = (host: string): FaultRequest => ({ ...call, host, isRemembered: false });
  const at = { call: "merge", moment: "before" } as const;

  function crew() {
    const [one, other] = [mortal(() => undefined), mortal(() => undefined)];
    const done: string[] = [];
    const redis = {
      kill: async (awayMs: number) => void done.push(`away for ${awayMs} ms`),
      flush: async () => void done.push("flushed"),
    };
    return { one, other, done, redis, callerOf: ({ host }: { readonly host: string }) => (host === "a" ? one : other) };
  }

  it("the one that calls is killed, and only its calls are cut from then on", async () => {
    const two = crew();
    const { hook } = killerOf([{ blow: "kill", ...at, nth: 2 }], two);
    expect(await hook(from("a"))).toBeUndefined();
    const fault = await hook(from("b"));
    if (fault?.kind !== "drop") throw new Error("The call is cut.");
    await fault.meanwhile?.();
    expect([two.one.isUp(), two.other.isUp()]).toEqual([true, false]);
    expect(await hook(from("b"))).toEqual({ kind: "drop", when: "before" });
    expect(await hook(from("a"))).toBeUndefined();
  });

  it("neither is harmed where Redis is struck, and the call goes on when that is done", async () => {
    const two = crew();
    const points: readonly KillPoint[] = [
      { blow: "killRedis", awayMs: 700, ...at, nth: 1 },
      { blow: "flushRedis", ...at, nth: 2 },
    ];
    const { hook, kills, waiting } = killerOf(points, two);
    expect([await hook(from("a")), await hook(from("b"))]).toEqual([undefined, undefined]);
    expect(two.done).toEqual(["away for 700 ms", "flushed"]);
    expect([two.one.isUp(), two.other.isUp()]).toEqual([true, true]);
    expect([kills(), waiting()]).toEqual([points, []]);
  });
});
