import { ROUTES } from "./fleet-routes.ts";
import type { Routed } from "./routed.ts";

/** What splits the traffic of a service that an Argo Rollout runs; by `pods` nothing does but their number. */
export const ROUTINGS = ["nginx", "istio", "istioSubsets", "gateway", "alb", "pods"] as const;

/** Under `blueGreen` nothing splits it: all of it switches. */
export type Routing = (typeof ROUTINGS)[number] | "blueGreen";

export type RoutingShape = {
  /** How people call it. */
  readonly called: string;
  readonly strategy: "canary" | "blueGreen";
  /** Lines of the Rollout's strategy beside its steps, or beside its switch. */
  readonly lines: (of: Routed) => readonly string[];
  /** People's objects around the Rollout, in one file of this name. */
  readonly file: string;
  readonly beside: (of: Routed) => string;
  /** What the state says of the two in the metrics. */
  readonly arms: (name: string) => string;
};

/** A label that the controller gives to pods while they are one of the arms, where both arms have one Service: that of the template that is shipped. */
export const ROLE_LABEL = "rollout-arm";

/** How requests are counted where that label tells the arms apart; in the configuration's words. */
export const REQUESTS_BY_ROLE =
  `{ counter: istio_requests_total, arm: destination_service_name, workload: ${ROLE_LABEL.replaceAll("-", "_")}, ` +
  'namespace: destination_service_namespace, where: { reporter: destination }, failed: { label: response_code, matches: "5.." } }';

export const ROUTINGS_OF_ROLLOUTS: { readonly [routing in Routing]: RoutingShape } = {
  nginx: {
    called: "Argo Rollout behind an Ingress",
    strategy: "canary",
    lines: ({ name }) => [...twoServices(name), `trafficRouting:\n  nginx: { stableIngress: ${name} }`],
    file: "ingress.yaml",
    beside: (of) => `${ROUTES.nginx.beside(of)["ingress.yaml"] ?? ""}---\n${servicesOf(of)}`,
    arms: (name) => `{ canary: ${name}-canary, stable: ${name} }`,
  },
  istio: {
    called: "Argo Rollout behind a VirtualService",
    strategy: "canary",
    lines: ({ name }) => [
      ...twoServices(name),
      `trafficRouting:\n  istio:\n    virtualService: { name: ${name}, routes: [primary] }`,
    ],
    file: "route.yaml",
    beside: (of) => `${peoples(ROUTES.istio.route(of))}---\n${servicesOf(of)}`,
    arms: (name) => `{ canary: ${name}-canary, stable: ${name} }`,
  },
  istioSubsets: {
    called: "Argo Rollout behind a VirtualService by subsets",
    strategy: "canary",
    lines: ({ name }) => [
      ...roles(name),
      `trafficRouting:
  istio:
    virtualService: { name: ${name}, routes: [primary] }
    destinationRule: { name: ${name}, canarySubsetName: canary, stableSubsetName: stable }`,
    ],
    file: "route.yaml",
    // The controller tells the subsets apart by hashes that it writes into them.
    beside: (of) =>
      `${peoples(ROUTES.istioSubsets.route(of)).replaceAll(/track: \w+/g, `app: ${of.name}`)}---\n${serviceOf(of, of.name)}`,
    arms: byRole,
  },
  gateway: {
    called: "Argo Rollout behind an HTTPRoute",
    strategy: "canary",
    lines: ({ name, namespace }) => [
      ...twoServices(name),
      `trafficRouting:\n  plugins:\n    argoproj-labs/gatewayAPI: { httpRoute: ${name}, namespace: ${namespace} }`,
    ],
    file: "route.yaml",
    beside: (of) => `${peoples(ROUTES.httpRoute.route(of))}---\n${servicesOf(of)}`,
    arms: (name) => `{ canary: ${name}-canary, stable: ${name} }`,
  },
  alb: {
    called: "Argo Rollout behind an ALB",
    strategy: "canary",
    lines: ({ name }) => [...twoServices(name), `trafficRouting:\n  alb: { ingress: ${name}, servicePort: 80 }`],
    file: "ingress.yaml",
    // The action that the path names is the annotation that the controller writes.
    beside: (of) => `${loadBalancer(of)}---\n${servicesOf(of)}`,
    arms: (name) => `{ canary: ${name}-canary, stable: ${name} }`,
  },
  pods: {
    called: "Argo Rollout by its pods",
    strategy: "canary",
    lines: ({ name }) => roles(name),
    file: "service.yaml",
    beside: (of) => serviceOf(of, of.name),
    arms: byRole,
  },
  blueGreen: {
    called: "Argo Rollout of two colours",
    strategy: "blueGreen",
    lines: ({ name }) => [`activeService: ${name}`, `previewService: ${name}-preview`],
    file: "ingress.yaml",
    beside: (of) =>
      `${ROUTES.nginx.beside(of)["ingress.yaml"] ?? ""}---\n${serviceOf(of, of.name)}---\n${serviceOf(of, `${of.name}-preview`)}`,
    arms: (name) => `{ canary: ${name}-preview, stable: ${name} }`,
  },
};

function twoServices(name: string): readonly string[] {
  return [`canaryService: ${name}-canary`, `stableService: ${name}`];
}

function roles(name: string): readonly string[] {
  return [
    `canaryMetadata: { labels: { ${ROLE_LABEL}: ${name}-canary } }`,
    `stableMetadata: { labels: { ${ROLE_LABEL}: ${name} } }`,
  ];
}

function byRole(name: string): string {
  return `{ canary: ${name}-canary, stable: ${name}, by: workload }`;
}

function loadBalancer({ name, namespace }: Routed): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  ingressClassName: alb
  rules:
    - host: ${name}.shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: ${name}, port: { name: use-annotation } } }
`;
}

/** The route of a fleet's service, of which nothing is Tidegate's here. */
function peoples(route: string): string {
  return route.replace("# Written by Tidegate.\n", "");
}

function servicesOf(of: Routed): string {
  return [of.name, `${of.name}-canary`].map((service) => serviceOf(of, service)).join("---\n");
}

function serviceOf({ name, namespace }: Routed, service: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${service}
  namespace: ${namespace}
spec:
  selector: { app: ${name} }
  ports:
    - { name: http, port: 80, targetPort: http }
`;
}
