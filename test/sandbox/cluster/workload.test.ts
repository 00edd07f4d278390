import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Deployment } from "../../../src/sandbox/cluster/kinds/deployment.ts";
import { isReady } from "../../../src/sandbox/cluster/pod.ts";
import type { NewPod } from "../../../src/sandbox/cluster/pod.ts";
import { adopt, isUpdated, roll } from "../../../src/sandbox/cluster/workload.ts";
import type { Workload } from "../../../src/sandbox/cluster/workload.ts";

const READY_AFTER = 10;

const deployment = (version: string, replicas: number): Deployment => ({
  kind: "Deployment",
  namespace: "shop",
  name: "checkout",
  replicas,
  selector: { app: "checkout" },
  template: {
    hash: version,
    labels: { app: "checkout" },
    containers: [{ name: "app", image: `r/checkout:${version}` }],
  },
});

/** Pods numbered in the order of their birth; versions called "bad…" never become ready. */
function podsBornAt(now: number, births: { count: number }): NewPod {
  return ({ namespace, name, template }) => {
    births.count += 1;
    const readyAt = template.hash.startsWith("bad") ? Infinity : now + READY_AFTER;
    return { name: `pod-${births.count}`, uid: `${births.count}`, namespace, workload: name, template, readyAt };
  };
}

type Manifest = readonly [at: number, version: string, replicas: number];

/** Runs one Deployment through its manifests, a move per unit of time, and tells what was there after each. */
function history(manifests: readonly Manifest[], until: number) {
  const births = { count: 0 };
  const seen: { ready: number; total: number; updated: number; pods: string }[] = [];
  let workload: Workload | undefined;
  for (let now = 0; now < until; now += 1) {
    const [, version, replicas] = manifests.findLast(([at]) => at <= now) ?? [0, "v1", 0];
    workload = roll(adopt(workload, deployment(version, replicas)), now, podsBornAt(now, births));
    const { pods } = workload;
    const of: Workload = workload;
    seen.push({
      ready: pods.filter((pod) => isReady(pod, now)).length,
      total: pods.length,
      updated: pods.filter((pod) => isUpdated(of, pod)).length,
      pods: pods.map(({ template }) => template.hash).join(" "),
    });
  }
  return seen;
}

describe("roll", () => {
  it("starts all pods at once and has them ready after a while", () => {
    const seen = history([[0, "v1", 3]], 12);
    expect(seen[0]).toMatchObject({ total: 3, ready: 0 });
    expect(seen[9]).toMatchObject({ total: 3, ready: 0 });
    expect(seen[10]).toMatchObject({ total: 3, ready: 3 });
  });

  it.each<[string, readonly Manifest[], number, object]>([
    [
      "scales up",
      [
        [0, "v1", 2],
        [20, "v1", 5],
      ],
      31,
      { total: 5, ready: 5 },
    ],
    [
      "scales down at once",
      [
        [0, "v1", 5],
        [20, "v1", 2],
      ],
      21,
      { total: 2, ready: 2 },
    ],
    [
      "scales to nothing at once",
      [
        [0, "v1", 5],
        [20, "v1", 0],
      ],
      21,
      { total: 0, ready: 0 },
    ],
    [
      "makes no pods of a new version at no replicas",
      [
        [0, "v1", 0],
        [20, "v2", 0],
      ],
      40,
      { total: 0, updated: 0 },
    ],
    [
      "surges by a quarter, rounded up",
      [
        [0, "v1", 5],
        [20, "v2", 5],
      ],
      21,
      { total: 6, ready: 4, updated: 2 },
    ],
    [
      "surges a single pod, keeping the old one",
      [
        [0, "v1", 1],
        [20, "v2", 1],
      ],
      30,
      { total: 2, ready: 1 },
    ],
    [
      "ends with the new version alone",
      [
        [0, "v1", 5],
        [20, "v2", 5],
      ],
      60,
      { total: 5, ready: 5, updated: 5 },
    ],
    [
      "stays on the old version where the new is never ready",
      [
        [0, "v1", 4],
        [20, "bad", 4],
      ],
      200,
      { ready: 3, updated: 2, total: 5 },
    ],
    [
      "goes back from a version that is never ready",
      [
        [0, "v1", 4],
        [20, "bad", 4],
        [60, "v1", 4],
      ],
      80,
      { ready: 4, updated: 4, total: 4 },
    ],
  ])("%s", (_, manifests, until, expected) => {
    expect(history(manifests, until).at(-1)).toMatchObject(expected);
  });

  it("counts a generation for each change of the manifest and for nothing else", () => {
    const first = adopt(undefined, deployment("v1", 1));
    const same = adopt(first, deployment("v1", 1));
    const changed = adopt(same, deployment("v1", 2));
    expect([first, same, changed].map(({ generation }) => generation)).toEqual([1, 1, 2]);
  });

  it("never has too many pods, never too few ready ones, and always arrives", () => {
    const moves = fc.array(fc.tuple(fc.constantFrom("v1", "v2", "bad"), fc.boolean()), { maxLength: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), moves, (replicas, versions) => {
        const manifests = [["v1", true] as const, ...versions, ["v3", true] as const].map(
          ([version, isSlow], index): Manifest => [index * (isSlow ? 60 : 43), version, replicas],
        );
        const start = manifests.at(-1)?.[0] ?? 0;
        const seen = history(
          manifests.toSorted(([a], [b]) => a - b),
          start + 200,
        );
        for (const { total } of seen) expect(total).toBeLessThanOrEqual(replicas + Math.ceil(replicas / 4));
        for (const { ready } of seen.slice(READY_AFTER))
          expect(ready).toBeGreaterThanOrEqual(replicas - Math.floor(replicas / 4));
        expect(seen.at(-1)).toMatchObject({ total: replicas, ready: replicas, updated: replicas });
      }),
    );
  });
});
