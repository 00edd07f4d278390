import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { DnsName, Label, ManifestError, Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";
import { namesTester, TESTER, whoMeets, type Met } from "./testers.ts";

/** An Ingress, as NGINX's controller and AWS' read it. */
export type Ingress = Place & {
  readonly kind: "Ingress";
  readonly paths: readonly IngressPath[];
  /** NGINX: this Ingress only takes a share of what goes to another of the same host and path. */
  readonly canary: Canary | undefined;
  /** AWS: weighted Services that stand in the place of a path's; of several actions the first is what traffic meets, but for testers where a condition names their header. */
  readonly actions: Met<readonly TargetGroup[]> | undefined;
  /** Skipper: the weights of Services that share every path. */
  readonly weights: readonly TargetGroup[] | undefined;
  /** Skipper: this Ingress takes only the requests that have the testers' header. */
  readonly isForTesters: boolean;
};

/** `takesTesters`: whatever the weight is. */
export type Canary = { readonly weight: number; readonly total: number; readonly takesTesters: boolean };

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
const PREDICATE = "zalando.org/skipper-predicate";
const ACTIONS = "alb.ingress.kubernetes.io/actions.";
const CONDITIONS = "alb.ingress.kubernetes.io/conditions.";

/** Reads an Ingress of `networking.k8s.io/v1`. Throws a ManifestError. */
export function ingressOf(manifest: JsonObject): Ingress {
  const { metadata, spec } = valid(Manifest, manifest);
  const { annotations, ...place } = metadata;
  const paths = spec.rules.flatMap(({ host, http }) =>
    (http?.paths ?? []).flatMap(({ path, backend }) =>
      backend.service === undefined ? [] : [{ host, path, service: backend.service.name }],
    ),
  );
  const weights = weightsOf(annotations[WEIGHTS], paths);
  const isForTesters = namesTester(annotations[PREDICATE]);
  const actions = actionsOf(annotations, paths);
  return { kind: "Ingress", ...place, paths, canary: canaryOf(annotations), actions, weights, isForTesters };
}

type Annotations = Readonly<Record<string, string>>;

function actionsOf(annotations: Annotations, paths: readonly IngressPath[]): Ingress["actions"] {
  const called = paths.map(({ service }) => service).filter((name) => `${ACTIONS}${name}` in annotations);
  const { everybody, testers } = whoMeets(called, (name) => namesTester(annotations[`${CONDITIONS}${name}`]));
  const groups = (name: string) => groupsOf(annotations[`${ACTIONS}${name}`] ?? "");
  if (everybody === undefined) return undefined;
  return { everybody: groups(everybody), testers: testers === undefined ? undefined : groups(testers) };
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
function canaryOf(annotations: Annotations): Ingress["canary"] {
  if (annotations[`${NGINX}canary`] !== "true") return undefined;
  const total = Math.max(100, wholeOf(annotations[`${NGINX}canary-weight-total`]) ?? 100);
  const weight = Math.min(total, wholeOf(annotations[`${NGINX}canary-weight`]) ?? 0);
  return { weight, total, takesTesters: takesTesters(annotations) };
}

// A value goes before a pattern, and without either only `always` is meant.
function takesTesters(annotations: Annotations): boolean {
  const [header, value, pattern] = ["", "-value", "-pattern"].map(
    (part) => annotations[`${NGINX}canary-by-header${part}`],
  );
  if (header?.toLowerCase() !== TESTER.header) return false;
  if (value !== undefined) return value === TESTER.value;
  return pattern !== undefined && new RegExp(pattern).test(TESTER.value);
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
