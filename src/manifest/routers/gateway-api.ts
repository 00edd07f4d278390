import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["gateway.networking.k8s.io", "policy.linkerd.io"];
const KINDS = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"];

/** The routes of the Gateway API, and those that Linkerd had before it. */
export const GATEWAY_API: readonly Finder[] = KINDS.map((kind) => ({
  kind,
  groups: GROUPS,
  spots: (object) =>
    backendSpots(object, ["spec", "rules", EACH, "backendRefs"], { name: [["name"]], weight: "weight" }),
}));
