import { expect, it } from "vitest";
import { failuresOf, seedsToTest } from "./seeds.ts";

const SEEDS = seedsToTest(150);

it(`${SEEDS} seeds of crashes, faults of the forge, lost and late webhooks, races and outages keep every law and end like the faultless run`, async () => {
  expect((await failuresOf("alone", SEEDS)).slice(0, 5)).toEqual([]);
}, 300_000);
