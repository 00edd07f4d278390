import type { Change } from "../core/change.ts";
import { ok, type Result } from "../core/result.ts";
import type { TargetState } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Refusal } from "../yaml/refusal.ts";
import type { Edit, Material } from "./layouts/edit.ts";
import { placeEdits } from "./layouts/places.ts";
import { rolloutEdits } from "./layouts/rollout.ts";
import { workloadEdits } from "./layouts/workloads.ts";
import { withFile } from "./with-file.ts";

/** The whole texts of the manifests that the change makes different, by path; the state file is config's to print. Every edit touches the scalars and blocks it is about, and no other byte. */
export function applyChange(material: Material, change: Change): Result<ReadonlyMap<string, string>, Refusal> {
  const at = change.state.targets.get(change.target);
  if (at === undefined) throw new Error(`The state of ${change.service} has no target ${change.target}.`);
  let texts = material.files;
  for (const edit of editsOf(material, change, at)) {
    const next = withFile(texts, edit.path, edit.work);
    if (next.kind === "err") return next;
    texts = new Map(texts).set(edit.path, next.value);
  }
  return ok(new Map([...texts].filter(([path, text]) => material.files.get(path) !== text)));
}

function editsOf(material: Material, change: Change, { manifests, ...at }: TargetState): readonly Edit[] {
  switch (manifests.layout) {
    case "workloads":
      return workloadEdits(material, change, { ...at, manifests });
    case "places":
      return placeEdits(material, change, { ...at, manifests });
    case "rollout":
      return rolloutEdits(material, change, { ...at, manifests });
    default:
      return unreachable(manifests);
  }
}
