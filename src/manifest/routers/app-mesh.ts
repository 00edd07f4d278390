import { namesHeader, oneAsks } from "./asking.ts";
import { listDriver, type Driver } from "./driver.ts";
import { PLAIN } from "./name-form.ts";
import { counts } from "./scale.ts";
import type { Finder } from "./site.ts";
import { backendSpots, EACH } from "./spots.ts";

const GROUPS = ["appmesh.k8s.aws"];
const LISTS = ["httpRoute", "http2Route", "grpcRoute", "tcpRoute"].map((protocol) => [
  "spec",
  "routes",
  EACH,
  protocol,
  "action",
  "weightedTargets",
]);
// All targets of a route together have at most this.
const MOST = 100;

const MATCHES = [
  ["httpRoute", "match", "headers"],
  ["http2Route", "match", "headers"],
  ["grpcRoute", "match", "metadata"],
].map((list) => oneAsks(list, namesHeader("invert")));

/** The VirtualRouter of App Mesh. */
export const APP_MESH: readonly Finder[] = [
  {
    kind: "VirtualRouter",
    groups: GROUPS,
    spots: (object) =>
      LISTS.flatMap((list) =>
        backendSpots(object, list, { name: [["virtualNodeRef", "name"], ["virtualNode"]], weight: "weight" }),
      ),
  },
];

/** The VirtualRouter of App Mesh. Its arms are VirtualNodes, called as the arms are, or as `destinations` says. */
export const VIRTUAL_ROUTER: Driver = listDriver({
  groups: GROUPS,
  kinds: ["VirtualRouter"],
  home: "namespace",
  lists: LISTS,
  namings: [{ at: ["virtualNodeRef", "name"], form: PLAIN, namespace: ["virtualNodeRef", "namespace"] }],
  asks: (rule) => MATCHES.some((asks) => asks(rule)),
  behind: ["virtualNodeRef"],
  scale: counts(MOST),
  missing: 0,
});
