import { z } from "zod";
import { unreachable } from "../core/unreachable.ts";
import { ManifestError } from "./cluster/kinds/manifest.ts";
import { writtenOf, type KubeObject } from "./cluster/objects.ts";
import { MESH_ROUTES, type MeshKind } from "./fleet-meshes.ts";
import { armsText, serviceText, twoArms, twoServices, type ArmNames, type Routed, type RouteShape } from "./routed.ts";

/** What splits the traffic of a service of the fleet, and where its share is written: each looks another way. */
export const ROUTE_KINDS = ["httpRoute", "istio", "istioSubsets", "nginx"] as const;

/** One of these, or one of the many that look alike. */
export type RouteKind = (typeof ROUTE_KINDS)[number] | MeshKind;

export const ROUTES: { readonly [kind in RouteKind]: RouteShape } = {
  httpRoute: {
    called: "HTTPRoute",
    template: "canary-gateway-api",
    route: httpRoute,
    beside: twoServices,
    state: (name) => ({ router: [], arms: armsText(name) }),
    arms: twoArms,
  },
  istio: {
    called: "VirtualService",
    template: "canary-istio",
    route: ({ name, namespace }) =>
      virtualService({ name, namespace }, { canary: `host: ${name}-canary`, stable: `host: ${name}` }),
    beside: twoServices,
    state: (name) => ({ router: ["router: VirtualService"], arms: armsText(name) }),
    arms: twoArms,
  },
  istioSubsets: {
    called: "VirtualService by subsets",
    template: "canary-istio-subsets",
    route: subsets,
    beside: (of) => ({ "services.yaml": serviceText(of, of.name, "") }),
    state: (name) => ({
      router: [
        "router: VirtualService",
        `destinations: { canary: { host: ${name}, subset: canary }, stable: { host: ${name}, subset: stable } }`,
      ],
      arms: `{ canary: ${name}-canary, stable: ${name}, by: workload }`,
    }),
    arms: (name) => ({ canary: `${name}/canary`, stable: `${name}/stable` }),
  },
  nginx: {
    called: "Ingress",
    template: "canary-nginx",
    route: canaryIngress,
    beside: (of) => ({ ...twoServices(of), "ingress.yaml": mainIngress(of) }),
    state: (name) => ({ router: ["router: Ingress"], arms: armsText(name) }),
    arms: twoArms,
  },
  ...MESH_ROUTES,
};

function httpRoute({ name, namespace }: Routed): string {
  return `# Written by Tidegate.
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  parentRefs:
    - name: public
  hostnames:
    - ${name}.shop.example.com
  rules:
    - backendRefs:
        - name: ${name}
          port: 80
          weight: 100
        - name: ${name}-canary
          port: 80
          weight: 0
`;
}

/** `destinations`: the lines that say which pods each arm is. */
function virtualService({ name, namespace }: Routed, destinations: ArmNames): string {
  return `# Written by Tidegate.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  hosts:
    - ${name}
  http:
    - name: primary
      route:
        - destination:
            ${destinations.stable}
          weight: 100
        - destination:
            ${destinations.canary}
          weight: 0
`;
}

function subsets({ name, namespace }: Routed): string {
  const lines = (subset: string) => `host: ${name}\n            subset: ${subset}`;
  return `${virtualService({ name, namespace }, { canary: lines("canary"), stable: lines("stable") })}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  host: ${name}
  subsets:
    - name: stable
      labels: { track: stable }
    - name: canary
      labels: { track: canary }
`;
}

function mainIngress({ name, namespace }: Routed): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: ${namespace}
${ingressSpec(name, name)}`;
}

function canaryIngress({ name, namespace }: Routed): string {
  return `# Written by Tidegate.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}-canary
  namespace: ${namespace}
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "0"
${ingressSpec(name, `${name}-canary`)}`;
}

function ingressSpec(name: string, service: string): string {
  return `spec:
  ingressClassName: nginx
  rules:
    - host: ${name}.shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: ${service}, port: { number: 80 } } }
`;
}

const HttpRoute = z.object({
  kind: z.literal("HTTPRoute"),
  spec: z.object({
    rules: z.array(
      z.object({ backendRefs: z.array(z.object({ name: z.string(), weight: z.number().default(1) })).default([]) }),
    ),
  }),
});

const Destination = z.object({ host: z.string(), subset: z.string().optional() });

const VirtualService = z.object({
  kind: z.literal("VirtualService"),
  spec: z.object({
    http: z.array(
      z.object({ route: z.array(z.object({ destination: Destination, weight: z.number().default(0) })).default([]) }),
    ),
  }),
});

const CanaryIngress = z.object({
  kind: z.literal("Ingress"),
  metadata: z.object({
    annotations: z.object({ "nginx.ingress.kubernetes.io/canary-weight": z.string().regex(/^\d+$/) }),
  }),
});

const Route = z.union([HttpRoute, VirtualService, CanaryIngress]);

/** The canary's share in a manifest of any of the kinds, per cent; undefined in every other manifest. Read without the product's code. */
export function shareIn(manifest: unknown, service: string): number | undefined {
  const { data } = Route.safeParse(manifest);
  switch (data?.kind) {
    case undefined:
      return meshShareIn(manifest, service);
    case "HTTPRoute":
      return shareOf(
        data.spec.rules.map((rule) => rule.backendRefs),
        ({ name }) => name === `${service}-canary`,
      );
    case "VirtualService":
      return shareOf(
        data.spec.http.map(({ route }) => route),
        ({ destination: { host, subset } }) => host === `${service}-canary` || subset === "canary",
      );
    case "Ingress":
      return Number(data.metadata.annotations["nginx.ingress.kubernetes.io/canary-weight"]);
    default:
      return unreachable(data);
  }
}

/** The same of the kinds that look alike, as the cluster understands them. */
function meshShareIn(manifest: unknown, service: string): number | undefined {
  const object = objectIn(manifest);
  if (object?.kind === "Mapping") return object.weight;
  const backends = object === undefined ? [] : backendsOf(object);
  return shareOf([backends], (backend) => backend.service === `${service}-canary`);
}

const Manifest = z.record(z.string(), z.json());

// What the cluster would refuse says nothing.
function objectIn(manifest: unknown): KubeObject | undefined {
  const { data } = Manifest.safeParse(manifest);
  try {
    return data === undefined ? undefined : writtenOf(data)[0]?.object;
  } catch (error) {
    if (error instanceof ManifestError) return undefined;
    throw error;
  }
}

function backendsOf(object: KubeObject): readonly { readonly service: string; readonly weight: number }[] {
  if (object.kind === "Ingress") return [...object.actions.values(), object.weights ?? []].flat();
  return "backends" in object ? object.backends : [];
}

/** By the first rule that has the canary. */
function shareOf<T extends { readonly weight: number }>(
  rules: readonly (readonly T[])[],
  isCanary: (one: T) => boolean,
): number | undefined {
  const rule = rules.find((one) => one.some(isCanary));
  const weight = rule?.find(isCanary)?.weight;
  if (rule === undefined || weight === undefined) return undefined;
  const total = rule.reduce((sum, one) => sum + one.weight, 0);
  return total === 0 ? 0 : (100 * weight) / total;
}
