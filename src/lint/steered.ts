import { entriesAt, itemsAt, textAt } from "../manifest/services/node.ts";
import { peek } from "../yaml/look.ts";
import type { Tree } from "../yaml/tree.ts";
import type { Placed } from "./objects.ts";
import { besideCalled, mayBeSame, ofKind, writtenAt, type World } from "./world.ts";

/** A route in git that a controller writes the weights of: who, which object, and which of its rules (all where none is named). */
export type Steered = {
  readonly by: Placed;
  readonly node: Tree;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly rules: readonly string[];
};

const ROUTING = ["spec", "strategy", "canary", "trafficRouting"];
const ISTIO = "networking.istio.io";
const GATEWAY = "gateway.networking.k8s.io";

/** What a Rollout's `trafficRouting` says its controller writes into. NGINX, SMI and Ambassador get objects that are not in git. */
export function steeredBy(rollout: Placed): readonly Steered[] {
  const routing = peek(rollout.tree, ROUTING);
  const one = (node: Tree | undefined, group: string, kind: string): readonly Steered[] => {
    const said = writtenAt(node, ["name"]);
    if (node === undefined || said === undefined) return [];
    const [name = said, space] = said.split("/").toReversed();
    const namespace = space ?? rollout.namespace;
    const rules = itemsAt(node, ["routes"]).flatMap((item) => textAt(item, []) ?? []);
    return [{ by: rollout, node, group, kind, name, namespace, rules }];
  };
  const services = itemsAt(routing, ["istio", "virtualServices"]);
  return [
    ...[peek(routing, ["istio", "virtualService"]), ...services].flatMap((node) => one(node, ISTIO, "VirtualService")),
    ...gatewayRoutes(rollout, routing),
    ...traefikService(rollout, routing),
    ...itemsAt(routing, ["apisix", "route"]).flatMap((node) => one(node, "apisix.apache.org", "ApisixRoute")),
    ...one(peek(routing, ["apisix", "route"]), "apisix.apache.org", "ApisixRoute"),
  ];
}

const KINDS = [
  ["HTTPRoute", "httpRoute"],
  ["GRPCRoute", "grpcRoute"],
  ["TCPRoute", "tcpRoute"],
  ["TLSRoute", "tlsRoute"],
] as const;

function gatewayRoutes(by: Placed, routing: Tree | undefined): readonly Steered[] {
  return entriesAt(routing, ["plugins"]).flatMap(({ key: plugin, value }) => {
    if (!/gatewayAPI$/i.test(plugin)) return [];
    const namespace = textAt(value, ["namespace"]) ?? by.namespace;
    return KINDS.flatMap(([kind, key]) => {
      const single = peek(value, [key]);
      const many = itemsAt(value, [`${key}s`]).flatMap((item) => peek(item, ["name"]) ?? []);
      return [...(single === undefined ? [] : [single]), ...many].flatMap((node) => {
        const name = writtenAt(node, []);
        return name === undefined ? [] : [{ by, node, group: GATEWAY, kind, name, namespace, rules: [] }];
      });
    });
  });
}

function traefikService(by: Placed, routing: Tree | undefined): readonly Steered[] {
  const node = peek(routing, ["traefik", "weightedTraefikServiceName"]);
  const name = writtenAt(node, []);
  const of = { kind: "TraefikService", namespace: by.namespace, rules: [] };
  return node === undefined || name === undefined ? [] : [{ by, node, group: "traefik.io", ...of, name }];
}

/** All that controllers steer in a repository. */
export function allSteered(world: World): readonly Steered[] {
  return ofKind(world, "argoproj.io/Rollout").flatMap(steeredBy);
}

/** The object that is steered, as it is rendered with its Rollout. */
export function steeredObject(world: World, { by, group, kind, name, namespace }: Steered): Placed | undefined {
  const groups = group === "traefik.io" ? [group, "traefik.containo.us"] : [group];
  const all = besideCalled(world, by, name, ...groups.map((one) => `${one}/${kind}`));
  return all.find((one) => one.fact.name === name && mayBeSame(one.namespace, namespace));
}

/** Flagger's Canaries with the Deployments that they are about. */
export function targetOf(
  canary: Placed,
): { readonly kind: string; readonly name: string; readonly node: Tree } | undefined {
  const node = peek(canary.tree, ["spec", "targetRef"]);
  const name = writtenAt(node, ["name"]);
  return node === undefined || name === undefined ? undefined : { kind: textAt(node, ["kind"]) ?? "", name, node };
}
