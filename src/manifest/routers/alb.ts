import { attempt, refuse } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { lookMapping, peek, peekText, type YamlPath } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Resource } from "../resource.ts";
import { isOwn, oneAsks } from "./asking.ts";
import type { Driver } from "./driver.ts";
import { joining } from "./join.ts";
import { rulesOf, type ListKind } from "./list-kind.ts";
import { PLAIN } from "./name-form.ts";
import { servicesOf, type RouteOf } from "./router.ts";
import { checkRoutes, INGRESSES, ownRoutes, routesIn } from "./routes-in.ts";
import { counts } from "./scale.ts";
import { ruleName, ruleRouter, type Rule, type RuleKind } from "./split.ts";
import { inside, jsonAt } from "./within.ts";

const ANNOTATIONS: YamlPath = ["metadata", "annotations"];
const ACTION = /^[^/]+\/actions\./;
// What the load balancer allows of one target group.
const MOST = 999;

// The controller takes both spellings of the keys.
const NAMINGS: ListKind["namings"] = [
  { at: ["ServiceName"], form: PLAIN },
  { at: ["serviceName"], form: PLAIN },
];
const SPELLINGS: readonly ListKind[] = [
  spelled(["ForwardConfig", "TargetGroups"], "Weight"),
  spelled(["forwardConfig", "targetGroups"], "weight"),
];

function spelled(list: readonly string[], weight: string): ListKind {
  return {
    ...INGRESSES,
    lists: [list],
    namings: NAMINGS,
    weight,
    behind: ["ServiceName", "ServicePort", "serviceName", "servicePort"],
    scale: counts(MOST),
    missing: "written",
  };
}

const RULES: RuleKind = {
  hasTesters: true,
  behind: ["ServiceName", "ServicePort", "serviceName", "servicePort"],
  names: (source, of) => servicesOf(source, of, "Ingress of an ALB"),
  rules: (source, of) => ownRoutes(source, of, INGRESSES).flatMap((ingress) => actionsOf(source, ingress, of)),
  checkAny: (source, of) => {
    checkRoutes(source, of, INGRESSES);
    const all = routesIn(source, INGRESSES);
    const isAction = all.some((ingress) => keysOf(source, ingress).length > 0);
    const why = `the weights stand in alb.ingress.kubernetes.io/actions.<name>, of type forward, and the path's backend has the port use-annotation`;
    if (!isAction) refuse(source, all[0]?.tree ?? 0, "an Ingress without an action", why);
  },
};

/** The Ingress of AWS' load balancer: the target groups of a forward action, as JSON in an annotation. */
export const ALB_INGRESS: Driver = {
  ...ruleRouter(RULES),
  entry: { kind: "beside", ...joining(RULES, { namings: NAMINGS }) },
};

function keysOf(source: Source, { tree }: Resource): readonly string[] {
  const entries = lookMapping(source, tree, ANNOTATIONS)?.entries ?? [];
  return entries.map(({ key }) => key).filter((key) => ACTION.test(key));
}

function actionsOf(source: Source, ingress: Resource, of: RouteOf): readonly Rule[] {
  return keysOf(source, ingress).flatMap((key) => {
    const within = jsonAt(source, { document: ingress.document, path: [...ANNOTATIONS, key] });
    const [tree] = within.source.documents;
    if (tree === undefined) return [];
    const rules = inside(source, within.start, () =>
      SPELLINGS.flatMap((kind) => rulesOf(kind, within.source, { document: 0, tree }, of)),
    );
    const isForTesters = asksForHeader(source, ingress, key);
    return rules.map((rule) => ({ ...rule, at: within.start, called: ruleName(key, ingress), within, isForTesters }));
  });
}

// The conditions of an action are called as it is, and all of them hold.
function asksForHeader({ path }: Source, { tree }: Resource, action: string): boolean {
  const text = peekText(tree, [...ANNOTATIONS, action.replace("/actions.", "/conditions.")]);
  const json = text === undefined ? undefined : attempt(() => readSource({ path, text }));
  const conditions = json?.kind === "ok" ? json.value.documents[0] : undefined;
  return conditions !== undefined && oneAsks([], isHeader)(conditions);
}

function isHeader(condition: Tree): boolean {
  const config = peek(condition, ["httpHeaderConfig"]) ?? peek(condition, ["HttpHeaderConfig"]);
  if (config === undefined) return false;
  return isOwn(peekText(config, ["httpHeaderName"]) ?? peekText(config, ["HttpHeaderName"]));
}
