import type { RouterKind } from "../../core/state.ts";
import { ALB_INGRESS } from "./alb.ts";
import { MAPPING } from "./ambassador.ts";
import { APISIX_ROUTE } from "./apisix.ts";
import { VIRTUAL_ROUTER } from "./app-mesh.ts";
import { SERVICE_SPLITTER } from "./consul.ts";
import { HTTP_PROXY } from "./contour.ts";
import type { Driver } from "./driver.ts";
import { GRPC_ROUTE, HTTP_ROUTE, TCP_ROUTE, TLS_ROUTE } from "./gateway-api.ts";
import { GLOO_MESH_ROUTE_TABLE, GLOO_ROUTE_TABLE, GLOO_VIRTUAL_SERVICE, UPSTREAM_GROUP } from "./gloo.ts";
import { INGRESS } from "./ingress.ts";
import { VIRTUAL_SERVICE } from "./istio.ts";
import { KNATIVE_ROUTE } from "./knative.ts";
import { MESH_HTTP_ROUTE, TRAFFIC_ROUTE } from "./kuma.ts";
import { OPENSHIFT_ROUTE } from "./openshift.ts";
import { SKIPPER_INGRESS } from "./skipper-ingress.ts";
import { TRAFFIC_SPLIT } from "./smi.ts";
import { INGRESS_ROUTE, TRAEFIK_SERVICE } from "./traefik.ts";

/** What moves the share of a member whose arms are two workloads behind a route, by the kind of object that holds it. */
export const ROUTERS: { readonly [kind in RouterKind]: Driver } = {
  HTTPRoute: HTTP_ROUTE,
  GRPCRoute: GRPC_ROUTE,
  TLSRoute: TLS_ROUTE,
  TCPRoute: TCP_ROUTE,
  VirtualService: VIRTUAL_SERVICE,
  Ingress: INGRESS,
  ALBIngress: ALB_INGRESS,
  SkipperIngress: SKIPPER_INGRESS,
  TrafficSplit: TRAFFIC_SPLIT,
  TraefikService: TRAEFIK_SERVICE,
  IngressRoute: INGRESS_ROUTE,
  HTTPProxy: HTTP_PROXY,
  ApisixRoute: APISIX_ROUTE,
  Mapping: MAPPING,
  VirtualRouter: VIRTUAL_ROUTER,
  OpenShiftRoute: OPENSHIFT_ROUTE,
  ServiceSplitter: SERVICE_SPLITTER,
  TrafficRoute: TRAFFIC_ROUTE,
  MeshHTTPRoute: MESH_HTTP_ROUTE,
  GlooVirtualService: GLOO_VIRTUAL_SERVICE,
  GlooRouteTable: GLOO_ROUTE_TABLE,
  UpstreamGroup: UPSTREAM_GROUP,
  GlooMeshRouteTable: GLOO_MESH_ROUTE_TABLE,
  KnativeRoute: KNATIVE_ROUTE,
};
