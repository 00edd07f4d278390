import { itemsAt, textAt } from "../manifest/services/node.ts";
import type { IgnoredFields } from "../manifest/services/object-facts.ts";
import type { Tree } from "../yaml/tree.ts";
import { placeOf, rolloutServices, rulesIn, type Backend, type Rule } from "./backends.ts";
import { madeIn, type Made } from "./made.ts";
import type { Placed } from "./objects.ts";
import { labelsAt, podsBy, podsOf, type Labels, type Pods, type PodsBy } from "./pods.ts";
import { mayBeSame, nearest, ofKind, writtenAt, type World } from "./world.ts";

/** A port of a Service; `target` is the number or the name of a container's. */
export type Port = {
  readonly node: Tree;
  readonly number: string | undefined;
  readonly name: string | undefined;
  readonly target: string | undefined;
  readonly protocol: string | undefined;
};

export type Service = {
  readonly object: Placed;
  readonly selector: Labels;
  readonly ports: readonly Port[];
  /** It is another name for something outside of the cluster. */
  readonly isExternal: boolean;
};

/** A world with what its objects say of each other. */
export type Repository = World & {
  readonly rules: readonly Rule[];
  /** What routes and Rollouts send to. */
  readonly backends: readonly Backend[];
  readonly rulesFrom: ReadonlyMap<Placed, readonly Rule[]>;
  readonly services: ReadonlyMap<string, readonly Service[]>;
  readonly made: Made;
  readonly pods: readonly Pods[];
  /** Those of a rendering, by its key. */
  readonly podsBeside: (space: string) => PodsBy;
  /** Those that are in a namespace, or say none: two parts; all of them where no namespace is said. */
  readonly podsWithin: (namespace: string | undefined) => readonly PodsBy[];
  /** DestinationRules by the Service, or the host outside of the cluster, that they are for; those whose host is filled in by the empty text. */
  readonly destinationRules: ReadonlyMap<string, readonly Placed[]>;
  /** The names of DestinationRules into whose labels controllers of Rollouts write the hashes of versions. */
  readonly injected: ReadonlySet<string>;
  /** What Argo CD's settings leave out for all Applications. */
  readonly settings: readonly { readonly path: string; readonly one: IgnoredFields }[];
};

/** All of it for a world. */
export function repositoryOf(world: World): Repository {
  const rules = rulesIn(world);
  const rollouts = ofKind(world, "argoproj.io/Rollout");
  const pods = world.objects.flatMap(podsOf);
  const services = ofKind(world, "/Service").map(serviceOf);
  return {
    ...world,
    rules,
    rulesFrom: Map.groupBy(rules, ({ from }) => from),
    backends: [...rules.flatMap(({ backends }) => backends), ...rollouts.flatMap(rolloutServices)],
    services: Map.groupBy(services, ({ object }) => object.name),
    made: madeIn(world),
    pods,
    podsBeside: grouped(pods, ({ object }) => object.space.key),
    podsWithin: podsWithinBy(pods),
    destinationRules: Map.groupBy(ofKind(world, "networking.istio.io/DestinationRule"), ruledBy),
    injected: new Set(rollouts.flatMap(({ tree }) => writtenAt(tree, INJECTED) ?? [])),
    settings: world.objects.flatMap(({ fact: { holds, path } }) =>
      holds.kind === "argo-settings" ? holds.ignored.map((one) => ({ path, one })) : [],
    ),
  };
}

const INJECTED = ["spec", "strategy", "canary", "trafficRouting", "istio", "destinationRule", "name"];

function grouped<Key>(pods: readonly Pods[], keyOf: (one: Pods) => Key): (key: Key) => PodsBy {
  const groups = new Map([...Map.groupBy(pods, keyOf)].map(([key, own]) => [key, podsBy(own)]));
  const none = podsBy([]);
  return (key) => groups.get(key) ?? none;
}

function podsWithinBy(pods: readonly Pods[]): Repository["podsWithin"] {
  const within = grouped(pods, ({ object }) => object.namespace);
  const all = [podsBy(pods)];
  return (namespace) => (namespace === undefined ? all : [within(namespace), within(undefined)]);
}

/** The pods that a Service takes or may take, of those that may be in its namespace. */
export function podsTaken({ podsWithin }: Repository, { object, selector }: Service): readonly Pods[] {
  return podsWithin(object.namespace).flatMap(({ takenBy }) => takenBy(selector, object));
}

function ruledBy({ tree, namespace }: Placed): string {
  const host = writtenAt(tree, ["spec", "host"]) ?? "";
  const { service } = placeOf(host, namespace);
  return service === "" ? host : service;
}

function serviceOf(object: Placed): Service {
  const { tree } = object;
  return {
    object,
    selector: labelsAt(tree, ["spec", "selector"]),
    ports: itemsAt(tree, ["spec", "ports"]).map((node) => ({
      node,
      number: textAt(node, ["port"]),
      name: textAt(node, ["name"]),
      target: textAt(node, ["targetPort"]),
      protocol: textAt(node, ["appProtocol"]),
    })),
    isExternal: textAt(tree, ["spec", "type"]) === "ExternalName",
  };
}

/** The Services that a backend may mean, the nearest ones. */
export function servicesOf(repository: Repository, backend: Backend): readonly Service[] {
  const named = candidates(repository, backend);
  const near = new Set(
    nearest(
      backend.from,
      named.map(({ object }) => object),
    ),
  );
  return named.filter(({ object }) => near.has(object));
}

/** Every Service that a backend may mean. */
export function candidates(
  { services }: Repository,
  { service, namespace }: Pick<Backend, "service" | "namespace">,
): readonly Service[] {
  return (services.get(service) ?? []).filter(({ object }) => mayBeSame(object.namespace, namespace));
}
