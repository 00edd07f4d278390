import type { Finder } from "./site.ts";
import { backendSpots } from "./spots.ts";

/** The TrafficSplit of the Service Mesh Interface; its first version writes thousandths, such as `500m`. */
export const SMI: readonly Finder[] = [
  {
    kind: "TrafficSplit",
    groups: ["split.smi-spec.io"],
    spots: (object) => backendSpots(object, ["spec", "backends"], { name: [["service"]], weight: "weight" }),
  },
];
