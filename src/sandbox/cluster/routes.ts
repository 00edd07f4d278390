import type { HttpRoute } from "./kinds/http-route.ts";
import type { Ingress, TargetGroup } from "./kinds/ingress.ts";
import type { Place } from "./kinds/manifest.ts";
import { selects } from "./kinds/manifest.ts";
import type { Mapping } from "./kinds/mapping.ts";
import type { Service } from "./kinds/service.ts";
import type { SplitRoute } from "./kinds/split-route.ts";
import { together, TESTERS, type Met } from "./kinds/testers.ts";
import type { Destination, VirtualService } from "./kinds/virtual-service.ts";
import { find, ofKind } from "./live-objects.ts";
import type { LiveObjects } from "./live-objects.ts";
import type { Arm, Route } from "./route.ts";
import { knativeRouteNow } from "./revisions.ts";
import type { RunningConfiguration } from "./revisions.ts";
import { HASH_LABEL } from "./rollouts/replica-set.ts";
import { armsByRatio } from "./rollouts/ratio.ts";
import type { RunningRollout } from "./rollouts/status.ts";

export type RoutesWorld = {
  readonly objects: LiveObjects;
  readonly rollouts: readonly RunningRollout[];
  readonly configurations?: readonly RunningConfiguration[];
  readonly now: number;
};

/** All that splits traffic, from what is in the cluster now. */
export function routesOf({ objects, rollouts, configurations = [], now }: RoutesWorld): readonly Route[] {
  const routes = [
    ...[...objects.values()].flatMap(({ object }) =>
      "backends" in object ? [listedRouteOf(object, objects, rollouts)] : [],
    ),
    ...ofKind(objects, "Mapping").flatMap((one) => mappedRouteOf(one, objects)),
    ...ofKind(objects, "VirtualService").map((one) => meshRouteOf(one, objects, rollouts)),
    ...ofKind(objects, "Ingress").flatMap((one) => ingressRoutesOf(one, objects)),
    ...ofKind(objects, "KnativeRoute").flatMap((one) => knativeRouteNow(one, configurations)),
  ];
  return [...routes, ...ratioRoutesOf({ objects, rollouts, now }, routes)];
}

function listedRouteOf(
  { backends, kind, namespace, name }: HttpRoute | SplitRoute,
  objects: LiveObjects,
  rollouts: readonly RunningRollout[],
): Route {
  const arms = backends.map(({ service, weight, ...copies }) => ({
    ...armOf(objects, { namespace, name: service }, weight),
    ...copies,
  }));
  return { kind, namespace, name, arms, canary: canaryOf(arms, rollouts, namespace) };
}

// A Mapping with a weight is no route of its own: it takes its per cent of what the one without gets.
function mappedRouteOf(main: Mapping, objects: LiveObjects): readonly Route[] {
  const { kind, namespace, name, service, prefix, hostname, weight } = main;
  if (weight !== undefined) return [];
  const canaries = ofKind(objects, "Mapping").filter(
    (one) => one.prefix === prefix && one.hostname === hostname && one.weight !== undefined,
  );
  const taken = canaries.reduce((sum, one) => sum + (one.weight ?? 0), 0);
  const arms = [
    armOf(objects, { namespace, name: service }, 100 - taken),
    ...canaries.map((one) => armOf(objects, { namespace: one.namespace, name: one.service }, one.weight ?? 0)),
  ];
  return [{ kind, namespace, name, arms, canary: arms[1]?.name }];
}

function meshRouteOf(
  { destinations, kind, namespace, name }: VirtualService,
  objects: LiveObjects,
  rollouts: readonly RunningRollout[],
): Route {
  const arms = destinations.map((destination) => meshArmOf(destination, namespace, objects));
  return { kind, namespace, name, arms, canary: canaryOf(arms, rollouts, namespace) };
}

// A subset narrows its host's pods; one that no DestinationRule knows has none.
function meshArmOf({ host, subset, weight, ...copies }: Destination, namespace: string, objects: LiveObjects): Arm {
  const place = placeOf(host, namespace);
  const arm: Arm = { ...armOf(objects, place, weight), ...copies };
  const called = place.namespace === namespace ? place.name : `${place.name}.${place.namespace}`;
  if (subset === undefined) return { ...arm, name: called };
  const rules = ofKind(objects, "DestinationRule").filter((rule) => isSame(placeOf(rule.host, rule.namespace), place));
  const labels = rules.map(({ subsets }) => subsets.get(subset)).find((one) => one !== undefined);
  const selector = labels === undefined ? {} : { ...arm.selector, ...labels };
  return { ...arm, name: `${called}/${subset}`, selector };
}

/** `reviews`, `reviews.shop`, `reviews.shop.svc.cluster.local`. */
function placeOf(host: string, namespace: string): Place {
  const [name = host, other] = host.split(".");
  return { namespace: other ?? namespace, name };
}

function isSame(a: Place, b: Place): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}

// A canary Ingress is no route of its own: it takes its share of the main one's, and only the first one does.
function ingressRoutesOf(ingress: Ingress, objects: LiveObjects): readonly Route[] {
  const [path] = ingress.paths;
  if (ingress.canary !== undefined || ingress.isForTesters || path === undefined) return [];
  const { kind, namespace, name } = ingress;
  const groups = ingress.actions ?? weightsOf(ingress, objects);
  if (groups !== undefined) {
    const met = together(groups, ({ service }) => service);
    const arms = met.map(({ service, weight }) => armOf(objects, { namespace, name: service }, weight));
    const called = arms.find((arm) => /(^|-)canary$/.test(arm.name));
    return [{ kind, namespace, name, arms, canary: (called ?? arms[0])?.name }];
  }
  const main = armOf(objects, { namespace, name: path.service }, 100);
  const share = canaryIngressOf(ingress, objects);
  if (share?.canary === undefined) return [{ kind, namespace, name, arms: [main], canary: undefined }];
  const { total, takesTesters } = share.canary;
  const weight = takesTesters ? (1 - TESTERS) * share.canary.weight + TESTERS * total : share.canary.weight;
  const canary = armOf(objects, { namespace, name: share.service }, weight);
  const arms: readonly Arm[] = [
    { ...main, weight: total - weight },
    { ...canary, empty: "first" },
  ];
  return [{ kind, namespace, name, arms, canary: canary.name }];
}

// Of two Ingresses for a host the one with a predicate is met by testers alone.
function weightsOf(
  { weights, namespace, paths }: Ingress,
  objects: LiveObjects,
): Met<readonly TargetGroup[]> | undefined {
  const other = ofKind(objects, "Ingress").find(
    (one) => one.isForTesters && one.namespace === namespace && one.paths[0]?.host === paths[0]?.host,
  );
  return weights && { everybody: weights, testers: other?.weights };
}

function canaryIngressOf(main: Ingress, objects: LiveObjects) {
  const [path] = main.paths;
  const found = ofKind(objects, "Ingress").flatMap(({ canary, paths, namespace }) => {
    const match = paths.find((one) => one.host === path?.host && one.path === path.path);
    const isOther = match !== undefined && match.service !== path?.service && namespace === main.namespace;
    return canary !== undefined && isOther ? [{ canary, service: match.service }] : [];
  });
  return found[0];
}

function armOf(objects: LiveObjects, { namespace, name }: Place, weight: number): Arm {
  const selector = find(objects, "Service", { namespace, name })?.selector ?? {};
  return { name, namespace, service: name, selector, weight, empty: "unanswered" };
}

function canaryOf(arms: readonly Arm[], rollouts: readonly RunningRollout[], namespace: string): string | undefined {
  const called = rollouts.flatMap(({ rollout }) => (rollout.namespace === namespace ? canaryNamesOf(rollout) : []));
  const known = arms.find(({ name }) => called.includes(name) || called.some((one) => name.endsWith(`/${one}`)));
  return (known ?? arms.find(({ name }) => /(^|[-/])canary$/.test(name)))?.name;
}

function canaryNamesOf({ services, routing }: RunningRollout["rollout"]): readonly string[] {
  const subsets =
    routing?.routers.flatMap((router) => (router.kind === "istio" ? (router.rule?.canary ?? []) : [])) ?? [];
  return [...subsets, ...(services.canary === undefined ? [] : [services.canary])];
}

/** Services that a Rollout without a router stands behind, and no other route asks. */
function ratioRoutesOf({ objects, rollouts, now }: RoutesWorld, routes: readonly Route[]): readonly Route[] {
  const asked = new Set(routes.flatMap(({ namespace, arms }) => arms.map(({ service }) => `${namespace}/${service}`)));
  const byRatio = rollouts.filter(({ rollout }) => rollout.routing === undefined && rollout.blueGreen === undefined);
  return ofKind(objects, "Service").flatMap((service) => {
    const behind = byRatio.find((one) => isBehind(one, service));
    if (behind === undefined || asked.has(`${service.namespace}/${service.name}`)) return [];
    const { kind, namespace, name } = service;
    return [{ kind, namespace, name, arms: armsByRatio(behind, service, now), canary: "canary" }];
  });
}

function isBehind({ rollout, template }: RunningRollout, { namespace, selector, ...service }: Service): boolean {
  const isOwn = Object.values(rollout.services).includes(service.name) || HASH_LABEL in selector;
  return namespace === rollout.namespace && !isOwn && selects(selector, template?.labels ?? {});
}
