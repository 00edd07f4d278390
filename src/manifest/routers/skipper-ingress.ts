import type { Name } from "../../core/names.ts";
import { look, lookList, lookMapping, lookText, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { edited, NO_EDIT, type Draft } from "../edit.ts";
import { insertItem, insertKey } from "../insert.ts";
import { removeItem, removeKey } from "../remove.ts";
import type { Resource } from "../resource.ts";
import { isOwn } from "./asking.ts";
import type { Driver } from "./driver.ts";
import { plainItem } from "./join.ts";
import { withKey } from "./item.ts";
import { ARMS, servicesOf, type ByArm, type RouteOf } from "./router.ts";
import { checkRoutes, INGRESSES, ownRoutes } from "./routes-in.ts";
import { COUNTS } from "./scale.ts";
import { ruleName, ruleRouter, splitsOf, type Rule, type RuleKind } from "./split.ts";
import { inside, jsonAt } from "./within.ts";

const ANNOTATIONS: YamlPath = ["metadata", "annotations"];
const WEIGHTS = "zalando.org/backend-weights";
const PREDICATE = "zalando.org/skipper-predicate";
const SERVICE = ["backend", "service", "name"];

const RULES: RuleKind = {
  hasTesters: true,
  behind: [],
  names: (source, of) => servicesOf(source, of, "Ingress of Skipper"),
  rules: (source, of) => ownRoutes(source, of, INGRESSES).flatMap((ingress) => ruleOf(source, ingress, of)),
  checkAny: (source, of) => checkRoutes(source, of, INGRESSES),
};

/** The Ingress of Skipper: weights by Service, as JSON in an annotation, of backends that share each path. */
export const SKIPPER_INGRESS: Driver = {
  ...ruleRouter(RULES),
  entry: {
    kind: "beside",
    join: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        const names = servicesOf(source, of, "Ingress of Skipper");
        const stables = ownRoutes(source, of, INGRESSES).filter(
          (one) => placesOf(source, one, names.stable).length > 0,
        );
        if (stables.length === 0) refuse(source, 0, `no path to ${names.stable}`, "the canary is added beside it");
        return edited(
          source,
          stables.reduce((draft, one) => joined(source, draft, one, names), NO_EDIT),
        );
      }),
    leave: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        const [{ share, rule }] = splitsOf(RULES, source, of);
        const names = servicesOf(source, of, "Ingress of Skipper");
        if (share > 0) refuse(source, rule.at, `${share}% for ${names.canary}`, "it is taken away at weight 0");
        const own = ownRoutes(source, of, INGRESSES).filter((one) => weightsIn(source, one) !== undefined);
        return edited(
          source,
          own.reduce((draft, one) => left(source, draft, one, names), NO_EDIT),
        );
      }),
  },
};

function ruleOf(source: Source, ingress: Resource, of: RouteOf): readonly Rule[] {
  const names = servicesOf(source, of, "Ingress of Skipper");
  if (weightsIn(source, ingress) === undefined) return [];
  const within = jsonAt(source, { document: ingress.document, path: [...ANNOTATIONS, WEIGHTS] });
  const [tree] = within.source.documents;
  if (tree?.kind !== "map")
    return refuse(source, within.start, "no mapping", `${WEIGHTS} is JSON by names of Services`);
  const backends = inside(source, within.start, () =>
    tree.entries.map(({ key }) => ({
      document: 0,
      path: [],
      key,
      weight: COUNTS.read(within.source, tree, [key]),
      arm: ARMS.find((arm) => names[arm] === key),
    })),
  );
  const rule = { at: within.start, called: ruleName(WEIGHTS, ingress), backends, scale: COUNTS, missing: undefined };
  return [{ ...rule, within, isForTesters: asksForHeader(ingress) }];
}

// All predicates hold.
function asksForHeader({ tree }: Resource): boolean {
  const predicates = peekText(tree, [...ANNOTATIONS, PREDICATE]) ?? "";
  const all = predicates.matchAll(/(?:^|&&)\s*(Header|HeaderRegexp|Cookie)\(\s*"([^"]*)"/g);
  return Array.from(all).some(([, kind, name]) => kind === "Cookie" || isOwn(name));
}

function weightsIn(source: Source, { tree }: Resource) {
  return look(source, tree, [...ANNOTATIONS, WEIGHTS]);
}

/** The places of the paths whose backend is a Service. */
function placesOf(source: Source, { tree }: Resource, service: Name): readonly YamlPath[] {
  const rules = lookList(source, tree, ["spec", "rules"])?.items ?? [];
  return rules.flatMap((_, rule) => {
    const list: YamlPath = ["spec", "rules", rule, "http", "paths"];
    const paths = (lookList(source, tree, list)?.items ?? []).map((__, index): YamlPath => [...list, index]);
    return paths.filter((path) => lookText(source, tree, [...path, ...SERVICE]) === service);
  });
}

// Both backends have the path; the weights say who gets what of it.
function joined(source: Source, draft: Draft, ingress: Resource, { canary, stable }: ByArm<Name>): Draft {
  const { document, tree } = ingress;
  const weights = weightsIn(source, ingress);
  if (weights !== undefined) refuse(source, weights, WEIGHTS, "the canary is added where stable has no weight yet");
  if (placesOf(source, ingress, canary).length > 0)
    refuse(source, tree, `a path to ${canary}`, "the canary is not there yet");
  const paths = placesOf(source, ingress, stable).reduce((before, path) => {
    const item = withKey(plainItem(source, { document, path }), SERVICE, canary);
    return insertItem(
      source,
      before,
      { document, path: path.slice(0, -1) },
      { item, position: Number(path.at(-1)) + 1 },
    );
  }, draft);
  const value = `{"${stable}": ${COUNTS.whole}, "${canary}": 0}`;
  const annotations = lookMapping(source, tree, ANNOTATIONS);
  if (annotations === undefined) {
    const whole = { key: "annotations", value: { [WEIGHTS]: value }, slot: { kind: "last" } } as const;
    return insertKey(source, paths, { document, path: ["metadata"] }, whole);
  }
  if (annotations.entries.length === 0)
    refuse(source, annotations, "annotations without any", "they are left out where there are none");
  return insertKey(source, paths, { document, path: ANNOTATIONS }, { key: WEIGHTS, value, slot: { kind: "last" } });
}

function left(source: Source, draft: Draft, ingress: Resource, { canary, stable }: ByArm<Name>): Draft {
  const { document, tree } = ingress;
  const within = jsonAt(source, { document, path: [...ANNOTATIONS, WEIGHTS] });
  const [weights] = within.source.documents;
  const other =
    weights?.kind === "map" ? weights.entries.find(({ key }) => key !== canary && key !== stable) : undefined;
  if (other !== undefined)
    refuse(
      source,
      within.start,
      `the weight of ${quote(other.key)} beside the two`,
      "it would be another one without them",
    );
  const paths = placesOf(source, ingress, canary).reduce(
    (before, path) => removeItem(source, before, { document, path: path.slice(0, -1) }, Number(path.at(-1))),
    draft,
  );
  const isOnly = lookMapping(source, tree, ANNOTATIONS)?.entries.length === 1;
  return isOnly
    ? removeKey(source, paths, { document, path: ["metadata"] }, "annotations")
    : removeKey(source, paths, { document, path: ANNOTATIONS }, WEIGHTS);
}
