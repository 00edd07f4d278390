import { describe, expect, it } from "vitest";
import { podsOver } from "../../../src/adapters/metrics/pods.ts";
import type { Series } from "../../../src/adapters/metrics/series.ts";
import { name } from "../../../src/core/names.ts";

const workloads = { canary: name("shop-canary"), stable: name("shop") };

const series = (labels: Record<string, string>, value: number, times: readonly number[] = [1]): Series => ({
  labels: new Map(Object.entries(labels)),
  samples: times.map((at) => ({ at, value })),
});

const info = (pod: string, image: string, more: Record<string, string> = {}) => series({ pod, image, ...more }, 1);
const ready = (pod: string, value = 1) => series({ pod, condition: "true" }, value);

const CANARY = "shop-canary-7d9f8b4c5d-x2x4z";
const STABLE = "shop-5c6d7f8g9h-b4c5d";
const OTHER = "shop-5c6d7f8g9h-z2z4z";

describe("podsOver", () => {
  it.each<[string, readonly Series[], readonly Series[], object]>([
    [
      "counts pods by image and readiness",
      [info(CANARY, "r/shop:2"), info(STABLE, "r/shop:1"), info(OTHER, "r/shop:2")],
      [ready(CANARY), ready(STABLE), ready(OTHER, 0)],
      {
        canary: [{ image: "r/shop:2", ready: 1, total: 1 }],
        stable: [
          { image: "r/shop:1", ready: 1, total: 1 },
          { image: "r/shop:2", ready: 0, total: 1 },
        ],
      },
    ],
    [
      "prefers the image that the manifest names",
      [info(STABLE, "docker.io/r/shop@sha256:0", { image_spec: "r/shop:1" })],
      [ready(STABLE)],
      { canary: [], stable: [{ image: "r/shop:1", ready: 1, total: 1 }] },
    ],
    [
      "takes an empty image of the manifest as none",
      [info(STABLE, "r/shop:1", { image_spec: "" })],
      [ready(STABLE)],
      { canary: [], stable: [{ image: "r/shop:1", ready: 1, total: 1 }] },
    ],
    [
      "knows no pods of one workload while the other is known",
      [info(STABLE, "r/shop:1")],
      [ready(STABLE)],
      { canary: [], stable: [{ image: "r/shop:1", ready: 1, total: 1 }] },
    ],
    ["knows nothing without pods", [], [], {}],
    ["knows nothing without any readiness", [info(STABLE, "r/shop:1")], [], {}],
    [
      "is not ready where a pod's readiness is missing",
      [info(STABLE, "r/shop:1"), info(OTHER, "r/shop:1")],
      [ready(OTHER)],
      { canary: [], stable: [{ image: "r/shop:1", ready: 1, total: 2 }] },
    ],
    [
      "is not ready while a pod changes its image in place",
      [info(STABLE, "r/shop:1"), info(STABLE, "r/shop:2")],
      [ready(STABLE)],
      {
        canary: [],
        stable: [
          { image: "r/shop:1", ready: 0, total: 1 },
          { image: "r/shop:2", ready: 0, total: 1 },
        ],
      },
    ],
    [
      "counts a pod once that two servers report",
      [info(STABLE, "r/shop:1", { instance: "a" }), info(STABLE, "r/shop:1", { instance: "b" })],
      [ready(STABLE)],
      { canary: [], stable: [{ image: "r/shop:1", ready: 1, total: 1 }] },
    ],
  ])("%s", (_, infos, readiness, expected) => {
    expect(podsOver(infos, readiness, workloads)(1)).toEqual(expected);
  });

  it("gives all the pods of a workload that makes both arms to both", () => {
    const one = { canary: workloads.stable, stable: workloads.stable };
    const at = podsOver([info(STABLE, "r/shop:1"), info(OTHER, "r/shop:2")], [ready(STABLE), ready(OTHER)], one)(1);
    expect(at.canary).toEqual([
      { image: "r/shop:1", ready: 1, total: 1 },
      { image: "r/shop:2", ready: 1, total: 1 },
    ]);
    expect(at.stable).toEqual(at.canary);
  });

  it("tells each time apart", () => {
    const at = podsOver(
      [series({ pod: STABLE, image: "r/shop:1" }, 1, [1, 2])],
      [ready(STABLE), series({ pod: CANARY }, 1, [2])],
      workloads,
    );
    expect(at(1).stable).toEqual([{ image: "r/shop:1", ready: 1, total: 1 }]);
    expect(at(2).stable).toEqual([{ image: "r/shop:1", ready: 0, total: 1 }]);
    expect(at(3)).toEqual({});
  });
});
