import type { Name } from "../../core/names.ts";
import type { Result } from "../../core/result.ts";
import type { Claim, ImagePlace, TargetState } from "../../core/state.ts";
import type { Evaluated, Read } from "../../manifest/kustomize/evaluate.ts";
import type { Built } from "../../manifest/kustomize/object.ts";
import type { ServiceTarget } from "../../manifest/services/model.ts";
import type { Root } from "../../manifest/services/rendering.ts";
import type { Plan, Template } from "../../template/model.ts";
import type { TextFile } from "../../yaml/refusal.ts";
import type { Leaving, Left } from "../leaving.ts";
import type { Ground, Refused, Remark } from "../model.ts";

/** A target whose traffic a controller moves already, by an object of people's: releases are to write what they claim in it, and nothing is added. */
export type Standing = {
  readonly which: { readonly service: Name; readonly target: ServiceTarget };
  readonly engine: Engine;
  /** The object that the controller follows, as it is rendered. */
  readonly object: Built;
  /** What has the pod template: the workload that the object refers to, or the object itself. */
  readonly workload: Built;
  readonly namespace: Name;
  /** Where an owned patch is taken in, if the object's file is one of several targets. */
  readonly carrier: Carrier | undefined;
  /** The folder that is delivered, with what lies over it, or the files. */
  readonly root: Root;
  readonly made: Evaluated;
  readonly read: Read;
  /** What is rendered with some texts in place of what is there. */
  readonly again: (texts: ReadonlyMap<string, string>) => Evaluated;
};

/** A target's own kustomization, and the owned folder, from there and from the repository's root. */
export type Carrier = {
  readonly kustomization: TextFile;
  readonly folder: string;
  readonly path: string;
  /** Whether another target is rendered from a file. */
  readonly isShared: (path: string) => boolean;
};

/** What an engine writes so that releases go by git. */
export type Steered = {
  readonly texts: ReadonlyMap<string, string>;
  /** The same with a first weight. It is to be rendered, and in the object alone. */
  readonly moved: ReadonlyMap<string, string>;
  /** What releases write: keys of the object, and the file that has them. */
  readonly writes: { readonly path: string; readonly keys: readonly string[] };
  /** In the object's file, with what stood there; none where all of that is owned. */
  readonly claims: readonly Claim[];
  /** Folders, with a slash. */
  readonly owned: readonly string[];
  readonly at: TargetState;
  /** What people's own plan was, as configuration says it; the template's goes for what is left out. */
  readonly plan: Partial<Plan>;
  readonly remarks: readonly Remark[];
};

/** A kind of controller whose objects are opted in as they stand. */
export type Engine = {
  /** Of its objects: `argoproj.io`, `Rollout`. */
  readonly group: string;
  readonly kind: string;
  /** An owned patch may say what releases write, in a kustomization over an object that several targets have. */
  readonly isPatched?: true;
  /** What has the pod template of an object, among all that is rendered; undefined where that is not there. */
  readonly workloadOf: (object: Built, objects: readonly Built[]) => Built | undefined;
  /** Whether a template drives it. */
  readonly fits: (object: Built, template: Template) => boolean;
  /** `image`: where people bump the version, if the file of the pod template does not say it. Refused where git alone could not steer it: each with file, line, reason and advice. */
  readonly claim: (standing: Standing, image: ImagePlace | undefined) => Result<Steered, readonly Refused[]>;
  /** The files with what was claimed given back; undefined of a target that is not of this engine, or that stands in owned files. */
  readonly leave: (ground: Ground, leaving: Leaving) => Result<Left, readonly Refused[]> | undefined;
};
