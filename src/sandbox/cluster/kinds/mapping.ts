import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";

/** Emissary's Mapping: a Service for a prefix; one with a weight takes so many per cent of what the one without would get. */
export type Mapping = Place & {
  readonly kind: "Mapping";
  readonly prefix: string;
  readonly hostname: string;
  readonly service: string;
  readonly weight: number | undefined;
};

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({
    prefix: z.string(),
    hostname: z.string().default("*"),
    service: z.string().min(1),
    weight: z.int().min(0).max(100).optional(),
  }),
});

/** Reads a Mapping of `getambassador.io`. Throws a ManifestError. */
export function mappingOf(manifest: JsonObject): Mapping {
  const { metadata, spec } = valid(Manifest, manifest);
  const { prefix, hostname, service, weight } = spec;
  const [name = service] = service.replace(/^[a-z]+:\/\//, "").split(/[.:]/);
  return { kind: "Mapping", ...metadata, prefix, hostname, service: name, weight };
}
