import type { RouterFacts } from "./catalogue.ts";

/** What holds shares too, is found and shown, and is not driven. */
export type Undriven = Pick<RouterFacts, "of" | "groups" | "kinds" | "weights"> & { readonly because: string };

export const UNDRIVEN: readonly Undriven[] = [
  {
    of: "Knative",
    groups: ["serving.knative.dev"],
    kinds: ["Service"],
    weights: ["spec traffic * percent"],
    because:
      "its shares go to revisions of its own pod template, whose names git does not know, and to no other Configuration: write a Route",
  },
  {
    of: "Skipper",
    groups: ["zalando.org"],
    kinds: ["RouteGroup"],
    weights: ["spec defaultBackends * weight", "spec routes * backends * weight"],
    because: "backends are names within the object, which its own list leads to Services; write an Ingress",
  },
  {
    of: "Skipper",
    groups: ["zalando.org"],
    kinds: ["StackSet"],
    weights: ["spec traffic * weight"],
    because: "its controller makes the stacks of one template: there are no two workloads to tell apart in git",
  },
  {
    of: "Flagger",
    groups: ["flagger.app"],
    kinds: ["Canary"],
    weights: ["spec analysis stepWeight", "spec analysis maxWeight", "spec analysis stepWeights *"],
    because: "Flagger moves the traffic by itself, and writes over whoever does",
  },
  {
    of: "Istio",
    groups: ["networking.istio.io"],
    kinds: ["ServiceEntry"],
    weights: ["spec endpoints * weight"],
    because: "endpoints are addresses, and no Services",
  },
  {
    of: "Gateway API",
    groups: ["gateway.networking.k8s.io"],
    kinds: ["UDPRoute"],
    weights: ["spec rules * backendRefs * weight"],
    because: "no data plane counts what it carries by backend",
  },
  {
    of: "Linkerd",
    groups: ["policy.linkerd.io"],
    kinds: ["HTTPRoute"],
    weights: ["spec rules * backendRefs * weight"],
    because: "Linkerd takes the Gateway API's own since 2.14: write that",
  },
  {
    of: "Traefik",
    groups: ["traefik.io", "traefik.containo.us"],
    kinds: ["IngressRouteTCP", "IngressRouteUDP"],
    weights: ["spec routes * services * weight"],
    because: "Traefik counts no connections by Service",
  },
  {
    of: "Emissary, Ambassador",
    groups: ["getambassador.io"],
    kinds: ["TCPMapping"],
    weights: ["spec weight"],
    because: "connections are not counted by Service",
  },
];
