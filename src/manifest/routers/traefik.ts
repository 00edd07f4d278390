import { peekText } from "../../yaml/look.ts";
import { listDriver, type Driver } from "./driver.ts";
import type { ListKind } from "./list-kind.ts";
import { PLAIN } from "./name-form.ts";
import { COUNTS } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots, EACH, type Pattern } from "./spots.ts";
import { ruleAsks } from "./traefik-rule.ts";

// The second is what it was called before version 3.
const GROUPS = ["traefik.io", "traefik.containo.us"];
const NAMED = { name: [["name"]], weight: "weight" };
const WEIGHTED = ["spec", "weighted", "services"];
const ROUTED = ["spec", "routes", EACH, "services"];

/** Traefik's weighted services, and the services of its ingress routes. */
export const TRAEFIK: readonly Finder[] = [
  { kind: "TraefikService", groups: GROUPS, spots: (object) => backendSpots(object, WEIGHTED, NAMED) },
  ...["IngressRoute", "IngressRouteTCP", "IngressRouteUDP"].map((kind) => ({
    kind,
    groups: GROUPS,
    spots: (object: Parameters<Finder["spots"]>[0]) => backendSpots(object, ROUTED, NAMED),
  })),
];

export const TRAEFIK_SERVICE: Driver = listDriver(services("TraefikService", WEIGHTED));
export const INGRESS_ROUTE: Driver = listDriver({
  ...services("IngressRoute", ROUTED),
  asks: (rule) => ruleAsks(peekText(rule, ["match"]) ?? ""),
});

function services(kind: string, list: Pattern): ListKind {
  return {
    groups: GROUPS,
    kinds: [kind],
    home: "namespace",
    lists: [list],
    namings: [{ at: ["name"], form: PLAIN, namespace: ["namespace"] }],
    isWhole: (text) => (text("kind") ?? "Service") === "Service",
    behind: ["name", "namespace", "port"],
    scale: COUNTS,
    missing: 1,
  };
}
