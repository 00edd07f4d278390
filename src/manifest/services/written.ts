import type { Manifest } from "../../core/manifest.ts";
import type { Manifests, RouterKind, TargetState } from "../../core/state.ts";
import { unreachable } from "../../core/unreachable.ts";

/** A field of objects of a kind that releases write: by its keys, `*` for any item of a list. */
export type WrittenField = {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  /** Undefined where the object's name is not known. */
  readonly name: string | undefined;
  readonly field: readonly string[];
  /** What it says, "the weight". */
  readonly what: string;
};

const ROUTE_FIELDS: {
  readonly [kind in RouterKind]: Pick<WrittenField, "group"> & { readonly fields: readonly string[] };
} = {
  HTTPRoute: { group: "gateway.networking.k8s.io", fields: ["spec rules * backendRefs * weight"] },
  VirtualService: {
    group: "networking.istio.io",
    fields: ["http", "tls", "tcp"].map((part) => `spec ${part} * route * weight`),
  },
  // Whatever the controller's prefix is.
  Ingress: { group: "networking.k8s.io", fields: ["metadata annotations */canary-weight"] },
};

/** What releases of a member write, as the cluster calls it. A number in a values file may become the weight of a route of any kind. */
export function fieldsWritten(
  { manifests, namespace }: Pick<TargetState, "manifests" | "namespace">,
  { canary, stable }: Pick<Manifest, "canary" | "stable">,
): readonly WrittenField[] {
  return fieldsOf(manifests, { canary: canary.deployment, stable: stable.deployment }).map((one) => ({
    ...one,
    namespace,
  }));
}

type Field = Omit<WrittenField, "namespace">;
type Names = { readonly canary: string; readonly stable: string };

function fieldsOf(manifests: Manifests, names: Names): readonly Field[] {
  switch (manifests.layout) {
    case "workloads":
      return [...weights(manifests.router), ...deploymentFields(names)];
    case "places":
      return [
        ...(manifests.weight.kind === "route" ? [manifests.weight.router] : KINDS).flatMap(weights),
        ...deploymentFields(manifests.workloads),
      ];
    case "rollout":
      return rolloutFields(names.canary, manifests.rollout === manifests.workload ? "own" : "of a Deployment");
    default:
      return unreachable(manifests);
  }
}

const KINDS: readonly RouterKind[] = ["HTTPRoute", "VirtualService", "Ingress"];
const IMAGE = keys("spec template spec containers * image");
const STEPS = keys("spec strategy canary steps * setWeight");

function keys(path: string): readonly string[] {
  return path.split(" ");
}

function weights(kind: RouterKind): readonly Field[] {
  const { group, fields } = ROUTE_FIELDS[kind];
  return fields.map((field) => ({ group, kind, name: undefined, field: keys(field), what: "a weight" }));
}

function deploymentFields({ canary, stable }: Names): readonly Field[] {
  const of = { group: "apps", kind: "Deployment" };
  return [
    { ...of, name: canary, field: ["spec", "replicas"], what: "the canary's number of pods" },
    { ...of, name: canary, field: IMAGE, what: "the canary's version" },
    { ...of, name: stable, field: IMAGE, what: "stable's version" },
  ];
}

function rolloutFields(name: string, template: "own" | "of a Deployment"): readonly Field[] {
  const of = { group: "argoproj.io", kind: "Rollout", name };
  return [
    { ...of, field: STEPS, what: "a weight" },
    ...(template === "own" ? [{ ...of, field: IMAGE, what: "the version" }] : []),
  ];
}
