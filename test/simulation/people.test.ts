import { expect, it } from "vitest";
import { failuresOf, seedsToTest } from "./seeds.ts";

const SEEDS = seedsToTest(120);

it(`${SEEDS} seeds of the same with people who speak, push, close, merge and edit keep every law`, async () => {
  expect((await failuresOf("people", SEEDS)).slice(0, 5)).toEqual([]);
}, 300_000);
