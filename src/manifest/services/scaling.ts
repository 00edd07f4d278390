import type { Manifest } from "../../core/manifest.ts";
import { isSwitch, type Policy } from "../../core/plan.ts";
import type { TargetState } from "../../core/state.ts";
import { unreachable } from "../../core/unreachable.ts";
import { filesOf } from "../../core/manifests.ts";
import { unnamedScaler } from "../layouts/canary-spec.ts";
import { surroundings } from "./around.ts";
import type { Hindrance } from "./following.ts";
import type { Inventory } from "./inventory.ts";
import type { Autoscaler, ObjectFact } from "./object-facts.ts";
import { folderOf } from "./paths.ts";

/** A member, and what its files say. */
export type ScaledMember = {
  readonly at: Pick<TargetState, "manifests" | "namespace">;
  readonly manifest: Pick<Manifest, "canary" | "stable" | "ratio" | "flagger" | "autoscaler">;
  /** Absent where nothing is configured yet. */
  readonly policy?: Pick<Policy, "weights" | "expedite">;
};

/** Where autoscalers of the repository own replicas that releases write, size the canary by, or make the share of, as clauses; asked for one member after the other. */
export function scalingDoubts(inventory: Inventory): (member: ScaledMember) => readonly Hindrance[] {
  const around = surroundings(inventory, isScaler);
  return (member) => {
    const { manifests, namespace } = member.at;
    const { beside, apart } = around(filesOf(manifests));
    const all = [...beside, ...apart];
    const retargeted = retargetedBy(member, all);
    return all.flatMap((object) => {
      if (object.holds.kind !== "autoscaler" || (object.namespace ?? namespace) !== namespace) return [];
      if (retargeted.has(object.name)) return [];
      const what = doubtOf(`the ${object.kind} ${object.name}`, object.holds, member, inventory);
      return what === undefined ? [] : [{ path: object.path, line: object.line, what }];
    });
  };
}

function isScaler({ holds: { kind } }: ObjectFact): boolean {
  return kind === "autoscaler" || kind === "retargeting";
}

/** Autoscalers that opting in has handed over to an owned Rollout, by their names: their own files say what they scaled before. */
function retargetedBy({ at: { manifests } }: ScaledMember, objects: readonly ObjectFact[]): ReadonlySet<string> {
  if (manifests.layout !== "rollout") return new Set();
  const owned = folderOf(manifests.rollout);
  return new Set(
    objects.flatMap(({ path, holds }) =>
      holds.kind === "retargeting" && folderOf(path) === owned ? [holds.scaler] : [],
    ),
  );
}

function doubtOf(who: string, scaler: Autoscaler, member: ScaledMember, inventory: Inventory): string | undefined {
  const { at, manifest } = member;
  const { manifests } = at;
  const { replicas } = manifest.stable;
  const isIdle = [member.policy, member.policy?.expedite].some((climb) => climb !== undefined && isSwitch(climb));
  switch (manifests.layout) {
    case "workloads":
      return armDoubt(who, scaler, {
        canary: manifest.canary.deployment,
        stable: manifest.stable.deployment,
        replicas,
        isIdle,
      });
    case "places":
      return armDoubt(who, scaler, { ...manifests.workloads, replicas, isIdle });
    case "rollout":
      if (manifest.flagger !== undefined) return canaryDoubt(who, scaler, manifest);
      return rolloutDoubt(who, scaler, member, deploymentsIn(inventory, manifests.workload));
    default:
      return unreachable(manifests);
  }
}

/** `isIdle`: stable has no traffic for a while. */
type Sized = {
  readonly canary: string;
  readonly stable: string;
  readonly replicas: number;
  readonly isIdle: boolean;
};

function armDoubt(who: string, scaler: Autoscaler, { canary, stable, replicas, isIdle }: Sized): string | undefined {
  const { scales, most, least } = scaler;
  if (scales.kind !== "Deployment") return undefined;
  if (scales.name === canary)
    return `${who} scales ${canary}, whose replicas releases write: the two would undo each other; take the canary out of it`;
  if (scales.name !== stable) return undefined;
  if (isIdle && least < replicas)
    return `${who} may take pods away from ${stable} while all of the traffic is with ${canary} (steps of 0 and 100), down to ${least}: taking the release back would then find too few; let it keep ${replicas} at least, or share the traffic by steps up to 50`;
  if (most === undefined || most <= replicas) return undefined;
  return `${who} gives ${stable} up to ${most} pods, and the canary is sized as if stable had ${replicas}: it may be too small for its weight; let the number of stable's replicas that releases go by be ${most} (replicas.stable of places, else spec.replicas of its file)`;
}

function rolloutDoubt(
  who: string,
  { scales, most }: Autoscaler,
  { manifest: { canary, ratio } }: ScaledMember,
  deployments: readonly string[],
): string | undefined {
  if (scales.kind === "Deployment" && deployments.includes(scales.name))
    return `${who} scales the Deployment ${scales.name}, and the pods are those of the Rollout ${canary.deployment}: let its scaleTargetRef name the Rollout`;
  if (scales.kind !== "Rollout" || scales.name !== canary.deployment || ratio === undefined) return undefined;
  return `${who} changes the replicas that make the share: the shares above are those of ${ratio.replicas} pods, and it makes up to ${most ?? "any number"}; a router makes them hold for any number`;
}

/** Of the one that a Canary names Flagger makes stable's. */
function canaryDoubt(
  who: string,
  { scales }: Autoscaler,
  { canary, stable, autoscaler }: ScaledMember["manifest"],
): string | undefined {
  const [target, primary] = [canary.deployment, stable.deployment];
  const isNamed = scales.name === target && who === `the ${autoscaler}`;
  if (scales.kind !== "Deployment" || isNamed || (scales.name !== target && scales.name !== primary)) return undefined;
  return `${who} scales ${scales.name}, and ${unnamedScaler({ target, primary })}`;
}

function deploymentsIn({ state }: Inventory, path: string): readonly string[] {
  const objects = state.facts.get(path)?.objects ?? [];
  return objects.flatMap(({ kind, name }) => (kind === "Deployment" ? [name] : []));
}
