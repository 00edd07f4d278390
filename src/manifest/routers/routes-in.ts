import { peekText } from "../../yaml/look.ts";
import { refuse } from "../../yaml/refusal.ts";
import type { Source } from "../../yaml/source.ts";
import { checkNamespace, resourcesOf, type Resource } from "../resource.ts";
import type { RouteOf } from "./router.ts";

/** The objects that are routes of a kind: by their API groups and their kinds, of which refusals name the first. */
export type RouteKinds = {
  readonly groups: readonly string[];
  readonly kinds: readonly [string, ...string[]];
  /** `any`: the object may live in another namespace than the workloads, or in none. */
  readonly home: "namespace" | "any";
};

/** Kubernetes' own Ingress, which several controllers read in ways of their own. */
export const INGRESSES: RouteKinds = { groups: ["networking.k8s.io"], kinds: ["Ingress"], home: "namespace" };

/** All of them in a file. */
export function routesIn(source: Source, { groups, kinds }: RouteKinds): readonly Resource[] {
  return kinds.flatMap((kind) => groups.flatMap((group) => resourcesOf(source, group, kind)));
}

/** Those that may be the member's. */
export function ownRoutes(source: Source, of: RouteOf, kinds: RouteKinds): readonly Resource[] {
  const all = routesIn(source, kinds);
  if (kinds.home === "any") return all;
  return all.filter(({ tree }) => (peekText(tree, ["metadata", "namespace"]) ?? of.namespace) === of.namespace);
}

/** Throws Refused where a file has none, or has one of another namespace. */
export function checkRoutes(source: Source, of: RouteOf, kinds: RouteKinds): void {
  const all = routesIn(source, kinds);
  if (all.length === 0) refuse(source, 0, `no ${kinds.kinds[0]}`, "the file of a route has its route");
  if (kinds.home === "namespace") all.forEach((object) => checkNamespace(source, object, of.namespace));
}
