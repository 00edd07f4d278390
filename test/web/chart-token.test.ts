import { createHmac } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chartIn, chartKey, chartToken, LONGEST_TOKEN } from "../../src/web/chart-token.ts";
import { ANY_CHART, CHARTS } from "../render/chart/charts.ts";

const KEY = chartKey("5d41402abc4b2a76b9719d911017c592-0");
const OTHER = chartKey("7d793037a0760186574b0282f2f435e7-1");
const [, CHART] = CHARTS[0] ?? expect.fail();
const TOKEN = chartToken(CHART, KEY) ?? expect.fail();

/** What somebody would send who knows the key. */
function signed(bytes: Buffer): string {
  const mac = createHmac("sha256", KEY).update(bytes).digest().subarray(0, 16);
  return Buffer.concat([mac, bytes]).toString("base64url");
}

const said = (value: unknown) => signed(deflateRawSync(JSON.stringify(value)));

describe("a chart's token", () => {
  it("says the whole chart, is short, and is the same for the same chart", () => {
    fc.assert(
      fc.property(ANY_CHART, (chart) => {
        if (chart === undefined) return;
        const token = chartToken(chart, KEY) ?? expect.fail("It is too long.");
        expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(token.length).toBeLessThanOrEqual(LONGEST_TOKEN);
        expect(chartIn(token, [KEY])).toEqual(chart);
        expect(chartToken(structuredClone(chart), KEY)).toBe(token);
      }),
      { numRuns: 40 },
    );
  });

  it.each(CHARTS)("of a release that is %s fits into an address that a proxy doubles", (_, chart) => {
    expect(chartToken(chart, KEY)?.length).toBeLessThan(1_200);
  });

  it("is not made where it would be too long", () => {
    const noise = Array.from({ length: 8 * 60 }, (_, at) => Math.round(Math.sin(at * at) * 1e15));
    const lines = Array.from({ length: 8 }, (_, at) => ({
      name: `line ${at}`,
      effect: "blocks" as const,
      bar: 1,
      value: 1,
      points: noise.slice(at * 60, at * 60 + 60),
    }));
    expect(chartToken({ ...CHART, lines }, KEY)).toBeUndefined();
  });

  it("is known under either of two keys while one is replaced", () => {
    expect(chartIn(TOKEN, [OTHER, KEY])).toEqual(CHART);
    expect(chartIn(TOKEN, [OTHER])).toBeUndefined();
    expect(chartIn(TOKEN, [])).toBeUndefined();
  });

  it("is refused when a single character is another", () => {
    const others = Array.from("AQgw0_-z");
    for (let at = 0; at < TOKEN.length; at += 1) {
      const other = others.find((one) => one !== TOKEN[at]) ?? "A";
      expect(chartIn(`${TOKEN.slice(0, at)}${other}${TOKEN.slice(at + 1)}`, [KEY])).toBeUndefined();
    }
  });

  it.each([
    ["nothing", ""],
    ["half of it", TOKEN.slice(0, TOKEN.length / 2)],
    ["more than it", `${TOKEN}AAAA`],
    ["the same in the other alphabet", `${TOKEN}=`],
    ["a huge one", "A".repeat(1_000_000)],
    ["what is signed but not packed", signed(Buffer.from("not deflated"))],
    ["what unpacks to too much", signed(deflateRawSync(`[${"1,".repeat(500_000)}1]`))],
    ["no list", said({})],
    ["another version", said([2, 0, 1000, [], [], [], []])],
    ["arms of two lengths", said([1, 0, 1000, [1], [], [], []])],
    ["a time that no date has", said([1, 8.64e15, 1000, [1], [1], [], []])],
    ["no length", said([1, 0, 0, [1], [1], [], []])],
    ["fractions", said([1, 0, 1000, [0.5], [1], [], []])],
    ["too many cells", said([1, 0, 1000, Array(61).fill(1), Array(61).fill(1), [], []])],
    ["a line without a name", said([1, 0, 1000, [1], [1], [], [[7, true, 1, 1, [1]]]])],
    ["a quantile without a name", said([1, 0, 1000, [1], [1], [], [], [[7, [1, 1, 1], null]]])],
    ["a quantile of an arm that is no list", said([1, 0, 1000, [1], [1], [], [], [["p50", 7, null]]])],
    ["a quantile of fractions", said([1, 0, 1000, [1], [1], [], [], [["p50", [1, 0.5, 1], null]]])],
    ["a quantile below 0", said([1, 0, 1000, [1], [1], [], [], [["p50", null, [1, -1, null]]]])],
    ["too many quantiles", said([1, 0, 1000, [1], [1], [], [], Array.from({ length: 6 }, () => ["p50", null, null])])],
    ["too many weights", said([1, 0, 1000, [1], [1], Array.from({ length: 101 }, () => [0, 5]), []])],
  ])("is refused: %s", (_, token) => {
    expect(chartIn(token, [KEY])).toBeUndefined();
  });

  it("has been readable without quantiles before there were any", () => {
    const chart = { from: 0, cellMs: 1000, canary: [1], stable: [2], weights: [], lines: [] };
    expect(chartIn(said([1, 0, 1000, [1], [2], [], []]), [KEY])).toEqual(chart);
    expect(chartToken(chart, KEY)).toBe(chartToken({ ...chart, quantiles: [] }, KEY));
  });

  it("is signed with another key than webhooks are", () => {
    const secret = "5d41402abc4b2a76b9719d911017c592-0";
    const packed = Buffer.from(TOKEN, "base64url").subarray(16);
    const mac = createHmac("sha256", secret).update(packed).digest().subarray(0, 16);
    expect(chartIn(Buffer.concat([mac, packed]).toString("base64url"), [KEY])).toBeUndefined();
    expect(KEY.toString("utf8")).not.toContain(secret);
  });
});
