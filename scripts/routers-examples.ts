import type { RouterKind } from "../src/core/state.ts";

type Example = { readonly yaml: string; readonly notes: string };

const HOSTS =
  "`checkout`, `checkout.shop`, `checkout.shop.svc` and `checkout.shop.svc.cluster.local` mean the same Service; a short name means one beside the VirtualService, which may live in another namespace (beside the gateway, say). Where the arms are subsets of one host, the state says so (`destinations`: a `host` and a `subset` per arm); then exactly that subset is the arm. A weight that is not written beside others is 0.";
const SUBSETS =
  "The `DestinationRule` is never edited. Each subset that the arms are must be defined once, take its arm's pods and none of the other's; an arm that is the whole Service beside a subset of it is the other arm's pods as well. No release begins where that is not so, and what cannot be told from the repository is said in the plan ([before.md](before.md)).";
const NGINX = `The canary's own Ingress, found by its backend; the prefix is the one written. Numbers of annotations are text, in quotes. A weight that is missing is 0 and is added behind \`canary\`; \`canary-weight-total\` (100 unless written) stays. Several such Ingresses of the canary, one per host, have the same share. Its weight is that of all its backends, so a canary Ingress with another Service's path is refused.

\`canary-by-header\` and \`canary-by-cookie\` are accepted. They come before the weight, so a request that asks for the canary gets it, at weight 0 too, and one that says \`never\` does not; everyone else goes by weight. Their requests count in the canary's numbers.

Sessions are another thing: with \`affinity: cookie\` the controller keeps a session with the arm that served it first, and an abort would not reach it. Such a canary is refused unless it says \`affinity-canary-behavior: legacy\`. What the stable Ingress says is only seen where it is in the same file.`;

const KNATIVE = `Each arm is a Configuration, of which Knative sends to the latest revision that is ready. One of a Knative Service is called as the Service is. A new revision that never gets ready gets nothing, and the one before it goes on. While a Configuration of the list is missing, or has had no revision that was ready, Knative leaves the whole Route as it was, or sends nothing where it is new (serving 98e5ef90, \`pkg/reconciler/route/traffic/traffic.go\`, \`addConfigurationTarget\` and \`build\`). Without \`percent\` an entry gets 0.

Refused: entries by \`revisionName\`, because git does not tell whose a revision is; a \`tag\` of an arm, whose own address leads there at every weight; \`latestRevision: false\`. A Knative Service has a Route of its own, called as it is, which sends to its own revisions: whoever asks that address meets stable alone, whatever this Route says. What people ask must lead to this Route, such as a DomainMapping with \`ref: { kind: Route }\`.`;

/** An object of each kind with a quarter of the traffic on the canary, and what to know of it; those that look the same are told with another one. */
export const EXAMPLES: { readonly [kind in RouterKind]?: Example } = {
  HTTPRoute: {
    yaml: `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout }
spec:
  rules:
    - backendRefs:
        - { name: checkout-stable, port: 80, weight: 75 }
        - { name: checkout-canary, port: 80, weight: 25 }
`,
    notes:
      "The arms are the Services of the member's namespace. A weight that is not written counts as 1; it is written when it is moved. Routes of other namespaces in the same file are left alone. `router: HTTPRoute`, which is what goes where the state says nothing, moves routes of all four kinds in its file; `GRPCRoute`, `TLSRoute` and `TCPRoute` move theirs alone.",
  },
  VirtualService: {
    yaml: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout }
spec:
  hosts: [checkout]
  http:
    - name: primary
      route:
        - destination: { host: checkout-stable.shop.svc.cluster.local }
          weight: 75
        - destination: { host: checkout-canary }
          weight: 25
`,
    notes: `${HOSTS}\n\n${SUBSETS}`,
  },
  Ingress: {
    yaml: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout-canary
  annotations:
    nginx.ingress.kubernetes.io/canary: "true"
    nginx.ingress.kubernetes.io/canary-weight: "25"
spec:
  rules:
    - host: checkout.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: checkout-canary, port: { number: 80 } } }
`,
    notes: NGINX,
  },
  ALBIngress: {
    yaml: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout
  annotations:
    alb.ingress.kubernetes.io/actions.checkout: '{"Type":"forward","ForwardConfig":{"TargetGroups":[{"ServiceName":"checkout-stable","ServicePort":"80","Weight":75},{"ServiceName":"checkout-canary","ServicePort":"80","Weight":25}]}}'
spec:
  rules:
    - http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: checkout, port: { name: use-annotation } } }
`,
    notes:
      "Both spellings of the keys are read. The JSON may stand on one line, in quotes, or in a literal block (`|`); folded (`>`) it is refused. A path that has no action yet is not given one: the refusal says what to write. Stickiness between target groups is not looked at.",
  },
  SkipperIngress: {
    yaml: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout
  annotations:
    zalando.org/backend-weights: '{"checkout-stable": 75, "checkout-canary": 25}'
spec:
  rules:
    - host: checkout.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: checkout-stable, port: { number: 80 } } } }
          - { path: /, pathType: Prefix, backend: { service: { name: checkout-canary, port: { number: 80 } } } }
`,
    notes: "Each path stands there once for each arm; joining adds the canary's, and the annotation.",
  },
  TrafficSplit: {
    yaml: `apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: checkout }
spec:
  service: checkout
  backends:
    - { service: checkout-stable, weight: 75 }
    - { service: checkout-canary, weight: 25 }
`,
    notes:
      "In `v1alpha1` weights are quantities. Where one of the two is in thousandths (`750m`), both are written so; `1` beside `0` becomes 75 beside 25.",
  },
  TraefikService: {
    yaml: `apiVersion: traefik.io/v1alpha1
kind: TraefikService
metadata: { name: checkout }
spec:
  weighted:
    services:
      - { name: checkout-stable, port: 80, weight: 75 }
      - { name: checkout-canary, port: 80, weight: 25 }
`,
    notes: "A service of the kind `TraefikService` is another split, and no arm.",
  },
  IngressRoute: {
    yaml: `apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: { name: checkout }
spec:
  routes:
    - match: Host(\`shop.example.com\`)
      kind: Rule
      services:
        - { name: checkout-stable, port: 80, weight: 75 }
        - { name: checkout-canary, port: 80, weight: 25 }
`,
    notes: "",
  },
  HTTPProxy: {
    yaml: `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: { name: checkout }
spec:
  routes:
    - services:
        - { name: checkout-stable, port: 80, weight: 75 }
        - { name: checkout-canary, port: 80, weight: 25 }
`,
    notes:
      "Contour takes any sum. A service with `mirror: true` has no part in it: its weight says how much is copied. Where some weights are written and an arm's is not, that is refused.",
  },
  ApisixRoute: {
    yaml: `apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: { name: checkout }
spec:
  http:
    - name: checkout
      match: { paths: ["/*"] }
      backends:
        - { serviceName: checkout-stable, servicePort: 80, weight: 75 }
        - { serviceName: checkout-canary, servicePort: 80, weight: 25 }
`,
    notes:
      "Subsets are those of an `ApisixUpstream`. `upstreams`, which are outside of the cluster, keep their share as other backends do.",
  },
  Mapping: {
    yaml: `apiVersion: getambassador.io/v3alpha1
kind: Mapping
metadata: { name: checkout-canary }
spec:
  hostname: shop.example.com
  prefix: /checkout/
  service: checkout-canary.shop:8080
  weight: 25
`,
    notes:
      "The canary's own Mapping, found by its service, with or without a scheme and a port. Stable's, for the same prefix, has no weight and gets the rest; one with a weight in the same file is refused, and so is a canary's without one, which would share evenly.",
  },
  VirtualRouter: {
    yaml: `apiVersion: appmesh.k8s.aws/v1beta2
kind: VirtualRouter
metadata: { name: checkout }
spec:
  routes:
    - name: checkout
      httpRoute:
        match: { prefix: / }
        action:
          weightedTargets:
            - { virtualNodeRef: { name: checkout-stable }, weight: 75 }
            - { virtualNodeRef: { name: checkout-canary }, weight: 25 }
`,
    notes:
      "Each arm is a VirtualNode whose pods are those of its Deployment, called as the arm is, or as the state's `destinations` says. The nodes are not edited.",
  },
  OpenShiftRoute: {
    yaml: `apiVersion: route.openshift.io/v1
kind: Route
metadata: { name: checkout }
spec:
  host: shop.example.com
  to: { kind: Service, name: checkout-stable, weight: 75 }
  alternateBackends:
    - { kind: Service, name: checkout-canary, weight: 25 }
`,
    notes: "Either arm may be `to`. A sum of more than 256 in which a share cannot be written becomes 100.",
  },
  ServiceSplitter: {
    yaml: `apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceSplitter
metadata: { name: checkout }
spec:
  splits:
    - { service: checkout-stable, weight: 75 }
    - { service: checkout-canary, weight: 25 }
`,
    notes:
      "A split without `service` is of the one that the object is called after. Subsets are those of a `ServiceResolver`, which is not edited; the state's `destinations` names them. A sum other than 100, which Consul would refuse, is refused.",
  },
  TrafficRoute: {
    yaml: `apiVersion: kuma.io/v1alpha1
kind: TrafficRoute
mesh: default
metadata: { name: checkout }
spec:
  conf:
    split:
      - { weight: 75, destination: { kuma.io/service: checkout-stable_shop_svc_80 } }
      - { weight: 25, destination: { kuma.io/service: checkout-canary_shop_svc_80 } }
`,
    notes:
      "An arm is called `checkout-canary`; in Kubernetes its tag is made of that, the namespace and the port. With a `subset` in the state's `destinations` it is the tag `version`. Any other tag makes it a part of the arm, and no arm.",
  },
  MeshHTTPRoute: {
    yaml: `apiVersion: kuma.io/v1alpha1
kind: MeshHTTPRoute
metadata: { name: checkout, namespace: shop }
spec:
  to:
    - targetRef: { kind: MeshService, name: checkout }
      rules:
        - default:
            backendRefs:
              - { kind: MeshService, name: checkout-stable, port: 80, weight: 75 }
              - { kind: MeshService, name: checkout-canary, port: 80, weight: 25 }
`,
    notes: "The same router moves a `MeshTCPRoute`.",
  },
  GlooVirtualService: {
    yaml: `apiVersion: gateway.solo.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: gloo-system }
spec:
  virtualHost:
    routes:
      - routeAction:
          multi:
            destinations:
              - destination: { upstream: { name: shop-checkout-stable-80, namespace: gloo-system } }
                weight: 75
              - destination: { upstream: { name: shop-checkout-canary-80, namespace: gloo-system } }
                weight: 25
`,
    notes:
      "An Upstream that Gloo found itself is called by namespace, Service and port; one of your own is an arm by its name, in the member's namespace. A destination with a `subset` is a part of an arm, and no arm. `GlooRouteTable` has the same below `spec.routes`, `UpstreamGroup` below `spec.destinations`.",
  },
  GlooMeshRouteTable: {
    yaml: `apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: { name: checkout }
spec:
  http:
    - name: checkout
      forwardTo:
        destinations:
          - { ref: { name: checkout-stable, namespace: shop }, port: { number: 80 }, weight: 75 }
          - { ref: { name: checkout-canary, namespace: shop }, port: { number: 80 }, weight: 25 }
`,
    notes: "Destinations of other kinds than `SERVICE` are no arms.",
  },
  KnativeRoute: {
    yaml: `apiVersion: serving.knative.dev/v1
kind: Route
metadata: { name: checkout-public }
spec:
  traffic:
    - { configurationName: checkout-stable, percent: 75 }
    - { configurationName: checkout-canary, percent: 25 }
`,
    notes: KNATIVE,
  },
};
