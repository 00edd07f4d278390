import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { servePrometheus } from "../../../src/sandbox/cluster/provider.ts";
import type { Provider } from "../../../src/sandbox/cluster/provider.ts";
import { seriesStore } from "../../../src/sandbox/cluster/series-store.ts";

describe("servePrometheus", () => {
  let provider: Provider;

  beforeEach(async () => {
    const series = seriesStore(60_000);
    series.scrape(5_000, [{ labels: { __name__: "up", job: "a" }, value: 1 }]);
    provider = await servePrometheus(series, () => 6_000);
  });
  afterEach(() => provider.close());

  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${provider.url}${path}`, init);
    return { status: response.status, body: await response.text() };
  };

  const vectorAt = (seconds: number) => ({
    status: "success",
    data: { resultType: "vector", result: [{ metric: { __name__: "up", job: "a" }, value: [seconds, "1"] }] },
  });

  it.each<[string, number, string, RequestInit | undefined]>([
    ["now", 6, "/api/v1/query?query=up", undefined],
    ["at a time in seconds", 5.5, "/api/v1/query?query=up&time=5.5", undefined],
    ["at a time in words", 5, "/api/v1/query?query=up&time=1970-01-01T00:00:05Z", undefined],
    ["posted", 6, "/api/v1/query", { method: "POST", body: new URLSearchParams({ query: 'up{job=~"a|b"}' }) }],
  ])("answers a query: %s", async (_, seconds, path, init) => {
    const { status, body } = await get(path, init);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual(vectorAt(seconds));
  });

  it.each(["1", "1s", "1000ms"])("answers a range query with step %s", async (step) => {
    const { body } = await get(`/api/v1/query_range?query=up&start=4&end=6&step=${step}`);
    const result = [
      {
        metric: { __name__: "up", job: "a" },
        values: [
          [5, "1"],
          [6, "1"],
        ],
      },
    ];
    expect(JSON.parse(body)).toEqual({ status: "success", data: { resultType: "matrix", result } });
  });

  it("knows that one is one, whatever it has scraped", async () => {
    const { body } = await get("/api/v1/query_range?query=vector(1)&start=4&end=5&step=1");
    const values = [
      [4, "1"],
      [5, "1"],
    ];
    expect(JSON.parse(body)).toEqual({
      status: "success",
      data: { resultType: "matrix", result: [{ metric: {}, values }] },
    });
  });

  it("is ready and says what it is", async () => {
    expect(await get("/-/ready")).toMatchObject({ status: 200 });
    expect(JSON.parse((await get("/api/v1/status/buildinfo")).body)).toMatchObject({ status: "success" });
  });

  it.each([
    "/api/v1/query?query=sum(up)",
    "/api/v1/query?query=rate(up[5m])",
    "/api/v1/query?query=up&time=yesterday",
    "/api/v1/query_range?query=up&start=1&end=2",
    "/api/v1/query_range?query=up&start=1&step=1",
    "/api/v1/query_range?query=up[1s]&start=1&end=2&step=1",
    "/api/v1/query",
    "/api/v1/labels",
    "/",
  ])("refuses %s", async (path) => {
    const { status, body } = await get(path);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ status: "error", errorType: "bad_data" });
  });

  it("misbehaves as told, and stops when told", async () => {
    provider.setFault({ kind: "status", status: 500 });
    expect(await get("/api/v1/query?query=up")).toMatchObject({ status: 500 });
    provider.setFault({ kind: "notNumbers" });
    expect(JSON.parse((await get("/api/v1/query?query=up")).body)).toMatchObject({
      data: { result: [{ value: [6, "NaN"] }] },
    });
    provider.setFault({ kind: "huge", bytes: 1_000 });
    expect((await get("/api/v1/query?query=up")).body.length).toBeGreaterThan(1_000);
    provider.setFault({ kind: "down" });
    await expect(get("/api/v1/query?query=up")).rejects.toThrow("fetch failed");
    provider.setFault({ kind: "none" });
    expect(JSON.parse((await get("/api/v1/query?query=up")).body)).toEqual(vectorAt(6));
  });
});
