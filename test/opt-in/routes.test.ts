import { expect, it } from "vitest";
import { evaluate } from "../../src/manifest/kustomize/evaluate.ts";
import { kindOf } from "../../src/manifest/kustomize/object.ts";
import { routersOf, routesTo } from "../../src/opt-in/routes.ts";

/** The kinds of the routes among these objects that lead to the Service `cart` of the namespace `shop`. */
function leading(spec: string, [api = "", kind = ""]: readonly string[], namespace = "shop"): readonly string[] {
  const route = `apiVersion: ${api}\nkind: ${kind}\nmetadata: { name: any, namespace: ${namespace} }\nspec: ${spec}\n`;
  const service = "apiVersion: v1\nkind: Service\nmetadata: { name: cart, namespace: shop }\n";
  const files = new Map([
    ["kustomization.yaml", "resources: [all.yaml]\n"],
    ["all.yaml", `${service}---\n${route}`],
  ]);
  const { objects } = evaluate((path) => files.get(path), "");
  const found = objects.find((object) => kindOf(object) === "Service");
  return found === undefined ? ["no Service"] : routesTo(objects, found).map(kindOf);
}

const KUMA = ["kuma.io/v1alpha1", "TrafficRoute"] as const;
const MAPPING = ["getambassador.io/v3alpha1", "Mapping"] as const;
const ISTIO = ["networking.istio.io/v1", "VirtualService"] as const;
const GLOO = ["gateway.solo.io/v1", "VirtualService"] as const;

const MESH = ["appmesh.k8s.aws/v1beta2", "VirtualService"] as const;

const gloo = (destination: string) =>
  `{ virtualHost: { routes: [{ routeAction: { multi: { destinations: [{ destination: ${destination} }] } } }] } }`;

it.each([
  ["a tag of Kuma's", '{ conf: { split: [{ destination: { "kuma.io/service": cart_shop_svc_80 } }] } }', KUMA],
  ["a Mapping's host with scheme and port", '{ service: "https://cart.shop:80" }', MAPPING],
  ["a host of Istio's", "{ http: [{ route: [{ destination: { host: cart.shop.svc.cluster.local } }] }] }", ISTIO],
  ["an Upstream that Gloo finds", gloo("{ upstream: { name: shop-cart-80, namespace: gloo-system } }"), GLOO],
  ["a Service of Gloo's", gloo("{ kube: { ref: { name: cart, namespace: shop }, port: 80 } }"), GLOO],
  ["a Route of OpenShift's", "{ to: { kind: Service, name: cart } }", ["route.openshift.io/v1", "Route"]],
  [
    "a mesh's own route",
    "{ to: [{ targetRef: { kind: MeshService, name: cart } }] }",
    ["kuma.io/v1alpha1", "MeshHTTPRoute"],
  ],
  [
    "a VirtualRouter of App Mesh",
    "{ routes: [{ name: a, tcpRoute: { action: { weightedTargets: [{ virtualNodeRef: { name: cart } }] } } }] }",
    ["appmesh.k8s.aws/v1beta2", "VirtualRouter"],
  ],
  [
    "a VirtualService of App Mesh by its node",
    "{ provider: { virtualNode: { virtualNodeRef: { name: cart } } } }",
    MESH,
  ],
])("a Service is found behind %s", (_, spec, type) => {
  expect(leading(spec, type)).toEqual([type[1]]);
});

it.each([
  [
    "a tag of another namespace",
    '{ conf: { split: [{ destination: { "kuma.io/service": cart_other_svc_80 } }] } }',
    KUMA,
  ],
  ["another Service's Upstream", gloo("{ upstream: { name: shop-cart-api-80, namespace: gloo-system } }"), GLOO],
  ["a host of another namespace", "{ http: [{ route: [{ destination: { host: cart.other } }] }] }", ISTIO],
  ["a rule about a host, which splits nothing", "{ host: cart }", ["networking.istio.io/v1", "DestinationRule"]],
  [
    "a VirtualService of App Mesh that leads to a router",
    "{ provider: { virtualRouter: { virtualRouterRef: { name: cart } } } }",
    MESH,
  ],
  [
    "a VirtualService of App Mesh by another namespace's node",
    "{ provider: { virtualNode: { virtualNodeRef: { name: cart, namespace: other } } } }",
    MESH,
  ],
])("a Service is not found behind %s", (_, spec, type) => {
  expect(leading(spec, type)).toEqual([]);
});

/** The routers that an Ingress may be of. */
function ofIngress(head: string, spec = ""): readonly string[] {
  const text = `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: cart${head} }\nspec: {${spec}}\n`;
  const files = new Map([
    ["kustomization.yaml", "resources: [all.yaml]\n"],
    ["all.yaml", text],
  ]);
  return evaluate((path) => files.get(path), "").objects.flatMap(routersOf);
}

it.each([
  ["that says nothing", ofIngress(""), ["Ingress", "ALBIngress", "SkipperIngress"]],
  ["of NGINX's class", ofIngress("", " ingressClassName: nginx-internal "), ["Ingress"]],
  [
    "of a class that people named",
    ofIngress("", " ingressClassName: public "),
    ["Ingress", "ALBIngress", "SkipperIngress"],
  ],
  ["of Traefik's class", ofIngress("", " ingressClassName: traefik "), []],
  ["of ALB's, by the old annotation", ofIngress(", annotations: { kubernetes.io/ingress.class: alb }"), ["ALBIngress"]],
  [
    "of NGINX's annotations",
    ofIngress(", annotations: { nginx.ingress.kubernetes.io/rewrite-target: / }"),
    ["Ingress"],
  ],
  ["of Traefik's annotations", ofIngress(', annotations: { traefik.ingress.kubernetes.io/router.tls: "true" }'), []],
])("an Ingress %s is of the controllers that it may be for", (_, routers, expected) => {
  expect(routers).toEqual(expected);
});
