import type { Brand } from "./brand.ts";

/** Share of the traffic that goes to the canary, in whole per cent, 0 to 100. */
export type Weight = Brand<number, "Weight">;

export function isWeight(value: unknown): value is Weight {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 100;
}

/** Throws a RangeError on anything but a whole number from 0 to 100. */
export function weight(value: number): Weight {
  if (!isWeight(value)) throw new RangeError(`A weight is a whole number from 0 to 100, not ${value}.`);
  return value;
}

export const NO_WEIGHT: Weight = weight(0);
/** All of the traffic. */
export const WHOLE: Weight = weight(100);
