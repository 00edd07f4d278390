import { KNATIVE_SHAPE } from "./fleet-knative.ts";
import { MESH_ROUTES, TESTED_MESH_ROUTES, type MeshKind, type TestedMeshKind } from "./fleet-meshes.ts";
import { armsText, serviceText, twoArms, twoServices, type ArmNames, type Routed, type RouteShape } from "./routed.ts";

/** What splits the traffic of a service of the fleet, and where its share is written: each looks another way. */
export const ROUTE_KINDS = ["httpRoute", "istio", "istioSubsets", "nginx"] as const;

/** The same as some of these, with a rule for testers before the one for everybody. */
const TESTED_KINDS = ["httpRouteTested", "istioTested", "nginxTested"] as const;

/** The same as some of these, with a mirror to the canary. */
const MIRRORED_KINDS = ["httpRouteMirrored", "istioMirrored"] as const;

/** One of these, or one of the many that look alike. */
export type RouteKind =
  | (typeof ROUTE_KINDS)[number]
  | (typeof TESTED_KINDS)[number]
  | (typeof MIRRORED_KINDS)[number]
  | "knative"
  | MeshKind
  | TestedMeshKind;

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
    route: (of) => virtualService(of, hosts(of)),
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
    route: (of) => canaryIngress(of),
    beside: (of) => ({ ...twoServices(of), "ingress.yaml": mainIngress(of) }),
    state: (name) => ({ router: ["router: Ingress"], arms: armsText(name) }),
    arms: twoArms,
  },
  httpRouteTested: {
    called: "HTTPRoute with testers",
    template: "canary-gateway-api",
    route: (of) => httpRoute(of, gatewayTesters(of)),
    beside: twoServices,
    state: (name) => ({ router: [], arms: armsText(name) }),
    arms: twoArms,
  },
  istioTested: {
    called: "VirtualService with testers",
    template: "ab-header-istio",
    route: (of) => virtualService(of, hosts(of), istioTesters(of)),
    beside: twoServices,
    state: (name) => ({ router: ["router: VirtualService"], arms: armsText(name) }),
    arms: twoArms,
  },
  nginxTested: {
    called: "Ingress with testers",
    template: "canary-nginx",
    route: (of) => canaryIngress(of, NGINX_TESTERS),
    beside: (of) => ({ ...twoServices(of), "ingress.yaml": mainIngress(of) }),
    state: (name) => ({ router: ["router: Ingress"], arms: armsText(name) }),
    arms: twoArms,
  },
  httpRouteMirrored: {
    called: "HTTPRoute with a mirror",
    template: "canary-gateway-api",
    route: (of) => httpRoute(of) + gatewayMirror(of),
    beside: twoServices,
    state: (name) => ({ router: [], arms: armsText(name) }),
    arms: twoArms,
  },
  istioMirrored: {
    called: "VirtualService with a mirror",
    template: "dark-release-istio",
    route: (of) => virtualService(of, hosts(of)) + istioMirror(of),
    beside: twoServices,
    state: (name) => ({ router: ["router: VirtualService"], arms: armsText(name) }),
    arms: twoArms,
  },
  knative: KNATIVE_SHAPE,
  ...MESH_ROUTES,
  ...TESTED_MESH_ROUTES,
};

function hosts({ name }: Pick<Routed, "name">): ArmNames {
  return { canary: `host: ${name}-canary`, stable: `host: ${name}` };
}

/** What follows on the backends of the last rule. */
function gatewayMirror({ name }: Routed): string {
  return `      filters:
        - type: RequestMirror
          requestMirror:
            backendRef:
              name: ${name}-canary
              port: 80
            percent: 0
`;
}

function istioMirror({ name }: Routed): string {
  return `      mirror:
        host: ${name}-canary
      mirrorPercentage:
        value: 0
`;
}

function gatewayTesters({ name }: Routed): string {
  return `    - matches:
        - headers: [{ name: x-tester, value: "yes" }]
      backendRefs:
        - name: ${name}
          port: 80
          weight: 100
        - name: ${name}-canary
          port: 80
          weight: 0
`;
}

function istioTesters({ name }: Routed): string {
  return `    - name: testers
      match:
        - headers: { x-tester: { exact: "yes" } }
      route:
        - destination: { host: ${name} }
          weight: 100
        - destination: { host: ${name}-canary }
          weight: 0
`;
}

const NGINX_TESTERS = `    nginx.ingress.kubernetes.io/canary-by-header: X-Tester
    nginx.ingress.kubernetes.io/canary-by-header-pattern: ".^yes$"
`;

/** `testers`: the lines of a rule before the one for everybody. */
function httpRoute({ name, namespace }: Routed, testers = ""): string {
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
${testers}    - backendRefs:
        - name: ${name}
          port: 80
          weight: 100
        - name: ${name}-canary
          port: 80
          weight: 0
`;
}

/** `destinations`: the lines that say which pods each arm is. */
function virtualService({ name, namespace }: Routed, destinations: ArmNames, testers = ""): string {
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
${testers}    - name: primary
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

/** `testers`: the lines of annotations that tell them. */
function canaryIngress({ name, namespace }: Routed, testers = ""): string {
  return `# Written by Tidegate.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}-canary
  namespace: ${namespace}
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "0"
${testers}${ingressSpec(name, `${name}-canary`)}`;
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
