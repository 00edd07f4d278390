import { lookCount, lookList, lookText, pathText, peekText, type YamlPath } from "../../yaml/look.ts";
import { quote, refuse } from "../../yaml/refusal.ts";
import type { Source } from "../../yaml/source.ts";
import { resourcesOf, type Resource } from "../resource.ts";
import { destinationName, isHostOf } from "./host.ts";
import { ARMS, type Arm, type ByArm, type RouteOf } from "./router.ts";
import { ruleName, ruleRouter, type Backend, type Rule } from "./split.ts";

const GROUP = "networking.istio.io";
const KIND = "VirtualService";
const PROTOCOLS = ["http", "tls", "tcp"];
// A bound of ours, far below where the proxies' sum of 32 bits ends.
const MOST = 1_000_000;
// Beside others, a destination without a weight gets nothing; alone, it gets all, and is no split.
const MISSING = 0;

/** Istio's VirtualService: the routes of `http`, `tls` and `tcp`, by host or by subset. Mirrors, matches, delegates and redirects have no part in it. */
export const VIRTUAL_SERVICE = ruleRouter({
  missing: MISSING,
  behind: ["destination"],
  names,
  rules: (source, of) =>
    resourcesOf(source, GROUP, KIND).flatMap((object) =>
      PROTOCOLS.flatMap((protocol) => rulesOf(source, object, protocol, of)),
    ),
  checkAny: (source) => {
    if (resourcesOf(source, GROUP, KIND).length > 0) return;
    refuse(source, 0, `no ${KIND}`, "the file of a route has its route");
  },
});

function names(_: Source, { arms, destinations }: RouteOf): ByArm<string> {
  if (destinations === undefined) return arms;
  return { canary: destinationName(destinations.canary), stable: destinationName(destinations.stable) };
}

function rulesOf(source: Source, object: Resource, protocol: string, of: RouteOf): readonly Rule[] {
  const routes = lookList(source, object.tree, ["spec", protocol])?.items ?? [];
  return routes.flatMap((route, index) => {
    const place: YamlPath = ["spec", protocol, index];
    const list = lookList(source, object.tree, [...place, "route"]);
    if (list === undefined) return [];
    const own = peekText(route, ["name"]);
    const called = own === undefined ? pathText(place) : `${pathText(place)} (${quote(own)})`;
    const backends = list.items.map((_, position) => backendOf(source, object, [...place, "route", position], of));
    return [{ at: list.start, called: ruleName(called, object), backends }];
  });
}

function backendOf(source: Source, { document, tree }: Resource, path: YamlPath, of: RouteOf): Backend {
  const host = lookText(source, tree, [...path, "destination", "host"]);
  const subset = lookText(source, tree, [...path, "destination", "subset"]);
  // A short host means a Service beside the object that names it.
  const home = lookText(source, tree, ["metadata", "namespace"]) ?? of.namespace;
  const weight = lookCount(source, tree, [...path, "weight"], MOST);
  const arm = host === undefined ? undefined : ARMS.find((each) => isArm(each, of, { host, subset, home }));
  return { document, path, weight, arm };
}

type Written = { readonly host: string; readonly subset: string | undefined; readonly home: string };

function isArm(arm: Arm, of: RouteOf, { host, subset, home }: Written): boolean {
  const wanted = of.destinations?.[arm];
  if (wanted === undefined) return isHostOf(host, home, of.arms[arm], of.namespace);
  return isHostOf(host, home, wanted.host, of.namespace) && subset === wanted.subset;
}
