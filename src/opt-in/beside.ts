import { groupOf, kindOf, type Built } from "../manifest/kustomize/object.ts";
import { at } from "../manifest/kustomize/value.ts";
import { folderOf, within } from "../manifest/services/paths.ts";
import { hasEntries } from "./entries.ts";
import { names } from "./objects.ts";
import type { Overlay } from "./overlay.ts";

/** An owned Rollout that refers to the Deployment, and the folder it is in, from the kustomization that takes it in. */
export type Beside = { readonly rollout: Built; readonly folder: string };

/** The Rollout that the first of two steps has set beside a target's Deployment. */
export function rolloutBeside({ kustomization, made, deployment }: Overlay): Beside | undefined {
  const above = folderOf(kustomization.path);
  return made.objects
    .filter(
      (object) =>
        kindOf(object) === "Rollout" &&
        groupOf(object) === "argoproj.io" &&
        names(at(object.value, "spec", "workloadRef"), deployment),
    )
    .flatMap((rollout) => {
      const own = folderOf(rollout.path);
      const folder = above === "" ? own : own.slice(above.length + 1);
      return within(above, folder) === own && hasEntries(kustomization, folder) ? [{ rollout, folder }] : [];
    })
    .at(0);
}
