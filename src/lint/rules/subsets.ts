import { itemsAt } from "../../manifest/services/node.ts";
import type { Tree } from "../../yaml/tree.ts";
import { placeOf, type Backend, type Rule } from "../backends.ts";
import type { Found } from "../finding.ts";
import type { Placed } from "../objects.ts";
import { labelsAt, takes, type Labels, type Pods } from "../pods.ts";
import { podsTaken, servicesOf, type Repository } from "../repository.ts";
import { beside, called, found, isOpenAt, isWritten, mayBeSame, nearest, writtenAt } from "../world.ts";

/** A subset as a DestinationRule defines it. */
type Subset = { readonly rule: Placed; readonly node: Tree; readonly name: string; readonly labels: Labels };

/** Subsets that no DestinationRule of the host defines. */
export function withoutDefinition(repository: Repository): readonly Found[] {
  return subsetBackends(repository).flatMap((backend) => {
    const { from, node, subset, host } = backend;
    const rules = rulesOf(repository, backend);
    const [near] = nearest(from, rules);
    if (near === undefined || rules.some((rule) => mayDefine(rule, subset))) return [];
    const names = subsetsIn(near).map(({ name }) => name);
    return [
      found(
        from,
        node,
        `${called(from)} sends to the subset ${subset} of ${host}, and ${called(near)} (${near.file.path}) defines ${names.join(", ") || "none"}`,
      ),
    ];
  });
}

/** Subsets of a host of which the repository has no DestinationRule, though it has its Service and all beside it. */
export function withoutRule(repository: Repository): readonly Found[] {
  return subsetBackends(repository).flatMap((backend) => {
    const { from, node, subset, host, namespace, service } = backend;
    const isSeen = rulesOf(repository, backend).length > 0 || servicesOf(repository, backend).length === 0;
    if (isSeen || isOpenAt(repository, from.space, { namespace, name: service })) return [];
    if (beside(repository, from, "flagger.app/Canary").length > 0) return [];
    return [
      found(
        from,
        node,
        `${called(from)} sends to the subset ${subset} of ${host}, and no DestinationRule of ${host} is here`,
      ),
    ];
  });
}

/** Subsets without labels, and whole hosts, that share requests with a subset of theirs. */
export function withoutLabels(repository: Repository): readonly Found[] {
  return repository.rules.flatMap((rule) => {
    const subsets = definedIn(repository, rule.backends);
    const unlabelled = subsets.filter(({ labels, rule: by }) => labels.size === 0 && !isInjected(repository, by));
    const others = subsets.length < 2 ? [] : unlabelled;
    return [
      ...others.map(({ rule: by, node, name }) =>
        found(
          by,
          node,
          `the subset ${name} of ${called(by)} has no labels, so that it takes every pod of its host, and ${called(rule.from)} shares requests between it and others`,
        ),
      ),
      ...wholeHosts(repository, rule, subsets),
    ];
  });
}

function wholeHosts(repository: Repository, { from, backends }: Rule, subsets: readonly Subset[]): readonly Found[] {
  if (from.changes.mayTouch(/./s)) return [];
  const hosts = new Set(subsets.map(({ rule }) => rule));
  return backends.flatMap((backend) => {
    if (backend.subset !== undefined || !rulesOf(repository, backend).some((rule) => hosts.has(rule))) return [];
    const part = subsets.find(({ rule }) => rulesOf(repository, backend).includes(rule));
    return [
      found(
        from,
        backend.node,
        `${called(from)} shares requests between all of ${backend.host} and its subset ${part?.name ?? ""}, whose pods are a part of all`,
      ),
    ];
  });
}

/** Two subsets of a host that share its requests, and of which one takes all pods of the other. */
export function alike(repository: Repository): readonly Found[] {
  return repository.rules.flatMap((rule) => {
    const subsets = definedIn(repository, rule.backends).filter(({ labels }) => labels.size > 0);
    return subsets.flatMap((one, index) =>
      subsets.slice(index + 1).flatMap((other) => {
        if (one.name === other.name || one.rule !== other.rule || isInjected(repository, one.rule)) return [];
        if (!isIn(one.labels, other.labels) && !isIn(other.labels, one.labels)) return [];
        const said = text(isIn(one.labels, other.labels) ? other.labels : one.labels);
        return [
          found(
            other.rule,
            other.node,
            `the subsets ${one.name} and ${other.name} of ${called(other.rule)} take the same pods (${said}), and ${called(rule.from)} shares requests between them`,
          ),
        ];
      }),
    );
  });
}

function isIn(part: Labels, whole: Labels): boolean {
  return [...part].every(([key, value]) => value !== undefined && whole.get(key) === value);
}

/** Subsets to which requests go, and whose labels no pod of the Service has. */
export function emptySubsets(repository: Repository): readonly Found[] {
  return repository.rules.flatMap((rule) =>
    definedIn(repository, rule.backends).flatMap((subset) => {
      const backend = rule.backends.find((one) => one.subset === subset.name);
      if (backend === undefined || subset.labels.size === 0 || isInjected(repository, subset.rule)) return [];
      const isIn = (one: Pods) => takes(subset.labels, subset.rule, one) !== "no";
      // Nearly always its pods lie with it, and no others have to be looked at.
      const [service] = servicesOf(repository, backend);
      const near = repository.podsBeside(subset.rule.space.key);
      if (service !== undefined && near.takenBy(service.selector, service.object).some(isIn)) return [];
      const pods = podsOf(repository, backend);
      if (pods.length === 0 || pods.some(isIn)) return [];
      const others = pods.map(({ object }) => called(object)).join(" and ");
      return [
        found(
          subset.rule,
          subset.node,
          `the subset ${subset.name} of ${called(subset.rule)} takes pods with ${text(subset.labels)}, and those of ${backend.host} have none such (${others}), while ${called(rule.from)} sends to it`,
        ),
      ];
    }),
  );
}

/** The pods of a backend's Service; none where others may be there that the repository does not show. */
function podsOf(repository: Repository, backend: Backend): readonly Pods[] {
  const [service, ...others] = servicesOf(repository, backend);
  if (service === undefined || others.length > 0 || service.selector.size === 0) return [];
  const { object } = service;
  if (isOpenAt(repository, object.space, object)) return [];
  return podsTaken(repository, service);
}

type SubsetBackend = Backend & { readonly subset: string };

function subsetBackends({ rules }: Repository): readonly SubsetBackend[] {
  return rules.flatMap(({ from, backends }) =>
    from.changes.mayTouch(/./s) ? [] : backends.filter((one): one is SubsetBackend => one.subset !== undefined),
  );
}

/** The DestinationRules of a backend's host; one whose host is filled in may be that of any. */
function rulesOf({ destinationRules }: Repository, { host, service, namespace }: Backend): readonly Placed[] {
  const own = (destinationRules.get(service === "" ? host : service) ?? []).filter((rule) => {
    const said = placeOf(writtenAt(rule.tree, ["spec", "host"]) ?? "", rule.namespace);
    return service === "" || mayBeSame(said.namespace, namespace);
  });
  return [...own, ...(destinationRules.get("") ?? [])];
}

function mayDefine(rule: Placed, subset: string): boolean {
  const list = itemsAt(rule.tree, ["spec", "subsets"]);
  const isFilledIn =
    writtenAt(rule.tree, ["spec", "host"]) === undefined ||
    list.some((item) => writtenAt(item, ["name"]) === undefined);
  return isFilledIn || rule.changes.mayTouch(/subsets/) || subsetsIn(rule).some(({ name }) => name === subset);
}

function subsetsIn(rule: Placed): readonly Subset[] {
  return itemsAt(rule.tree, ["spec", "subsets"]).flatMap((node) => {
    const name = writtenAt(node, ["name"]);
    return name === undefined || !isWritten(name) ? [] : [{ rule, node, name, labels: labelsAt(node, ["labels"]) }];
  });
}

/** The subsets of the backends of one rule, by the nearest DestinationRule that is not patched. */
function definedIn(repository: Repository, backends: readonly Backend[]): readonly Subset[] {
  const all = backends.flatMap((backend) => {
    if (backend.subset === undefined) return [];
    const near = nearest(backend.from, rulesOf(repository, backend)).filter(
      ({ changes }) => !changes.mayTouch(/subsets|labels/),
    );
    return near.slice(0, 1).flatMap((rule) => subsetsIn(rule).filter(({ name }) => name === backend.subset));
  });
  return [...new Set(all)].filter(
    (one, index) => all.findIndex(({ rule, name }) => rule === one.rule && name === one.name) === index,
  );
}

/** Whether the controller of a Rollout writes the hashes of versions into a rule's labels, or one that is not shown may. */
function isInjected(repository: Repository, rule: Placed): boolean {
  return isOpenAt(repository, rule.space, rule) || repository.injected.has(rule.fact.name);
}

function text(labels: Labels): string {
  return [...labels].map(([key, value]) => `${key}: ${value ?? "?"}`).join(", ");
}
