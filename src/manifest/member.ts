import type { Manifest } from "../core/manifest.ts";
import type { Name } from "../core/names.ts";
import type { Result } from "../core/result.ts";
import type { TargetState } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import type { Refusal } from "../yaml/refusal.ts";
import { readPlaces } from "./layouts/places.ts";
import { readRollout } from "./layouts/rollout.ts";
import { readWorkloads } from "./layouts/workloads.ts";

/** Which member: where its files are, what its arms are called, where they live, and what is on record of stable. */
export type MemberAt = Pick<TargetState, "arms" | "manifests" | "namespace" | "stable">;

/** What the files of a member say; `texts` by path, where a file that is missing is a refusal. */
export function readMember(
  texts: ReadonlyMap<string, string>,
  { manifests, ...at }: MemberAt,
  service: Name,
): Result<Manifest, Refusal> {
  switch (manifests.layout) {
    case "workloads":
      return readWorkloads(texts, { ...at, manifests }, service);
    case "places":
      return readPlaces(texts, { ...at, manifests });
    case "rollout":
      return readRollout(texts, { ...at, manifests }, service);
    default:
      return unreachable(manifests);
  }
}
