import { groupOf, kindOf, nameOf, namespaceOf, type Built } from "../kustomize/object.ts";
import { at, textAt, type Values } from "../kustomize/value.ts";

/** A HorizontalPodAutoscaler of people's that scales the Deployment, and is to scale the Rollout; as it is called in the cluster. */
export type Scaler = {
  readonly apiVersion: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** Its maxReplicas. */
  readonly most: number;
};

const KIND = "HorizontalPodAutoscaler";

/** An object as such an autoscaler; undefined where it is none, or does not say how far it scales. */
export function scalerOf(object: Built): Scaler | undefined {
  const most = at(object.value, "spec", "maxReplicas");
  const apiVersion = textAt(object.value, "apiVersion");
  if (kindOf(object) !== KIND || groupOf(object) !== GROUP || apiVersion === undefined) return undefined;
  return typeof most === "number"
    ? { apiVersion, name: nameOf(object), namespace: namespaceOf(object), most }
    : undefined;
}

const GROUP = "autoscaling";

/** What has it scale the Rollout. */
export function retargeting(scaler: Scaler, rollout: string): Values {
  const value = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: rollout };
  return patching(scaler, "rollout", { op: "replace", path: "/spec/scaleTargetRef", value });
}

/** What has it give the Deployment as many pods as it may, at once: below its least an autoscaler asks no metrics. */
export function pinning(scaler: Scaler): Values {
  return patching(scaler, "most", { op: "add", path: "/spec/minReplicas", value: scaler.most });
}

type Operation = { readonly op: "add" | "replace"; readonly path: string; readonly value: Values | number };

function patching({ name, namespace }: Scaler, what: string, operation: Operation): Values {
  return {
    apiVersion: "builtin",
    kind: "PatchTransformer",
    metadata: { name: `${name}-${what}` },
    target: { group: GROUP, kind: KIND, name, ...(namespace === undefined ? {} : { namespace }) },
    patch: JSON.stringify([operation]),
  };
}

/** Whether something that is done last to what a kustomization makes is done to an autoscaler. */
export function isOfScaler(transformer: Values): boolean {
  return textAt(transformer, "target", "kind") === KIND;
}

/**
 * The owned autoscaler that gives the Rollout the same number while it runs beside its Deployment. Its number may never have stood in git: with the line gone the
 * controller would take it for 1 (argo-rollouts 9f8d111d, rollout/controller.go, syncHandler).
 */
export function besideScaler(rollout: Values, { apiVersion, most }: Scaler): Values {
  const name = textAt(rollout, "metadata", "name") ?? "";
  const namespace = textAt(rollout, "metadata", "namespace");
  return {
    apiVersion,
    kind: KIND,
    metadata: { name: `${name}-beside`, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      scaleTargetRef: { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name },
      minReplicas: most,
      maxReplicas: most,
    },
  };
}
