import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { argoApplication, argoProject, argoSettings, applicationSet } from "./argo-facts.ts";
import { autoscaler, retargeting } from "./autoscaler.ts";
import { artifactGenerator, fluxKustomization, gitRepository, helmRelease } from "./flux-facts.ts";
import type { Lines } from "./lines.ts";
import { itemsAt, textAt, textOf } from "./node.ts";
import type { ContainerFact, Holding, ObjectFact } from "./object-facts.ts";

const POD = ["spec"];
const TEMPLATE = ["spec", "template", "spec"];

// Where each kind keeps its pod.
const PODS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Deployment", TEMPLATE],
  ["StatefulSet", TEMPLATE],
  ["DaemonSet", TEMPLATE],
  ["ReplicaSet", TEMPLATE],
  ["ReplicationController", TEMPLATE],
  ["DeploymentConfig", TEMPLATE],
  ["Rollout", TEMPLATE],
  ["Job", TEMPLATE],
  ["CronJob", ["spec", "jobTemplate", "spec", "template", "spec"]],
  ["Pod", POD],
]);

const KNATIVE: ReadonlyMap<string, readonly string[]> = new Map([
  ["Service", TEMPLATE],
  ["Configuration", TEMPLATE],
]);

const ROUTES: ReadonlySet<string> = new Set([
  "HTTPRoute",
  "GRPCRoute",
  "TCPRoute",
  "TLSRoute",
  "Ingress",
  "IngressRoute",
  "VirtualService",
  "DestinationRule",
  "TrafficSplit",
  "TraefikService",
  "HTTPProxy",
  "Mapping",
  "ApisixRoute",
  "Canary",
]);

// Objects that never run anything, however their keys are called.
const QUIET: ReadonlySet<string> = new Set([
  "ConfigMap",
  "Secret",
  "Service",
  "ServiceAccount",
  "Namespace",
  "CustomResourceDefinition",
  "Component",
  "Kustomization",
  "ImageRepository",
  "ImagePolicy",
  "ImageUpdateAutomation",
  "HelmRepository",
  "GitRepository",
  "OCIRepository",
  "Role",
  "ClusterRole",
  "RoleBinding",
  "ClusterRoleBinding",
  "NetworkPolicy",
  "PrometheusRule",
  "ValidatingAdmissionPolicy",
  "Policy",
  "ClusterPolicy",
]);

/** A document that is a Kubernetes object; undefined for one that is none. */
export function objectFact(path: string, tree: Tree, lines: Lines): ObjectFact | undefined {
  const kind = textAt(tree, ["kind"]);
  const version = textAt(tree, ["apiVersion"]);
  if (kind === undefined || version === undefined) return undefined;
  const group = version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
  const name =
    textAt(tree, ["metadata", "name"]) ?? textAt(tree, ["metadata", "generateName"])?.replace(/-$/, "") ?? "";
  return {
    path,
    line: lines.at(tree.start),
    lastLine: lines.at(Math.max(tree.start, tree.end - 1)),
    kind,
    group,
    name,
    namespace: textAt(tree, ["metadata", "namespace"]),
    holds: holding({ path, group, kind, name }, tree, lines),
  };
}

type Identity = { readonly path: string; readonly group: string; readonly kind: string; readonly name: string };

function holding({ path, group, kind, name }: Identity, tree: Tree, lines: Lines): Holding {
  const delivery = deliveryIn(`${group} ${kind}`, name, { path, tree, lines });
  if (delivery !== undefined) return delivery;
  if (isRoute(kind)) return { kind: "route", names: [...new Set(namesIn(tree))].slice(0, MOST_NAMES) };
  const pod = group === "serving.knative.dev" ? KNATIVE.get(kind) : PODS.get(kind);
  if (pod !== undefined) return workload(tree, pod, lines);
  return QUIET.has(kind) ? { kind: "plain" } : { kind: "custom", images: [] };
}

type Written = { readonly path: string; readonly tree: Tree; readonly lines: Lines };

function deliveryIn(type: string, name: string, { path, tree, lines }: Written): Holding | undefined {
  switch (type) {
    case "kustomize.toolkit.fluxcd.io Kustomization":
      return fluxKustomization(tree, lines);
    case "helm.toolkit.fluxcd.io HelmRelease":
      return helmRelease(tree);
    case "source.extensions.fluxcd.io ArtifactGenerator":
      return artifactGenerator(tree);
    case "argoproj.io Application":
      return argoApplication(name, peek(tree, ["spec"]), lines);
    case "argoproj.io AppProject":
      return argoProject(tree, lines);
    case "source.toolkit.fluxcd.io GitRepository":
      return gitRepository(tree);
    case "argoproj.io ApplicationSet":
      return applicationSet(tree, lines);
    case " ConfigMap":
      return name === "argocd-cm" ? argoSettings({ path }, tree, lines) : undefined;
    case "autoscaling HorizontalPodAutoscaler":
    case "keda.sh ScaledObject":
      return autoscaler(tree);
    case " PatchTransformer":
      return retargeting(tree);
    default:
      return undefined;
  }
}

/** Whether objects of a kind say where traffic goes. */
export function isRoute(kind: string): boolean {
  return ROUTES.has(kind);
}

const MOST_NAMES = 500;
const NAMING: ReadonlySet<string> = new Set(["name", "host", "serviceName", "service", "serviceRef"]);

function namesIn(tree: Tree): readonly string[] {
  if (tree.kind === "list") return tree.items.flatMap(namesIn);
  if (tree.kind !== "map") return [];
  return tree.entries.flatMap(({ key, value }) => {
    const text = NAMING.has(key) ? textOf(value) : undefined;
    return text === undefined ? namesIn(value) : [text];
  });
}

function workload(tree: Tree, pod: readonly string[], lines: Lines): Holding {
  const containers = ["containers", "initContainers"].flatMap((key) =>
    itemsAt(tree, [...pod, key]).map((item) => containerFact(item, lines, key === "initContainers")),
  );
  return { kind: "workload", containers, runs: textAt(tree, ["spec", "workloadRef", "name"]) };
}

function containerFact(tree: Tree, lines: Lines, isInit: boolean): ContainerFact {
  const image = peek(tree, ["image"]);
  return {
    name: textAt(tree, ["name"]) ?? "",
    image: textAt(tree, ["image"]),
    line: lines.at(image?.start ?? tree.start),
    isInit,
  };
}
