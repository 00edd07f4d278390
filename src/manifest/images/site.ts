import type { Refusal } from "../../yaml/refusal.ts";
import type { Style } from "../../yaml/tree.ts";

/** The format that says what a place means. */
export type SiteKind =
  | "workload"
  | "kustomization"
  | "patch"
  | "values"
  | "helm-release"
  | "argo-app"
  | "chart"
  | "compose"
  | "env"
  | "substitution"
  | "template"
  | "embedded"
  | "custom";

/** A part of a file's text, from `start` up to `end` (offsets, quotes not included), and what of the image it holds: a whole reference, its name, its tag or its digest. */
export type Span = {
  readonly start: number;
  readonly end: number;
  readonly holds: "reference" | "name" | "tag" | "digest";
  readonly style: Style;
};

/** A place where a version of an image is written. */
export type ImageSite = {
  readonly path: string;
  /** From 1, of the scalar that holds the version. */
  readonly line: number;
  /** What the place is, however lines move: the object, and the keys to the value with list items by their names. */
  readonly where: string;
  readonly kind: SiteKind;
  /** The repository with its registry; undefined where the file holds a tag alone. */
  readonly image: string | undefined;
  /** As it is written: `1.2.3`, `1.2.3@sha256:…` or `sha256:…`. */
  readonly version: string;
  readonly spans: readonly Span[];
};

/** What a file says of images: the places, and what looks like one and is left alone, with the reason. */
export type ImageReading = { readonly sites: readonly ImageSite[]; readonly unread: readonly Refusal[] };

/** The other files of the same commit; `list` gives the paths below a folder. Both may know nothing, and what is read is less precise then. */
export type Surroundings = {
  readonly read: (path: string) => string | undefined;
  readonly list: (folder: string) => readonly string[];
};
