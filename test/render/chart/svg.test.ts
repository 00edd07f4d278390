import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chartSvg, chartWords } from "../../../src/render/chart/svg.ts";
import { parseXml, withAllIn, type Element } from "../../support/xml.ts";
import { ANY_CHART, CHARTS, drawn } from "./charts.ts";

/** Every place that an element says, with the axis that it lies on. */
function placesOf({ name, attributes }: Element): readonly (readonly ["x" | "y", number])[] {
  const single = [...attributes].flatMap(([key, value]) =>
    /^[cxy][xy]?[12]?$/.test(key) ? [[key.includes("x") ? "x" : "y", Number(value)] as const] : [],
  );
  const listed = (attributes.get("points") ?? "").split(/[ ,]/).filter((one) => one !== "");
  const points = listed.map((value, index) => [index % 2 === 0 ? "x" : "y", Number(value)] as const);
  if (["polyline", "polygon"].includes(name) && points.length < 4) throw new Error("A line has two points.");
  return [...single, ...points];
}

function outsideOf(root: Element): readonly unknown[] {
  const [, , width = 0, height = 0] = (root.attributes.get("viewBox") ?? "").split(" ").map(Number);
  return withAllIn(root)
    .flatMap(placesOf)
    .filter(([axis, place]) => !(place >= 0 && place <= (axis === "x" ? width : height)));
}

describe("the chart", () => {
  it.each(CHARTS)("of a release that is %s", async (name, chart) => {
    await expect(`${chartSvg(chart)}\n`).toMatchFileSnapshot(`../../golden/chart/${name}.svg`);
  });

  it.each(CHARTS)("of a release that is %s says in words what it shows", (_, chart) => {
    const root = parseXml(chartSvg(chart));
    const labels = root.attributes.get("aria-labelledby")?.split(" ");
    const words = labels?.map((id) => withAllIn(root).find((one) => one.attributes.get("id") === id)?.words);
    expect(words).toEqual(["Canary against stable", chartWords(chart)]);
    expect(chartWords(chart)).toMatch(/^Failed requests per .* Weight 2?5%\. Evidence: regression .* \(100 blocks\)/);
  });

  it("is well-formed, small, and lies within its page, whatever was measured", () => {
    fc.assert(
      fc.property(ANY_CHART, (chart) => {
        if (chart === undefined) return;
        const svg = chartSvg(chart);
        expect(svg.length).toBeLessThan(30_000);
        const root = parseXml(svg);
        expect(root.name).toBe("svg");
        expect(outsideOf(root)).toEqual([]);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }),
      { numRuns: 120 },
    );
  });

  it("refers to nothing, runs nothing, and says whatever a line is called as words", () => {
    const [, chart] = CHARTS[0] ?? expect.fail();
    const [line] = chart.lines;
    const name = `<a href='x'>"&</a>`;
    const root = parseXml(chartSvg({ ...chart, lines: line === undefined ? [] : [{ ...line, name }] }));
    const elements = new Set(withAllIn(root).map((one) => one.name));
    expect([...elements].filter((one) => !DRAWN.has(one))).toEqual([]);
    expect(withAllIn(root).flatMap(({ attributes }) => [...attributes.keys()])).not.toContain("href");
    expect(withAllIn(root).some(({ words }) => words.startsWith(name))).toBe(true);
    expect(chartSvg(chart)).not.toMatch(/url\(|@import|https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
  });

  it("has no lower panel where nothing is judged", () => {
    const [, chart] = CHARTS[0] ?? expect.fail();
    const [full, upper] = [chart, { ...chart, lines: [] }].map((one) => parseXml(chartSvg(one)));
    expect(Number(upper?.attributes.get("height"))).toBeLessThan(Number(full?.attributes.get("height")) - 150);
    expect(withAllIn(upper ?? expect.fail()).some(({ words }) => words.startsWith("Evidence"))).toBe(false);
  });

  it("has a bar for each arm and quantile where latency is judged, and says them in words", () => {
    const [, chart] = CHARTS.find(([name]) => name === "slow") ?? expect.fail();
    const all = withAllIn(parseXml(chartSvg(chart)));
    const bars = (arm: string) => all.filter(({ attributes }) => attributes.get("class") === `band ${arm}`);
    const places = bars("canary").map(({ attributes }) => [Number(attributes.get("x1")), Number(attributes.get("x2"))]);
    expect([bars("canary").length, bars("stable").length]).toEqual([3, 3]);
    expect(places.map(([from = 0, to = 0]) => to > from)).toEqual([true, true, true]);
    // Of p99 nobody knows how long it may be at most.
    expect(places[2]?.[1]).toBe(660);
    expect(chartWords(chart)).toContain(
      "Latency: p50 canary 83.4 ms (50 ms to 100 ms), stable 41.7 ms (25 ms to 50 ms); p90 canary 270 ms (100 ms to 500 ms),",
    );
    expect(chartWords(chart)).toContain("p99 canary 553 ms (above 250 ms), stable 276 ms (250 ms to 500 ms).");
  });

  it("draws a line above its boundary exactly where the evidence has reached it", () => {
    const root = parseXml(chartSvg(drawn({ count: 6, canary: [150, 7], stable: [2850, 14] })));
    const bar = withAllIn(root).find(({ attributes }) => attributes.get("class") === "bar blocks");
    const line = withAllIn(root).find(({ attributes }) => attributes.get("class") === "line blocks");
    const top = Number(bar?.attributes.get("y1"));
    const heights = (line?.attributes.get("points") ?? "").split(" ").map((point) => Number(point.split(",")[1]));
    expect(heights).toHaveLength(6);
    expect(heights.map((height) => height <= top)).toEqual([false, true, true, true, true, true]);
  });
});

const DRAWN = new Set(["svg", "title", "desc", "style", "text", "line", "polyline", "polygon", "circle"]);
