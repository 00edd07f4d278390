import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { DnsName, Label, ManifestError, Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";

/** An Ingress, as NGINX's controller and AWS' read it. */
export type Ingress = Place & {
  readonly kind: "Ingress";
  readonly paths: readonly IngressPath[];
  /** NGINX: this Ingress only takes a share of what goes to another of the same host and path. */
  readonly canary: { readonly weight: number; readonly total: number } | undefined;
  /** AWS: weighted Services that stand in the place of a path's, by the name of the action. */
  readonly actions: ReadonlyMap<string, readonly TargetGroup[]>;
  /** Skipper: the weights of Services that share every path. */
  readonly weights: readonly TargetGroup[] | undefined;
};

export type IngressPath = { readonly host: string; readonly path: string; readonly service: string };

export type TargetGroup = { readonly service: string; readonly weight: number };

const Backend = z.object({ service: z.object({ name: DnsName }).optional() });

const HttpPath = z.object({ path: z.string().default("/"), backend: Backend });

const Manifest = z.object({
  metadata: Metadata.extend({ annotations: Label.default({}) }),
  spec: z.object({
    rules: z
      .array(z.object({ host: z.string().default(""), http: z.object({ paths: z.array(HttpPath) }).optional() }))
      .default([]),
  }),
});

const Action = z.object({
  Type: z.literal("forward"),
  ForwardConfig: z.object({
    TargetGroups: z.array(z.object({ ServiceName: DnsName, Weight: z.int().min(0).max(999).default(1) })),
  }),
});

const Weights = z.record(z.string(), z.number().min(0));

const NGINX = "nginx.ingress.kubernetes.io/";
const WEIGHTS = "zalando.org/backend-weights";
const ACTIONS = "alb.ingress.kubernetes.io/actions.";

/** Reads an Ingress of `networking.k8s.io/v1`. Throws a ManifestError. */
export function ingressOf(manifest: JsonObject): Ingress {
  const { metadata, spec } = valid(Manifest, manifest);
  const { annotations, ...place } = metadata;
  const paths = spec.rules.flatMap(({ host, http }) =>
    (http?.paths ?? []).flatMap(({ path, backend }) =>
      backend.service === undefined ? [] : [{ host, path, service: backend.service.name }],
    ),
  );
  const actions = Object.entries(annotations)
    .filter(([key]) => key.startsWith(ACTIONS))
    .map(([key, text]) => [key.slice(ACTIONS.length), groupsOf(text)] as const);
  const weights = weightsOf(annotations[WEIGHTS], paths);
  return { kind: "Ingress", ...place, paths, canary: canaryOf(annotations), actions: new Map(actions), weights };
}

// A Service that has no path of its own gets nothing.
function weightsOf(text: string | undefined, paths: readonly IngressPath[]): Ingress["weights"] {
  if (text === undefined) return undefined;
  const weights = Weights.safeParse(parsed(text)).data ?? {};
  return Object.entries(weights)
    .filter(([service]) => paths.some((path) => path.service === service))
    .map(([service, weight]) => ({ service, weight }));
}

// An annotation that is no number counts as if it were not there, and a total below 100 as 100.
function canaryOf(annotations: Readonly<Record<string, string>>): Ingress["canary"] {
  if (annotations[`${NGINX}canary`] !== "true") return undefined;
  const total = Math.max(100, wholeOf(annotations[`${NGINX}canary-weight-total`]) ?? 100);
  return { weight: Math.min(total, wholeOf(annotations[`${NGINX}canary-weight`]) ?? 0), total };
}

function wholeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

// Actions of other types lead to no pods.
function groupsOf(text: string): readonly TargetGroup[] {
  const groups = Action.safeParse(jsonOf(text)).data?.ForwardConfig.TargetGroups ?? [];
  return groups.map(({ ServiceName, Weight }) => ({ service: ServiceName, weight: Weight }));
}

function jsonOf(text: string): unknown {
  return capitalised(parsed(text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ManifestError(`An annotation of the Ingress is no JSON: ${text}`);
  }
}

// The controller of AWS reads `forwardConfig` as it reads `ForwardConfig`.
function capitalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capitalised);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key.charAt(0).toUpperCase() + key.slice(1), item] as const,
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, capitalised(item)]));
}
