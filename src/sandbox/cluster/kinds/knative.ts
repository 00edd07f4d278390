import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { templateHash } from "../random.ts";
import { DnsName, Label, ManifestError, Metadata, valid } from "./manifest.ts";
import type { Place, Template } from "./manifest.ts";
import type { Met } from "./testers.ts";

/** What Knative makes revisions of: a Configuration of somebody's, or that of a Knative Service. */
export type Configuration = Place & {
  readonly kind: "Configuration";
  readonly template: Template;
  /** How many pods a revision of it keeps without requests. */
  readonly least: number;
};

/** Per cent to Configurations. */
export type KnativeRoute = Place & { readonly kind: "KnativeRoute"; readonly met: Met<readonly Target[]> };

type Target = { readonly service: string; readonly weight: number };

// Containers need no name, and pods no labels.
const PodTemplate = z.looseObject({
  metadata: z
    .object({ name: z.undefined().optional(), labels: Label.default({}), annotations: Label.default({}) })
    .default({ labels: {}, annotations: {} }),
  spec: z.looseObject({
    containers: z.array(z.looseObject({ name: DnsName.default("user-container"), image: z.string().min(1) })).min(1),
  }),
});

const Made = z.object({
  metadata: Metadata,
  spec: z.object({ template: PodTemplate, traffic: z.undefined().optional() }),
});
const Raw = z.object({ spec: z.object({ template: z.unknown() }) });

/** Reads a Service or Configuration of `serving.knative.dev/v1`; one whose revision has a name is refused, and a Service with a list of traffic. Throws a ManifestError. */
export function configurationOf(manifest: JsonObject): Configuration {
  const { metadata, spec } = valid(Made, manifest);
  const { labels, annotations } = spec.template.metadata;
  const containers = spec.template.spec.containers.map(({ name, image }) => ({ name, image }));
  const hash = templateHash(JSON.stringify(valid(Raw, manifest).spec.template));
  const least = valid(z.coerce.number().int().min(0), annotations["autoscaling.knative.dev/min-scale"] ?? "0");
  return { kind: "Configuration", ...metadata, template: { hash, labels, containers }, least };
}

const Percent = z.int().min(0).max(100).default(0);
const Traffic = z.object({
  metadata: Metadata,
  spec: z.object({ traffic: z.array(z.object({ configurationName: DnsName, percent: Percent })) }),
});

/** Reads a Route of `serving.knative.dev/v1` that sends to Configurations alone. Throws a ManifestError. */
export function knativeRouteOf(manifest: JsonObject): KnativeRoute {
  const { metadata, spec } = valid(Traffic, manifest);
  const everybody = spec.traffic.map(({ configurationName: service, percent: weight }) => ({ service, weight }));
  const sum = everybody.reduce((all, { weight }) => all + weight, 0);
  if (sum !== 100) throw new ManifestError(`Traffic targets sum to ${sum}, want 100.`);
  return { kind: "KnativeRoute", ...metadata, met: { everybody, testers: undefined } };
}
