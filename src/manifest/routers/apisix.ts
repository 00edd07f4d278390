import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

/** APISIX' routes. */
export const APISIX: readonly Finder[] = [
  {
    kind: "ApisixRoute",
    groups: ["apisix.apache.org"],
    spots: (object) =>
      ["http", "stream"].flatMap((protocol) =>
        backendSpots(object, ["spec", protocol, EACH, "backends"], { name: [["serviceName"]], weight: "weight" }),
      ),
  },
];
