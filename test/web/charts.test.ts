import { afterEach, describe, expect, it } from "vitest";
import type { Ingress } from "../../src/adapters/http/ingress.ts";
import { chartSvg } from "../../src/render/chart/svg.ts";
import { chartKey } from "../../src/web/chart-token.ts";
import { chartAddress, chartPages } from "../../src/web/charts.ts";
import { openFront } from "../adapters/http/world.ts";
import { CHARTS } from "../render/chart/charts.ts";

const KEY = chartKey("5d41402abc4b2a76b9719d911017c592-0");
const PREVIOUS = chartKey("7d793037a0760186574b0282f2f435e7-1");
const [, CHART] = CHARTS[1] ?? expect.fail();

const opened: Pick<Ingress, "close">[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close(1_000)));
});

async function world() {
  const front = await openFront(async () => undefined, { options: { pages: chartPages([KEY, PREVIOUS]) } });
  opened.push(front);
  return front;
}

describe("the charts' route", () => {
  it.each([
    ["the key", KEY],
    ["the key before", PREVIOUS],
  ])("draws what was signed with %s", async (_, key) => {
    const { url } = await world();
    const answer = await fetch(chartAddress(url, key)(CHART) ?? expect.fail());
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(`${chartSvg(CHART)}\n`);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/svg+xml; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      "x-content-type-options": "nosniff",
    });
  });

  it("answers who asks for the headers alone, and nobody who writes", async () => {
    const { url } = await world();
    const address = chartAddress(url, KEY)(CHART) ?? expect.fail();
    const head = await fetch(address, { method: "HEAD" });
    expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([
      200,
      "image/svg+xml; charset=utf-8",
      "",
    ]);
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(1_000);
    expect((await fetch(address, { method: "POST", body: "x" })).status).toBe(405);
  });

  it.each([
    "/charts/",
    "/charts/.svg",
    "/charts/AAAA.svg",
    "/charts/../healthz.svg",
    `/charts/${"A".repeat(8_000)}.svg`,
  ])("has nothing at %.40s, and does not log it", async (path) => {
    const { url, logged } = await world();
    const answer = await fetch(`${url}${path}`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toContain("text/plain");
    expect(logged).toEqual([]);
  });

  it("has nothing where the ending is missing or another key has signed", async () => {
    const { url } = await world();
    const address = chartAddress(url, KEY)(CHART) ?? expect.fail();
    const foreign = chartAddress(url, chartKey("c0ffee00c0ffee00c0ffee00c0ffee00-2"))(CHART) ?? expect.fail();
    for (const wrong of [address.replace(/\.svg$/, ""), foreign]) expect((await fetch(wrong)).status).toBe(404);
  });
});

describe("a chart's address", () => {
  it("is under the App's own, a folder of it included", () => {
    const address = chartAddress("https://ops.example.com/tidegate", KEY)(CHART);
    expect(address).toMatch(/^https:\/\/ops\.example\.com\/tidegate\/charts\/[A-Za-z0-9_-]+\.svg$/);
  });

  it("is none where it would be too long", () => {
    expect(chartAddress(`https://ops.example.com/${"a".repeat(4_000)}`, KEY)(CHART)).toBeUndefined();
  });
});
