import type { Name } from "../../core/names.ts";
import type { Data } from "../data.ts";
import { at, isMapping, withAt, type Values } from "../kustomize/value.ts";
import { besideScaler, pinning, retargeting, type Scaler } from "./handover-scaler.ts";
import { ownedText } from "./owned-text.ts";

/** A Deployment whose pods become those of an owned Rollout that refers to it. Both are as they are called in the cluster. */
export type Handover = {
  readonly name: Name;
  readonly namespace: Name | undefined;
  readonly rollout: Name;
  /** The number of the Deployment's pods is written by people, and the Rollout is to have it. */
  readonly hasReplicas: boolean;
  /** What gives the Deployment its pods instead, and is to give them to the Rollout. */
  readonly scaler: Scaler | undefined;
};

/**
 * What is done last to what a kustomization makes, once the Rollout serves: it has as many pods as people say of the Deployment, whatever file says it, and the
 * Deployment has none; an autoscaler scales the Rollout. Nobody writes the number twice, and with these entries gone the Deployment has its pods again.
 */
export function handoverText({ name, namespace, rollout, hasReplicas, scaler }: Handover): string {
  const where = namespace === undefined ? {} : { namespace };
  const deployment = { group: "apps", kind: "Deployment", name, ...where };
  const followed = {
    apiVersion: "builtin",
    kind: "ReplacementTransformer",
    metadata: { name: `${name}-replicas` },
    replacements: [
      {
        source: { ...deployment, fieldPath: "spec.replicas" },
        targets: [
          { select: { group: "argoproj.io", kind: "Rollout", name: rollout, ...where }, fieldPaths: ["spec.replicas"] },
        ],
      },
    ],
  };
  const emptied = {
    apiVersion: "builtin",
    kind: "PatchTransformer",
    metadata: { name: `${name}-no-pods` },
    target: deployment,
    patch: JSON.stringify([{ op: "add", path: "/spec/replicas", value: 0 }]),
  };
  const scaled = scaler === undefined ? [] : [retargeting(scaler, rollout)];
  return ownedText(...(hasReplicas ? [followed] : []), emptied, ...scaled);
}

// What has the controller write into Services and routes, and what holds a version back.
const STEERING: ReadonlySet<string> = new Set(["stableService", "canaryService", "trafficRouting", "steps"]);
const CANARY = ["spec", "strategy", "canary"];
const BLUE_GREEN = ["spec", "strategy", "blueGreen"];
// The delay has the pods of a version before answer as long as the Service does not tell them apart.
const SWITCHING: ReadonlySet<string> = new Set(["previewService", "autoPromotionEnabled", "scaleDownDelaySeconds"]);

/** What is done last while the Rollout runs beside a Deployment that an autoscaler scales. */
export function besideText(scaler: Scaler): string {
  return ownedText(pinning(scaler));
}

/** The Rollout as it runs beside its Deployment, with what scales it, where an autoscaler does. */
export function besideOf(rollout: Values, scaler: Scaler | undefined): readonly Values[] {
  return [unsteering(rollout), ...(scaler === undefined ? [] : [besideScaler(rollout, scaler)])];
}

/** It steers nothing that carries traffic, and rolls to another version as the Deployment does. */
function unsteering(rollout: Values): Values {
  const [canary, blueGreen] = [at(rollout, ...CANARY), at(rollout, ...BLUE_GREEN)];
  if (isMapping(canary)) return changed(rollout, CANARY, without(canary, STEERING));
  if (!isMapping(blueGreen)) return rollout;
  // It cannot be without an active Service: the preview's is one that nobody sends to.
  const idle = withAt(without(blueGreen, SWITCHING), ["activeService"], at(blueGreen, "previewService"));
  return changed(rollout, BLUE_GREEN, idle);
}

/** What of a Rollout beside its Deployment would have it steer already. */
export function steeringIn(rollout: Values): string | undefined {
  const [canary, blueGreen] = [at(rollout, ...CANARY), at(rollout, ...BLUE_GREEN)];
  return (
    [...STEERING].find((key) => at(canary, key) !== undefined) ??
    [...SWITCHING].find((key) => at(blueGreen, key) !== undefined)
  );
}

function changed(rollout: Values, path: readonly string[], next: Data): Values {
  const whole = withAt(rollout, path, next);
  return isMapping(whole) ? whole : rollout;
}

function without(mapping: Values, keys: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(mapping).filter(([key]) => !keys.has(key)));
}
