import { ROUTER_KINDS, type RouterKind } from "../core/state.ts";
import type { Data } from "../manifest/data.ts";
import { groupOf, kindOf, nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";
import { at, entriesOf, itemsOf, textAt, textsAt } from "../manifest/kustomize/value.ts";
import { ROUTER_FACTS } from "../manifest/routers/catalogue.ts";
import { isRoute } from "../manifest/services/objects.ts";
import { isBeside, isKnative } from "./objects.ts";

// What is no split of its own: an Istio rule about one host, and what a controller of its own drives.
const APART: ReadonlySet<string> = new Set(["DestinationRule", "Canary"]);

/** The objects that split the traffic to a Service. Knative's Route splits between Configurations, one of which a Knative Service has; all others split between Services of the core. */
export function routesTo(objects: readonly Built[], service: Built): readonly Built[] {
  return leadsTo(objects, service).filter((route) => isKnative(route) === isKnative(service));
}

/** The objects that send traffic to a Service by its name. */
export function leadsTo(objects: readonly Built[], service: Built): readonly Built[] {
  return objects.filter(
    (object) => splits(object) && destinations(object, objects).some((text) => isService(text, object, service)),
  );
}

function splits(object: Built): boolean {
  return (isRoute(kindOf(object)) && !APART.has(kindOf(object))) || routersOf(object).length > 0;
}

function isService(text: string, route: Built, service: Built): boolean {
  const [name, namespace] = hostOf(text).split(".");
  const names = [nameOf(service), ...service.before.map((one) => one.name)];
  const home = namespaceOf(service);
  if (names.some((one) => isUpstream(text, `${home}-${one}-`))) return true;
  if (name === undefined || !names.includes(name)) return false;
  return namespace === undefined ? isBeside(route, service) : home === undefined || namespace === home;
}

/** What Gloo calls the Upstream that it makes of a Service: `namespace-name-port`. */
function isUpstream(text: string, beginning: string): boolean {
  return text.startsWith(beginning) && /^\d+$/.test(text.slice(beginning.length));
}

/** The Service as a host: Kuma's tags are `name_namespace_svc_port`, and Mappings say a scheme and a port besides. */
function hostOf(text: string): string {
  const [, name, namespace] = /^([^_]+)_([^_]+)_svc(?:_\d+)?$/.exec(text) ?? [];
  if (name !== undefined) return `${name}.${namespace}`;
  return text.replace(/^[a-z]+:\/\//, "").replace(/:\d+$/, "");
}

/** What a route calls its destinations. */
function destinations(object: Built, objects: readonly Built[]): readonly string[] {
  const spec = at(object.value, "spec");
  if (groupOf(object) === APP_MESH)
    return below(spec, "virtualNodeRef").flatMap((ref) => nodeHosts(object, ref, objects));
  if (isKnative(object))
    return below(at(spec, "traffic"), "configurationName").filter((data) => typeof data === "string");
  if (groupOf(object) === "gateway.networking.k8s.io") return below(at(spec, "rules"), "backendRefs").flatMap(named);
  if (groupOf(object) === "networking.istio.io")
    return below(spec, "destination").flatMap((data) => textAt(data, "host") ?? []);
  if (kindOf(object) === "Ingress")
    return [...below(spec, "backend"), at(spec, "defaultBackend")].flatMap(
      (data) => textAt(data, "service", "name") ?? textAt(data, "serviceName") ?? [],
    );
  return anyNames(spec);
}

const APP_MESH = "appmesh.k8s.aws";

/** What a VirtualNode stands for: the Service of its name, as Tidegate calls them, and the host that it says itself. A VirtualService that leads to a router names no node: it is no way past that one. */
function nodeHosts(route: Built, ref: Data, objects: readonly Built[]): readonly string[] {
  const [name, namespace] = [textAt(ref, "name"), textAt(ref, "namespace") ?? namespaceOf(route)];
  if (name === undefined) return [];
  const hosts = objects.flatMap((object) => {
    const isIt = kindOf(object) === "VirtualNode" && groupOf(object) === APP_MESH && nameOf(object) === name;
    const isHere = namespace === undefined || [undefined, namespace].includes(namespaceOf(object));
    return (isIt && isHere && textAt(object.value, "spec", "serviceDiscovery", "dns", "hostname")) || [];
  });
  return [namespace === undefined ? name : `${name}.${namespace}`, ...hosts];
}

function named(list: Data): readonly string[] {
  return itemsOf(list).flatMap((item) => textAt(item, "name") ?? []);
}

/** The values of a key, wherever it stands. */
function below(data: Data | undefined, key: string): readonly Data[] {
  if (Array.isArray(data)) return itemsOf(data).flatMap((item) => below(item, key));
  return entriesOf(data).flatMap(([name, value]) => (name === key ? [value] : below(value, key)));
}

const NAMING: ReadonlySet<string> = new Set([
  "name",
  "host",
  "serviceName",
  "service",
  "serviceRef",
  "kuma.io/service",
]);

function anyNames(data: Data | undefined): readonly string[] {
  if (Array.isArray(data)) return itemsOf(data).flatMap(anyNames);
  return entriesOf(data).flatMap(([key, value]) =>
    NAMING.has(key) && typeof value === "string" ? [value] : anyNames(value),
  );
}

/** The routers that a route may be of: several controllers read one kind in ways of their own. An Ingress is of those alone that its class, or else its annotations, speak of. */
export function routersOf(object: Built): readonly RouterKind[] {
  const said = kindOf(object) === "Ingress" ? controllersOf(object) : [];
  return ROUTER_KINDS.filter((kind) => {
    const { groups, kinds } = ROUTER_FACTS[kind];
    const isSo = groups.includes(groupOf(object)) && kinds.includes(kindOf(object));
    return isSo && (said.length === 0 || said.includes(kind));
  });
}

// A canary of NGINX's beside another controller's Ingress would be a second route for the same requests, and take some of them from the first moment on.
const CONTROLLERS: readonly (readonly [word: string, keys: RegExp, router: RouterKind | "another"])[] = [
  ["nginx", /^nginx\.ingress\.kubernetes\.io\//, "Ingress"],
  ["alb", /^alb\.ingress\.kubernetes\.io\//, "ALBIngress"],
  ["skipper", /^zalando\.org\//, "SkipperIngress"],
  ["traefik", /^traefik\.(?:ingress\.kubernetes\.)?io\//, "another"],
  ["haproxy", /^(?:haproxy\.org|haproxy-ingress\.github\.io)\//, "another"],
  ["kong", /^konghq\.com\//, "another"],
  ["contour", /^projectcontour\.io\//, "another"],
  ["gce", /^networking\.gke\.io\//, "another"],
  ["azure", /^appgw\.ingress\.kubernetes\.io\//, "another"],
  ["apisix", /^k8s\.apisix\.apache\.org\//, "another"],
];

/** Whom an Ingress is evidently for; nobody where it does not say. */
function controllersOf({ value }: Built): readonly (RouterKind | "another")[] {
  const annotations = textsAt(value, "metadata", "annotations");
  const called = textAt(value, "spec", "ingressClassName") ?? annotations["kubernetes.io/ingress.class"];
  const byClass = CONTROLLERS.find(([word]) => called?.split(/[-./]/).includes(word));
  if (byClass !== undefined) return [byClass[2]];
  const keys = Object.keys(annotations);
  return CONTROLLERS.flatMap(([, own, router]) => (keys.some((key) => own.test(key)) ? [router] : []));
}
