import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { DnsName, ManifestError, Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";
import { namesTester, together, whoMeets, type Met } from "./testers.ts";

/** A route of a mesh or a gateway that lists weighted Services; of several rules the first one is what traffic meets, but for testers where one names their header. */
export type SplitRoute = Place & {
  readonly kind: SplitKind;
  readonly backends: readonly Backend[];
  /** The same of either alone. */
  readonly met: Met<readonly Backend[]>;
};

type Backend = { readonly service: string; readonly weight: number };

/** Where a kind lists its backends, how one says its name, and what a weight that is not written counts for. */
type Split = {
  /** API group and kind. */
  readonly type: readonly [group: string, kind: string];
  /** The keys to the list; the items of the last list on the way are the rules. */
  readonly list: string;
  readonly name: string;
  readonly missing: number;
  /** The Service that a name means; the name itself where nothing is said. */
  readonly service?: (name: string, place: Place) => string;
  readonly most?: number;
};

const tagged = (name: string) => name.split("_")[0] ?? name;
// A discovered Upstream is called by namespace, Service and port.
const upstream = (name: string) => /^[^-]+-(.+)-\d+$/.exec(name)?.[1] ?? name;

const SPLITS = {
  GRPCRoute: gateway("GRPCRoute"),
  TLSRoute: gateway("TLSRoute"),
  TCPRoute: gateway("TCPRoute"),
  TrafficSplit: { type: ["split.smi-spec.io", "TrafficSplit"], list: "spec backends", name: "service", missing: 0 },
  TraefikService: { type: ["traefik.io", "TraefikService"], list: "spec weighted services", name: "name", missing: 1 },
  IngressRoute: { type: ["traefik.io", "IngressRoute"], list: "spec routes services", name: "name", missing: 1 },
  HTTPProxy: { type: ["projectcontour.io", "HTTPProxy"], list: "spec routes services", name: "name", missing: 0 },
  ApisixRoute: {
    type: ["apisix.apache.org", "ApisixRoute"],
    list: "spec http backends",
    name: "serviceName",
    missing: 100,
  },
  // A VirtualNode stands for the Service of its name.
  VirtualRouter: {
    type: ["appmesh.k8s.aws", "VirtualRouter"],
    list: "spec routes httpRoute action weightedTargets",
    name: "virtualNodeRef name",
    missing: 0,
    most: 100,
  },
  ServiceSplitter: {
    type: ["consul.hashicorp.com", "ServiceSplitter"],
    list: "spec splits",
    name: "service",
    missing: 0,
    most: 100,
  },
  TrafficRoute: {
    type: ["kuma.io", "TrafficRoute"],
    list: "spec conf split",
    name: "destination kuma.io/service",
    missing: 0,
    service: tagged,
  },
  MeshHTTPRoute: {
    type: ["kuma.io", "MeshHTTPRoute"],
    list: "spec to rules default backendRefs",
    name: "name",
    missing: 1,
    service: tagged,
  },
  GlooVirtualService: {
    type: ["gateway.solo.io", "VirtualService"],
    list: "spec virtualHost routes routeAction multi destinations",
    name: "destination upstream name",
    missing: 0,
    service: upstream,
  },
  GlooRouteTable: {
    type: ["gateway.solo.io", "RouteTable"],
    list: "spec routes routeAction multi destinations",
    name: "destination kube ref name",
    missing: 0,
  },
  UpstreamGroup: {
    type: ["gloo.solo.io", "UpstreamGroup"],
    list: "spec destinations",
    name: "destination upstream name",
    missing: 0,
    service: upstream,
  },
  GlooMeshRouteTable: {
    type: ["networking.gloo.solo.io", "RouteTable"],
    list: "spec http forwardTo destinations",
    name: "ref name",
    missing: 0,
  },
} as const satisfies { readonly [kind: string]: Split };

export type SplitKind = keyof typeof SPLITS | "OpenShiftRoute";

function gateway(kind: string): Split {
  return { type: ["gateway.networking.k8s.io", kind], list: "spec rules backendRefs", name: "name", missing: 1 };
}

/** Who reads which API group and kind. */
export const SPLIT_READERS: readonly (readonly [
  type: string,
  read: (manifest: JsonObject) => SplitRoute | undefined,
])[] = [
  ...Object.keys(SPLITS)
    .filter(isListed)
    .map((kind) => {
      const split: Split = SPLITS[kind];
      return [split.type.join("/"), (manifest: JsonObject) => splitRouteOf(kind, split, manifest)] as const;
    }),
  ["route.openshift.io/Route", openShiftRouteOf],
];

function isListed(kind: string): kind is keyof typeof SPLITS {
  return Object.hasOwn(SPLITS, kind);
}

const Manifest = z.object({ metadata: Metadata });
const Weight = z.union([z.number(), z.string().regex(/^\d+m$/)]);

/** Undefined where every request goes on to a route of another kind, as from an IngressRoute to a TraefikService. */
function splitRouteOf(kind: SplitKind, split: Split, manifest: JsonObject): SplitRoute | undefined {
  const { metadata } = valid(Manifest, manifest);
  const rules = rulesAt(manifest, split.list.split(" "), manifest);
  if (rules.length > 0 && rules.every(({ list }) => leadsOn(list))) return undefined;
  const { everybody, testers } = whoMeets(rules, ({ rule }) => namesTester(rule));
  const listed = (list: unknown) =>
    valid(z.array(z.unknown()), list ?? []).map((item) => {
      const name = valid(z.string().min(1), valueAt(item, split.name.split(" ")));
      const weight = weightOf(valueAt(item, ["weight"]) ?? split.missing, split.most);
      return { service: split.service?.(name, metadata) ?? name, weight };
    });
  const met = { everybody: listed(everybody?.list), testers: testers && listed(testers.list) };
  return { kind, ...metadata, backends: together(met, ({ service }) => service), met };
}

function leadsOn(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.length > 0 &&
    list.every((item: unknown) => valueAt(item, ["kind"]) === SPLITS.TraefikService.type[1])
  );
}

type Rule = { readonly rule: unknown; readonly list: unknown };

/** The rules of an object with their lists; an object without any on the way is its only rule. */
function rulesAt(value: unknown, [key, ...rest]: readonly string[], rule: unknown): readonly Rule[] {
  if (key === undefined) return [{ rule, list: value }];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => rulesAt(item, [key, ...rest], item));
  return isKeyed(value) ? rulesAt(value[key], rest, rule) : [];
}

function isKeyed(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

const MOST = 1_000_000;

function weightOf(written: unknown, most = MOST): number {
  const weight = valid(Weight, written);
  const value = typeof weight === "number" ? weight : Number.parseInt(weight, 10) / 1000;
  if (value < 0 || value > most) throw new ManifestError(`A weight is from 0 to ${most}, not ${value}.`);
  return value;
}

function valueAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return value;
  return isKeyed(value) ? valueAt(value[key], rest) : undefined;
}

const Target = z.object({ name: DnsName, weight: z.int().min(0).max(256).default(100) });
const OpenShift = z.object({
  metadata: Metadata,
  spec: z.object({ to: Target, alternateBackends: z.array(Target).default([]) }),
});

function openShiftRouteOf(manifest: JsonObject): SplitRoute {
  const { metadata, spec } = valid(OpenShift, manifest);
  const backends = [spec.to, ...spec.alternateBackends].map(({ name, weight }) => ({ service: name, weight }));
  return { kind: "OpenShiftRoute", ...metadata, backends, met: { everybody: backends, testers: undefined } };
}
