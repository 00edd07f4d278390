import { entriesAt, itemsAt, textAt } from "../manifest/services/node.ts";
import type { Placed } from "./objects.ts";

const CANARY = /\/canary$/;

/** Whether NGINX's controller takes an Ingress for the canary of another one. */
export function isCanaryIngress({ tree }: Placed): boolean {
  return entriesAt(tree, ["metadata", "annotations"]).some(
    ({ key, value }) => CANARY.test(key) && value.kind === "scalar" && String(value.value) === "true",
  );
}

/** Whether it takes a share of the requests. */
export function hasWeight({ tree }: Placed): boolean {
  return entriesAt(tree, ["metadata", "annotations"]).some(({ key }) => key.endsWith("/canary-weight"));
}

/** The hosts with their paths that an Ingress is for. */
export function placesIn({ tree }: Placed): readonly string[] {
  return itemsAt(tree, ["spec", "rules"]).flatMap((rule) =>
    itemsAt(rule, ["http", "paths"]).map((path) => `${textAt(rule, ["host"]) ?? "*"}${textAt(path, ["path"]) ?? "/"}`),
  );
}
