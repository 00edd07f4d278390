import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { DEMO_PACE, REPO, startWorld, type SandboxWorld } from "../src/sandbox/world.ts";
import { UNHURRIED } from "./support/patience.ts";
import { until } from "./support/until.ts";

const BODY = JSON.stringify({
  ref: "refs/heads/main",
  repository: { id: 1, full_name: REPO },
  installation: { id: 1 },
});

/** A webhook that is signed rightly; its status, or why nobody took it. */
async function push({ environment }: SandboxWorld, url: string): Promise<number | "refused"> {
  const signature = createHmac("sha256", environment["WEBHOOK_SECRET"] ?? "").update(BODY);
  const headers = {
    "content-type": "application/json",
    "x-github-event": "push",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": `sha256=${signature.digest("hex")}`,
  };
  const answer = await fetch(`${url}/api/github/webhooks`, { method: "POST", headers, body: BODY }).catch(
    () => undefined,
  );
  return answer?.status ?? "refused";
}

/** Lets GitHub hold back its answers about one address until they are let go. */
function holdBack({ github }: SandboxWorld, suffix: string) {
  const [asked, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  github.setFaults(async ({ path }) => {
    if (path.endsWith(suffix)) {
      asked.resolve();
      await free.promise;
    }
    return undefined;
  });
  return { asked: asked.promise, letGo: free.resolve };
}

/** A bot whose first look waits for GitHub, with what it logs. */
async function inTheMiddle(world: SandboxWorld) {
  const held = holdBack(world, `/repos/${REPO}/pulls`);
  const lines: string[] = [];
  const bot = world.launchBot((line) => lines.push(line));
  await held.asked;
  expect(await push(world, bot.url)).toBe(202);
  const stopped = bot.stop();
  await until("it ends", () => lines.some((line) => line.includes("Tidegate ends")));
  return { ...held, bot, stopped, lines };
}

const WORLD = { services: ["checkout"], pace: DEMO_PACE, faults: new Map(), seed: "end" };

it(
  "finishes the look that is under way when it is told to end, takes no more webhooks, and ends well",
  UNHURRIED,
  async () => {
    const world = await startWorld(WORLD);
    const { bot, stopped, letGo } = await inTheMiddle(world);
    expect(await push(world, bot.url)).toSatisfy((status: unknown) => status === 503 || status === "refused");
    const before = world.github.calls().length;
    letGo();
    await stopped;
    expect(await bot.ended).toEqual({ code: 0, signal: null });
    expect(world.github.calls().length).toBeGreaterThan(before + 1);
    await world.close(false);
  },
);

it.concurrent("cuts off a look that does not come to an end", UNHURRIED, async () => {
  const world = await startWorld(WORLD);
  const { bot, stopped, letGo, lines } = await inTheMiddle(world);
  await stopped;
  expect(await bot.ended).toEqual({ code: 0, signal: null });
  expect(lines.join("")).toContain("before every look had ended");
  letGo();
  await world.close(false);
});
