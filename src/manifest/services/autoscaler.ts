import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { textAt } from "./node.ts";
import type { Autoscaler, Retargeting } from "./object-facts.ts";

/** What a HorizontalPodAutoscaler, or a ScaledObject of KEDA (which scales Deployments unless it says otherwise), scales, and how far. */
export function autoscaler(tree: Tree): Autoscaler {
  const ref = peek(tree, ["spec", "scaleTargetRef"]);
  return {
    kind: "autoscaler",
    scales: { kind: textAt(ref, ["kind"]) ?? "Deployment", name: textAt(ref, ["name"]) ?? "" },
    most: countAt(tree, "maxReplicas") ?? countAt(tree, "maxReplicaCount"),
    least: countAt(tree, "minReplicas") ?? countAt(tree, "minReplicaCount") ?? 0,
  };
}

/** A transformer that has a HorizontalPodAutoscaler scale something else; undefined for any other. */
export function retargeting(tree: Tree): Retargeting | undefined {
  const isOfScaler = textAt(tree, ["target", "kind"]) === "HorizontalPodAutoscaler";
  const isThere = isOfScaler && textAt(tree, ["patch"])?.includes("/spec/scaleTargetRef") === true;
  return isThere ? { kind: "retargeting", scaler: textAt(tree, ["target", "name"]) ?? "" } : undefined;
}

function countAt(tree: Tree, key: string): number | undefined {
  const node = peek(tree, ["spec", key]);
  return node?.kind === "scalar" && typeof node.value === "number" ? node.value : undefined;
}
