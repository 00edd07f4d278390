import { eachAsks, namesHeader, oneAsks } from "./asking.ts";
import { listDriver, type Driver } from "./driver.ts";
import type { ListKind } from "./list-kind.ts";
import { PLAIN, UPSTREAM } from "./name-form.ts";
import { COUNTS } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GATEWAY = ["gateway.solo.io"];
const EDGE = ["gloo.solo.io"];
const PLATFORM = ["networking.gloo.solo.io"];

const MULTI = ["routes", EACH, "routeAction", "multi", "destinations"];
const ROUTED = ["spec", "virtualHost", ...MULTI];
const TABLED = ["spec", ...MULTI];
const GROUPED = ["spec", "destinations"];
const FORWARDED = ["spec", "http", EACH, "forwardTo", "destinations"];

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

/** Gloo's routes: those of Edge, and the RouteTable of the Platform. */
export const GLOO: readonly Finder[] = [
  { kind: "VirtualService", groups: GATEWAY, spots: (object) => backendSpots(object, ROUTED, NAMED) },
  { kind: "RouteTable", groups: GATEWAY, spots: (object) => backendSpots(object, TABLED, NAMED) },
  { kind: "UpstreamGroup", groups: EDGE, spots: (object) => backendSpots(object, GROUPED, NAMED) },
  { kind: "RouteTable", groups: PLATFORM, spots: (object) => backendSpots(object, FORWARDED, FORWARD) },
];

// Both products write alike what a rule matches.
const MATCHERS = eachAsks(["matchers"], oneAsks(["headers"], namesHeader("invertMatch")));

const UPSTREAMS = {
  home: "any",
  namings: [
    { at: ["destination", "kube", "ref", "name"], form: PLAIN, namespace: ["destination", "kube", "ref", "namespace"] },
    { at: ["destination", "upstream", "name"], form: UPSTREAM, namespace: ["destination", "upstream", "namespace"] },
  ],
  // A part of an Upstream is not the arm.
  isWhole: (_, backend) => backend.kind === "map" && backend.entries.every(({ key }) => key !== "subset"),
  behind: ["destination"],
  scale: COUNTS,
  missing: 0,
} satisfies Partial<ListKind>;

export const GLOO_VIRTUAL_SERVICE: Driver = listDriver({
  ...UPSTREAMS,
  groups: GATEWAY,
  kinds: ["VirtualService"],
  lists: [ROUTED],
  asks: MATCHERS,
});
export const GLOO_ROUTE_TABLE: Driver = listDriver({
  ...UPSTREAMS,
  groups: GATEWAY,
  kinds: ["RouteTable"],
  lists: [TABLED],
  asks: MATCHERS,
});
export const UPSTREAM_GROUP: Driver = listDriver({
  ...UPSTREAMS,
  groups: EDGE,
  kinds: ["UpstreamGroup"],
  lists: [GROUPED],
});

/** The RouteTable of the Platform, by Service, or by the `version` of a subset. */
export const GLOO_MESH_ROUTE_TABLE: Driver = listDriver({
  groups: PLATFORM,
  kinds: ["RouteTable"],
  home: "any",
  lists: [FORWARDED],
  namings: [{ at: ["ref", "name"], form: PLAIN, namespace: ["ref", "namespace"] }],
  subset: ["subset", "version"],
  isWhole: (text) => (text("kind") ?? "SERVICE") === "SERVICE",
  asks: MATCHERS,
  behind: ["ref", "kind", "port", "subset"],
  scale: COUNTS,
  missing: "even",
});
