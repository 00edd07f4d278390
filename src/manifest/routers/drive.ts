import type { RouterKind } from "../../core/state.ts";
import { HTTP_ROUTE } from "./http-route.ts";
import { INGRESS } from "./ingress.ts";
import type { Router } from "./router.ts";
import { VIRTUAL_SERVICE } from "./virtual-service.ts";

/** What moves the share of a member whose arms are two workloads behind a route, by the kind of object that holds it. */
export const ROUTERS: { readonly [kind in RouterKind]: Router } = {
  HTTPRoute: HTTP_ROUTE,
  VirtualService: VIRTUAL_SERVICE,
  Ingress: INGRESS,
};
