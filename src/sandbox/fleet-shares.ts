import { z } from "zod";
import { unreachable } from "../core/unreachable.ts";
import { ManifestError } from "./cluster/kinds/manifest.ts";
import { asksForHeaders, TESTER } from "./cluster/kinds/testers.ts";
import { writtenOf, type KubeObject } from "./cluster/objects.ts";

const Matches = z.array(z.looseObject({})).default([]);

const Mirror = z.object({ backendRef: z.object({ name: z.string() }), percent: z.number().default(100) });

const HttpRoute = z.object({
  kind: z.literal("HTTPRoute"),
  spec: z.object({
    rules: z.array(
      z.object({
        matches: Matches,
        backendRefs: z.array(z.object({ name: z.string(), weight: z.number().default(1) })).default([]),
        filters: z.array(z.object({ requestMirror: Mirror.optional() })).default([]),
      }),
    ),
  }),
});

const Destination = z.object({ host: z.string(), subset: z.string().optional() });
const Percent = z.object({ value: z.number() });

const VirtualService = z.object({
  kind: z.literal("VirtualService"),
  spec: z.object({
    http: z.array(
      z.object({
        match: Matches,
        route: z.array(z.object({ destination: Destination, weight: z.number().default(0) })).default([]),
        mirror: Destination.optional(),
        mirrorPercentage: Percent.default({ value: 100 }),
      }),
    ),
  }),
});

const CanaryIngress = z.object({
  kind: z.literal("Ingress"),
  metadata: z.object({
    annotations: z.object({
      "nginx.ingress.kubernetes.io/canary-weight": z.string().regex(/^\d+$/),
      "nginx.ingress.kubernetes.io/canary-by-header-pattern": z.string().optional(),
    }),
  }),
});

const Route = z.union([HttpRoute, VirtualService, CanaryIngress]);

/** The canary's share in a manifest of any of the kinds, per cent; undefined in every other manifest. Read without the product's code. */
export function shareIn(manifest: unknown, service: string): number | undefined {
  const { data } = Route.safeParse(manifest);
  switch (data?.kind) {
    case undefined:
      return meshShareIn(manifest, service, "everybody");
    case "HTTPRoute":
      return shareOf(
        data.spec.rules.filter(({ matches }) => !asksForHeaders(matches)).map((rule) => rule.backendRefs),
        ({ name }) => name === `${service}-canary`,
      );
    case "VirtualService":
      return shareOf(
        data.spec.http.filter(({ match }) => !asksForHeaders(match)).map(({ route }) => route),
        ({ destination: { host, subset } }) => host === `${service}-canary` || subset === "canary",
      );
    case "Ingress":
      return Number(data.metadata.annotations["nginx.ingress.kubernetes.io/canary-weight"]);
    default:
      return unreachable(data);
  }
}

/** The canary's share of testers' requests, per cent; undefined where a manifest has no rule for them. */
export function testersIn(manifest: unknown, service: string): number | undefined {
  const { data } = Route.safeParse(manifest);
  switch (data?.kind) {
    case undefined:
      return meshShareIn(manifest, service, "testers");
    case "HTTPRoute":
      return shareOf(
        data.spec.rules.filter(({ matches }) => asksForHeaders(matches)).map((rule) => rule.backendRefs),
        ({ name }) => name === `${service}-canary`,
      );
    case "VirtualService":
      return shareOf(
        data.spec.http.filter(({ match }) => asksForHeaders(match)).map(({ route }) => route),
        ({ destination: { host } }) => host === `${service}-canary`,
      );
    case "Ingress": {
      const { annotations } = data.metadata;
      const pattern = annotations["nginx.ingress.kubernetes.io/canary-by-header-pattern"];
      if (pattern === undefined) return undefined;
      const isMet = new RegExp(pattern).test(TESTER.value);
      return isMet ? 100 : Number(annotations["nginx.ingress.kubernetes.io/canary-weight"]);
    }
    default:
      return unreachable(data);
  }
}

/** Of how many per cent of the requests copies go to the canary; undefined where a manifest has no mirror to it. */
export function copiesIn(manifest: unknown, service: string): number | undefined {
  const { data } = Route.safeParse(manifest);
  const canary = `${service}-canary`;
  if (data?.kind === "HTTPRoute")
    return data.spec.rules
      .flatMap(({ filters }) => filters.flatMap(({ requestMirror }) => requestMirror ?? []))
      .find(({ backendRef }) => backendRef.name === canary)?.percent;
  if (data?.kind !== "VirtualService") return undefined;
  return data.spec.http.find(({ mirror }) => mirror?.host === canary)?.mirrorPercentage.value;
}

type Who = "everybody" | "testers";

/** The same of the kinds that look alike, as the cluster understands them. */
function meshShareIn(manifest: unknown, service: string, who: Who): number | undefined {
  const object = objectIn(manifest);
  if (object?.kind === "Mapping") return who === "everybody" ? object.weight : undefined;
  const backends = object === undefined ? [] : backendsOf(object, who);
  return shareOf([backends], (backend) => backend.service === `${service}-canary`);
}

const Manifest = z.record(z.string(), z.json());

// What the cluster would refuse says nothing.
function objectIn(manifest: unknown): KubeObject | undefined {
  const { data } = Manifest.safeParse(manifest);
  try {
    return data === undefined ? undefined : writtenOf(data)[0]?.object;
  } catch (error) {
    if (error instanceof ManifestError) return undefined;
    throw error;
  }
}

type Backends = readonly { readonly service: string; readonly weight: number }[];

function backendsOf(object: KubeObject, who: Who): Backends {
  if (object.kind === "Ingress") {
    const isMet = object.isForTesters === (who === "testers");
    return [object.actions?.[who] ?? [], isMet ? (object.weights ?? []) : []].flat();
  }
  return "met" in object ? (object.met[who] ?? []) : [];
}

/** By the first rule that has the canary. */
function shareOf<T extends { readonly weight: number }>(
  rules: readonly (readonly T[])[],
  isCanary: (one: T) => boolean,
): number | undefined {
  const rule = rules.find((one) => one.some(isCanary));
  const weight = rule?.find(isCanary)?.weight;
  if (rule === undefined || weight === undefined) return undefined;
  const total = rule.reduce((sum, one) => sum + one.weight, 0);
  return total === 0 ? 0 : (100 * weight) / total;
}
