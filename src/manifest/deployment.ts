import { createHash } from "node:crypto";
import { isImage, type Image } from "../core/image.ts";
import type { Workload } from "../core/manifest.ts";
import { isName, type Name } from "../core/names.ts";
import type { Result } from "../core/result.ts";
import { canonical } from "../yaml/canonical.ts";
import { checkAllPlain, look, lookCount, lookList, lookText, peekText, type YamlPath } from "../yaml/look.ts";
import { attempt, quote, refuse, type Refusal, type TextFile } from "../yaml/refusal.ts";
import { readSource, type Source } from "../yaml/source.ts";
import { edited, NO_EDIT } from "./edit.ts";
import { checkNamespace, resourcesOf, type Resource } from "./resource.ts";
import { checkKnative, leastScale, USER_CONTAINER } from "./knative.ts";
import { put, set } from "./scalar.ts";

/** Which Deployment: the file's only one, or the one of that name; its container is the one called like the service, or the only one. */
export type DeploymentOf = {
  readonly service: Name;
  readonly namespace: Name;
  readonly name?: Name;
  /** Argo Rollouts, and Knative's Services and Configurations, have their pod template where a Deployment has it. */
  readonly kind?: WorkloadKind;
  /** What another file says the container runs, in place of what the file says. */
  readonly image?: Image;
  /** Labels of the pod template belong to the version; left out where they tell the arms apart. */
  readonly labels?: "counted";
};

/** A Deployment in its file, and the position of the container whose image is the version. */
export type Deployment = Resource & { readonly container: number };

// Kubernetes' own default, and a bound far above any real one.
const DEFAULT_REPLICAS = 1;
const MOST_REPLICAS = 100_000;
const DIGITS = 16;

export type WorkloadKind = "Deployment" | "Rollout" | "Knative";

const OBJECTS = {
  Deployment: { group: "apps", kinds: ["Deployment"], called: "Deployment" },
  Rollout: { group: "argoproj.io", kinds: ["Rollout"], called: "Rollout" },
  Knative: { group: "serving.knative.dev", kinds: ["Service", "Configuration"], called: "Knative Service" },
} as const satisfies { readonly [kind in WorkloadKind]: object };

export const TEMPLATE: YamlPath = ["spec", "template"];
const CONTAINERS: YamlPath = [...TEMPLATE, "spec", "containers"];

/** What the Deployment of a file says. */
export function readWorkload(file: TextFile, of: DeploymentOf): Result<Workload, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    return workloadOf(source, findDeployment(source, of), of);
  });
}

/** The text with the Deployment's replicas set, added where the key is missing. */
export function setReplicas(file: TextFile, of: DeploymentOf, replicas: number): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const deployment = findDeployment(source, of);
    if (workloadOf(source, deployment, of).replicas === replicas) return file.text;
    const setting = { document: deployment.document, path: ["spec", "replicas"], value: replicas };
    return edited(source, put(source, NO_EDIT, setting, { kind: "first" }));
  });
}

/** The text with the image of the Deployment's container set. */
export function setImage(file: TextFile, of: DeploymentOf, image: Image): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const { document, container } = findDeployment(source, of);
    const setting = { document, path: [...CONTAINERS, container, "image"], value: image };
    return edited(source, set(source, NO_EDIT, setting));
  });
}

/** Throws Refused where the file has not exactly one Deployment that fits, in that namespace, with one container that fits. */
export function findDeployment(source: Source, of: DeploymentOf): Deployment {
  const { group, kinds, called: kind } = OBJECTS[of.kind ?? "Deployment"];
  const all = kinds.flatMap((one) => resourcesOf(source, group, one));
  const found = all.filter(({ tree }) => of.name === undefined || nameIn(tree) === of.name);
  const [deployment, second] = found;
  if (deployment === undefined) {
    return refuse(source, 0, `no ${kind} ${of.name ?? ""}`.trimEnd(), `the file of a workload has its ${kind}`);
  }
  if (second !== undefined) {
    const names = found.map(({ tree }) => quote(nameIn(tree) ?? "")).join(" and ");
    return refuse(source, second.tree.start, `the ${kind}s ${names}`, `the file of a workload has one ${kind}`);
  }
  checkNamespace(source, deployment, of.namespace);
  return { ...deployment, container: containerOf(source, deployment, of.service) };
}

export function workloadOf(source: Source, { tree, container }: Deployment, of: DeploymentOf): Workload {
  if (of.kind === "Knative") checkKnative(source, tree);
  const path = [...CONTAINERS, container, "image"];
  const running = of.image ?? imageAt(source, tree, path);
  const said = imaged(templateText(source, tree, of), lookText(source, tree, path), of);
  return {
    deployment: nameAt(source, tree, ["metadata", "name"]),
    container: containerName(source, tree, container, of),
    replicas:
      of.kind === "Knative"
        ? leastScale(source, tree)
        : (lookCount(source, tree, ["spec", "replicas"], MOST_REPLICAS) ?? DEFAULT_REPLICAS),
    image: running,
    template: digestOf(said),
    // The version is the image wherever it stands: an init container of the same one moves with it.
    besides: digestOf(said.replaceAll(JSON.stringify(running), '""')),
  };
}

/** The first 16 hexadecimal digits of SHA-256 over the pod template's annotations and spec, and its labels where they are counted. */
export function templateDigest(source: Source, tree: Resource["tree"], of: DeploymentOf): string {
  return digestOf(templateText(source, tree, of));
}

function templateText(source: Source, tree: Resource["tree"], { labels }: DeploymentOf): string {
  const annotations = partOf(source, tree, ["metadata", "annotations"]);
  const spec = partOf(source, tree, ["spec"]);
  const counted = labels === undefined ? "" : `,"labels":${partOf(source, tree, ["metadata", "labels"])}`;
  return `{"annotations":${annotations},"spec":${spec}${counted}}`;
}

/** The pod template's text with the version that another file says; a container without an image has it there alone. */
function imaged(said: string, written: string | undefined, { image }: DeploymentOf): string {
  if (image === undefined) return said;
  const own = `"image":${JSON.stringify(image)}`;
  return written === undefined ? `${said},${own}` : said.replaceAll(`"image":${JSON.stringify(written)}`, own);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, DIGITS);
}

/** A part of the pod template in canonical form, "null" where it is missing. Throws Refused on aliases and whatever else cannot be carried elsewhere. */
export function partOf(source: Source, tree: Resource["tree"], path: YamlPath): string {
  const part = look(source, tree, [...TEMPLATE, ...path]);
  if (part === undefined) return "null";
  checkAllPlain(source, part);
  return canonical(part);
}

function containerOf(source: Source, { tree }: Resource, service: Name): number {
  const list = lookList(source, tree, CONTAINERS);
  if (list === undefined) return refuse(source, tree.start, "a Deployment without containers", "one runs the version");
  const names = list.items.map((_, index) => lookText(source, tree, [...CONTAINERS, index, "name"]));
  const own = names.indexOf(service);
  if (own !== -1) return own;
  if (names.length === 1) return 0;
  const found = `the containers ${names.map((name) => quote(name ?? "")).join(", ")}`;
  return refuse(source, list.start, found, `there is one container, or one is called ${service}`);
}

// Knative gives a container without a name its own.
function containerName(source: Source, tree: Resource["tree"], container: number, { kind }: DeploymentOf): Name {
  const path = [...CONTAINERS, container, "name"];
  return kind === "Knative" && look(source, tree, path) === undefined ? USER_CONTAINER : nameAt(source, tree, path);
}

function nameAt(source: Source, tree: Resource["tree"], path: YamlPath): Name {
  const text = lookText(source, tree, path);
  if (isName(text)) return text;
  const found = text === undefined ? "no name" : `the name ${quote(text)}`;
  return refuse(source, look(source, tree, path) ?? tree, found, "a name has lower-case letters, digits and dashes");
}

function imageAt(source: Source, tree: Resource["tree"], path: YamlPath): Image {
  const text = lookText(source, tree, path);
  if (isImage(text)) return text;
  const found = text === undefined ? "no image" : `the image ${quote(text)}`;
  return refuse(source, look(source, tree, path) ?? tree, found, "an image has a tag or a digest and is no template");
}

function nameIn(tree: Resource["tree"]): string | undefined {
  return peekText(tree, ["metadata", "name"]);
}
