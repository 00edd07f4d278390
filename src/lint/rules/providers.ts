import { entriesAt } from "../../manifest/services/node.ts";
import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { rolloutServices, type Rule } from "../backends.ts";
import type { Found } from "../finding.ts";
import { hasWeight, isCanaryIngress, placesIn } from "../ingress.ts";
import { isSameObject, pairs } from "../pairs.ts";
import type { Repository } from "../repository.ts";
import { allSteered, steeredBy, steeredObject, targetOf, type Steered } from "../steered.ts";
import { called, found, mayBeSame, ofKind, writtenAt } from "../world.ts";

/** Two controllers, or two kinds of routes, that say how one service's requests are shared. */
export function twoProviders(repository: Repository): readonly Found[] {
  return [
    ...sameRoute(repository),
    ...sameWorkload(repository),
    ...pastTheController(repository),
    ...twoFamilies(repository),
  ];
}

/** A route that two Rollouts write the weights of, where they name no rules that differ. */
function sameRoute(repository: Repository): readonly Found[] {
  const all = allSteered(repository).filter(({ by }) => !by.changes.mayTouch(/trafficRouting/));
  return pairs(all, ({ by, name }) => `${by.space.key} ${name}`).flatMap(([one, other]) => {
    const isSame = one.kind === other.kind && one.group === other.group;
    if (!isSame || one.by.name === other.by.name) return [];
    if (!mayBeSame(one.namespace, other.namespace) || !overlap(repository, one, other)) return [];
    return [
      found(
        other.by,
        other.node,
        `${called(other.by)} and ${called(one.by)} (${one.by.file.path}) both write the weights of the ${one.kind} ${one.name}`,
      ),
    ];
  });
}

/** Rules with names keep two Rollouts apart, and so do Services that differ where the rules are found by them. */
function overlap(repository: Repository, one: Steered, other: Steered): boolean {
  if (one.rules.length > 0 && other.rules.length > 0) return one.rules.some((rule) => other.rules.includes(rule));
  const object = steeredObject(repository, one);
  const [own, theirs] = [one, other].map(({ by }) => new Set(rolloutServices(by).map(({ service }) => service)));
  if (object === undefined || own === undefined || theirs === undefined) return false;
  const rules = repository.rulesFrom.get(object) ?? [];
  const isOf = ({ backends }: Rule, names: ReadonlySet<string>) => backends.some(({ service }) => names.has(service));
  // The controller of VirtualServices wants names where there are several rules.
  return one.kind === "VirtualService"
    ? rules.length === 1
    : rules.some((rule) => isOf(rule, own) && isOf(rule, theirs));
}

/** A workload that both a Rollout and a Canary of Flagger take over, or two of one kind. */
function sameWorkload(repository: Repository): readonly Found[] {
  const owners = [
    ...ofKind(repository, "flagger.app/Canary").flatMap((by) => {
      const target = targetOf(by);
      return target === undefined || target.kind === "" ? [] : [{ by, name: target.name, node: target.node }];
    }),
    ...ofKind(repository, "argoproj.io/Rollout").flatMap((by) => {
      const node = peek(by.tree, ["spec", "workloadRef"]);
      const name = writtenAt(node, ["name"]);
      return node === undefined || name === undefined ? [] : [{ by, name, node }];
    }),
  ];
  return pairs(owners, ({ by, name }) => `${by.space.key} ${name}`).flatMap(([one, other]) => {
    if (isSameObject(one.by, other.by) || !mayBeSame(one.by.namespace, other.by.namespace)) return [];
    return [
      found(
        other.by,
        other.node,
        `${called(other.by)} and ${called(one.by)} (${one.by.file.path}) both take over ${one.name}`,
      ),
    ];
  });
}

/** A route that shares requests between the Services of a Rollout which writes its weights elsewhere. */
function pastTheController(repository: Repository): readonly Found[] {
  // Which of its arms is named first does not matter: a rule is found by each.
  const byArm = Map.groupBy(splits(repository), ({ rule: { from }, names }) => `${from.space.key} ${names[0] ?? ""}`);
  return ofKind(repository, "argoproj.io/Rollout").flatMap((rollout) => {
    const routing = peek(rollout.tree, ["spec", "strategy", "canary", "trafficRouting"]);
    const arms = new Set(rolloutServices(rollout).map(({ service }) => service));
    if (routing?.kind !== "map" || routing.entries.length === 0 || arms.size < 2) return [];
    if (rollout.changes.mayTouch(/trafficRouting/)) return [];
    const steered = steeredBy(rollout);
    const near = [...arms].flatMap((name) => byArm.get(`${rollout.space.key} ${name}`) ?? []);
    return near.flatMap(({ rule, names }) => {
      const { from } = rule;
      const isOfArms = names.every((name) => arms.has(name));
      const isNamed = steered.some(({ kind, name }) => kind === from.kind && name === from.fact.name);
      if (!isOfArms || isNamed || isRoutedBy(rule, routing) || !mayBeSame(from.namespace, rollout.namespace)) return [];
      return [
        found(
          from,
          rule.node,
          `${called(from)} shares requests between ${names.join(" and ")}, which are the Services of ${called(rollout)} (${rollout.file.path}), whose trafficRouting does not name it`,
        ),
      ];
    });
  });
}

/** Whether a Rollout is told of a route of the kind in a way that is not followed here, by a selector for one. */
function isRoutedBy({ family }: Rule, routing: Tree): boolean {
  const keys = new Set(entriesAt(routing, []).map(({ key }) => key));
  if (family === "gateway-api" || family === "contour") return keys.has("plugins");
  return (family === "smi" || family === "traefik") && keys.has(family);
}

type Split = { readonly rule: Rule; readonly names: readonly string[] };

/** Rules that share requests by weights between several Services. */
function splits({ rules }: Repository): readonly Split[] {
  return rules.flatMap((rule) => {
    const names = [...new Set(rule.backends.map(({ service }) => service))].toSorted();
    const isWeighted = rule.backends.some(({ weight }) => weight !== undefined);
    return isWeighted && names.length > 1 && !names.includes("") ? [{ rule, names }] : [];
  });
}

/** Routes of two kinds that share the requests of one service between the same arms. */
function twoFamilies(repository: Repository): readonly Found[] {
  const all = [...splits(repository), ...canarySplits(repository)];
  const once = new Set<string>();
  return pairs(all, ({ rule, names }) => `${rule.from.space.key} ${names.join(" ")}`).flatMap(([one, other]) => {
    const [a, b] = [one.rule, other.rule];
    if (a.family === b.family) return [];
    const isSame = mayBeSame(a.from.namespace, b.from.namespace);
    const key = `${a.from.file.path} ${b.from.file.path} ${b.from.fact.name} ${one.names.join(" ")}`;
    if (!isSame || once.has(key) || isOfOneRollout(repository, a, b)) return [];
    once.add(key);
    return [
      found(
        b.from,
        b.node,
        `${called(b.from)} and ${called(a.from)} (${a.from.file.path}) both share the requests of ${one.names.join(" and ")}`,
      ),
    ];
  });
}

/** The controller of Argo Rollouts keeps several routers in step. */
function isOfOneRollout(repository: Repository, ...rules: readonly Rule[]): boolean {
  return ofKind(repository, "argoproj.io/Rollout").some((rollout) => {
    const steered = steeredBy(rollout);
    return rules.every(({ from }) => steered.some(({ kind, name }) => kind === from.kind && name === from.fact.name));
  });
}

/** What a canary Ingress of NGINX's and the one that it is beside share. */
function canarySplits({ rules }: Repository): readonly Split[] {
  const ingresses = rules.filter(({ family }) => family === "ingress");
  const places = ingresses.flatMap((rule) =>
    isCanaryIngress(rule.from) ? [] : placesIn(rule.from).map((place) => ({ rule, place })),
  );
  const at = Map.groupBy(places, ({ rule: { from }, place }) => `${from.space.key} ${place}`);
  return ingresses.flatMap((rule) => {
    if (!isCanaryIngress(rule.from) || !hasWeight(rule.from)) return [];
    const keys = placesIn(rule.from).map((place) => `${rule.from.space.key} ${place}`);
    const others = keys.flatMap((key) => at.get(key) ?? []).map((one) => one.rule);
    const names = [rule, ...others].flatMap(({ backends }) => backends.map(({ service }) => service));
    const all = [...new Set(names)].toSorted();
    return all.length === 2 ? [{ rule, names: all }] : [];
  });
}
