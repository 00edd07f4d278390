import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["zalando.org"];
const REFERENCE = { name: [["backendName"]], weight: "weight" };

/** Skipper's RouteGroup, and the StackSet that makes one. */
export const SKIPPER: readonly Finder[] = [
  {
    kind: "RouteGroup",
    groups: GROUPS,
    spots: (object) => [
      ...backendSpots(object, ["spec", "defaultBackends"], REFERENCE),
      ...backendSpots(object, ["spec", "routes", EACH, "backends"], REFERENCE),
    ],
  },
  {
    kind: "StackSet",
    groups: GROUPS,
    spots: (object) => backendSpots(object, ["spec", "traffic"], { name: [["stackName"]], weight: "weight" }),
  },
];
