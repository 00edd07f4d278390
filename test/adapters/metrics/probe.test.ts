import { expect, it } from "vitest";
import { probe } from "../../../src/adapters/metrics/probe.ts";
import { DEFAULT_PROMETHEUS } from "../../../src/ports/metrics.ts";
import { servePrometheus, type ProviderFault } from "../../../src/sandbox/cluster/provider.ts";
import { seriesStore } from "../../../src/sandbox/cluster/series-store.ts";
import { BIRTH } from "./world.ts";

/** What a provider with a fault is found to be. */
async function probed(fault: ProviderFault) {
  const provider = await servePrometheus(seriesStore(60_000), () => BIRTH);
  provider.setFault(fault);
  const timeoutMs = fault.kind === "slow" ? 200 : 20_000;
  const settings = { ...DEFAULT_PROMETHEUS, url: provider.url, timeoutMs };
  try {
    return await probe(settings, { fetch, now: BIRTH + 123 });
  } finally {
    await provider.close();
  }
}

it("is answered by a provider that is there, whatever it has scraped", async () => {
  expect(await probed({ kind: "none" })).toEqual({ kind: "read", value: "answers" });
});

it.each<readonly [ProviderFault, string]>([
  [{ kind: "down" }, "cannot be reached"],
  [{ kind: "status", status: 401 }, "answered 401"],
  [{ kind: "slow", ms: 400 }, "did not answer within"],
  [{ kind: "redirect", to: "https://elsewhere.example.com" }, "redirect"],
  [{ kind: "empty" }, "vector(1)"],
  [{ kind: "malformed" }, "form"],
])("is not answered by one that is %j", async (fault, words) => {
  const found = await probed(fault);
  expect(found.kind === "unavailable" ? found.reason : found).toContain(words);
});
