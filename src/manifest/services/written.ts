import type { Manifest } from "../../core/manifest.ts";
import { scaleThemselves, toldIn } from "../../core/manifests.ts";
import { ROUTER_KINDS, type Manifests, type RouterKind, type TargetState } from "../../core/state.ts";
import { unreachable } from "../../core/unreachable.ts";
import { ROUTER_FACTS } from "../routers/catalogue.ts";

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

/** What releases of a member write, as the cluster calls it. A number in a values file may become the weight of a route of any kind. */
export function fieldsWritten(
  { manifests, namespace }: Pick<TargetState, "manifests" | "namespace">,
  { canary, stable, mirror, flagger }: Pick<Manifest, "canary" | "stable" | "mirror" | "flagger">,
): readonly WrittenField[] {
  const names = { canary: canary.deployment, stable: stable.deployment };
  const own = flagger === undefined ? fieldsOf(manifests, names) : canaryFields(names.canary);
  const all = [...own, ...(mirror === undefined ? [] : mirrorsOf(manifests))];
  return all.map((one) => ({ ...one, namespace }));
}

type Field = Omit<WrittenField, "namespace">;
type Names = { readonly canary: string; readonly stable: string };

function fieldsOf(manifests: Manifests, names: Names): readonly Field[] {
  switch (manifests.layout) {
    case "workloads":
      return [
        ...weights(manifests.router),
        ...(scaleThemselves(manifests) ? knativeFields(names) : deploymentFields(names)),
      ];
    case "places":
      return [
        ...(manifests.weight.kind === "route" ? [manifests.weight.router] : ROUTER_KINDS).flatMap(weights),
        ...(scaleThemselves(manifests) ? knativeFields(manifests.workloads) : deploymentFields(manifests.workloads)),
      ];
    case "rollout":
      return rolloutFields(names.canary, toldIn(manifests) === manifests.workload ? "own" : "of a Deployment");
    default:
      return unreachable(manifests);
  }
}

const IMAGE = keys("spec template spec containers * image");
const STEPS = keys("spec strategy canary steps * setWeight");

function keys(path: string): readonly string[] {
  return path.split(" ");
}

/** Of a route that has mirrors to the canary. */
function mirrorsOf(manifests: Manifests): readonly Field[] {
  if (manifests.layout === "workloads") return mirrors(manifests.router);
  return manifests.layout === "places" && manifests.weight.kind === "route" ? mirrors(manifests.weight.router) : [];
}

function weights(router: RouterKind): readonly Field[] {
  return routed(router, ROUTER_FACTS[router].weights, "a weight");
}

function mirrors(router: RouterKind): readonly Field[] {
  return routed(router, ROUTER_FACTS[router].mirrors ?? [], "the percentage of a mirror");
}

function routed(router: RouterKind, paths: readonly string[], what: string): readonly Field[] {
  const { groups, kinds } = ROUTER_FACTS[router];
  const [kind = ""] = kinds;
  return groups.flatMap((group) => paths.map((field) => ({ group, kind, name: undefined, field: keys(field), what })));
}

function deploymentFields({ canary, stable }: Names): readonly Field[] {
  const of = { group: "apps", kind: "Deployment" };
  return [
    { ...of, name: canary, field: ["spec", "replicas"], what: "the canary's number of pods" },
    { ...of, name: canary, field: IMAGE, what: "the canary's version" },
    { ...of, name: stable, field: IMAGE, what: "stable's version" },
  ];
}

function knativeFields({ canary, stable }: Names): readonly Field[] {
  return ["Service", "Configuration"].flatMap((kind) => {
    const of = { group: "serving.knative.dev", kind, field: IMAGE };
    return [
      { ...of, name: canary, what: "the canary's version" },
      { ...of, name: stable, what: "stable's version" },
    ];
  });
}

/** Of a Canary of Flagger's and the Deployment that it names. */
function canaryFields(target: string): readonly Field[] {
  const of = { group: "flagger.app", kind: "Canary", name: undefined };
  return [
    { ...of, field: keys("spec analysis stepWeights"), what: "a weight" },
    { ...of, field: keys("spec analysis webhooks"), what: "a gate" },
    { group: "apps", kind: "Deployment", name: target, field: IMAGE, what: "the version" },
  ];
}

function rolloutFields(name: string, template: "own" | "of a Deployment"): readonly Field[] {
  const of = { group: "argoproj.io", kind: "Rollout", name };
  return [
    { ...of, field: STEPS, what: "a weight" },
    ...(template === "own" ? [{ ...of, field: IMAGE, what: "the version" }] : []),
  ];
}
