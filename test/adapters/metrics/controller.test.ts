import { afterEach, describe, expect, it } from "vitest";
import { phaseClaim, phaseQuery, phasesOver } from "../../../src/adapters/metrics/controller.ts";
import { name } from "../../../src/core/names.ts";
import { exposed } from "../../../src/sandbox/cluster/expose.ts";
import { servePrometheus, type Provider } from "../../../src/sandbox/cluster/provider.ts";
import { seriesStore } from "../../../src/sandbox/cluster/series-store.ts";
import { BIRTH, metricsAt, question, SECOND, timelineOf } from "./world.ts";

const INFO = { name: "till", namespace: "shop", strategy: "canary" };
const TILL = name("till");
const asked = question({ workloads: { canary: TILL, stable: TILL }, to: BIRTH + 20 * SECOND });

const series = (phase: string, ...samples: readonly (readonly [number, number])[]) => ({
  labels: new Map([["phase", phase]]),
  samples: samples.map(([at, value]) => ({ at, value })),
});

describe("the phases of a Rollout", () => {
  it.each([
    ["none, where nothing is said", [], undefined],
    ["the one that is said", [series("Paused", [1, 1])], ["Paused"]],
    [
      "those of several replicas, in order",
      [series("Paused", [1, 1]), series("Progressing", [1, 1])],
      ["Progressing", "Paused"],
    ],
    ["none of another time", [series("Paused", [2, 1])], undefined],
    ["none that is not so", [series("Paused", [1, 0]), series("Abort", [1, 1])], ["Abort"]],
    ["none, where one is not known here", [series("Paused", [1, 1]), series("Hovering", [1, 1])], undefined],
  ])("are %s", (_, infos, expected) => {
    expect(phasesOver(infos)(1)).toEqual(expected);
  });

  it("are asked for under both names that a scrape gives the namespace", () => {
    expect(phaseQuery([phaseClaim(name("shop"), TILL)])).toBe(
      'rollout_info{namespace="shop",name="till"} or rollout_info{exported_namespace="shop",name="till"}',
    );
  });
});

describe("a provider's windows of a Rollout", () => {
  const open: Provider[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((provider) => provider.close()));
  });

  async function phasesWith(labels: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
    const store = seriesStore(600 * SECOND);
    const at = (second: number, phase: string) =>
      store.scrape(BIRTH + second * SECOND, [exposed("rollout_info", { ...labels, phase }, 1)]);
    at(5, "Progressing");
    at(10, "Paused");
    at(20, "Completed");
    const provider = await servePrometheus(store, () => BIRTH + 30 * SECOND);
    open.push(provider);
    const reading = await timelineOf(metricsAt(provider.url), asked);
    return reading.kind === "read" ? reading.value.map(({ phases }) => phases) : [reading.reason];
  }

  it("carry what the controller said at their ends", async () => {
    expect(await phasesWith(INFO)).toEqual([["Paused"], ["Completed"]]);
  });

  it("carry it also where the scrape has kept the name for the controller's own namespace", async () => {
    const { namespace: exported_namespace, ...rest } = INFO;
    expect(await phasesWith({ ...rest, namespace: "argo-rollouts", exported_namespace })).toEqual([
      ["Paused"],
      ["Completed"],
    ]);
  });

  it("carry nothing of another Rollout, nor of one in another namespace", async () => {
    expect(await phasesWith({ ...INFO, name: "tiller" })).toEqual([undefined, undefined]);
    expect(await phasesWith({ ...INFO, namespace: "shop-2" })).toEqual([undefined, undefined]);
  });
});
