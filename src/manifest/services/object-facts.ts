import type { SiteFact } from "./sites.ts";

/** A container of a pod template; `image` as it is written. */
export type ContainerFact = {
  readonly name: string;
  readonly image: string | undefined;
  readonly line: number;
  /** It runs before the others, or is added to them for a while. */
  readonly isInit: boolean;
};

/** A source of Flux: whose files `path` is in. */
export type FluxKustomization = {
  readonly kind: "flux-kustomization";
  /** Undefined for a patch of one. */
  readonly folder: string | undefined;
  readonly sourceKind: string | undefined;
  readonly sourceName: string | undefined;
  readonly targetNamespace: string | undefined;
  readonly components: readonly string[];
  readonly isSuspended: boolean;
  readonly substitute: readonly { readonly key: string; readonly value: string; readonly line: number }[];
};

/** One source of an Argo CD Application; texts may hold an ApplicationSet's parameters. */
export type ArgoSource = {
  readonly repo: string | undefined;
  readonly path: string | undefined;
  readonly chart: string | undefined;
  readonly release: string | undefined;
  readonly valueFiles: readonly string[];
  readonly isRecursive: boolean;
  /** A branch, a tag or a commit, as it is written. */
  readonly revision: string | undefined;
};

export type ArgoApplication = {
  readonly kind: "argo-application";
  readonly name: string;
  readonly sources: readonly ArgoSource[];
  readonly namespace: string | undefined;
  /** The cluster by its name, else its server. */
  readonly cluster: string | undefined;
  readonly project: string | undefined;
  /** Argo CD syncs it by itself. */
  readonly isAutomated: boolean;
  readonly ignored: readonly IgnoredFields[];
  /** What is ignored when it compares is not written when it syncs either. */
  readonly isIgnoringRespected: boolean;
  readonly images: readonly SiteFact[];
};

/** Fields of objects that Argo CD leaves out when it compares. Group, kind and name may have `*` for any letters. */
export type IgnoredFields = {
  readonly line: number;
  readonly group: string;
  readonly kind: string;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  /** JSON pointers. */
  readonly pointers: readonly string[];
  /** Paths in the language of jq. */
  readonly expressions: readonly string[];
};

/** What Argo CD's own settings say for all of its Applications. */
export type ArgoSettings = { readonly kind: "argo-settings"; readonly ignored: readonly IgnoredFields[] };

/** What changes the replicas of a workload by itself. */
export type Autoscaler = {
  readonly kind: "autoscaler";
  readonly scales: { readonly kind: string; readonly name: string };
  /** The most pods that it makes; undefined where that is not written as a number. */
  readonly most: number | undefined;
  /** The least that it leaves; 0 where that is not written as a number. */
  readonly least: number;
};

/** What a kustomization does last, that has an autoscaler scale something else than its own file says. */
export type Retargeting = { readonly kind: "retargeting"; readonly scaler: string };

/** Parameters of a generator, flat: `path.basename`. */
export type Parameters = Readonly<Record<string, string>>;

export type Generator =
  | { readonly kind: "list"; readonly elements: readonly Parameters[] }
  | {
      readonly kind: "folders";
      readonly include: readonly string[];
      readonly exclude: readonly string[];
      readonly values: Parameters;
    }
  | {
      readonly kind: "files";
      readonly include: readonly string[];
      readonly exclude: readonly string[];
      readonly values: Parameters;
    }
  | { readonly kind: "matrix"; readonly parts: readonly Generator[] }
  | { readonly kind: "merge"; readonly parts: readonly Generator[]; readonly by: readonly string[] }
  | { readonly kind: "unknown"; readonly what: string; readonly values: Parameters };

export type ApplicationSet = {
  readonly kind: "application-set";
  readonly generators: readonly Generator[];
  readonly template: ArgoApplication;
  readonly images: readonly SiteFact[];
};

export type HelmRelease = {
  readonly kind: "helm-release";
  /** A chart by its folder in this repository. */
  readonly chart: string | undefined;
  readonly targetNamespace: string | undefined;
  /** ConfigMaps and Secrets that bring values. */
  readonly valuesFrom: readonly string[];
  readonly isSuspended: boolean;
  readonly images: readonly SiteFact[];
};

/** Which parts of its sources an ExternalArtifact of Flux is made of. */
export type ArtifactGenerator = {
  readonly kind: "artifact-generator";
  readonly artifacts: readonly {
    readonly name: string;
    readonly copies: readonly { readonly from: string; readonly to: string }[];
  }[];
};

/** Where Flux takes a repository from, and what of it: one of a branch, a tag, a range of versions, a commit. */
export type GitRepository = {
  readonly kind: "git-repository";
  readonly isSuspended: boolean;
  readonly ref: Readonly<Record<string, string>>;
};

/** Times in which Argo CD may, or may not, sync what is in a project. */
export type ArgoProject = { readonly kind: "argo-project"; readonly windows: readonly SyncWindow[] };

export type SyncWindow = {
  readonly line: number;
  readonly isDenied: boolean;
  /** A cron schedule, and how long from each of its times, as they are written. */
  readonly schedule: string;
  readonly duration: string;
  /** Names of Applications, with `*` for any letters. */
  readonly applications: readonly string[];
};

export type Holding =
  | { readonly kind: "workload"; readonly containers: readonly ContainerFact[]; readonly runs: string | undefined }
  /** `names`: what it speaks of, its backends among them. */
  | { readonly kind: "route"; readonly names: readonly string[] }
  | { readonly kind: "plain" }
  | { readonly kind: "custom"; readonly images: readonly SiteFact[] }
  | HelmRelease
  | FluxKustomization
  | GitRepository
  | ArgoApplication
  | ArgoProject
  | ArgoSettings
  | Autoscaler
  | Retargeting
  | ApplicationSet
  | ArtifactGenerator;

/** A Kubernetes object of a file, from line to line. */
export type ObjectFact = {
  readonly path: string;
  readonly line: number;
  readonly lastLine: number;
  readonly kind: string;
  readonly group: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly holds: Holding;
};

/** The object with places of image versions that were found in it. */
export function customFact(fact: ObjectFact, images: readonly SiteFact[]): ObjectFact {
  return "images" in fact.holds ? { ...fact, holds: { ...fact.holds, images } } : fact;
}
