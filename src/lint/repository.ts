import { entriesAt, itemsAt, textAt, textOf } from "../manifest/services/node.ts";
import type { Tree } from "../yaml/tree.ts";
import { placeOf, rolloutServices, rulesIn, type Backend, type Rule } from "./backends.ts";
import type { Placed } from "./objects.ts";
import { isWritten, mayBeSame, nearest, ofKind, writtenAt, type World } from "./world.ts";

/** Labels as they are written out; a value that something fills in is undefined. */
export type Labels = ReadonlyMap<string, string | undefined>;

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

/** What makes pods: their labels, and the names of their containers' ports. */
export type Pods = { readonly object: Placed; readonly labels: Labels; readonly ports: ReadonlySet<string> };

/** A world with what its objects say of each other. */
export type Repository = World & {
  readonly rules: readonly Rule[];
  /** What routes and Rollouts send to. */
  readonly backends: readonly Backend[];
  readonly services: ReadonlyMap<string, readonly Service[]>;
  readonly pods: readonly Pods[];
  /** The same by the renderings that have them. */
  readonly podsBeside: ReadonlyMap<string, readonly Pods[]>;
  /** And by their namespaces. */
  readonly podsWithin: ReadonlyMap<string | undefined, readonly Pods[]>;
  /** DestinationRules by the Service, or the host outside of the cluster, that they are for; those whose host is filled in by the empty text. */
  readonly destinationRules: ReadonlyMap<string, readonly Placed[]>;
};

/** All of it for a world. */
export function repositoryOf(world: World): Repository {
  const rules = rulesIn(world);
  const rollouts = ofKind(world, "argoproj.io/Rollout");
  const pods = world.objects.flatMap(podsOf);
  return {
    ...world,
    rules,
    backends: [...rules.flatMap(({ backends }) => backends), ...rollouts.flatMap(rolloutServices)],
    services: Map.groupBy(ofKind(world, "/Service").map(serviceOf), ({ object }) => object.name),
    pods,
    podsBeside: Map.groupBy(pods, ({ object }) => object.space.key),
    podsWithin: Map.groupBy(pods, ({ object }) => object.namespace),
    destinationRules: Map.groupBy(ofKind(world, "networking.istio.io/DestinationRule"), ruledBy),
  };
}

function ruledBy({ tree, namespace }: Placed): string {
  const host = writtenAt(tree, ["spec", "host"]) ?? "";
  const { service } = placeOf(host, namespace);
  return service === "" ? host : service;
}

/** The pods that may be in a namespace. */
export function podsIn({ pods, podsWithin }: Repository, namespace: string | undefined): readonly Pods[] {
  if (namespace === undefined) return pods;
  return [...(podsWithin.get(namespace) ?? []), ...(podsWithin.get(undefined) ?? [])];
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

export function labelsAt(tree: Tree | undefined, path: readonly (string | number)[]): Labels {
  return new Map(
    entriesAt(tree, path).map(({ key, value }) => {
      const text = textOf(value);
      return [key, text !== undefined && isWritten(text) ? text : undefined];
    }),
  );
}

const TEMPLATE = ["spec", "template"];
const METADATA = ["canaryMetadata", "stableMetadata"].map((key) => ["spec", "strategy", "canary", key, "labels"]);

/** Whatever its kind is: who has a pod template, has pods. */
function podsOf(object: Placed): readonly Pods[] {
  const { tree, kind, group } = object;
  const at = kind === "Pod" && group === "" ? [] : kind === "CronJob" ? ["spec", "jobTemplate", ...TEMPLATE] : TEMPLATE;
  const labels = labelsAt(tree, [...at, "metadata", "labels"]);
  if (labels.size === 0) return [];
  const own = kind === "Rollout" ? METADATA.flatMap((path) => [...labelsAt(tree, path)]) : [];
  const containers = ["containers", "initContainers"].flatMap((key) => itemsAt(tree, [...at, "spec", key]));
  const ports = containers.flatMap((one) => itemsAt(one, ["ports"])).flatMap((port) => textAt(port, ["name"]) ?? []);
  // What a controller gives a part of the pods may be either.
  return [
    { object, labels: new Map([...labels, ...own.map(([key]) => [key, undefined] as const)]), ports: new Set(ports) },
  ];
}

/** Whether a Service, or a subset of one, takes some pods: unknown where what renders them may say otherwise. */
export function takes(selector: Labels, by: Placed, { object, labels }: Pods): "yes" | "no" | "unknown" {
  if (by.changes.mayTouch(LABELS) || object.changes.mayTouch(LABELS)) return "unknown";
  const keys = [...selector].filter(([key]) => !object.changes.labels.has(key) && !by.changes.labels.has(key));
  const differs = ([key, value]: readonly [string, string | undefined]) =>
    !labels.has(key) || (value !== undefined && labels.get(key) !== undefined && labels.get(key) !== value);
  return keys.some((one) => !GIVEN.test(one[0]) && differs(one)) ? "no" : "yes";
}

const LABELS = /labels|selector|subsets/i;
// What controllers and schedulers give to pods, whatever their template says.
const GIVEN =
  /^(?:pod-template-hash|rollouts-pod-template-hash|controller-revision-hash|pod-template-generation|statefulset\.kubernetes\.io\/|apps\.kubernetes\.io\/pod-index|batch\.kubernetes\.io\/|job-name$|controller-uid$|topology\.|security\.istio\.io\/|service\.istio\.io\/)/;

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
