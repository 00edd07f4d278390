import { z } from "zod";
import { unreachable } from "../core/unreachable.ts";

/** What splits the traffic of a service of the fleet, and where its share is written. */
export const ROUTE_KINDS = ["httpRoute", "istio", "istioSubsets", "nginx"] as const;

export type RouteKind = (typeof ROUTE_KINDS)[number];

/** A service in one namespace. */
export type Routed = { readonly name: string; readonly namespace: string };

/** The names of the two arms. */
export type ArmNames = { readonly canary: string; readonly stable: string };

export type RouteShape = {
  /** How people call it. */
  readonly called: string;
  readonly template: string;
  /** The file that Tidegate owns and writes the share into. */
  readonly route: (of: Routed) => string;
  /** Files of people's beside the canary's workload, by name. */
  readonly beside: (of: Routed) => Readonly<Record<string, string>>;
  /** What the state says of a target besides its files; `arms` are the two in the metrics. */
  readonly state: (name: string) => { readonly router: readonly string[]; readonly arms: string };
  /** What the cluster calls the arms of the route. */
  readonly arms: (name: string) => ArmNames;
};

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
};

function twoArms(name: string): ArmNames {
  return { canary: `${name}-canary`, stable: name };
}

function armsText(name: string): string {
  return `{ canary: ${name}-canary, stable: ${name} }`;
}

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

function twoServices(of: Routed): Readonly<Record<string, string>> {
  const texts = [serviceText(of, of.name, ", track: stable"), serviceText(of, `${of.name}-canary`, ", track: canary")];
  return { "services.yaml": texts.join("---\n") };
}

function serviceText({ name, namespace }: Routed, service: string, more: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${service}
  namespace: ${namespace}
spec:
  selector: { app: ${name}${more} }
  ports:
    - { name: http, port: 80, targetPort: http }
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
      return undefined;
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
