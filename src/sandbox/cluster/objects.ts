import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { templateHash } from "./random.ts";

export type Labels = Readonly<Record<string, string>>;

export type Template = {
  readonly hash: string;
  readonly labels: Labels;
  readonly containers: readonly { readonly name: string; readonly image: string }[];
};

export type Deployment = {
  readonly kind: "Deployment";
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly selector: Labels;
  readonly template: Template;
};

export type Service = {
  readonly kind: "Service";
  readonly namespace: string;
  readonly name: string;
  readonly selector: Labels;
};

/** An HTTPRoute; of several rules the first one is what traffic meets. */
export type Route = {
  readonly kind: "HTTPRoute";
  readonly namespace: string;
  readonly name: string;
  readonly backends: readonly Backend[];
};

export type Backend = { readonly service: string; readonly weight: number };

export type KubeObject = Deployment | Service | Route;

/** A manifest that the API server would refuse; the message says why. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

const Label = z.record(z.string(), z.string());
const DnsName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
const Metadata = z.object({ name: DnsName, namespace: DnsName.default("default") });

const DeploymentManifest = z.object({
  apiVersion: z.literal("apps/v1"),
  kind: z.literal("Deployment"),
  metadata: Metadata,
  spec: z.object({
    replicas: z.int().min(0).default(1),
    selector: z.object({ matchLabels: Label }),
    template: z.object({
      metadata: z.object({ labels: Label }),
      spec: z.object({ containers: z.array(z.object({ name: DnsName, image: z.string().min(1) })).min(1) }),
    }),
  }),
});

const ServiceManifest = z.object({
  apiVersion: z.literal("v1"),
  kind: z.literal("Service"),
  metadata: Metadata,
  spec: z.object({ selector: Label.default({}) }),
});

const BackendRef = z.object({ name: DnsName, weight: z.int().min(0).max(1_000_000).default(1) });

const RouteManifest = z.object({
  apiVersion: z.literal("gateway.networking.k8s.io/v1"),
  kind: z.literal("HTTPRoute"),
  metadata: Metadata,
  spec: z.object({ rules: z.array(z.object({ backendRefs: z.array(BackendRef).default([]) })).min(1) }),
});

const Kind = z.object({ apiVersion: z.string(), kind: z.string() });
const RawTemplate = z.object({ spec: z.object({ template: z.unknown() }) });

/** The objects of one YAML file that the cluster knows; other kinds are left out. Throws a ManifestError on what the API server would refuse. */
export function objectsIn(text: string): readonly KubeObject[] {
  const documents = parseAllDocuments(text);
  return Array.from(documents).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new ManifestError(error.message);
    return objectsOf(document.toJS());
  });
}

/** Whether labels carry everything that a selector asks for; an empty selector selects nothing. */
export function selects(selector: Labels, labels: Labels): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

function objectsOf(manifest: unknown): readonly KubeObject[] {
  const kind = Kind.safeParse(manifest);
  if (!kind.success) return [];
  switch (`${kind.data.apiVersion}/${kind.data.kind}`) {
    case "apps/v1/Deployment":
      return [deploymentOf(valid(DeploymentManifest, manifest), valid(RawTemplate, manifest).spec.template)];
    case "v1/Service":
      return [serviceOf(valid(ServiceManifest, manifest))];
    case "gateway.networking.k8s.io/v1/HTTPRoute":
      return [routeOf(valid(RouteManifest, manifest))];
    default:
      return [];
  }
}

// The hash is of the whole template as written, so that any change of it makes new pods.
function deploymentOf({ metadata, spec }: z.output<typeof DeploymentManifest>, template: unknown): Deployment {
  const { labels } = spec.template.metadata;
  const { matchLabels } = spec.selector;
  if (!selects(matchLabels, labels))
    throw new ManifestError(`${metadata.name}: the selector does not match the template's labels.`);
  const { containers } = spec.template.spec;
  const hash = templateHash(JSON.stringify(template));
  return {
    kind: "Deployment",
    ...metadata,
    replicas: spec.replicas,
    selector: matchLabels,
    template: { hash, labels, containers },
  };
}

function serviceOf({ metadata, spec }: z.output<typeof ServiceManifest>): Service {
  return { kind: "Service", ...metadata, selector: spec.selector };
}

function routeOf({ metadata, spec }: z.output<typeof RouteManifest>): Route {
  const backends = (spec.rules[0]?.backendRefs ?? []).map(({ name, weight }) => ({ service: name, weight }));
  return { kind: "HTTPRoute", ...metadata, backends };
}

function valid<T extends z.ZodType>(schema: T, manifest: unknown): z.output<T> {
  const result = schema.safeParse(manifest);
  if (!result.success) throw new ManifestError(z.prettifyError(result.error));
  return result.data;
}
