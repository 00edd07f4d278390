import { z } from "zod";
import { DnsName, Label } from "./manifest.ts";

/** Where a Rollout's controller writes the weight. */
export type RolloutRouter =
  | { readonly kind: "istio"; readonly routes: readonly IstioRoutes[]; readonly rule: IstioRule | undefined }
  | {
      readonly kind: "nginx";
      readonly ingresses: readonly string[];
      readonly prefix: string;
      readonly annotations: Labels;
    }
  | {
      readonly kind: "alb";
      readonly ingresses: readonly string[];
      readonly action: string | undefined;
      readonly port: number;
    }
  | { readonly kind: "gatewayAPI"; readonly routes: readonly string[] };

type Labels = Readonly<Record<string, string>>;

/** A VirtualService, and which of its HTTP routes; none named means its only or first unnamed one. */
export type IstioRoutes = { readonly name: string; readonly http: readonly string[] };

export type IstioRule = { readonly name: string; readonly canary: string; readonly stable: string };

const VirtualService = z.object({ name: DnsName, routes: z.array(z.string()).default([]) });

const Istio = z.object({
  virtualService: VirtualService.optional(),
  virtualServices: z.array(VirtualService).optional(),
  destinationRule: z.object({ name: DnsName, canarySubsetName: z.string(), stableSubsetName: z.string() }).optional(),
});

const Nginx = z.object({
  stableIngress: DnsName.optional(),
  stableIngresses: z.array(DnsName).optional(),
  annotationPrefix: z.string().default("nginx.ingress.kubernetes.io"),
  additionalIngressAnnotations: Label.default({}),
});

const Alb = z.object({
  ingress: DnsName.optional(),
  ingresses: z.array(DnsName).optional(),
  rootService: DnsName.optional(),
  servicePort: z.int(),
});

const Gateway = z.object({
  httpRoute: DnsName.optional(),
  httpRoutes: z.array(z.object({ name: DnsName })).default([]),
});

/** `trafficRouting` of a canary; routers that the cluster does not know are refused. */
export const Routing = z.strictObject({
  istio: Istio.optional(),
  nginx: Nginx.optional(),
  alb: Alb.optional(),
  plugins: z.strictObject({ "argoproj-labs/gatewayAPI": Gateway.optional() }).default({}),
  maxTrafficWeight: z.int().min(1).default(100),
});

/** The routers that a canary's routing names. */
export function routersOf({ istio, nginx, alb, plugins }: z.output<typeof Routing>): readonly RolloutRouter[] {
  const gateway = plugins["argoproj-labs/gatewayAPI"];
  return [
    ...(istio === undefined ? [] : [istioOf(istio)]),
    ...(nginx === undefined ? [] : [nginxOf(nginx)]),
    ...(alb === undefined ? [] : [albOf(alb)]),
    ...(gateway === undefined ? [] : [gatewayOf(gateway)]),
  ];
}

function istioOf({ virtualService, virtualServices, destinationRule }: z.output<typeof Istio>): RolloutRouter {
  const named = virtualServices ?? listOf(virtualService);
  const rule = destinationRule && {
    name: destinationRule.name,
    canary: destinationRule.canarySubsetName,
    stable: destinationRule.stableSubsetName,
  };
  return { kind: "istio", routes: named.map(({ name, routes }) => ({ name, http: routes })), rule };
}

function nginxOf({ stableIngress, stableIngresses, ...rest }: z.output<typeof Nginx>): RolloutRouter {
  return {
    kind: "nginx",
    ingresses: stableIngresses ?? listOf(stableIngress),
    prefix: rest.annotationPrefix,
    annotations: rest.additionalIngressAnnotations,
  };
}

function albOf({ ingress, ingresses, rootService, servicePort }: z.output<typeof Alb>): RolloutRouter {
  return { kind: "alb", ingresses: ingresses ?? listOf(ingress), action: rootService, port: servicePort };
}

function gatewayOf({ httpRoute, httpRoutes }: z.output<typeof Gateway>): RolloutRouter {
  return { kind: "gatewayAPI", routes: [...listOf(httpRoute), ...httpRoutes.map(({ name }) => name)] };
}

function listOf<T>(one: T | undefined): readonly T[] {
  return one === undefined ? [] : [one];
}
