import { lookCount, lookList, lookText, pathText, peekText, type YamlPath } from "../../yaml/look.ts";
import { refuse } from "../../yaml/refusal.ts";
import type { Source } from "../../yaml/source.ts";
import { checkNamespace, resourcesOf, type Resource } from "../resource.ts";
import { ARMS, servicesOf, type RouteOf } from "./router.ts";
import { ruleName, ruleRouter, type Backend, type Rule } from "./split.ts";

const GROUP = "gateway.networking.k8s.io";
const KINDS = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"];
// The Gateway API's own bound, and what it takes a missing weight for.
const MOST = 1_000_000;
const MISSING = 1;

/** The routes of the Gateway API: HTTPRoute, and GRPCRoute, TLSRoute and TCPRoute, whose rules say the same. */
export const HTTP_ROUTE = ruleRouter({
  missing: MISSING,
  behind: ["name", "port"],
  names: (source, of) => servicesOf(source, of, "HTTPRoute"),
  rules: (source, of) => routesIn(source, of).flatMap((route) => rulesOf(source, route, of)),
  checkAny: (source, of) => {
    const all = KINDS.flatMap((kind) => resourcesOf(source, GROUP, kind));
    if (all.length === 0) refuse(source, 0, "no HTTPRoute", "the file of a route has its route");
    all.forEach((route) => checkNamespace(source, route, of.namespace));
  },
});

function routesIn(source: Source, { namespace }: RouteOf): readonly Resource[] {
  const all = KINDS.flatMap((kind) => resourcesOf(source, GROUP, kind));
  return all.filter(({ tree }) => (peekText(tree, ["metadata", "namespace"]) ?? namespace) === namespace);
}

function rulesOf(source: Source, route: Resource, of: RouteOf): readonly Rule[] {
  const rules = lookList(source, route.tree, ["spec", "rules"])?.items ?? [];
  return rules.flatMap((_, index) => {
    const place: YamlPath = ["spec", "rules", index];
    const path = [...place, "backendRefs"];
    const list = lookList(source, route.tree, path);
    if (list === undefined) return [];
    const backends = list.items.map((__, position) => backendOf(source, route, [...path, position], of));
    return [{ at: list.start, called: ruleName(pathText(place), route), backends }];
  });
}

function backendOf(source: Source, { document, tree }: Resource, path: YamlPath, of: RouteOf): Backend {
  const text = (key: string) => lookText(source, tree, [...path, key]);
  const isService = (text("kind") ?? "Service") === "Service" && (text("group") ?? "") === "";
  const isHere = (text("namespace") ?? of.namespace) === of.namespace;
  const [name, names] = [text("name"), servicesOf(source, of, "HTTPRoute")];
  const weight = lookCount(source, tree, [...path, "weight"], MOST);
  return { document, path, weight, arm: isService && isHere ? ARMS.find((arm) => names[arm] === name) : undefined };
}
