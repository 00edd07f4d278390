import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { Label, Metadata, valid } from "./manifest.ts";
import type { Labels, Place } from "./manifest.ts";

/** Istio's subsets of one host: labels that narrow down the host's pods. */
export type DestinationRule = Place & {
  readonly kind: "DestinationRule";
  readonly host: string;
  readonly subsets: ReadonlyMap<string, Labels>;
};

const Subset = z.object({ name: z.string().min(1), labels: Label.default({}) });

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({ host: z.string().min(1), subsets: z.array(Subset).default([]) }),
});

/** Reads a DestinationRule of `networking.istio.io`. Throws a ManifestError. */
export function destinationRuleOf(manifest: JsonObject): DestinationRule {
  const { metadata, spec } = valid(Manifest, manifest);
  const subsets = new Map(spec.subsets.map(({ name, labels }) => [name, labels]));
  return { kind: "DestinationRule", ...metadata, host: spec.host, subsets };
}
