import { describe, expect, it } from "vitest";
import { chance, count, duration, evidence, percent, ratio, utc, whole } from "../../src/render/numbers.ts";

const NOON = Date.UTC(2026, 10, 20, 12);

describe("numbers for people", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1240, "1,240"],
    [12345678, "12,345,678"],
  ])("whole %d is %s", (value, shown) => expect(whole(value)).toBe(shown));

  it.each([
    [0, "0%"],
    [0.000001, "<0.001%"],
    [0.00042, "0.042%"],
    [0.005, "0.5%"],
    [0.0484, "4.8%"],
    [0.099999, "10%"],
    [0.1234, "12.3%"],
    [0.5, "50%"],
    [0.99995, ">99.9%"],
    [1, "100%"],
  ])("share %d is %s", (value, shown) => expect(percent(value)).toBe(shown));

  it.each([
    [0, "0%"],
    [0.29, "29%"],
    [0.7999, "79%"],
    [0.8, "80%"],
    [0.9999999, ">99%"],
    [1, "100%"],
  ])("probability %d is %s, never rounded up", (value, shown) => expect(chance(value)).toBe(shown));

  it.each([
    [0, "0"],
    [0.004, "<0.01"],
    [0.58, "0.58"],
    [1.02, "1.02"],
    [1.5, "1.5"],
    [9.63, "9.6"],
    [14.84, "14.8"],
    [120.4, "120"],
    [1000, "1,000"],
  ])("ratio %d is %s", (value, shown) => expect(ratio(value)).toBe(shown));

  it.each([
    [1e-86, "<0.01"],
    [0.326, "0.32"],
    [1.1, "1.1"],
    [99.9, "99"],
    [100, "100"],
    [1e6, "1,000,000"],
  ])("e-value %d is %s, never rounded up", (value, shown) => expect(evidence(value)).toBe(shown));

  it.each([
    [0, "0 s"],
    [1500, "2 s"],
    [40_000, "40 s"],
    [60_000, "1 min"],
    [90_000, "90 s"],
    [179_000, "3 min"],
    [119 * 60_000, "119 min"],
    [150 * 60_000, "2.5 h"],
    [4 * 86_400_000, "4 days"],
  ])("%d ms is %s", (value, shown) => expect(duration(value)).toBe(shown));

  it.each([
    [NOON, "12:00 UTC"],
    [NOON + 7001, "12:00:08 UTC"],
    [NOON + 86_400_000, "2026-11-21 12:00 UTC"],
  ])("%d is %s", (moment, shown) => expect(utc(moment, NOON)).toBe(shown));

  it.each([
    [1, "1 window"],
    [0, "0 windows"],
    [1200, "1,200 windows"],
  ])("%d counts %s", (number, shown) => expect(count(number, "window")).toBe(shown));
});
