import { entriesAt, itemsAt, textAt } from "../manifest/services/node.ts";
import { peek } from "../yaml/look.ts";
import type { Tree } from "../yaml/tree.ts";
import type { Placed } from "./objects.ts";
import { isWritten, ofKind, writtenAt, type World } from "./world.ts";

/** Whose objects move the traffic. */
export type Family = "istio" | "gateway-api" | "smi" | "ingress" | "traefik" | "contour";

/** A Service that an object sends requests to, or counts on. */
export type Backend = {
  readonly from: Placed;
  readonly node: Tree;
  /** As it is written. */
  readonly host: string;
  /** The Service's name, where the host can be one of a Service. */
  readonly service: string;
  readonly namespace: string | undefined;
  readonly subset: string | undefined;
  /** A number, or the name of a port. */
  readonly port: string | undefined;
  readonly weight: Tree | undefined;
};

/** One rule of a route: its backends share its requests. */
export type Rule = {
  readonly family: Family;
  readonly from: Placed;
  readonly node: Tree;
  /** Of a VirtualService: http, tls or tcp. */
  readonly protocol: string;
  readonly backends: readonly Backend[];
};

/** Every rule of every route in a repository. */
export function rulesIn(world: World): readonly Rule[] {
  return [
    ...ofKind(world, "networking.istio.io/VirtualService").flatMap(istioRules),
    ...["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"].flatMap((kind) =>
      ofKind(world, `gateway.networking.k8s.io/${kind}`).flatMap(gatewayRules),
    ),
    ...ofKind(world, "split.smi-spec.io/TrafficSplit").map(smiRule),
    ...ofKind(world, "networking.k8s.io/Ingress", "extensions/Ingress").flatMap(ingressRules),
    ...ofKind(world, "traefik.io/TraefikService", "traefik.containo.us/TraefikService").map(traefikRule),
    ...ofKind(world, "traefik.io/IngressRoute", "traefik.containo.us/IngressRoute").flatMap((from) =>
      listed(from, ["spec", "routes"]).map((node) => traefikBackends(from, node, ["services"])),
    ),
    ...ofKind(world, "projectcontour.io/HTTPProxy").flatMap((from) =>
      listed(from, ["spec", "routes"]).map((node) =>
        ruleOf("contour", from, node, itemsAt(node, ["services"]).map(named(from))),
      ),
    ),
  ];
}

type Given = Backend | undefined;

function ruleOf(family: Family, from: Placed, node: Tree, backends: readonly Given[]): Rule {
  return { family, from, node, protocol: "http", backends: backends.filter((one) => one !== undefined) };
}

function listed({ tree }: Placed, path: readonly string[]): readonly Tree[] {
  return itemsAt(tree, path);
}

function istioRules(from: Placed): readonly Rule[] {
  return ["http", "tls", "tcp"].flatMap((protocol) =>
    listed(from, ["spec", protocol]).map((node) => ({
      ...ruleOf("istio", from, node, itemsAt(node, ["route"]).map(istioBackend(from))),
      protocol,
    })),
  );
}

// The domain that clusters have unless somebody chose another, by its parts.
const DOMAINS: ReadonlySet<string> = new Set(["svc", "svc.cluster.local"]);

function istioBackend(from: Placed): (item: Tree) => Given {
  return (item) => {
    const node = peek(item, ["destination", "host"]);
    const host = writtenAt(item, ["destination", "host"]);
    if (host === undefined || node === undefined) return undefined;
    const place = placeOf(host, from.namespace);
    const subset = writtenAt(item, ["destination", "subset"]);
    const port = writtenAt(item, ["destination", "port", "number"]);
    return {
      from,
      node: peek(item, ["destination", "subset"]) ?? node,
      host,
      ...place,
      subset,
      port,
      weight: peek(item, ["weight"]),
    };
  };
}

/** What a host of Istio's is called as a Service: `name`, `name.ns`, or with the cluster's usual domain; no name where it cannot be one. */
export function placeOf(host: string, home: string | undefined): Pick<Backend, "service" | "namespace"> {
  const [name = "", namespace, ...domain] = host.split(".");
  if (namespace === undefined) return { service: name, namespace: home };
  const isService = domain.length === 0 || DOMAINS.has(domain.join("."));
  return { service: isService ? name : "", namespace };
}

function gatewayRules(from: Placed): readonly Rule[] {
  return listed(from, ["spec", "rules"]).map((node) =>
    ruleOf("gateway-api", from, node, itemsAt(node, ["backendRefs"]).map(named(from))),
  );
}

function smiRule(from: Placed): Rule {
  return ruleOf("smi", from, from.tree, listed(from, ["spec", "backends"]).map(named(from, "service")));
}

function traefikRule(from: Placed): Rule {
  return traefikBackends(from, peek(from.tree, ["spec"]) ?? from.tree, ["weighted", "services"]);
}

function traefikBackends(from: Placed, node: Tree, path: readonly string[]): Rule {
  return ruleOf("traefik", from, node, itemsAt(node, path).map(named(from)));
}

/** A backend by its name, for kinds that speak of Services unless they say otherwise. */
function named(from: Placed, key = "name"): (item: Tree) => Given {
  return (item) => {
    const node = peek(item, [key]);
    const host = writtenAt(item, [key]);
    const isService = (textAt(item, ["kind"]) ?? "Service") === "Service" && (textAt(item, ["group"]) ?? "") === "";
    if (host === undefined || node === undefined || !isService) return undefined;
    const namespace = textAt(item, ["namespace"]) ?? from.namespace;
    const [port, weight] = [writtenAt(item, ["port"]), peek(item, ["weight"])];
    return { from, node, host, service: host, namespace, subset: undefined, port, weight };
  };
}

function ingressRules(from: Placed): readonly Rule[] {
  const paths = listed(from, ["spec", "rules"]).flatMap((rule) => itemsAt(rule, ["http", "paths"]));
  const whole = [peek(from.tree, ["spec", "defaultBackend"]), peek(from.tree, ["spec", "backend"])];
  const nodes = [...paths.map((path) => peek(path, ["backend"])), ...whole];
  return nodes.flatMap((node) =>
    node === undefined ? [] : [ruleOf("ingress", from, node, [ingressBackend(from, node)])],
  );
}

function ingressBackend(from: Placed, item: Tree): Given {
  const node = peek(item, ["service", "name"]) ?? peek(item, ["serviceName"]);
  const host = writtenAt(item, ["service", "name"]) ?? writtenAt(item, ["serviceName"]);
  if (host === undefined || node === undefined || isAction(from, host, item)) return undefined;
  const ports = [["service", "port", "number"], ["service", "port", "name"], ["servicePort"]];
  const port = ports.map((path) => writtenAt(item, path)).find((one) => one !== undefined);
  return { from, node, host, service: host, namespace: from.namespace, subset: undefined, port, weight: undefined };
}

// The AWS controller takes the Service for the name of an annotation, and the cloud providers' have such of their own.
function isAction({ tree }: Placed, name: string, item: Tree): boolean {
  const port = textAt(item, ["service", "port", "name"]) ?? textAt(item, ["servicePort"]);
  const isNamed = entriesAt(tree, ["metadata", "annotations"]).some(({ key }) => key.endsWith(`/actions.${name}`));
  return isNamed || port === "use-annotation";
}

/** The Services that an Argo Rollout's controller is told of. */
export function rolloutServices(from: Placed): readonly Backend[] {
  const canary = ["canaryService", "stableService"].map((key) => ["spec", "strategy", "canary", key]);
  const pingPong = ["pingService", "pongService"].map((key) => ["spec", "strategy", "canary", "pingPong", key]);
  const blueGreen = ["activeService", "previewService"].map((key) => ["spec", "strategy", "blueGreen", key]);
  return [...canary, ...pingPong, ...blueGreen].flatMap((path) => {
    const [host, node] = [writtenAt(from.tree, path), peek(from.tree, path)];
    if (host === undefined || node === undefined || !isWritten(host)) return [];
    const none = { subset: undefined, port: undefined, weight: undefined };
    return [{ from, node, host, service: host, namespace: from.namespace, ...none }];
  });
}
