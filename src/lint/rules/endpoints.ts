import { closest } from "../../core/closest.ts";
import { textAt, textsAt } from "../../manifest/services/node.ts";
import type { Backend } from "../backends.ts";
import type { Found } from "../finding.ts";
import type { Placed } from "../objects.ts";
import { candidates, servicesOf, takes, type Labels, type Pods, type Repository, type Service } from "../repository.ts";
import { beside, called, found, isOpenAt, isWritten, mayBeSame, ofKind } from "../world.ts";

const ROUTED = /./s;

/** Backends without a Service, where the repository shows all that is in their namespace. */
export function withoutService(repository: Repository): readonly Found[] {
  return repository.backends.flatMap((backend) => {
    const { from, service, namespace, node, host } = backend;
    if (service === "" || from.changes.mayTouch(ROUTED) || isMade(repository, backend)) return [];
    if (!isKnown(repository, from, namespace) || isOpenAt(repository, from.space, namespace)) return [];
    const names = [...repository.services.values()].flatMap((all) =>
      all.flatMap(({ object }) => (mayBeSame(object.namespace, namespace) ? [object.name] : [])),
    );
    const near = closest(service, names);
    const instead = near === undefined ? "" : `; there is ${near}`;
    const where = namespace === undefined ? "" : ` in the namespace ${namespace}`;
    return [
      found(from, node, `${called(from)} sends to ${host}, and there is no Service ${service}${where}${instead}`),
    ];
  });
}

/** Whether other Services of the namespace are here, so that one that is not is missing. */
function isKnown({ services }: Repository, from: Placed, namespace: string | undefined): boolean {
  return [...services.values()].some((all) =>
    all.some(
      ({ object }) =>
        (object.space.key === from.space.key && mayBeSame(object.namespace, namespace)) ||
        (namespace !== undefined && object.namespace === namespace),
    ),
  );
}

/** Whether the Service is there, by whatever name, or is made by something that is. */
function isMade(repository: Repository, backend: Backend): boolean {
  const { service, namespace, host } = backend;
  if (candidates(repository, backend).length > 0) return true;
  // A rendering that gives names another beginning may change those in routes as well.
  const isWrittenSo = ofKind(repository, "/Service").some(({ fact }) => fact.name === service);
  const canaries = ofKind(repository, "flagger.app/Canary").flatMap(({ tree }) => {
    const name = textAt(tree, ["spec", "service", "name"]) ?? textAt(tree, ["spec", "targetRef", "name"]) ?? "";
    return [name, `${name}-primary`, `${name}-canary`];
  });
  const entries = ofKind(repository, "networking.istio.io/ServiceEntry").some(({ file }) => file.text.includes(host));
  return isWrittenSo || canaries.includes(service) || entries || isMadeByCustom(repository, service, namespace);
}

/** An operator's object whose name the Service's begins with may be what makes it. */
function isMadeByCustom({ objects }: Repository, service: string, namespace: string | undefined): boolean {
  return objects.some(
    ({ fact, kind, name, namespace: own }) =>
      (fact.holds.kind === "custom" || kind === "Gateway" || fact.group === "serving.knative.dev") &&
      service.startsWith(name) &&
      mayBeSame(own, namespace),
  );
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
function takenBy(repository: Repository, { object, selector }: Service): readonly Pods[] {
  return besideOf(repository, object).filter((pods) => takes(selector, object, pods) !== "no");
}

function besideOf({ pods }: Repository, from: Placed): readonly Pods[] {
  return pods.filter(
    ({ object }) => object.space.key === from.space.key && mayBeSame(object.namespace, from.namespace),
  );
}

/** Services that take no pod, where a workload is evidently theirs, or all that could have pods is shown. */
export function withoutPods(repository: Repository): readonly Found[] {
  return everyService(repository).flatMap((service) => {
    const { object, selector, isExternal } = service;
    if (selector.size === 0 || isExternal || isOpenAt(repository, object.space, object.namespace)) return [];
    const all = repository.pods.filter((pods) => mayBeSame(pods.object.namespace, object.namespace));
    if (all.some((pods) => takes(selector, object, pods) !== "no") || isFlaggers(repository, service)) return [];
    const near = besideOf(repository, object);
    const meant =
      near.find((pods) => isMeant(service, pods)) ?? (hasOperators(repository, object) ? undefined : near[0]);
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

/** Whether there are objects of which an operator may make pods. */
function hasOperators({ objects }: Repository, { namespace }: Placed): boolean {
  return objects.some(
    ({ fact, group, kind, namespace: own }) =>
      fact.holds.kind === "custom" &&
      mayBeSame(own, namespace) &&
      group.includes(".") &&
      !group.endsWith(".k8s.io") &&
      !PODLESS.has(kind),
  );
}

const PODLESS: ReadonlySet<string> = new Set([
  ..."AnalysisTemplate ClusterAnalysisTemplate MetricTemplate Gateway ServiceEntry Sidecar EnvoyFilter Telemetry".split(
    " ",
  ),
  ..."AuthorizationPolicy PeerAuthentication RequestAuthentication Certificate Issuer ClusterIssuer".split(" "),
  ..."ExternalSecret SecretStore ClusterSecretStore SealedSecret ServiceMonitor PodMonitor PrometheusRule".split(" "),
]);

// Flagger makes the primary's pods, and gives them their labels.
function isFlaggers(repository: Repository, { object, selector }: Service): boolean {
  const values = [...selector.values()];
  return (
    values.some((value) => value?.endsWith("-primary") === true) &&
    beside(object, ofKind(repository, "flagger.app/Canary")).length > 0
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
