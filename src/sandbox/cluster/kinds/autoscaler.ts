import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { DnsName, Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";

/** A HorizontalPodAutoscaler by utilisation. */
export type Autoscaler = Place & {
  readonly kind: "HorizontalPodAutoscaler";
  readonly target: { readonly kind: "Deployment" | "Rollout"; readonly name: string };
  readonly min: number;
  readonly max: number;
  /** Per cent of what a pod asks for. */
  readonly utilisation: number;
};

const Metric = z.object({
  type: z.literal("Resource"),
  resource: z.object({ target: z.object({ type: z.literal("Utilization"), averageUtilization: z.int().min(1) }) }),
});

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.enum(["Deployment", "Rollout"]), name: DnsName }),
    minReplicas: z.int().min(1).default(1),
    maxReplicas: z.int().min(1),
    metrics: z.array(Metric).max(1).default([]),
  }),
});

/** Reads a HorizontalPodAutoscaler of `autoscaling/v2`. Throws a ManifestError. */
export function autoscalerOf(manifest: JsonObject): Autoscaler {
  const { metadata, spec } = valid(Manifest, manifest);
  return {
    kind: "HorizontalPodAutoscaler",
    ...metadata,
    target: spec.scaleTargetRef,
    min: spec.minReplicas,
    max: spec.maxReplicas,
    utilisation: spec.metrics[0]?.resource.target.averageUtilization ?? 80,
  };
}
