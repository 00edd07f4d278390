import { afterAll, describe, expect, it } from "vitest";

import { forgeContract } from "./forge.suite.ts";
import { forgeWordsContract } from "./forge-words.suite.ts";
import type { MakeWorld } from "./forge-world.ts";
import { namedService } from "./real-service.ts";
import { realWorlds, type RealWorlds } from "./real-world.ts";

const clock = {
  now: () => Date.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

const named = namedService(process.env, clock);
const [services, reasons] = named.kind === "named" ? [[named.service], []] : [[], [named.why]];

describe.each(services)("the forge over $api", (service) => {
  const run: { worlds?: Promise<RealWorlds> } = {};
  const make: MakeWorld = async (skip) => (await (run.worlds ??= realWorlds(service))).make(skip);
  afterAll(async () => (await run.worlds)?.close());
  forgeContract(make);
  forgeWordsContract(make);
});

it.for(reasons)("the forge over the real GitHub: %s", (why, { skip }) => {
  skip(why);
  expect.unreachable();
});
