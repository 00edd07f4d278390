import { expect, it } from "vitest";
import { shippedTemplates } from "../../src/operator/shipped-templates.ts";
import { templatesFor } from "../../src/opt-in/choice.ts";
import { libraryOf } from "../../src/template/library.ts";
import { valueOf } from "../manifest/builders.ts";
import { groundOf } from "../support/opt-in-ground.ts";

const { templates } = libraryOf(shippedTemplates(), []);

const WORKLOAD = `apiVersion: apps/v1
kind: Deployment
metadata: { name: cart }
spec:
  replicas: 2
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: cart, image: "registry.example.com/cart:1.0.0" }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
`;

/** The templates that fit a service behind an HTTPRoute with a parent. */
function fitting(parent: string): readonly string[] {
  return behind(`apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: cart }
spec:
  parentRefs: [${parent}]
  rules: [{ backendRefs: [{ name: cart, port: 80 }] }]
`);
}

/** The templates to choose from behind a route. */
function behind(route: string): readonly string[] {
  const files = new Map([["apps/cart/all.yaml", `${WORKLOAD}---\n${route}`]]);
  const wish = { service: "cart", targets: undefined, parameters: new Map<string, string>(), namespace: undefined };
  const choice = valueOf(templatesFor(groundOf(files), wish, templates.values()));
  return [choice.kind, ...choice.templates.map(({ name }) => name)];
}

it("a route whose parent is the Service itself is a mesh's", () => {
  expect(fitting("{ group: core, kind: Service, name: cart, port: 80 }")).toEqual(["fitting", "canary-linkerd"]);
});

it.each(["{ name: public }", "{ kind: Gateway, name: public }"])(
  "a route whose parent is %s is a gateway's",
  (parent) => {
    const found = fitting(parent);
    expect(found).toContain("canary-gateway-api");
    expect(found).not.toContain("canary-linkerd");
  },
);

it.each(["traefik", "haproxy"])(
  "behind an Ingress of %s, which takes no weights, pods can make the share",
  (controller) => {
    const found = behind(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: cart }
spec:
  ingressClassName: ${controller}
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }] } }]
`);
    expect(found).toEqual(["byPods", "canary-argo-rollouts"]);
  },
);
