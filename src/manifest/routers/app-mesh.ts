import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const PROTOCOLS = ["httpRoute", "http2Route", "grpcRoute", "tcpRoute"];
const TARGET = { name: [["virtualNodeRef", "name"], ["virtualNode"]], weight: "weight" };

/** The VirtualRouter of App Mesh. */
export const APP_MESH: readonly Finder[] = [
  {
    kind: "VirtualRouter",
    groups: ["appmesh.k8s.aws"],
    spots: (object) =>
      PROTOCOLS.flatMap((protocol) =>
        backendSpots(object, ["spec", "routes", EACH, protocol, "action", "weightedTargets"], TARGET),
      ),
  },
];
