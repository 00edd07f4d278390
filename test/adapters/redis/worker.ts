// A process that works: `worker.ts <url of Redis> <how long a look takes, milliseconds> [quick]`. It says what it does, a line each.
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { SYSTEM_TIMERS } from "../../../src/adapters/queue/timers.ts";
import { QUICK, shared } from "../../support/shared-queue.ts";

const [url = "", takes = "0", quick] = process.argv.slice(2);
const probe = new Redis(url);
const { queue, locks } = await (quick === undefined ? shared({ url }) : shared({ url }, SYSTEM_TIMERS, QUICK));
const say = (line: string) => process.stdout.write(`${line}\n`);

queue.work(async (key) => {
  say(`began ${key.repo}`);
  const beside = await probe.incr(`probe:look:${key.repo}`);
  if (beside > 1) say(`overlap of looks at ${key.repo}`);
  await locks.hold(key, async () => {
    const others = await probe.incr(`probe:hold:${key.repo}`);
    if (others > 1) say(`overlap of holds of ${key.repo}`);
    await sleep(Number(takes));
    await probe.decr(`probe:hold:${key.repo}`);
  });
  await probe.decr(`probe:look:${key.repo}`);
  await probe.incr(`probe:ended:${key.repo}`);
  say(`ended ${key.repo}`);
});
say("works");
