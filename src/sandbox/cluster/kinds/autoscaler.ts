import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { DnsName, Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";

/** A HorizontalPodAutoscaler by utilisation; of its metrics the first such one counts. */
export type Autoscaler = Place & {
  readonly kind: "HorizontalPodAutoscaler";
  readonly target: { readonly kind: string; readonly name: string };
  readonly min: number;
  readonly max: number;
  /** Per cent of what a pod asks for. */
  readonly utilisation: number;
};

const Utilisation = z.object({
  resource: z.object({ target: z.object({ averageUtilization: z.int().min(1) }) }),
});

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: DnsName }),
    minReplicas: z.int().min(1).default(1),
    maxReplicas: z.int().min(1),
    metrics: z.array(z.unknown()).default([]),
  }),
});

// What Kubernetes takes where no metric is named.
const USUAL = 80;

/** Reads a HorizontalPodAutoscaler of `autoscaling/v2`. Throws a ManifestError. */
export function autoscalerOf(manifest: JsonObject): Autoscaler {
  const { metadata, spec } = valid(Manifest, manifest);
  const [metric] = spec.metrics.flatMap((one) => Utilisation.safeParse(one).data ?? []);
  return {
    kind: "HorizontalPodAutoscaler",
    ...metadata,
    target: spec.scaleTargetRef,
    min: spec.minReplicas,
    max: spec.maxReplicas,
    utilisation: metric?.resource.target.averageUtilization ?? USUAL,
  };
}
