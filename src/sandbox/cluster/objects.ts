import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { JsonObject } from "./json.ts";
import { autoscalerOf } from "./kinds/autoscaler.ts";
import type { Autoscaler } from "./kinds/autoscaler.ts";
import { canaryOf } from "./kinds/canary.ts";
import type { Canary } from "./kinds/canary.ts";
import { deploymentOf } from "./kinds/deployment.ts";
import type { Deployment } from "./kinds/deployment.ts";
import { destinationRuleOf } from "./kinds/destination-rule.ts";
import type { DestinationRule } from "./kinds/destination-rule.ts";
import { httpRouteOf } from "./kinds/http-route.ts";
import type { HttpRoute } from "./kinds/http-route.ts";
import { ingressOf } from "./kinds/ingress.ts";
import type { Ingress } from "./kinds/ingress.ts";
import { configurationOf, knativeRouteOf } from "./kinds/knative.ts";
import type { Configuration, KnativeRoute } from "./kinds/knative.ts";
import { ManifestError } from "./kinds/manifest.ts";
import { mappingOf } from "./kinds/mapping.ts";
import type { Mapping } from "./kinds/mapping.ts";
import { rolloutOf } from "./kinds/rollout.ts";
import type { Rollout } from "./kinds/rollout.ts";
import { serviceOf } from "./kinds/service.ts";
import type { Service } from "./kinds/service.ts";
import { SPLIT_READERS } from "./kinds/split-route.ts";
import type { SplitRoute } from "./kinds/split-route.ts";
import { virtualServiceOf } from "./kinds/virtual-service.ts";
import type { VirtualService } from "./kinds/virtual-service.ts";

export type KubeObject =
  | Autoscaler
  | Canary
  | Configuration
  | Deployment
  | DestinationRule
  | HttpRoute
  | Ingress
  | KnativeRoute
  | Mapping
  | Rollout
  | Service
  | SplitRoute
  | VirtualService;

export type Kind = KubeObject["kind"];

/** An object as it was written, and as the cluster understands it. */
export type Written = { readonly manifest: JsonObject; readonly object: KubeObject };

/** Undefined for what only leads on to another object. */
type Reader = (manifest: JsonObject) => KubeObject | undefined;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["apps/Deployment", deploymentOf],
  ["/Service", serviceOf],
  ["gateway.networking.k8s.io/HTTPRoute", httpRouteOf],
  ["networking.istio.io/VirtualService", virtualServiceOf],
  ["networking.istio.io/DestinationRule", destinationRuleOf],
  ["networking.k8s.io/Ingress", ingressOf],
  ["argoproj.io/Rollout", rolloutOf],
  ["flagger.app/Canary", canaryOf],
  ["autoscaling/HorizontalPodAutoscaler", autoscalerOf],
  ["getambassador.io/Mapping", mappingOf],
  ["serving.knative.dev/Service", configurationOf],
  ["serving.knative.dev/Configuration", configurationOf],
  ["serving.knative.dev/Route", knativeRouteOf],
  ...SPLIT_READERS,
]);

const Head = z.object({ apiVersion: z.string(), kind: z.string() });

/** The objects of one YAML file that the cluster knows; other kinds are left out. Throws a ManifestError on what the API server would refuse. */
export function objectsIn(text: string): readonly Written[] {
  return manifestsIn(text).flatMap(writtenOf);
}

/** Every object of one YAML file, of whatever kind. Throws a ManifestError on what is no YAML. */
export function manifestsIn(text: string): readonly JsonObject[] {
  return Array.from(parseAllDocuments(text)).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new ManifestError(error.message);
    const manifest: unknown = document.toJS();
    return isManifest(manifest) ? [manifest] : [];
  });
}

/** One manifest with what it says; nothing where the cluster does not know its kind. Throws a ManifestError. */
export function writtenOf(manifest: JsonObject): readonly Written[] {
  const head = Head.safeParse(manifest);
  if (!head.success) return [];
  const { apiVersion, kind } = head.data;
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const object = READERS.get(`${group}/${kind}`)?.(manifest);
  return object === undefined ? [] : [{ manifest, object }];
}

// What YAML can say without tags is JSON.
function isManifest(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
