import { optIn } from "../../src/opt-in/opt-in.ts";
import { valueOf } from "../manifest/builders.ts";
import type { LayoutService } from "./layout-files.ts";
import { applicationText, deploymentText, kustomizationText, serviceText } from "./layout-texts.ts";
import { applied, groundOf, wishOf, type Files } from "./opt-in-ground.ts";

/** An overlay of a base. */
export const OVERLAY: LayoutService = { name: "checkout", layout: "kustomize", targets: ["prod"], bumps: "overlay" };
/** Plain manifests, with a route that is theirs. */
export const PLAIN: LayoutService = { name: "cart", layout: "kustomize", targets: ["prod"], bumps: "base" };
/** Both of them. */
export const SERVICES = [OVERLAY, PLAIN];

const ROUTE = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: cart
spec:
  parentRefs:
    - name: public
  rules:
    - backendRefs:
        - name: cart # people's
          port: 80
`;

/** Nothing says a target of the plain folder. */
export const CONFIG = { waves: "[{ targets: [prod, default], steps: [5, 50], bake: 2s }]" };
/** What people have: an overlay of a base, and a folder without a kustomization. */
export const BEFORE: Files = new Map(
  Object.entries({
    "apps/checkout/base/kustomization.yaml": kustomizationText({ resources: ["deployment.yaml", "service.yaml"] }),
    "apps/checkout/base/deployment.yaml": deploymentText("checkout").replace("replicas: 1", "replicas: 4"),
    "apps/checkout/base/service.yaml": serviceText("checkout", "app: checkout"),
    "apps/checkout/prod/kustomization.yaml": `${kustomizationText({ namespace: ["prod"], resources: ["../base"] })}images:\n  - name: registry.example.com/shop/checkout\n    newTag: "1.0.0" # bumped by a bot\n`,
    "clusters/checkout-prod.yaml": applicationText({
      name: "checkout-prod",
      target: "prod",
      path: "apps/checkout/prod",
    }),
    "apps/cart/base/deployment.yaml": deploymentText("cart").replace("replicas: 1", "replicas: 4"),
    "apps/cart/base/service.yaml": serviceText("cart", "app: cart"),
    "apps/cart/base/route.yaml": ROUTE,
    "clusters/cart-prod.yaml": applicationText({ name: "cart-prod", target: "prod", path: "apps/cart/base" }),
  }),
);

/** The same after both are opted in, one after the other. */
export function optedIn(): Files {
  return ["checkout canary-gateway-api gateway=public", "cart canary-gateway-api"].reduce(
    (files, wish) => applied(files, valueOf(optIn(groundOf(files), wishOf(wish))).files),
    BEFORE,
  );
}
