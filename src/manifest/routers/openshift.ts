import { lookList, lookText, peek, type YamlPath } from "../../yaml/look.ts";
import { attempt, refuse } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import { edited, NO_EDIT, type Draft } from "../edit.ts";
import { insertKey } from "../insert.ts";
import { removeItem, removeKey } from "../remove.ts";
import type { Resource } from "../resource.ts";
import type { Driver } from "./driver.ts";
import { splitsToLeave, stableAlone, withWeight, type Alone } from "./join.ts";
import { ARMS, servicesOf, type RouteOf } from "./router.ts";
import { checkRoutes, ownRoutes, type RouteKinds } from "./routes-in.ts";
import { counts } from "./scale.ts";
import type { Finder } from "./site.ts";
import { ruleName, ruleRouter, type Backend, type Rule, type RuleKind, type Split } from "./split.ts";
import { backendSpots, spotsOf, textAt } from "./spots.ts";

const GROUP = "route.openshift.io";
const FIRST: YamlPath = ["spec", "to"];
const OTHERS: YamlPath = ["spec", "alternateBackends"];

/** OpenShift's Route: one backend, and others beside it. */
export const OPENSHIFT: readonly Finder[] = [
  {
    kind: "Route",
    // Its first version had no group.
    groups: [GROUP, "v1"],
    spots: (object) => [
      ...spotsOf(peek(object, [...FIRST, "weight"]), {
        path: [...FIRST, "weight"],
        split: ["spec"],
        backend: textAt(object, [...FIRST, "name"]),
      }),
      ...backendSpots(object, ["spec", "alternateBackends"], { name: [["name"]], weight: "weight" }).map((spot) => ({
        ...spot,
        split: ["spec"],
      })),
    ],
  },
];

const ROUTES: RouteKinds = { groups: [GROUP], kinds: ["Route"], home: "namespace" };
const SCALE = counts(256);

const RULES: RuleKind = {
  behind: ["kind", "name"],
  names: (source, of) => servicesOf(source, of, "Route"),
  rules: (source, of) => ownRoutes(source, of, ROUTES).flatMap((route) => ruleOf(source, route, of)),
  checkAny: (source, of) => checkRoutes(source, of, ROUTES),
};

/** OpenShift's Route: `to` and `alternateBackends`, weights from 0 to 256. */
export const OPENSHIFT_ROUTE: Driver = {
  ...ruleRouter(RULES),
  entry: {
    kind: "beside",
    join: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        const name = RULES.names(source, of).canary;
        return edited(
          source,
          stableAlone(RULES, source, of).reduce((draft, one) => joined(source, draft, one, name), NO_EDIT),
        );
      }),
    leave: (file, of) =>
      attempt(() => {
        const source = readSource(file);
        return edited(
          source,
          splitsToLeave(RULES, source, of).reduce((draft, split) => left(source, draft, split), NO_EDIT),
        );
      }),
  },
};

function ruleOf(source: Source, route: Resource, of: RouteOf): readonly Rule[] {
  const first = peek(route.tree, FIRST);
  if (first === undefined) return [];
  const others = lookList(source, route.tree, OTHERS)?.items ?? [];
  const paths = [FIRST, ...others.map((_, index) => [...OTHERS, index])];
  const backends = paths.map((path) => backendOf(source, route, path, of));
  // What the API takes a missing weight for.
  return [{ at: first.start, called: ruleName("spec.to", route), backends, scale: SCALE, missing: 100 }];
}

function backendOf(source: Source, { document, tree }: Resource, path: YamlPath, of: RouteOf): Backend {
  const text = (key: string) => lookText(source, tree, [...path, key]);
  const [name, names] = [text("name"), RULES.names(source, of)];
  const isService = (text("kind") ?? "Service") === "Service";
  const weight = SCALE.read(source, tree, [...path, "weight"]);
  return { document, path, key: "weight", weight, arm: ARMS.find((arm) => isService && names[arm] === name) };
}

// As in lists, the canary stands before stable where stable's weight was added.
function joined(source: Source, draft: Draft, alone: Alone, name: string): Draft {
  const { document, weight } = alone.stable;
  const isWritten = weight !== undefined;
  const both = insertKey(
    source,
    draft,
    { document, path: ["spec"] },
    {
      key: "alternateBackends",
      value: [{ kind: "Service", name, weight: 0 }],
      slot: isWritten ? { kind: "after", keys: ["to"] } : { kind: "first" },
    },
  );
  return isWritten ? both : withWeight(source, both, alone, RULES);
}

function left(source: Source, draft: Draft, { rule, canary, stable }: Split): Draft {
  const { document, path } = canary;
  if (path.length === FIRST.length)
    return refuse(source, rule.at, "the canary as spec.to", "what is taken away is one of alternateBackends");
  if (rule.backends.length > 2) return removeItem(source, draft, { document, path: OTHERS }, Number(path.at(-1)));
  const tree = source.documents[document];
  const [others, first] = [peek(tree, OTHERS), peek(tree, FIRST)];
  const without = removeKey(source, draft, { document, path: ["spec"] }, "alternateBackends");
  const wasAdded = (others?.start ?? 0) < (first?.start ?? 0) && stable.weight !== undefined;
  return wasAdded ? removeKey(source, without, stable, stable.key) : without;
}
