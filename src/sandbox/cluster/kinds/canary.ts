import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { DnsName, Metadata, valid } from "./manifest.ts";
import type { Place } from "./manifest.ts";

/** Flagger's Canary of a Deployment, with what its controller goes by; times are milliseconds. */
export type Canary = Place & {
  readonly kind: "Canary";
  /** The Deployment that people write; the controller makes another one that serves. */
  readonly target: string;
  /** What the Services and the route are called that the controller makes. */
  readonly apex: string;
  readonly port: number;
  readonly provider: "istio" | "gatewayapi:v1";
  readonly suspend: boolean;
  readonly skipAnalysis: boolean;
  readonly progressDeadlineMs: number;
  readonly analysis: CanaryAnalysis;
};

export type CanaryAnalysis = {
  readonly intervalMs: number;
  readonly threshold: number;
  readonly stepWeights: readonly number[];
  readonly stepWeight: number;
  readonly maxWeight: number;
  readonly webhooks: readonly Webhook[];
};

/** A hook, and whether the controller gets an answer from its URL. */
export type Webhook = { readonly type: string; readonly outcome: "passes" | "fails" };

// The defaults of pkg/apis/flagger/v1beta1/canary.go at 15bd6ad5.
const PROGRESS_DEADLINE_S = 600;
const LEAST_INTERVAL_MS = 10_000;
const MS = { s: 1_000, m: 60_000 } as const;

const Interval = z
  .string()
  .regex(/^\d+[sm]$/)
  .transform((text) => Math.max(LEAST_INTERVAL_MS, Number(text.slice(0, -1)) * MS[text.endsWith("m") ? "m" : "s"]));

const HOOKS = [
  "",
  "confirm-rollout",
  "pre-rollout",
  "rollout",
  "confirm-promotion",
  "post-rollout",
  "event",
  "rollback",
  "confirm-traffic-increase",
] as const;

const Hook = z.object({ name: z.string(), type: z.enum(HOOKS).default(""), url: z.url() });

// Nothing listens on the discard port of the controller's own pod; whatever else is asked answers.
const REFUSED = "http://127.0.0.1:9/";

const Percent = z.number().min(0).max(100);

const Analysis = z.object({
  interval: Interval.default(MS.m),
  threshold: z.number().default(0),
  stepWeights: z.array(Percent).default([]),
  stepWeight: Percent.default(0),
  maxWeight: Percent.default(0),
  webhooks: z.array(Hook).default([]),
});

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({
    provider: z.enum(["istio", "gatewayapi:v1"]).default("istio"),
    targetRef: z.object({ kind: z.literal("Deployment"), name: DnsName }),
    service: z.object({ name: DnsName.optional(), port: z.int() }),
    suspend: z.boolean().default(false),
    skipAnalysis: z.boolean().default(false),
    progressDeadlineSeconds: z.int().default(PROGRESS_DEADLINE_S),
    analysis: Analysis,
  }),
});

/** Reads a Canary of `flagger.app` for a Deployment behind Istio or the Gateway API. Throws a ManifestError. */
export function canaryOf(manifest: JsonObject): Canary {
  const { metadata, spec } = valid(Manifest, manifest);
  const { provider, suspend, skipAnalysis, service, targetRef, progressDeadlineSeconds } = spec;
  const { interval, threshold, webhooks, ...weights } = spec.analysis;
  return {
    kind: "Canary",
    ...metadata,
    target: targetRef.name,
    apex: service.name ?? targetRef.name,
    port: service.port,
    provider,
    suspend,
    skipAnalysis,
    progressDeadlineMs: progressDeadlineSeconds * MS.s,
    analysis: {
      ...weights,
      intervalMs: interval,
      threshold: threshold > 0 ? threshold : 1,
      webhooks: webhooks.map(({ type, url }) => ({ type, outcome: url === REFUSED ? "fails" : "passes" })),
    },
  };
}
