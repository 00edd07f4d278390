import { closest } from "../../core/closest.ts";
import { textsAt } from "../../manifest/services/node.ts";
import type { Backend } from "../backends.ts";
import type { Found } from "../finding.ts";
import type { Placed } from "../objects.ts";
import { takes, type Labels, type Pods } from "../pods.ts";
import { candidates, podsTaken, servicesOf, type Repository, type Service } from "../repository.ts";
import { beside, called, found, isOpenAt, isWritten, mayBeSame } from "../world.ts";

const ROUTED = /./s;

/** Backends without a Service, where the repository shows all that is in their namespace. */
export function withoutService(repository: Repository): readonly Found[] {
  const knownBeside = knownTo(repository);
  return repository.backends.flatMap((backend) => {
    const { from, service, namespace, node, host } = backend;
    if (service === "" || from.changes.mayTouch(ROUTED)) return [];
    if (candidates(repository, backend).length > 0 || repository.made.isService(backend)) return [];
    if (isOpenAt(repository, from.space, { namespace, name: service })) return [];
    const known = knownBeside(backend);
    const near = closest(service, known.names);
    // Elsewhere the namespace may be that of another cluster: a name that is nearly right tells.
    if (known.names.length === 0 || (known.where === "elsewhere" && near === undefined)) return [];
    const instead = near === undefined ? "" : `; there is ${near}`;
    const where = namespace === undefined ? "" : ` in the namespace ${namespace}`;
    return [
      found(from, node, `${called(from)} sends to ${host}, and there is no Service ${service}${where}${instead}`),
    ];
  });
}

type Known = { readonly where: "beside" | "elsewhere"; readonly names: readonly string[] };

/** The Services of a backend's namespace that are rendered with it; where there are none, those of the same namespace anywhere. */
function knownTo(repository: Repository): (backend: Backend) => Known {
  const all = everyService(repository).map(({ object }) => object);
  const rendered = Map.groupBy(all, ({ space }) => space.key);
  const within = Map.groupBy(all, ({ namespace }) => namespace);
  return ({ from, namespace }) => {
    const beside = (rendered.get(from.space.key) ?? []).filter((one) => mayBeSame(one.namespace, namespace));
    if (beside.length > 0) return { where: "beside", names: beside.map(({ name }) => name) };
    const same = namespace === undefined ? [] : (within.get(namespace) ?? []);
    return { where: "elsewhere", names: same.map(({ name }) => name) };
  };
}

/** Ports of backends that none of their Services has. */
export function withoutPort(repository: Repository): readonly Found[] {
  return repository.backends.flatMap((backend) => {
    const { from, port, node, service } = backend;
    if (port === undefined || from.changes.mayTouch(ROUTED)) return [];
    const all = candidates(repository, backend);
    const near = servicesOf(repository, backend);
    if (near.length === 0 || all.some((one) => mayHavePort(one, port))) return [];
    const has = near[0]?.ports.map(({ number = "?", name }) => (name === undefined ? number : `${number} (${name})`));
    return [
      found(
        from,
        node,
        `${called(from)} sends to the port ${port} of ${service}, whose ports are ${has?.join(", ") ?? "none"}`,
      ),
    ];
  });
}

function mayHavePort({ object, ports, isExternal }: Service, port: string): boolean {
  if (isExternal || ports.length === 0 || object.changes.mayTouch(/ports?\b/i)) return true;
  return ports.some(({ number = "", name = "" }) => number === port || name === port || !isWritten(number));
}

/** Ports of Services that lead to a container's port by a name that no container has. */
export function withoutTarget(repository: Repository): readonly Found[] {
  return everyService(repository).flatMap((service) => {
    const { object, selector, ports } = service;
    const own = takenBy(repository, service);
    if (selector.size === 0 || own.length === 0 || own.some(isOpenToPorts)) return [];
    const names = new Set(own.flatMap((pods) => [...pods.ports]));
    return ports.flatMap(({ node, target }) => {
      if (target === undefined || !isWritten(target) || /^\d+$/.test(target) || names.has(target)) return [];
      if (INJECTED.test(target) || object.changes.mayTouch(/ports?\b/i)) return [];
      const has = names.size === 0 ? "names none" : `names ${[...names].join(", ")}`;
      const who = called(own[0]?.object ?? object);
      return [found(object, node, `${called(object)} leads to the port ${target}, and ${who} ${has}`)];
    });
  });
}

// Ports of containers that a mesh puts beside the pod's own.
const INJECTED = /envoy|istio|linkerd|proxy|consul|dapr/i;

function isOpenToPorts({ object }: Pods): boolean {
  return object.changes.mayTouch(/ports?\b|containers/i);
}

function everyService({ services }: Repository): readonly Service[] {
  return [...services.values()].flat();
}

/** The pods that a Service takes, of those that are rendered with it. */
function takenBy({ podsBeside }: Repository, { object, selector }: Service): readonly Pods[] {
  const taken = podsBeside(object.space.key).takenBy(selector, object);
  return taken.filter((pods) => mayBeSame(pods.object.namespace, object.namespace));
}

/** Services that take no pod, where a workload is evidently theirs, or all that could have pods is shown. */
export function withoutPods(repository: Repository): readonly Found[] {
  return everyService(repository).flatMap((service) => {
    const { object, selector, isExternal } = service;
    if (selector.size === 0 || isExternal || isOpenAt(repository, object.space, object)) return [];
    if (takenBy(repository, service).length > 0 || isFlaggers(repository, service)) return [];
    if (podsTaken(repository, service).some((pods) => takes(selector, object, pods) === "yes")) return [];
    const all = repository.podsBeside(object.space.key).all;
    const near = all.filter((pods) => mayBeSame(pods.object.namespace, object.namespace));
    const meant =
      near.find((pods) => isMeant(service, pods)) ?? (repository.made.mayBePods(object) ? undefined : near[0]);
    if (meant === undefined || !near.every(({ labels }) => contradicts(labels, selector))) return [];
    const what = `${called(object)} takes pods with ${labelsText(selector)}, and those of ${called(meant.object)} have ${labelsText(meant.labels)}`;
    return [found(object, object.tree, what)];
  });
}

function labelsText(labels: Labels): string {
  return [...labels].map(([key, value]) => `${key}: ${value ?? "?"}`).join(", ");
}

/** Whether pods are evidently those that a Service is for, by its name or by what its selector says. */
function isMeant({ object, selector }: Service, { object: workload }: Pods): boolean {
  return new Set([object.name, object.name.replace(/-(?:svc|service)$/, ""), ...selector.values()]).has(workload.name);
}

/** A label that pods lack beside others that fit may be given by who elects a leader. */
function contradicts(labels: Labels, selector: Labels): boolean {
  const keys = [...selector.keys()];
  return (
    keys.some((key) => labels.has(key) && labels.get(key) !== selector.get(key)) || !keys.some((key) => labels.has(key))
  );
}

// Flagger makes the primary's pods, and gives them their labels.
function isFlaggers(repository: Repository, { object, selector }: Service): boolean {
  const values = [...selector.values()];
  return (
    values.some((value) => value?.endsWith("-primary") === true) &&
    beside(repository, object, "flagger.app/Canary").length > 0
  );
}

const RAW = /^(?:tcp|udp|mongo|mysql|redis)(?:-|$)/;

/** Rules for HTTP that the mesh does not follow, since it takes the Service's ports for something else. */
export function overRawPort(repository: Repository): readonly Found[] {
  return repository.rules.flatMap(({ family, protocol, from, backends }) => {
    if (family !== "istio" || protocol !== "http" || !isOfMesh(from)) return [];
    return backends.flatMap((backend) => {
      const all = servicesOf(repository, backend);
      const ports = all.flatMap(({ ports: own }) =>
        own.filter(({ number }) => backend.port === undefined || number === backend.port),
      );
      const isRaw =
        ports.length > 0 && ports.every(({ name = "", protocol: said = "" }) => RAW.test(said === "" ? name : said));
      if (!isRaw || all.some(({ object }) => object.changes.mayTouch(/ports?\b/i))) return [];
      const port = ports[0]?.protocol ?? ports[0]?.name ?? "";
      return [
        found(
          from,
          backend.node,
          `${called(from)} has rules for HTTP, and the port of ${backend.service} is called ${port}: the mesh takes it for raw TCP, and applies none of them`,
        ),
      ];
    });
  });
}

/** Whether a VirtualService is for callers inside of the mesh. */
export function isOfMesh({ tree }: Pick<Placed, "tree">): boolean {
  const gateways = textsAt(tree, ["spec", "gateways"]);
  return gateways.length === 0 || gateways.includes("mesh");
}
