import type { ContainerFact, ObjectFact } from "./object-facts.ts";
import type { ImageInUse, Place } from "./model.ts";
import { overlaid } from "./overlay.ts";
import { referenceOf } from "./reference.ts";

/** A container as it stands after all that changes it; `raw` is kept where the image is no plain reference. */
export type RenderedContainer = {
  readonly fact: ContainerFact;
  readonly raw: string | undefined;
  readonly use: ImageInUse | undefined;
};

/** An object as it stands after all that changes it. */
export type RenderedObject = {
  readonly fact: ObjectFact;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly containers: readonly RenderedContainer[];
  /** Images that stand elsewhere than in containers. */
  readonly uses: readonly ImageInUse[];
  /** The innermost kustomization that lists it, else its folder. */
  readonly owner: string;
  /** Files that have a say in it, its own among them. */
  readonly reads: readonly string[];
};

/** An object as its file has it. */
export function asWritten(fact: ObjectFact, owner: string): RenderedObject {
  const { holds, path } = fact;
  return {
    fact,
    name: fact.name,
    namespace: fact.namespace,
    containers: holds.kind === "workload" ? holds.containers.map((container) => containerOf(container, path)) : [],
    uses: "images" in holds ? overlaid([], holds.images) : [],
    owner,
    reads: [path],
  };
}

function containerOf(fact: ContainerFact, path: string): RenderedContainer {
  return { fact, raw: fact.image, use: useOf(fact.image, fact.name, { path, line: fact.line }) };
}

/** What an image reference says, at a place; undefined where it is none. */
export function useOf(text: string | undefined, of: string, set: Place): ImageInUse | undefined {
  const reference = text === undefined ? undefined : referenceOf(text);
  return reference === undefined ? undefined : { ...reference, of, set };
}

/** The images of an object, containers before others. */
export function imagesOf({ containers, uses }: RenderedObject): readonly ImageInUse[] {
  return [...containers.flatMap(({ use }) => use ?? []), ...uses];
}

/** Whether an object runs something. */
export function isRunning({ fact: { holds, kind }, uses, containers }: RenderedObject): boolean {
  if (holds.kind === "workload") return containers.length > 0 || holds.runs !== undefined;
  if (holds.kind === "helm-release") return true;
  return (holds.kind === "custom" || holds.kind === "argo-application") && uses.length > 0 && kind !== "ApplicationSet";
}
