import { itemsAt, textAt, textsAt } from "../../manifest/services/node.ts";
import { placeOf } from "../backends.ts";
import type { Found } from "../finding.ts";
import { isCanaryIngress, placesIn } from "../ingress.ts";
import type { Placed } from "../objects.ts";
import { isSameObject, pairs } from "../pairs.ts";
import type { Repository } from "../repository.ts";
import { called, found, mayBeSame, ofKind, writtenAt } from "../world.ts";
import { isOfMesh } from "./endpoints.ts";

/** Two routes of one kind for the same requests, of which only one is followed. */
export function twoRoutes(repository: Repository): readonly Found[] {
  return [...sameHost(repository), ...sameCanaryPlace(repository)];
}

function sameHost(repository: Repository): readonly Found[] {
  const all = ofKind(repository, "networking.istio.io/VirtualService")
    .filter((one) => isOfMesh(one) && !one.changes.mayTouch(/hosts|gateways|exportTo/))
    .flatMap((from) =>
      itemsAt(from.tree, ["spec", "hosts"]).flatMap((node) => {
        const host = writtenAt(node, []);
        return host === undefined || host === "*" || textsAt(from.tree, ["spec", "exportTo"]).length > 0
          ? []
          : [{ from, node, host, place: hostKey(from, host) }];
      }),
    );
  return pairs(all, ({ from, place }) => `${from.space.key} ${place}`).flatMap(([one, other]) => {
    if (!mayBeSame(one.from.namespace, other.from.namespace) || isSameObject(one.from, other.from)) return [];
    return [
      found(
        other.from,
        other.node,
        `${called(other.from)} and ${called(one.from)} (${one.from.file.path}) both route ${one.host} inside of the mesh`,
      ),
    ];
  });
}

function hostKey(from: Placed, host: string): string {
  const { service, namespace } = placeOf(host, from.namespace);
  return service === "" ? host : `${service}.${namespace ?? ""}`;
}

function sameCanaryPlace(repository: Repository): readonly Found[] {
  const all = ofKind(repository, "networking.k8s.io/Ingress").filter(
    (one) => isCanaryIngress(one) && !one.changes.mayTouch(/rules|hosts?\b|annotations|paths?\b/),
  );
  const placed = all.flatMap((from) => placesIn(from).map((place) => ({ from, place })));
  return pairs(placed, ({ from, place }) => `${from.space.key} ${place}`).flatMap(
    ([{ from: one, place }, { from: other }]) => {
      if (isSameObject(one, other) || !mayBeSame(one.namespace, other.namespace) || classOf(one) !== classOf(other))
        return [];
      return [
        found(
          other,
          other.tree,
          `${called(other)} and ${called(one)} (${one.file.path}) are both the canary of ${place}`,
        ),
      ];
    },
  );
}

function classOf({ tree }: Placed): string | undefined {
  return (
    textAt(tree, ["spec", "ingressClassName"]) ??
    textAt(tree, ["metadata", "annotations", "kubernetes.io/ingress.class"])
  );
}
