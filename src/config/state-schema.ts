import { z } from "zod";
import { SLO_FACTORS } from "../core/gate/one-arm.ts";
import { BETS, BETTER_RATIOS, RATIOS } from "../core/gate/rate.ts";
import { isImage } from "../core/image.ts";
import { isName, isSha, isWaveName } from "../core/names.ts";
import { ROUTER_KINDS } from "../core/state.ts";
import { isWeight } from "../core/weight.ts";
import { strict } from "./document.ts";
import { instantOf } from "./instant.ts";
import { isOwnedPath, isRepoPath } from "./repo-path.ts";

const KubernetesName = z
  .string()
  .refine(isName, { error: "must be a name of lower-case letters, digits and dashes, at most 63" });
const TargetName = KubernetesName.refine((text) => !isWaveName(text), {
  error: "must not be called wave-<number>: branches of waves are",
});
const Commit = z.string().refine(isSha, { error: "must be a commit id of 40 hexadecimal digits" });
const ImageText = z.string().refine(isImage, { error: "must be an image reference with a tag or a digest" });
const Path = z.string().refine(isRepoPath, {
  error: "must be a path inside the repository, without . and .. parts and outside .git, .github and .tidegate",
});
const OwnedPath = z.string().refine(isOwnedPath, {
  error:
    "must be a file or a folder inside the repository, without . and .. parts and outside .git, .github and .tidegate",
});
const TemplateDigest = z.string().regex(/^[0-9a-f]{16}$/, { error: "must be a digest of 16 hexadecimal digits" });
const Id = z.int().min(1);
const Text = z.string().min(1);
const LogSum = z.union([z.number(), z.literal([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])], {
  error: "must be a number",
});
/** As many sums as the gate has parameters to sum over, or none for no evidence. */
function logSums({ length }: readonly number[]): z.ZodType<number[]> {
  return z
    .array(LogSum)
    .refine((sums) => sums.length === 0 || sums.length === length, { error: `must be ${length} numbers, or none` });
}
const Count = z.number().min(0);

const AbortedBy = z.enum(["gate", "person", "containment"]);

const Override = strict({
  by: Text,
  comment: Id.optional(),
  commit: Commit.optional(),
  reach: z.literal("full", { error: "must be full, or left out" }).optional(),
});

const GateName = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: "must be the name of a gate" });
const MOST_SKIPS = 100;
const Skip = strict({ gate: GateName, by: Text, comment: Id, reason: Text });

/** One as it is, several as a list. */
const Skips = z.union([Skip, z.array(Skip).min(2).max(MOST_SKIPS)]).transform((skips, context) => {
  const all = Array.isArray(skips) ? skips : [skips];
  if (new Set(all.map(({ gate }) => gate)).size === all.length) return all;
  context.addIssue({ code: "custom", message: "must name each gate once" });
  return z.NEVER;
});

const Aborting = strict({ by: AbortedBy, who: Text.optional(), reason: z.string() });

const Evidence = strict({
  through: z.int().min(-1),
  exact: logSums(RATIOS),
  bets: logSums(BETS),
  better: logSums(BETTER_RATIOS),
  slo: logSums(SLO_FACTORS),
  failedWindows: z.int().min(0),
  strata: z.array(z.tuple([Count, Count, Count, Count])).max(1000),
});

/** One bound of latency, and its log-sums. */
const LatencyBound = strict({
  quantile: z.number().gt(0).lt(1),
  bound: z.number().gt(0),
  weight: z.number().gt(0),
  tolerated: z.number().min(1),
  regression: z.number().gt(1),
  evidence: Evidence.optional(),
});

/** How far each gauge has drifted. */
const GaugeDrifts = z
  .array(strict({ name: KubernetesName, sum: z.number(), count: z.int().min(1), peak: z.number() }))
  .min(1)
  .max(100)
  .refine((gauges) => new Set(gauges.map(({ name }) => name)).size === gauges.length, {
    error: "must name each gauge once",
  });

const Instant = z.string().transform((text, context) => {
  const instant = instantOf(text);
  if (instant !== undefined) return instant;
  context.addIssue({ code: "custom", message: "must be a time such as 2026-11-20T10:04:11Z" });
  return z.NEVER;
});

const Release = strict({
  image: ImageText,
  from: ImageText,
  template: TemplateDigest,
  commit: Commit,
  source: Id.optional(),
  since: Instant,
  step: z.int().min(0),
  evidence: Evidence.optional(),
  latency: z.array(LatencyBound).min(1).max(10).optional(),
  histograms: z.literal("native", { error: "must be native, or left out" }).optional(),
  gauges: GaugeDrifts.optional(),
  plan: z.literal("expedite", { error: "must be expedite, or left out" }).optional(),
  override: Override.optional(),
  skip: Skips.optional(),
  aborting: Aborting.optional(),
});

const Arms = strict({
  canary: KubernetesName,
  stable: KubernetesName,
  by: z.literal("workload", { error: "must be workload, or left out" }).optional(),
}).refine(({ canary, stable }) => canary !== stable, { error: "must name two Services or two workloads" });

const Router = z.enum(ROUTER_KINDS);

const Destination = strict({ host: KubernetesName, subset: KubernetesName.optional() });

const Destinations = strict({ canary: Destination, stable: Destination }).refine(
  ({ canary, stable }) => canary.host !== stable.host || canary.subset !== stable.subset,
  { error: "must name two hosts, or two subsets of one" },
);

const Manifests = strict({ canary: Path, stable: Path, route: Path }).refine(
  ({ canary, stable }) => canary !== stable,
  { error: "must name two files for canary and stable" },
);

const Place = { path: Path, at: Text };
const ImagePlace = strict({ ...Place, image: Text.optional() });
const Replicas = z.union([strict(Place), z.int().min(0)], { error: "must be a place or a whole number" });

const WeightPlace = strict({
  path: Path,
  at: Text.optional(),
  router: Router.optional(),
  destinations: Destinations.optional(),
}).transform(({ path, at, router, destinations }, context) => {
  if (at === undefined) return { kind: "route" as const, path, router: router ?? "HTTPRoute", destinations };
  if (router === undefined && destinations === undefined) return { kind: "values" as const, path, at };
  context.addIssue({ code: "custom", message: "must be a route, or a number at a place" });
  return z.NEVER;
});

const Places = strict({
  canary: ImagePlace,
  stable: ImagePlace,
  weight: WeightPlace,
  replicas: strict({ canary: strict(Place), stable: Replicas }).optional(),
  scaled: z.literal("requests", { error: "must be requests, or left out" }).optional(),
  workloads: strict({ canary: KubernetesName, stable: KubernetesName }).refine(
    ({ canary, stable }) => canary !== stable,
    { error: "must name two workloads" },
  ),
  container: KubernetesName,
})
  .refine(({ canary, stable }) => canary.path !== stable.path || canary.at !== stable.at, {
    error: "must name two places for the images of canary and stable",
  })
  .superRefine((places, context) => {
    const problem = podsProblem(places);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });

type Pods = {
  readonly weight: { readonly kind: "values" } | { readonly kind: "route"; readonly router: string };
  readonly replicas?: unknown;
  readonly scaled?: unknown;
};

/** Replicas that are forgotten would have traffic sent to a canary without pods: what is left out is said to be meant, by a Route of Knative's or in so many words. */
function podsProblem({ weight, replicas, scaled }: Pods): string | undefined {
  if (replicas !== undefined) return scaled === undefined ? undefined : "must say replicas or scaled, not both";
  if (weight.kind === "values")
    return scaled === undefined
      ? "must say replicas, or scaled: requests where the pods of both arms come and go with requests, as Knative's do"
      : undefined;
  if (weight.router !== "KnativeRoute")
    return "must say replicas: the pods behind a route come and go with requests where it is a KnativeRoute alone";
  return scaled === undefined ? undefined : "must not say scaled: a KnativeRoute says so already";
}

const Rollout = strict({
  path: Path,
  of: Path.optional(),
  workload: Path,
  image: ImagePlace.optional(),
  stableTemplate: TemplateDigest,
});

const MIRRORED = "must be a whole number from 1 to 100, or left out";

const Target = strict({
  namespace: KubernetesName,
  router: Router.optional(),
  manifests: Manifests.optional(),
  destinations: Destinations.optional(),
  places: Places.optional(),
  rollout: Rollout.optional(),
  arms: Arms,
  weight: z.number().refine(isWeight, { error: "must be a whole number from 0 to 100" }),
  testers: z.literal(true, { error: "must be true, or left out" }).optional(),
  mirror: z.int({ error: MIRRORED }).min(1, MIRRORED).max(100, MIRRORED).optional(),
  stable: ImageText,
  release: Release.optional(),
}).transform(({ router, manifests, destinations, places, rollout, ...target }, context) => {
  if (manifests !== undefined && (places ?? rollout) === undefined)
    return { ...target, manifests: { layout: "workloads" as const, router, destinations, ...manifests } };
  const isRouted = (manifests ?? router ?? destinations) !== undefined;
  if (places !== undefined && rollout === undefined && !isRouted)
    return { ...target, manifests: { layout: "places" as const, ...places } };
  if (rollout !== undefined && places === undefined && !isRouted)
    return { ...target, manifests: { layout: "rollout" as const, ...rollout } };
  context.addIssue({ code: "custom", message: "must say its manifests, its places or its rollout, one of them" });
  return z.NEVER;
});

const ClaimedPlace = z.string().regex(/^(?:[A-Za-z]+ [a-z0-9./-]+ )?[^.\s]+(?:\.[^.\s]+)*$/, {
  error: "must be keys joined by dots, after the kind and the name of their object where it has such",
});

/** What may stand in `.tidegate/services/<service>.yaml`. */
export const StateFile = strict({
  version: z.literal(1, { error: "must be 1, the only version of this file" }),
  template: strict({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, { error: "must be the name of a template" }),
    revision: Commit,
  }),
  owned: z.array(OwnedPath),
  claims: z.array(strict({ path: Path, at: ClaimedPlace, was: z.string().optional() })),
  targets: z.record(TargetName, Target),
  blocked: z.array(
    strict({
      image: ImageText,
      template: TemplateDigest.optional(),
      commit: Commit.optional(),
      by: AbortedBy,
      reason: z.string(),
    }),
  ),
  holds: z.array(
    strict({
      target: KubernetesName,
      by: Text,
      comment: Id.optional(),
      closed: Id.optional(),
      at: Instant.optional(),
      reason: z.string().optional(),
    }),
  ),
  heard: z.int().min(0),
}).superRefine(({ targets, holds }, context) => {
  holds.forEach(({ target }, index) => {
    if (Object.hasOwn(targets, target)) return;
    context.addIssue({ code: "custom", path: ["holds", index, "target"], message: "must be one of the targets" });
  });
});

export type StateFile = z.infer<typeof StateFile>;

export type Target = z.infer<typeof Target>;
export type Release = z.infer<typeof Release>;
export type Destination = z.infer<typeof Destination>;
