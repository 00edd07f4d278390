import { expect, it } from "vitest";
import { scenarioWithPeople } from "./scenarios.ts";
import { failuresOf, SEEDS } from "./seeds.ts";

it(`${SEEDS.withPeople} seeds of the same with people who hold, resume, promote and abort keep every law`, async () => {
  expect((await failuresOf(SEEDS.withPeople, scenarioWithPeople, async () => [])).slice(0, 5)).toEqual([]);
}, 300_000);
