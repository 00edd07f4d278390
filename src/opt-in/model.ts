import type { Name, Sha } from "../core/names.ts";
import type { ServiceState } from "../core/state.ts";
import type { Read } from "../manifest/kustomize/evaluate.ts";
import type { Inventory } from "../manifest/services/inventory.ts";
import type { Plan, Template } from "../template/model.ts";
import type { Refusal } from "../yaml/refusal.ts";

/** A repository at a commit. */
export type Ground = {
  readonly inventory: Pick<Inventory, "fleet" | "state" | "listing">;
  readonly read: Read;
  /** Where symbolic links lead, as they say it, by path: what delivers may follow them, and the listing has none. */
  readonly links: ReadonlyMap<string, string>;
  /** The commit. */
  readonly revision: Sha;
};

/** Who is to be opted in, and how. */
export type Wish = {
  readonly service: string;
  /** All that the service has, where none is named. */
  readonly targets: readonly string[] | undefined;
  readonly template: Template;
  /** As they are said: values by the names of the template's parameters. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Where nothing in the repository says one. */
  readonly namespace: Name | undefined;
};

/** Why a service is not opted in. */
export type Code =
  | "no-service"
  | "no-target"
  | "opted-in"
  | "helm"
  | "several-roots"
  | "unlisted"
  | "kind"
  | "arms"
  | "unknown"
  | "missing"
  | "too-large"
  | "delivery"
  | "recreate"
  | "volume"
  | "host"
  | "selector"
  | "image"
  | "image-places"
  | "no-pods"
  | "no-service-object"
  | "shared-service"
  | "knative"
  | "hook"
  | "controller"
  | "standing"
  | "renamed"
  | "autoscaler"
  | "pod-template"
  | "route"
  | "template"
  | "overlay"
  | "proof"
  | "release"
  | "edited";

/** What was found where, why that is not opted in or out, and what to do. `target` is undefined where it is of the service as a whole. */
export type Refused = Refusal & {
  readonly code: Code;
  readonly target: string | undefined;
  readonly advice: string;
};

/** What speaks against splitting a workload. */
export type Objection = { readonly code: Code; readonly refusal: Refusal };

/** What whoever reviews the change is to know, and where it is written. */
export type Remark = {
  readonly target: string | undefined;
  readonly path: string;
  readonly line: number;
  readonly says: string;
};

/** What opting in or out writes: new texts by path, undefined for files that go. */
export type Texts = ReadonlyMap<string, string | undefined>;

export type Conversion = {
  readonly service: Name;
  readonly files: Texts;
  /** Undefined where no target is under Tidegate by this: all of them have a second step before them. */
  readonly state: ServiceState | undefined;
  /** The template by its name, and the targets. */
  readonly template: string;
  readonly targets: readonly Name[];
  /** The targets of which this is the first of two steps: once it is seen live, opting in again writes the second. */
  readonly first: readonly Name[];
  /** The targets in which an object that is there goes on as it stands, and what is claimed in it alone differs. */
  readonly standing: readonly Name[];
  readonly remarks: readonly Remark[];
  /** Of the template, and of what was there. */
  readonly plan: Plan;
};
