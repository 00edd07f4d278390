import type { Name } from "../core/names.ts";
import type { Built } from "../manifest/kustomize/object.ts";
import type { ServiceTarget } from "../manifest/services/model.ts";
import type { Refusal } from "../yaml/refusal.ts";
import type { Scene } from "./found.ts";
import type { Code, Refused } from "./model.ts";
import type { Overlay } from "./overlay.ts";
import { refused } from "./refused.ts";

/** Who is converted: the service, its target, and the folder of owned files beside the kustomization. */
export type Which = {
  readonly service: Name;
  readonly target: ServiceTarget;
  readonly folder: string;
  /** The owned Rollout that runs beside the Deployment, where the first of two steps has landed. */
  readonly beside: Built | undefined;
};

/** What is known of a target however it is rendered. */
export type Arms = {
  readonly which: Which;
  readonly scene: Scene;
  /** The Service that requests go to. */
  readonly service: Built;
  readonly container: Name;
  readonly name: Name;
  readonly namespace: Name;
  readonly route: Built | undefined;
};

/** Everything that is known of a target of a kustomization before anything is made. */
export type Known = Arms & {
  readonly overlay: Overlay;
  /** What is rendered of people's files. */
  readonly theirs: readonly Built[];
};

/** What the canary is called. */
export function canaryOf({ name }: Pick<Known, "name">): string {
  return `${name}-canary`;
}

/** A refusal of a target. */
export function on({ which }: Pick<Known, "which">, code: Code, refusal: Refusal): Refused {
  return refused(code, which.target.name, refusal);
}

/** A refusal of an object. */
export function placeIn({ path, line }: Built, found: string, why: string): Refusal {
  return { path, line, found, why };
}
