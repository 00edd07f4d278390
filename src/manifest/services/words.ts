/** Folders that hold one folder or file per target, whatever those are called. */
const HOLDING: ReadonlySet<string> = new Set([
  "overlays",
  "overlay",
  "environments",
  "environment",
  "envs",
  "env",
  "clusters",
  "stages",
  "targets",
  "regions",
  "rings",
  "variants",
]);

/** Names that say nothing of where something runs. */
const GENERIC: ReadonlySet<string> = new Set([
  "base",
  "bases",
  "app",
  "apps",
  "k8s",
  "kubernetes",
  "kustomize",
  "manifests",
  "deploy",
  "deployment",
  "flux",
  "flux-system",
  "argocd",
  "argo-cd",
  "config",
  "cluster",
  "resources",
  "release",
  "helmrelease",
  "values",
]);

const STAGE =
  /^(?:(?:pre|non)[-_]?)?(?:dev|develop|development|devel|test|testing|qa|uat|int|sit|sandbox|sbox|local|stage|staging|stg|preprod|nonprod|prod|production|prd)[-_]?\d*$/i;

/** Whether a folder's name says that what lies in it is told apart by where it runs. */
export function holdsTargets(segment: string): boolean {
  return HOLDING.has(segment.toLowerCase());
}

/** Whether a name is one that people give to environments; for breaking ties only, as no list of them is complete. */
export function isStage(name: string): boolean {
  return STAGE.test(name);
}

/** Whether a name says neither what runs nor where. */
export function isGeneric(name: string): boolean {
  return GENERIC.has(name.toLowerCase()) || HOLDING.has(name.toLowerCase());
}

const SEPARATED = /[-_.]+/;

/** The names at the ends of a name: `values-prod-eu` is prod-eu, values-prod, values and eu. */
export function partsOfName(name: string): readonly string[] {
  const parts = name.split(SEPARATED).filter((part) => part !== "");
  if (parts.length < 2) return parts;
  return [parts.slice(1).join("-"), parts.slice(0, -1).join("-"), ...parts.slice(-1), ...parts.slice(0, 1)];
}
