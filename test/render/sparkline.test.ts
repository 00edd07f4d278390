import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CELLS, seriesOf, sparkline, topOf } from "../../src/render/sparkline.ts";
import { MINUTE, NOON, windows, type Traffic } from "../support/member.ts";

function drawn(markdown: string): { readonly canary: string; readonly stable: string } {
  const [, canary = "", stable = ""] = /^canary (.*)\nstable (.*)$/m.exec(markdown) ?? [];
  return { canary, stable };
}

function series(traffic: Omit<Parameters<typeof windows>[0], "from">) {
  const found = seriesOf(windows({ from: NOON, ...traffic }), MINUTE);
  if (found === undefined) throw new Error("There is a series.");
  return found;
}

describe("sparkline", () => {
  it("has one scale for both arms", () => {
    const both = sparkline(series({ count: 3, canary: (at) => [100, at * 5], stable: [1000, 5] }));
    expect(drawn(both)).toEqual({ canary: "▁▅█", stable: "▂▂▂" });
    expect(both).toContain("errors per 1 min, 12:00 UTC to 12:03 UTC; ▁ 0%, █ 10%");
  });

  it("shows gaps and silence as gaps, and no errors as the floor", () => {
    const canary = (at: number): Traffic => [undefined, [0, 0] as const, [10, 0] as const, [10, 1] as const][at];
    expect(drawn(sparkline(series({ count: 4, canary, stable: [100, 0] })))).toEqual({
      canary: "··▁█",
      stable: "▁▁▁▁",
    });
  });

  it("shows windows that are missing altogether", () => {
    const torn = windows({ from: NOON, count: 5, stable: [100, 1] }).filter((_, at) => at !== 2);
    expect(drawn(sparkline(seriesOf(torn, MINUTE) ?? expect.fail())).stable).toBe("██·██");
  });

  it.each([
    ["no windows", []],
    ["no counts", windows({ from: NOON, count: 3 })],
    ["no requests", windows({ from: NOON, count: 3, canary: [0, 0], stable: [0, 0] })],
    ["no numbers", windows({ from: NOON, count: 3, canary: [Number.NaN, 0] })],
  ])("is not drawn for %s", (_, given) => {
    expect(seriesOf(given, MINUTE)).toBeUndefined();
  });

  it("keeps every request and failure in at most sixty cells", () => {
    const count = fc.tuple(fc.nat({ max: 500 }), fc.nat({ max: 500 })).map(([a, b]): Traffic => [a + b + 1, b]);
    fc.assert(
      fc.property(fc.array(count, { minLength: 1, maxLength: 200 }), (traffic) => {
        const found = series({ count: traffic.length, canary: (at) => traffic[at], stable: [1000, 1] });
        const sum = (at: 0 | 1, cells: readonly (Traffic | null)[]) =>
          cells.reduce((total, cell) => total + (cell?.[at] ?? 0), 0);
        expect(found.canary.length).toBeLessThanOrEqual(CELLS);
        expect(found.stable.length).toBe(found.canary.length);
        expect(sum(0, found.canary)).toBe(sum(0, traffic));
        expect(sum(1, found.canary)).toBe(sum(1, traffic));
        expect(Array.from(drawn(sparkline(found)).canary)).toHaveLength(found.canary.length);
        expect(topOf(found)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
