import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["traefik.io", "traefik.containo.us"];
const NAMED = { name: [["name"]], weight: "weight" };

/** Traefik's weighted services, and the services of its ingress routes. */
export const TRAEFIK: readonly Finder[] = [
  {
    kind: "TraefikService",
    groups: GROUPS,
    spots: (object) => backendSpots(object, ["spec", "weighted", "services"], NAMED),
  },
  ...["IngressRoute", "IngressRouteTCP", "IngressRouteUDP"].map((kind) => ({
    kind,
    groups: GROUPS,
    spots: (object: Parameters<Finder["spots"]>[0]) =>
      backendSpots(object, ["spec", "routes", EACH, "services"], NAMED),
  })),
];
