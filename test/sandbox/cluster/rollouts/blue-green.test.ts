import { describe, expect, it } from "vitest";
import { BESIDE_ROLLOUTS } from "../../../../src/sandbox/cluster/application.ts";
import { edited } from "../../../../src/sandbox/cluster/json.ts";
import { ManifestError } from "../../../../src/sandbox/cluster/kinds/manifest.ts";
import { rolloutOf } from "../../../../src/sandbox/cluster/kinds/rollout.ts";
import { deployment, lab, rollout, service } from "../lab.ts";

// Argo Rollouts at 9f8d111d. Each case names the file and the function that it follows.
type Shape = { readonly version?: string; readonly on?: boolean; readonly two?: string; readonly more?: string };

const INGRESS = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: checkout, namespace: shop }
spec:
  rules: [{ host: h, http: { paths: [{ path: /, backend: { service: { name: checkout, port: { number: 80 } } } }] } }]
`;

/** A Rollout of four pods and two colours, its switch closed, with what is around it. */
function colours({ version = "1", on = false, two = "", more = "" }: Shape = {}): string {
  const said = `{ activeService: checkout, previewService: checkout-preview, ${two}autoPromotionEnabled: ${on} }`;
  const one = rollout({ version, more }).replace(/strategy: .*/, `strategy: { blueGreen: ${said} }`);
  return [service("checkout"), service("checkout-preview"), INGRESS, one].join("\n---\n");
}

/** The same of version 1, ten seconds old. */
async function atRest(shape: Shape = {}, settings: Parameters<typeof lab>[1] = {}) {
  const world = lab(colours(shape), { policy: () => BESIDE_ROLLOUTS, ...settings });
  await world.to(0);
  await world.to(10);
  const commit = async (next: Shape, seconds = 10) => {
    world.commit(colours({ ...shape, ...next }));
    await world.after(seconds);
  };
  /** Versions behind the active Service, one after the other. */
  const active = () => {
    const all = world.cluster.changes().flatMap(({ images }) => images["checkout"]?.join(" ") ?? []);
    return all
      .filter((one, index) => one !== "" && one !== all[index - 1])
      .map((one) => one.replaceAll("r/checkout:", ""));
  };
  const pods = (version: string) => world.values(`kube_pod_container_info{image_spec="r/checkout:${version}"}`).length;
  return { ...world, push: world.commit, commit, active, pods };
}

describe("two colours", () => {
  // rollout/sync.go shouldFullPromote ("Initial deploy")
  it("have their first version serve at once, whatever is said of promotion", async () => {
    const world = await atRest();
    expect(world.rollout()).toMatchObject({ phase: "Completed", stable: "r/checkout:1", current: "r/checkout:1" });
    expect([world.active(), world.pods("1")]).toEqual([["1"], 4]);
  });

  // rollout/bluegreen.go reconcileBlueGreenPause, rollout/service.go reconcilePreviewService
  it("give a new version all of its pods and no traffic, and pause, while the switch is closed", async () => {
    const world = await atRest();
    await world.commit({ version: "2" }, 120);
    expect(world.rollout()).toMatchObject({ phase: "Paused", stable: "r/checkout:1", current: "r/checkout:2" });
    expect([world.active(), world.pods("1"), world.pods("2")]).toEqual([["1"], 4, 4]);
  });

  // rollout/pause.go CompletedBlueGreenPause; rollout/replicaset.go scaleDownDelayHelper
  it("switch when it is opened, and the old pods go after the delay", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", on: true });
    expect(world.rollout()).toMatchObject({ phase: "Completed", stable: "r/checkout:2" });
    expect([world.active(), world.pods("1")]).toEqual([["1", "2"], 4]);
    await world.after(30);
    expect(world.pods("1")).toBe(0);
    await world.commit({ version: "2" });
    expect([world.active(), world.rollout()?.phase]).toEqual([["1", "2"], "Completed"]);
  });

  // rollout/service.go reconcileActiveService: ReadyForPause and IsSaturated
  it("do not switch to pods that are not ready, and say so in the end", async () => {
    const more = "  progressDeadlineSeconds: 60\n";
    const world = await atRest({ more }, { faults: new Map([["r/checkout:2", { kind: "neverReady" }]]) });
    await world.commit({ version: "2", on: true }, 30);
    expect(world.rollout()).toMatchObject({ phase: "Progressing", stable: "r/checkout:1" });
    await world.after(60);
    expect([world.rollout()?.phase, world.active()]).toEqual(["Timeout", ["1"]]);
  });

  // rollout/bluegreen.go reconcileBlueGreenPause: without a pause condition and ControllerPause it pauses
  it("pause again where the switch is closed before the pods are there", async () => {
    const world = await atRest();
    world.push(colours({ version: "2", on: true }));
    await world.after(0.5);
    await world.commit({ version: "2" }, 60);
    expect([world.rollout()?.phase, world.active()]).toEqual(["Paused", ["1"]]);
  });

  // rollout/bluegreen.go needsBlueGreenControllerPause
  it("switch to whatever lands while the switch is open", async () => {
    const world = await atRest({ on: true });
    await world.commit({ version: "2" });
    expect(world.active()).toEqual(["1", "2"]);
  });

  // rollout/pause.go CompletedBlueGreenPause
  it("switch after the time that is said, where one is", async () => {
    const world = await atRest({ on: true, two: "autoPromotionSeconds: 20, " });
    await world.commit({ version: "2" }, 15);
    expect([world.rollout()?.phase, world.active()]).toEqual(["Paused", ["1"]]);
    await world.after(15);
    expect(world.active()).toEqual(["1", "2"]);
  });

  // service/service.go syncService; rollout/controller.go UpdateFunc, removedKeys
  it("leave a Service that the Rollout does not name any more as it was applied", async () => {
    const world = await atRest();
    const ready = () => {
      const [backend] = world.cluster.snapshot().routes[0]?.backends ?? [];
      return backend?.pods.reduce((sum, pods) => sum + pods.ready, 0);
    };
    const beside = `${colours()}\n---\n${deployment("1", 2)}`;
    world.push(beside);
    await world.after(10);
    expect(ready()).toBe(4);
    world.push(beside.replace("activeService: checkout, previewService:", "activeService:"));
    await world.after(10);
    expect(ready()).toBe(6);
  });

  // rollout/context.go haltProgress
  it("do not switch under a Rollout that is paused", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", on: true, more: "  paused: true\n" }, 60);
    expect([world.rollout()?.phase, world.active()]).toEqual(["Paused", ["1"]]);
  });
});

describe("the way back of two colours", () => {
  // rollout/bluegreen.go isBlueGreenFastTracked: newRS is stableRS
  it("before the switch is the old pod template, open or closed", async () => {
    for (const on of [false, true]) {
      const world = await atRest();
      await world.commit({ version: "2" });
      await world.commit({ version: "1", on });
      expect([world.active(), world.rollout()?.phase]).toEqual([["1"], "Completed"]);
      await world.after(30);
      expect(world.pods("2")).toBe(0);
    }
  });

  // rollout/sync.go isFastRollback: within scaleDownDelay a closed switch stops nothing
  it("after it is at once while the old pods are there, even under a closed switch", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", on: true });
    await world.commit({ version: "1" }, 2);
    expect([world.active(), world.rollout()?.stable]).toEqual([["1", "2", "1"], "r/checkout:1"]);
  });

  it("after that needs an open switch, and waits for the pods", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "2", on: true }, 60);
    await world.commit({ version: "1" }, 60);
    expect([world.rollout()?.phase, world.active()]).toEqual(["Paused", ["1", "2"]]);
    await world.commit({ version: "1", on: true });
    expect(world.active()).toEqual(["1", "2", "1"]);
  });

  // rollout/sync.go isRollback: a version that is older than stable, whether anybody judged it or not
  it("leads to any older version that still has its pods", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    await world.commit({ version: "3" });
    await world.commit({ version: "3", on: true }, 5);
    expect(world.pods("2")).toBe(4);
    await world.commit({ version: "2" }, 2);
    expect(world.active()).toEqual(["1", "3", "2"]);
  });
});

describe("the pods of two colours", () => {
  // rollout/bluegreen.go reconcileBlueGreenStableReplicaSet, utils/replicaset/replicaset.go NewRSNewReplicas
  it("are as many as the Rollout wants, of both", async () => {
    const world = await atRest();
    await world.commit({ version: "2" });
    world.push(colours({ version: "2" }).replace("replicas: 4", "replicas: 6"));
    await world.after(10);
    expect([world.pods("1"), world.pods("2"), world.rollout()?.phase]).toEqual([6, 6, "Paused"]);
  });

  // rollout/bluegreen.go scaleDownOldReplicaSetsForBlueGreen, GetScaleDownRevisionLimit
  it("go at once where no old version may stay", async () => {
    const world = await atRest({ two: "scaleDownDelayRevisionLimit: 0, " });
    await world.commit({ version: "2" });
    await world.commit({ version: "2", on: true }, 5);
    expect([world.active(), world.pods("1")]).toEqual([["1", "2"], 0]);
  });

  // rollout/replicaset.go addScaleDownDelay
  it("stay for good without a delay", async () => {
    const world = await atRest({ two: "scaleDownDelaySeconds: 0, " });
    await world.commit({ version: "2" });
    await world.commit({ version: "2", on: true }, 600);
    expect([world.active(), world.pods("1")]).toEqual([["1", "2"], 4]);
  });
});

describe("what this cluster does not know of two colours", () => {
  it.each(["prePromotionAnalysis", "postPromotionAnalysis", "previewReplicaCount"])("is %s, and it says so", (key) => {
    const manifest = {
      metadata: { name: "a", namespace: "b" },
      spec: {
        selector: { matchLabels: { app: "a" } },
        template: { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "a", image: "i" }] } },
        strategy: { blueGreen: { activeService: "a" } },
      },
    };
    expect(rolloutOf(manifest).blueGreen).toMatchObject({ promotesItself: true, preview: undefined });
    expect(() => rolloutOf(edited(manifest, ["spec", "strategy", "blueGreen", key], () => 1))).toThrow(ManifestError);
  });
});
