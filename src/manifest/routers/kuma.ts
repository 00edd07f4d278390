import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["kuma.io"];
const SPLIT = { name: [["destination", "kuma.io/service"]], weight: "weight" };
const REFERENCE = { name: [["name"], ["tags", "kuma.io/service"]], weight: "weight" };

/** Kuma's routes, the older one and those of its policies. */
export const KUMA: readonly Finder[] = [
  {
    kind: "TrafficRoute",
    groups: GROUPS,
    spots: (object) => [
      ...backendSpots(object, ["spec", "conf", "split"], SPLIT),
      ...backendSpots(object, ["spec", "conf", "http", EACH, "split"], SPLIT),
    ],
  },
  ...["MeshHTTPRoute", "MeshTCPRoute"].map((kind) => ({
    kind,
    groups: GROUPS,
    spots: (object: Parameters<Finder["spots"]>[0]) =>
      backendSpots(object, ["spec", "to", EACH, "rules", EACH, "default", "backendRefs"], REFERENCE),
  })),
];
