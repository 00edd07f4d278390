import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { Label, Metadata, valid } from "./manifest.ts";
import type { Labels, Place } from "./manifest.ts";

export type Service = Place & { readonly kind: "Service"; readonly selector: Labels; readonly annotations: Labels };

const Manifest = z.object({
  metadata: Metadata.extend({ annotations: Label.default({}) }),
  spec: z.object({ selector: Label.default({}) }),
});

/** Reads a Service of `v1`. Throws a ManifestError. */
export function serviceOf(manifest: JsonObject): Service {
  const { metadata, spec } = valid(Manifest, manifest);
  return { kind: "Service", ...metadata, selector: spec.selector };
}
