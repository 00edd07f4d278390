import { eachAsks, namesHeader, oneAsks } from "./asking.ts";
import { listDriver, type Driver } from "./driver.ts";
import type { ListKind } from "./list-kind.ts";
import { PLAIN } from "./name-form.ts";
import { COUNTS } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUP = "gateway.networking.k8s.io";
const LIST = ["spec", "rules", EACH, "backendRefs"];

/** The routes of the Gateway API, and those that Linkerd had before it. */
export const GATEWAY_API: readonly Finder[] = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"].map(
  (kind) => ({
    kind,
    groups: [GROUP, "policy.linkerd.io"],
    spots: (object) => backendSpots(object, LIST, { name: [["name"]], weight: "weight" }),
  }),
);

const KINDS: ListKind["kinds"] = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"];

// From 0, which is none, to 100; what is not written is all. Standard since 1.3 (gateway-api 4564255a, apis/v1/httproute_types.go, HTTPRequestMirrorFilter).
const MIRRORS: NonNullable<ListKind["mirrors"]> = [
  {
    each: "filters",
    to: ["requestMirror", "backendRef"],
    percent: ["requestMirror", "percent"],
    instead: [["requestMirror", "fraction"]],
  },
];

/** The drivers of the Gateway API's routes; that of HTTPRoute drives the others as well, whose rules say the same. */
export const HTTP_ROUTE: Driver = listDriver(routes(KINDS));
export const GRPC_ROUTE: Driver = listDriver(routes(["GRPCRoute"]));
export const TLS_ROUTE: Driver = listDriver(streams(["TLSRoute"]));
export const TCP_ROUTE: Driver = listDriver(streams(["TCPRoute"]));

/** Rules that match the headers of requests, and may send copies of them. */
function routes(kinds: ListKind["kinds"]): ListKind {
  return { ...streams(kinds), mirrors: MIRRORS, asks: eachAsks(["matches"], oneAsks(["headers"], namesHeader())) };
}

function streams(kinds: ListKind["kinds"]): ListKind {
  return {
    groups: [GROUP],
    kinds,
    home: "namespace",
    lists: [LIST],
    namings: [{ at: ["name"], form: PLAIN, namespace: ["namespace"] }],
    isWhole: (text) => (text("kind") ?? "Service") === "Service" && (text("group") ?? "") === "",
    behind: ["name", "port"],
    scale: COUNTS,
    // What the Gateway API takes it for.
    missing: 1,
  };
}
