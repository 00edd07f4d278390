import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const NAMED = {
  name: [
    ["destination", "upstream", "name"],
    ["destination", "kube", "ref", "name"],
  ],
  weight: "weight",
};
const FORWARD = {
  name: [
    ["subset", "version"],
    ["ref", "name"],
  ],
  weight: "weight",
};
const MULTI = ["routes", EACH, "routeAction", "multi", "destinations"];

/** Gloo's routes: those of Edge, and the RouteTable of the Platform. */
export const GLOO: readonly Finder[] = [
  {
    kind: "VirtualService",
    groups: ["gateway.solo.io"],
    spots: (object) => backendSpots(object, ["spec", "virtualHost", ...MULTI], NAMED),
  },
  {
    kind: "RouteTable",
    groups: ["gateway.solo.io"],
    spots: (object) => backendSpots(object, ["spec", ...MULTI], NAMED),
  },
  {
    kind: "UpstreamGroup",
    groups: ["gloo.solo.io"],
    spots: (object) => backendSpots(object, ["spec", "destinations"], NAMED),
  },
  {
    kind: "RouteTable",
    groups: ["networking.gloo.solo.io"],
    spots: (object) => backendSpots(object, ["spec", "http", EACH, "forwardTo", "destinations"], FORWARD),
  },
];
