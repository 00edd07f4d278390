import { peek } from "../../yaml/look.ts";
import type { Finder } from "./site.ts";
import { backendSpots, spotsOf, textAt } from "./spots.ts";

/** OpenShift's Route: one backend, and others beside it. */
export const OPENSHIFT: readonly Finder[] = [
  {
    kind: "Route",
    // Its first version had no group.
    groups: ["route.openshift.io", "v1"],
    spots: (object) => [
      ...spotsOf(peek(object, ["spec", "to", "weight"]), {
        path: ["spec", "to", "weight"],
        split: ["spec"],
        backend: textAt(object, ["spec", "to", "name"]),
      }),
      ...backendSpots(object, ["spec", "alternateBackends"], { name: [["name"]], weight: "weight" }).map((spot) => ({
        ...spot,
        split: ["spec"],
      })),
    ],
  },
];
