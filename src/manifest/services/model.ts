import type { Refusal } from "../../yaml/refusal.ts";

/** A line (from 1) of a file of the repository. */
export type Place = { readonly path: string; readonly line: number };

/** An image of a service in a target, and the line that says its version there; `version` is undefined where nothing in the repository says it. */
export type ImageInUse = {
  readonly image: string | undefined;
  readonly version: string | undefined;
  /** The container, or the key of the values. */
  readonly of: string;
  readonly set: Place;
};

/** An object that runs the service: a Deployment, a HelmRelease, a chart, a compose service. */
export type WorkloadAt = Place & { readonly kind: string; readonly name: string };

/** An object that says where traffic goes. */
export type RouteAt = Place & { readonly kind: string; readonly name: string };

/** How the files of a target were found. */
export type Source = "kustomization" | "flux" | "argo-cd" | "chart" | "manifests" | "compose" | "pattern";

/** How the target came by its name, the most certain first. */
export type Naming = "configuration" | "reference" | "siblings" | "folder" | "name" | "only";

/** By which rules something was found, and the files that say so. */
export type Why = { readonly source: Source; readonly naming: Naming; readonly files: readonly string[] };

export type ServiceTarget = {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly workloads: readonly WorkloadAt[];
  readonly images: readonly ImageInUse[];
  readonly routes: readonly RouteAt[];
  /** Every file that has a say in what runs there, sorted. */
  readonly reads: readonly string[];
  readonly why: Why;
};

/** `home`: the folder that all its targets have in common; two services of one name differ in it. */
export type Service = {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly home: string;
  readonly targets: readonly ServiceTarget[];
};

/** What looks as if it ran something and is in no service, and the lines of configuration that would place it (none where that needs no words but a mended file). */
export type Unplaced = Refusal & { readonly write: readonly string[] };

/** What a repository delivers where. */
export type Fleet = { readonly services: readonly Service[]; readonly unplaced: readonly Unplaced[] };

/** A line of configuration: what lies under `pattern` is of the target `name`. */
export type TargetPattern = {
  readonly name: string;
  readonly pattern: string;
  readonly covers: (path: string) => boolean;
};
