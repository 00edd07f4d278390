import { expect, it } from "vitest";
import { unreadyBy, type Parts } from "../../src/server/readiness.ts";

const WELL: Parts = { phase: () => "running", queueTakes: () => true, credentials: () => "taken" };

it.each<[string, Partial<Parts>, string | undefined]>([
  ["all is well", {}, undefined],
  ["GitHub has not said yet whether it knows the App", { credentials: () => undefined }, undefined],
  ["it starts", { phase: () => "starting" }, "Starting."],
  ["it closes", { phase: () => "closing" }, "Closing: what is under way is finished first."],
  ["Redis is away", { queueTakes: () => false }, "Redis does not answer: webhooks could not be kept."],
  [
    "GitHub refuses the App's credentials",
    { credentials: () => "refused" },
    "GitHub does not take the App's credentials: look at APP_ID, PRIVATE_KEY and this machine's clock.",
  ],
])("where %s it says so in one line", (_, parts, why) => {
  expect(unreadyBy({ ...WELL, ...parts })()).toBe(why);
});
