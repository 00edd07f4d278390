import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["networking.istio.io"];
const DESTINATION = {
  name: [
    ["destination", "subset"],
    ["destination", "host"],
  ],
  weight: "weight",
};

/** Istio's VirtualService, whose routes name a subset or a host, and the weighted endpoints of a ServiceEntry. */
export const ISTIO: readonly Finder[] = [
  {
    kind: "VirtualService",
    groups: GROUPS,
    spots: (object) =>
      ["http", "tls", "tcp"].flatMap((protocol) =>
        backendSpots(object, ["spec", protocol, EACH, "route"], DESTINATION),
      ),
  },
  {
    kind: "ServiceEntry",
    groups: GROUPS,
    spots: (object) => backendSpots(object, ["spec", "endpoints"], { name: [["address"]], weight: "weight" }),
  },
];
