import { z } from "zod";
import type { JsonObject } from "../json.ts";
import { hashOf } from "../random.ts";
import { DnsName, Label, Metadata, PodTemplate, selects, templateOf, valid } from "./manifest.ts";
import type { Labels, Place, Template } from "./manifest.ts";
import { Routing, routersOf } from "./rollout-routing.ts";
import type { RolloutRouter } from "./rollout-routing.ts";

/** An Argo Rollout, that does canaries or has two colours. */
export type Rollout = Place & {
  readonly kind: "Rollout";
  readonly replicas: number;
  readonly paused: boolean;
  readonly source: TemplateSource;
  readonly steps: readonly Step[];
  readonly stepHash: string;
  readonly services: { readonly canary: string | undefined; readonly stable: string | undefined };
  /** Undefined: traffic is split by the number of pods alone. */
  readonly routing: { readonly routers: readonly RolloutRouter[]; readonly total: number } | undefined;
  /** Undefined: it does canaries. With it there are neither steps nor routing, and its Services are those of the preview and of the active colour. */
  readonly blueGreen: BlueGreen | undefined;
  readonly maxSurge: Amount;
  readonly maxUnavailable: Amount;
  readonly scaleDownDelayMs: number;
  readonly progressDeadlineMs: number;
  /** Labels that pods carry for as long as they are canary, or stable. */
  readonly labels: { readonly canary: Labels; readonly stable: Labels };
  /** Why the controller would refuse it, where it would. */
  readonly problem: string | undefined;
};

/** Two colours, of which one is active. */
export type BlueGreen = {
  readonly active: string;
  readonly preview: string | undefined;
  /** The controller switches to a new version without being told to; after a while, milliseconds. */
  readonly promotesItself: boolean;
  readonly promotesAfterMs: number;
  /** How many old ReplicaSets may stay for the delay. */
  readonly mostDelayed: number;
};

export type TemplateSource =
  | { readonly kind: "own"; readonly template: Template }
  | { readonly kind: "deployment"; readonly name: string; readonly scaleDown: "never" | "onsuccess" | "progressively" };

export type Step =
  | { readonly kind: "setWeight"; readonly weight: number }
  | { readonly kind: "pause"; readonly ms: number | undefined }
  | { readonly kind: "setCanaryScale"; readonly scale: CanaryScale };

export type CanaryScale =
  | { readonly kind: "replicas"; readonly replicas: number }
  | { readonly kind: "weight"; readonly weight: number }
  | { readonly kind: "matchTrafficWeight" };

/** A number of pods, or per cent of them. */
export type Amount = { readonly value: number; readonly unit: "pods" | "percent" };

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

const Duration = z
  .union([z.int().min(0), z.string().regex(/^(\d+|(\d+[smh])+)$/)])
  .transform((text) => durationOf(String(text)));

const Quantity = z.union([z.int().min(0), z.string().regex(/^\d+%?$/)]).transform((raw): Amount => ({
  value: Number.parseInt(String(raw), 10),
  unit: typeof raw === "string" ? "percent" : "pods",
}));

const Scale = z.union([
  z.strictObject({ replicas: z.int().min(0) }).transform(({ replicas }) => ({ kind: "replicas" as const, replicas })),
  z.strictObject({ weight: z.int().min(0) }).transform(({ weight }) => ({ kind: "weight" as const, weight })),
  z.strictObject({ matchTrafficWeight: z.literal(true) }).transform(() => ({ kind: "matchTrafficWeight" as const })),
]);

// Other kinds of step exist (analysis, experiment, routes by header, plugins); the cluster does not know them and says so.
const StepEntry: z.ZodType<Step> = z.union([
  z
    .strictObject({ setWeight: z.int() })
    .transform(({ setWeight }) => ({ kind: "setWeight" as const, weight: setWeight })),
  z
    .strictObject({ pause: z.strictObject({ duration: Duration.optional() }).nullable() })
    .transform(({ pause }) => ({ kind: "pause" as const, ms: pause?.duration })),
  z
    .strictObject({ setCanaryScale: Scale })
    .transform(({ setCanaryScale }) => ({ kind: "setCanaryScale" as const, scale: setCanaryScale })),
]);

const Ephemeral = z.object({ labels: Label.default({}) }).default({ labels: {} });

const Canary = z.object({
  canaryService: DnsName.optional(),
  stableService: DnsName.optional(),
  steps: z.array(StepEntry).default([]),
  trafficRouting: Routing.optional(),
  maxSurge: Quantity.default({ value: 25, unit: "percent" }),
  maxUnavailable: Quantity.default({ value: 25, unit: "percent" }),
  scaleDownDelaySeconds: z.int().min(0).default(30),
  dynamicStableScale: z.literal(false).default(false),
  canaryMetadata: Ephemeral,
  stableMetadata: Ephemeral,
});

// What judges in the cluster, and a preview of fewer pods, this cluster does not know.
const TwoColours = z.object({
  activeService: DnsName,
  previewService: DnsName.optional(),
  autoPromotionEnabled: z.boolean().default(true),
  autoPromotionSeconds: z.int().min(0).default(0),
  previewReplicaCount: z.undefined().optional(),
  prePromotionAnalysis: z.undefined().optional(),
  postPromotionAnalysis: z.undefined().optional(),
  scaleDownDelaySeconds: z.int().min(0).default(30),
  scaleDownDelayRevisionLimit: z.int().min(0).default(Number.MAX_SAFE_INTEGER),
  previewMetadata: Ephemeral,
  activeMetadata: Ephemeral,
});

type TwoColours = z.output<typeof TwoColours>;

const Strategy = z.union([z.strictObject({ canary: Canary }), z.strictObject({ blueGreen: TwoColours })]);

const Manifest = z.object({
  metadata: Metadata,
  spec: z.object({
    replicas: z.int().min(0).default(1),
    paused: z.boolean().default(false),
    selector: z.object({ matchLabels: Label }).optional(),
    template: PodTemplate.optional(),
    workloadRef: z
      .object({
        kind: z.literal("Deployment"),
        name: DnsName,
        scaleDown: z.enum(["never", "onsuccess", "progressively"]).default("never"),
      })
      .optional(),
    progressDeadlineSeconds: z.int().min(1).default(600),
    strategy: Strategy,
  }),
});

/** Reads a Rollout of `argoproj.io/v1alpha1`. Throws a ManifestError on what its schema or this cluster does not know. */
export function rolloutOf(manifest: JsonObject): Rollout {
  const { metadata, spec } = valid(Manifest, manifest);
  const { strategy } = spec;
  const rollout: Rollout = {
    kind: "Rollout",
    ...metadata,
    replicas: spec.replicas,
    paused: spec.paused,
    source: sourceOf(spec.workloadRef, manifest),
    ...("canary" in strategy ? canaryOf(strategy.canary) : coloursOf(strategy.blueGreen)),
    progressDeadlineMs: spec.progressDeadlineSeconds * 1_000,
    problem: undefined,
  };
  return { ...rollout, problem: problemOf(rollout, spec.selector?.matchLabels) };
}

type ByStrategy = Omit<
  Rollout,
  "kind" | "namespace" | "name" | "replicas" | "paused" | "source" | "progressDeadlineMs" | "problem"
>;

function canaryOf(canary: z.output<typeof Canary>): ByStrategy {
  const { trafficRouting } = canary;
  return {
    steps: canary.steps,
    stepHash: String(hashOf(JSON.stringify(canary.steps))),
    services: { canary: canary.canaryService, stable: canary.stableService },
    routing:
      trafficRouting === undefined
        ? undefined
        : { routers: routersOf(trafficRouting), total: trafficRouting.maxTrafficWeight },
    blueGreen: undefined,
    maxSurge: canary.maxSurge,
    maxUnavailable: canary.maxUnavailable,
    scaleDownDelayMs: canary.scaleDownDelaySeconds * 1_000,
    labels: { canary: canary.canaryMetadata.labels, stable: canary.stableMetadata.labels },
  };
}

function coloursOf(two: TwoColours): ByStrategy {
  const { activeService: active, previewService: preview } = two;
  return {
    steps: [],
    stepHash: "",
    services: { canary: preview, stable: active },
    routing: undefined,
    blueGreen: {
      active,
      preview,
      promotesItself: two.autoPromotionEnabled,
      promotesAfterMs: two.autoPromotionSeconds * 1_000,
      mostDelayed: two.scaleDownDelayRevisionLimit,
    },
    maxSurge: NO_PODS,
    maxUnavailable: NO_PODS,
    scaleDownDelayMs: two.scaleDownDelaySeconds * 1_000,
    labels: { canary: two.previewMetadata.labels, stable: two.activeMetadata.labels },
  };
}

const NO_PODS: Amount = { value: 0, unit: "pods" };

type Ref = NonNullable<z.output<typeof Manifest>["spec"]["workloadRef"]>;

function sourceOf(ref: Ref | undefined, manifest: JsonObject): TemplateSource {
  if (ref === undefined) return { kind: "own", template: templateOf(manifest) };
  return { kind: "deployment", name: ref.name, scaleDown: ref.scaleDown };
}

function problemOf(rollout: Rollout, selector: Labels | undefined): string | undefined {
  const { source, services, steps } = rollout;
  const total = rollout.routing?.total ?? 100;
  if (source.kind === "own" && !selects(selector ?? {}, source.template.labels))
    return "The selector does not match the template's labels.";
  if (steps.some((step) => step.kind === "setWeight" && (step.weight < 0 || step.weight > total)))
    return `A weight is not between 0 and ${total}.`;
  if (services.canary !== undefined && services.canary === services.stable) return "Canary and stable are one Service.";
  return routingProblem(rollout);
}

function routingProblem({ services, steps, routing }: Rollout): string | undefined {
  const isScaled = steps.some(({ kind }) => kind === "setCanaryScale");
  if (routing === undefined) return isScaled ? "setCanaryScale needs trafficRouting." : undefined;
  const needsServices = routing.routers.some((router) => router.kind !== "istio" || router.rule === undefined);
  const hasServices = services.canary !== undefined && services.stable !== undefined;
  return needsServices && !hasServices ? "This routing needs a canary and a stable Service." : undefined;
}

function durationOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  return [...text.matchAll(/(\d+)([smh])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0),
    0,
  );
}
