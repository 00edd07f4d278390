import { afterEach, beforeEach, expect, it } from "vitest";
import { probe } from "../../../src/adapters/metrics/probe.ts";
import { DEFAULT_PROMETHEUS } from "../../../src/ports/metrics.ts";
import { servePrometheus, type Provider } from "../../../src/sandbox/cluster/provider.ts";
import { seriesStore } from "../../../src/sandbox/cluster/series-store.ts";
import { BIRTH } from "./world.ts";

let provider: Provider;
beforeEach(async () => {
  provider = await servePrometheus(seriesStore(60_000), () => BIRTH);
});
afterEach(() => provider.close());

const ask = () => probe({ ...DEFAULT_PROMETHEUS, url: provider.url, timeoutMs: 200 }, { fetch, now: BIRTH + 123 });

it("is answered by a provider that is there, whatever it has scraped", async () => {
  expect(await ask()).toEqual({ kind: "read", value: "answers" });
});

it.each([
  [{ kind: "down" }, /cannot be reached/],
  [{ kind: "status", status: 401 }, /answered 401/],
  [{ kind: "slow", ms: 400 }, /did not answer within/],
  [{ kind: "redirect", to: "https://elsewhere.example.com" }, /redirect/],
  [{ kind: "empty" }, /vector\(1\)/],
  [{ kind: "malformed" }, /form/],
] as const)("is not answered by one that is %j", async (fault, words) => {
  provider.setFault(fault);
  expect(await ask()).toMatchObject({ kind: "unavailable", reason: expect.stringMatching(words) });
});
