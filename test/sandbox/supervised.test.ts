import { describe, expect, it } from "vitest";
import { launchBot, type LaunchedBot } from "../../src/sandbox/bot.ts";
import { supervise } from "../../src/sandbox/supervised.ts";
import { createAppKey } from "../support/app-key.ts";
import { listen } from "../support/listener.ts";
import { PATIENT, UNHURRIED } from "../support/patience.ts";

type End = Awaited<LaunchedBot["ended"]>;

/** A bot that lives until it is told how it ends, and has said `words` by then. */
function mortal(words: string) {
  const { promise: ended, resolve: die } = Promise.withResolvers<End>();
  const bot: LaunchedBot = {
    url: "",
    pid: 0,
    ended,
    kill: async () => die({ code: null, signal: "SIGKILL" }),
    stop: async () => die({ code: 0, signal: null }),
    lastWords: async () => {
      await ended;
      return words;
    },
    ready: async () => undefined,
  };
  return { bot, die };
}

describe("a supervised bot", () => {
  it.each<[string, End, string]>([
    [
      "Error: it broke\n    at work",
      { code: 1, signal: null },
      "(exit code 1); it said last:\nError: it broke\n    at work",
    ],
    ["", { code: 0, signal: null }, "(exit code 0); it said nothing"],
    ["Killed.", { code: null, signal: "SIGSEGV" }, "(SIGSEGV); it said last:\nKilled."],
  ])(
    "that ends by itself, saying %j, is not started again, and that is told with its words",
    async (words, end, told) => {
      const { bot, die } = mortal(words);
      const launched: LaunchedBot[] = [];
      const supervised = supervise(() => {
        launched.push(bot);
        return bot;
      });
      expect([supervised.isUp(), supervised.problem()]).toEqual([true, undefined]);
      die(end);
      await expect.poll(supervised.problem, PATIENT).toBe(`the bot ended by itself ${told}`);
      expect(supervised.isUp()).toBe(false);
      await supervised.stop();
      expect(launched).toHaveLength(1);
    },
  );

  it("is started again where it ended for a reason that passes", async () => {
    const launched: ReturnType<typeof mortal>[] = [];
    const words = ["no Redis answers", "out of memory"];
    const launch = () => {
      const next = mortal(words[launched.length] ?? "");
      launched.push(next);
      return next.bot;
    };
    const supervised = supervise(launch, (said) => said.includes("Redis"));
    launched[0]?.die({ code: 1, signal: null });
    await expect.poll(() => launched.length, PATIENT).toBe(2);
    launched[1]?.die({ code: 1, signal: null });
    await expect.poll(supervised.problem, PATIENT).toMatch(/out of memory$/);
    await supervised.stop();
    expect(launched).toHaveLength(2);
  });

  it("is started again each time that it is killed, until it is stopped", async () => {
    const launched: LaunchedBot[] = [];
    const supervised = supervise(() => {
      const { bot } = mortal("Killed.");
      launched.push(bot);
      return bot;
    });
    for (const lives of [2, 3]) {
      await supervised.kill();
      await expect.poll(() => launched.length, PATIENT).toBe(lives);
    }
    await supervised.stop();
    expect(await launched[2]?.ended).toEqual({ code: 0, signal: null });
    expect([launched.length, supervised.isUp(), supervised.problem()]).toEqual([3, false, undefined]);
  });
});

it("says last that its port is taken, to whoever waits for it", UNHURRIED, async () => {
  const other = await listen("never");
  const environment = {
    APP_ID: "12",
    PRIVATE_KEY: createAppKey().privateKey,
    WEBHOOK_SECRET: "6d2f0c94b1e8a7355f31d0c2b7a94e68",
  };
  const bot = launchBot({ port: Number(new URL(other.url).port), environment, onLog: () => undefined });
  await expect(bot.ready()).rejects.toThrow(
    /^The bot ended before it was ready:\nTidegate cannot listen on port \d+ of/,
  );
  expect(await bot.ended).toEqual({ code: 1, signal: null });
  const supervised = supervise(() => bot);
  await expect
    .poll(supervised.problem, PATIENT)
    .toMatch(/exit code 1\); it said last:\nTidegate cannot listen on port/);
  await other.close();
});
