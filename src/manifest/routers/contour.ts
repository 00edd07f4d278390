import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const NAMED = { name: [["name"]], weight: "weight" };

/** Contour's HTTPProxy. */
export const CONTOUR: readonly Finder[] = [
  {
    kind: "HTTPProxy",
    groups: ["projectcontour.io"],
    spots: (object) => [
      ...backendSpots(object, ["spec", "routes", EACH, "services"], NAMED),
      ...backendSpots(object, ["spec", "tcpproxy", "services"], NAMED),
    ],
  },
];
