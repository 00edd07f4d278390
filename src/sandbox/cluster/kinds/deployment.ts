import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { Label, ManifestError, Metadata, PodTemplate, selects, templateOf, valid } from "./manifest.ts";
import type { Labels, Place, Template } from "./manifest.ts";

export type Deployment = Place & {
  readonly kind: "Deployment";
  readonly replicas: number;
  readonly selector: Labels;
  readonly template: Template;
};

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({
    replicas: z.int().min(0).default(1),
    selector: z.object({ matchLabels: Label }),
    template: PodTemplate,
  }),
});

/** Reads a Deployment of `apps/v1`. Throws a ManifestError. */
export function deploymentOf(manifest: JsonObject): Deployment {
  const { metadata, spec } = valid(Manifest, manifest);
  const { replicas, selector } = spec;
  const template = templateOf(manifest);
  if (!selects(selector.matchLabels, template.labels))
    throw new ManifestError(`${metadata.name}: the selector does not match the template's labels.`);
  return { kind: "Deployment", ...metadata, replicas, selector: selector.matchLabels, template };
}
