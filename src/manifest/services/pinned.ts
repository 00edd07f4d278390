import type { Places } from "../../core/state.ts";
import type { Inventory } from "./inventory.ts";
import type { ServiceTarget } from "./model.ts";
import { folderOf } from "./paths.ts";

/** What renders a member does not read where stable is pinned; `unsure` where that may only be out of sight. */
export type Unpinned = {
  readonly kind: "wrong" | "unsure";
  readonly path: string;
  readonly line: number;
  readonly what: string;
};

/** Whether what is rendered of a member takes stable's version from the pin; undefined where it does, and where nothing is seen that renders it. */
export function unpinnedOf({ fleet }: Inventory, { canary, stable }: Places): Unpinned | undefined {
  const targets = fleet.services.flatMap((service) => service.targets);
  const rendered = targets.find((target) => isSetIn(target, canary.path));
  if (rendered === undefined || targets.some((target) => isSetIn(target, stable.path))) return undefined;
  const isKustomize = stable.at.startsWith("ConfigMap ");
  // A pin that is read and fits nothing any more keeps the whole from being rendered, and the pods stay as they are.
  const reader = isKustomize ? `${folderOf(stable.path)}/arms.yaml` : stable.path;
  if (targets.some(({ reads }) => reads.includes(reader))) return undefined;
  const [path = canary.path] = rendered.why.files;
  // Of kustomizations all of it lies in the repository; values may be given to a chart by what does not.
  const kind = isKustomize ? "wrong" : "unsure";
  const what = `what renders ${canary.path} does not take stable's version from ${stable.path}: a new version would reach stable as it lands, without a gate; have it read again (${
    isKustomize ? "its arms.yaml is an entry of transformers" : "it is the last of the values files"
  })`;
  return { kind, path, line: 1, what };
}

function isSetIn({ images }: ServiceTarget, path: string): boolean {
  return images.some(({ set }) => set.path === path);
}
