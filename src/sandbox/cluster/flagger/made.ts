import { edited, isObject } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Canary } from "../kinds/canary.ts";
import type { Deployment } from "../kinds/deployment.ts";
import { changed, find, keyOf, put } from "../live-objects.ts";
import type { LiveObjects } from "../live-objects.ts";
import { writtenOf } from "../objects.ts";

// Flagger at 15bd6ad5; each function names the file and the function that it follows.

/** The label by which the controller tells the two Deployments' pods apart: pkg/canary/deployment_controller.go getSelectorLabel. */
const LABELS = ["app", "name", "app.kubernetes.io/name"];

/** The Deployment that serves: pkg/canary/deployment_controller.go createPrimaryDeployment. */
export function primaryOf({ target }: Pick<Canary, "target">): string {
  return `${target}-primary`;
}

export function targetOf(objects: LiveObjects, { namespace, target }: Canary): Deployment | undefined {
  return find(objects, "Deployment", { namespace, name: target });
}

/** The Services of the two arms, or the one that people ask: pkg/router/kubernetes_default.go Initialize, Reconcile. */
export function withServices(objects: LiveObjects, canary: Canary, which: "arms" | "apex"): LiveObjects {
  const target = targetOf(objects, canary);
  if (target === undefined) return objects;
  const [label, value] = selectorOf(target);
  const { apex } = canary;
  const services =
    which === "apex"
      ? [[apex, `${value}-primary`]]
      : [
          [`${apex}-canary`, value],
          [`${apex}-primary`, `${value}-primary`],
        ];
  return services.reduce(
    (live, [name = "", pods = ""]) => withService(live, canary, { name, selector: { [label]: pods } }),
    objects,
  );
}

function selectorOf({ selector }: Deployment): readonly [string, string] {
  const label = LABELS.find((one) => one in selector) ?? "app";
  return [label, selector[label] ?? ""];
}

function withService(
  objects: LiveObjects,
  canary: Canary,
  { name, selector }: { readonly name: string; readonly selector: JsonObject },
): LiveObjects {
  const { namespace, port } = canary;
  const key = keyOf({ kind: "Service", namespace, name });
  if (objects.has(key))
    return changed(objects, key, (manifest) => edited(manifest, ["spec", "selector"], () => selector));
  return made(objects, canary, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector, ports: [{ name: "http", port }] },
  });
}

/** The Deployment that serves, made of the target where it is not there: pkg/canary/deployment_controller.go createPrimaryDeployment. */
export function withPrimary(objects: LiveObjects, canary: Canary, now: number): LiveObjects {
  const { namespace } = canary;
  const target = targetOf(objects, canary);
  const key = keyOf({ kind: "Deployment", namespace, name: primaryOf(canary) });
  if (target === undefined || objects.has(key)) return objects;
  const [label, value] = selectorOf(target);
  const own = templateFor(objects, canary, now);
  return made(objects, canary, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: primaryOf(canary), namespace },
    spec: {
      replicas: Math.max(1, target.replicas),
      selector: { matchLabels: { [label]: `${value}-primary` } },
      template: own,
    },
  });
}

/** The target's pod template and replicas copied to the Deployment that serves: pkg/canary/deployment_controller.go Promote. */
export function promoted(objects: LiveObjects, canary: Canary, now: number): LiveObjects {
  const target = targetOf(objects, canary);
  if (target === undefined) return objects;
  const template = templateFor(objects, canary, now);
  const key = keyOf({ kind: "Deployment", namespace: canary.namespace, name: primaryOf(canary) });
  return changed(objects, key, (manifest) =>
    edited(
      edited(manifest, ["spec", "template"], () => template),
      ["spec", "replicas"],
      () => target.replicas,
    ),
  );
}

/** Another id each time makes new pods of the same template too: pkg/canary/util.go makeAnnotations, makePrimaryLabels. */
function templateFor(objects: LiveObjects, canary: Canary, now: number): JsonObject {
  const target = targetOf(objects, canary);
  const raw = objects.get(keyOf({ kind: "Deployment", namespace: canary.namespace, name: canary.target }))?.manifest;
  const spec = raw?.["spec"];
  const template = isObject(spec) ? (spec["template"] ?? {}) : {};
  const [label, value] = target === undefined ? ["app", ""] : selectorOf(target);
  const labelled = edited(template, ["metadata", "labels", label], () => `${value}-primary`);
  return edited(labelled, ["metadata", "annotations", "flagger-id"], () => String(now));
}

/** pkg/canary/deployment_controller.go ScaleToZero, ScaleFromZero. */
export function scaledTo(objects: LiveObjects, { namespace, target }: Canary, replicas: number): LiveObjects {
  const key = keyOf({ kind: "Deployment", namespace, name: target });
  return changed(objects, key, (manifest) => edited(manifest, ["spec", "replicas"], () => replicas));
}

/** How many pods a new version gets: its own number where it has one, else that of the Deployment that serves. */
export function replicasFor(objects: LiveObjects, canary: Canary): number {
  const own = targetOf(objects, canary)?.replicas ?? 0;
  const primary = find(objects, "Deployment", { namespace: canary.namespace, name: primaryOf(canary) });
  return own > 0 ? own : Math.max(1, primary?.replicas ?? 1);
}

/** The canary's weight in the route; undefined where there is none: pkg/router/istio.go and gateway_api.go GetRoutes. */
export function weightIn(objects: LiveObjects, { namespace, apex, provider }: Canary): number | undefined {
  const place = { namespace, name: apex };
  const arms =
    provider === "istio"
      ? find(objects, "VirtualService", place)?.destinations.map(({ host, weight }) => ({ service: host, weight }))
      : find(objects, "HTTPRoute", place)?.backends;
  return arms?.find(({ service }) => service === `${apex}-canary`)?.weight;
}

/** The route with a weight, made where it is not there; whatever somebody has written into it goes: pkg/router/istio.go and gateway_api.go SetRoutes, Reconcile. */
export function routed(objects: LiveObjects, canary: Canary, weight: number): LiveObjects {
  const { namespace, apex: name, provider } = canary;
  const kind = provider === "istio" ? "VirtualService" : "HTTPRoute";
  const spec = provider === "istio" ? meshSpec(canary, weight) : gatewaySpec(canary, weight);
  const key = keyOf({ kind, namespace, name });
  if (objects.has(key)) return changed(objects, key, (manifest) => ({ ...manifest, spec }));
  const apiVersion = provider === "istio" ? "networking.istio.io/v1beta1" : "gateway.networking.k8s.io/v1";
  return made(objects, canary, { apiVersion, kind, metadata: { name, namespace }, spec });
}

function meshSpec({ apex }: Canary, weight: number): JsonObject {
  const route: readonly Json[] = [
    { destination: { host: `${apex}-primary` }, weight: 100 - weight },
    { destination: { host: `${apex}-canary` }, weight },
  ];
  return { hosts: [apex], gateways: ["mesh"], http: [{ route }] };
}

function gatewaySpec({ apex, port }: Canary, weight: number): JsonObject {
  const backendRefs: readonly Json[] = [
    { name: `${apex}-primary`, port, weight: 100 - weight },
    { name: `${apex}-canary`, port, weight },
  ];
  return { parentRefs: [{ name: "gateway" }], rules: [{ backendRefs }] };
}

function made(objects: LiveObjects, canary: Canary, manifest: JsonObject): LiveObjects {
  const owner = keyOf(canary);
  return writtenOf(manifest).reduce((live, written) => put(live, { ...written, applied: undefined, owner }), objects);
}
