import { err, ok, type Result } from "../core/result.ts";
import { canonicalData } from "../manifest/data.ts";
import { evaluate, kustomizationOf, type Evaluated, type Read } from "../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, type Built } from "../manifest/kustomize/object.ts";
import { at, isMapping, itemsOf, textAt } from "../manifest/kustomize/value.ts";
import type { Service, ServiceTarget } from "../manifest/services/model.ts";
import { baseOf, folderOf } from "../manifest/services/paths.ts";
import { placesOfTarget, type Placed } from "../manifest/services/placed.ts";
import type { Refusal, TextFile } from "../yaml/refusal.ts";
import { documentsIn, listing, sourcesIn } from "./listed.ts";
import type { Ground, Refused } from "./model.ts";
import { isKnative } from "./objects.ts";
import { refused } from "./refused.ts";

/** A target's kustomization, and what it makes. */
export type Overlay = {
  /** The folder that is delivered, and what lies over it. */
  readonly root: { readonly folder: string; readonly components: readonly string[] };
  /** The one that gets the owned entries: the innermost that nothing above changes the workload of, and that no other target reads. */
  readonly kustomization: TextFile;
  /** Opting in adds it. */
  readonly isNew: boolean;
  readonly made: Evaluated;
  /** What is split: a Deployment, or a Knative Service. */
  readonly deployment: Built;
  readonly read: Read;
  readonly placed: Placed;
};

/** The kustomization by which a service runs in a target; of a plain folder the one that would list it. */
export function overlayOf(
  ground: Ground,
  service: Service,
  target: ServiceTarget,
): Result<Overlay, readonly Refused[]> {
  const [placed, second] = placesOfTarget(ground.inventory, service, target);
  const problem = unfit(target, placed, second !== undefined);
  if (problem !== undefined) return err([problem]);
  if (placed === undefined) throw new RangeError("What is fit is placed.");
  return inKustomization(ground, target, placed);
}

/** Why nothing that runs here can be split, whatever it says. */
function unfit(target: ServiceTarget, placed: Placed | undefined, isMany: boolean): Refused | undefined {
  const no = (code: Refused["code"], found: string, why: string) =>
    refused(code, target.name, { ...placeOf(target), found, why });
  if (placed === undefined) return no("kind", "nothing that is rendered", "no manifests of it are known");
  if (isMany) return no("several-roots", "several places bring it here", "one of them would not be split");
  const kinds = target.workloads.map(({ kind }) => kind);
  const [kind] = kinds;
  if (placed.root.kind === "chart" || kind === "HelmRelease" || kind === "HelmChart")
    return no("helm", "a chart", "what it makes is split by values, not by a kustomization");
  if (kinds.some((one) => SPLIT.has(one))) return undefined;
  if (kind === "Configuration") {
    const refusal = {
      ...placeOf(target),
      found: "a Knative Configuration",
      why: "it has no Service that could be stable",
    };
    return refused("kind", target.name, refusal, "write the other arm and the Route by hand, as docs/knative.md says");
  }
  return kind === undefined ? no("kind", "no workload", OTHER) : no("kind", `a ${kind}`, KINDS[kind] ?? OTHER);
}

function placeOf({ workloads, images, why }: ServiceTarget): Pick<Refusal, "path" | "line"> {
  const { path, line } = workloads[0] ?? images[0]?.set ?? { path: why.files[0] ?? "", line: 1 };
  return { path, line };
}

// A Service that runs something is Knative's.
const SPLIT: ReadonlySet<string> = new Set(["Deployment", "Service"]);

const OTHER = "two arms are made of a Deployment or a Knative Service alone";

const KINDS: Readonly<Record<string, string>> = {
  StatefulSet: "each of its pods has a name and a volume of its own, and a second set would be other data",
  DaemonSet: "it runs once on each node, and a second one would run beside it there",
  CronJob: "it gets no traffic that could be moved",
  Job: "it gets no traffic that could be moved",
  Rollout: "the Deployment that it refers to is not rendered with it",
  compose: "it is no manifest of Kubernetes",
};

function inKustomization(ground: Ground, target: ServiceTarget, placed: Placed): Result<Overlay, readonly Refused[]> {
  const { root } = placed;
  const isPlain = root.kind !== "kustomization";
  const added = isPlain ? listing(ground, placed) : undefined;
  if (added?.kind === "err") return err([refused("unlisted", target.name, added.error)]);
  const read: Read = (path) => (path === added?.value.path ? added.value.text : ground.read(path));
  const components = root.kind === "kustomization" ? root.components : [];
  const made = evaluate(read, root.folder, components);
  const found = workloadIn(made, target);
  if (found.kind === "err") return err(found.error);
  const overridden = placed.by.flatMap((delivery) => overrides(ground, delivery.by));
  if (overridden.length > 0) return err(overridden.map((one) => refused("delivery", target.name, one)));
  const whole = { root: { folder: root.folder, components }, made, deployment: found.value, read, placed };
  const path = innermost(ground, whole);
  const text = path === undefined ? undefined : read(path);
  if (path === undefined || text === undefined) throw new RangeError("What is evaluated has a kustomization.");
  return ok({ ...whole, kustomization: { path, text }, isNew: isPlain });
}

function workloadIn(made: Evaluated, { name, workloads }: ServiceTarget): Result<Built, readonly Refused[]> {
  const wanted = workloads.filter(({ kind }) => SPLIT.has(kind));
  const found = wanted.flatMap((one) =>
    made.objects.filter(
      (object) =>
        kindOf(object) === one.kind &&
        isKnative(object) === (one.kind === "Service") &&
        nameOf(object) === one.name &&
        object.path === one.path,
    ),
  );
  const [first, second] = found;
  if (first === undefined) return err([unmade(made, name, wanted[0])]);
  if (second === undefined) return ok(first);
  const why = "it is split already, or holds more than one";
  return err([
    refused("arms", name, {
      path: second.path,
      line: second.line,
      found: `${nameOf(first)} and ${nameOf(second)}`,
      why,
    }),
  ]);
}

/** Why a workload that a file has is not among what is made. */
function unmade(
  { open, reads }: Evaluated,
  target: string,
  one: ServiceTarget["workloads"][number] | undefined,
): Refused {
  const { path, line, kind, name } = one ?? { path: "", line: 1, kind: "Deployment", name: "" };
  const [prevented] = open.flatMap(({ prevents, ...refusal }) =>
    prevents === undefined ? [] : [refused(prevents, target, refusal)],
  );
  if (prevented !== undefined) return prevented;
  const found = `${kind} ${name}`;
  if (reads.includes(path))
    return refused("kind", target, { path, line, found, why: "its kustomization takes it away or calls it otherwise" });
  return refused("unknown", target, { path, line, found, why: open[0]?.why ?? "its kustomization does not make it" });
}

type Whole = Omit<Overlay, "kustomization" | "isNew">;

/** The kustomization deepest below the root that makes the very same workload, and that nothing else reads. */
function innermost({ inventory }: Ground, { root, made, deployment, read }: Whole): string | undefined {
  const outer = kustomizationOf(read, root.folder);
  const wanted = canonicalData(deployment.value);
  const others = new Set(
    [...inventory.state.made.values()].flatMap(({ rendering }) =>
      rendering.root.kind === "kustomization" && rendering.root.folder === root.folder ? [] : rendering.reads,
    ),
  );
  const inner = made.reads
    .filter((path) => path !== outer && isKustomization(path) && !others.has(path))
    .map((path) => ({ path, made: evaluate(read, folderOf(path)) }))
    .filter(
      (one) =>
        !isComponent(read, one.path) &&
        one.made.objects.some((object) => object.path === deployment.path && canonicalData(object.value) === wanted),
    );
  const [deepest] = inner.toSorted((a, b) => a.made.reads.length - b.made.reads.length);
  return deepest?.path ?? outer;
}

function isKustomization(path: string): boolean {
  return /^(?:kustomization\.ya?ml|Kustomization)$/.test(baseOf(path));
}

function isComponent(read: Read, path: string): boolean {
  return documentsIn(read, path).some((data) => textAt(data, "kind") === "Component");
}

const OVERRIDES = ["images", "namePrefix", "nameSuffix", "commonLabels", "replicas", "patches", "components"];

/** What the object that delivers a kustomization changes in it, which its own files do not say. */
export function overrides(ground: Ground, { path, line, name, holds }: Placed["by"][number]["by"]): readonly Refusal[] {
  const why = "what delivers the kustomization changes it, which its files do not say";
  if (holds.kind === "flux-kustomization") {
    const own = documentsIn(ground.read, path).find(
      (data) => textAt(data, "kind") === "Kustomization" && textAt(data, "metadata", "name") === name,
    );
    const keys = ["images", "namePrefix", "nameSuffix"].filter((key) => itemsOrText(at(own, "spec", key)));
    return keys.map((key) => ({ path, line, found: `spec.${key} of ${name}`, why }));
  }
  return sourcesIn(ground.read, path, name).flatMap((source) => {
    const kustomize = source["kustomize"];
    const keys = isMapping(kustomize) ? OVERRIDES.filter((key) => itemsOrText(kustomize[key])) : [];
    return keys.map((key) => ({ path, line, found: `kustomize.${key} of ${name}`, why }));
  });
}

function itemsOrText(data: ReturnType<typeof at>): boolean {
  return itemsOf(data).length > 0 || isMapping(data) || (typeof data === "string" && data !== "");
}
